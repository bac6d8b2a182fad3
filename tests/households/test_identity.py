"""Identity, disability, phone, card and credit-code numbers (forms.md §5), one by one and by the
column.
"""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from households.rules import identity

TODAY = date(2021, 11, 8)
VALID = [
    ("620421196803129913", "1", date(1968, 3, 12)),
    ("621121197208259923", "2", date(1972, 8, 25)),
    ("622924201006069956", "1", date(2010, 6, 6)),
    ("620622195001019985", "2", date(1950, 1, 1)),
    ("623023202107019931", "1", date(2021, 7, 1)),
    ("62082619900215995X", "1", date(1990, 2, 15)),
    ("11010519491231002X", "2", date(1949, 12, 31)),
]
INVALID = [
    ("620421196803129914", "校验码"),
    ("621121197202309921", "不存在"),
    ("62292420100606995", "17位"),
    ("99292420100606995X", "省份"),
    ("620421203001019918", "晚于今天"),
    ("620621680312991", "15位"),
    ("999999196803129912", "虚拟编号"),
    ("", "未填写"),
    ("62042119680312991Y", "末位"),
]


@pytest.mark.parametrize(("number", "sex", "born"), VALID)
def test_a_true_number_tells_sex_and_birth_date(number, sex, born):
    person = identity.parse18(number, today=TODAY)
    assert person.valid, person.error
    assert (person.sex, person.birth_date, person.id18) == (sex, born, number)


@pytest.mark.parametrize(("number", "word"), INVALID)
def test_a_false_number_says_why(number, word):
    person = identity.parse18(number, today=TODAY)
    assert not person.valid
    assert word in person.error


def test_pasted_numbers_are_normalised():
    assert identity.normalise(" ６２０８２６ 19900215995x ") == "62082619900215995X"


@pytest.mark.parametrize("number", ["62062219500101998543", "62062219500101998543B1"])
def test_a_disability_number_carries_type_and_level(number):
    person = identity.parse18(number, today=TODAY)
    assert person.valid
    assert (person.disability_type, person.disability_level) == ("4", "3")
    assert identity.id18_of(number) == "620622195001019985"


@pytest.mark.parametrize("tail", ["83", "40", "43C1", "43B0"])
def test_a_disability_number_outside_the_classes_is_refused(tail):
    assert not identity.parse18("620622195001019985" + tail, today=TODAY).valid


@pytest.mark.parametrize("number", ["6206221950010199854", "620622195001019985431"])
def test_other_lengths_are_no_number_of_a_person(number):
    assert not identity.parse18(number, today=TODAY).valid
    assert identity.id18_of(number) is None


@given(st.integers(0, 10**17 - 1))
def test_the_check_character_agrees_with_an_independent_library(number):
    first = f"{number:017d}"
    assert identity.check_character(first) == ric.calc_check_digit(first + "0")


def test_columns_answer_as_the_functions_do():
    numbers = [n for n, *_ in VALID] + [n for n, _ in INVALID if n] + ["62062219500101998543", None]
    column = pl.DataFrame({"n": numbers}, schema={"n": pl.String})
    out = column.select(
        ok=identity.valid18(pl.col("n"), today=TODAY),
        born=identity.birth_dates(pl.col("n")),
        sex=identity.sexes(pl.col("n")),
        sums=identity.checksum_holds(pl.col("n")),
    )
    assert out["ok"].to_list() == [identity.parse18(n, today=TODAY).valid for n in numbers]
    assert out["sex"].to_list()[:7] == [sex for _, sex, _ in VALID]
    assert out["born"].to_list()[:7] == [born for *_, born in VALID]
    assert out["sums"].to_list()[-1] is False


def test_long_columns_answer_as_short_ones():
    """A long column is judged by arithmetic, a short one by the functions; both must agree."""
    numbers = [n for n, *_ in VALID] + [n for n, _ in INVALID] + [None]
    cards = [c for c, _ in CARDS] + ["4539578763621486", None]
    codes = [c for c, _ in CODES] + [None]
    judged = (
        (identity.checksum_holds, numbers),
        (identity.luhn_holds, cards),
        (identity.uscc_holds, codes),
    )
    for judge, values in judged:
        short = pl.DataFrame({"v": values}).select(judge(pl.col("v"))).to_series()
        long = pl.DataFrame({"v": values * identity.COLUMN_ROWS}).select(judge(pl.col("v")))
        assert long.to_series().to_list() == short.to_list() * identity.COLUMN_ROWS


def test_columns_normalise_as_the_function_does():
    column = pl.DataFrame({"n": [" ６２０８２６ 19900215995x ", "　", None]})
    assert column.select(identity.normalised(pl.col("n"))).to_series().to_list() == [
        "62082619900215995X",
        None,
        None,
    ]


CARDS = [("6217000000000000012", True), ("6217000000000000013", False), ("621700", False)]


@pytest.mark.parametrize(("card", "ok"), CARDS)
def test_bank_cards_follow_luhn(card, ok):
    assert identity.luhn(card) is ok


def test_a_column_of_cards_follows_luhn():
    frame = pl.DataFrame({"c": [c for c, _ in CARDS] + ["4539578763621486"]})
    expected = [ok for _, ok in CARDS] + [identity.luhn("4539578763621486")]
    assert frame.select(identity.luhn_holds(pl.col("c"))).to_series().to_list() == expected


CODES = [
    ("936204210000000000", True),
    ("936204210000000001", False),
    ("93620421000000000", False),
    ("9362042100000000O0", False),
]


@pytest.mark.parametrize(("code", "ok"), CODES)
def test_credit_codes_have_their_check(code, ok):
    assert identity.uscc(code) is ok


def test_a_column_of_credit_codes_has_its_check():
    frame = pl.DataFrame({"c": [c for c, _ in CODES]})
    assert frame.select(identity.uscc_holds(pl.col("c"))).to_series().to_list() == [
        ok for _, ok in CODES
    ]


@pytest.mark.parametrize(
    ("phone", "ok"), [("13800000000", True), ("12800000000", False), ("1380000000", False)]
)
def test_mobile_numbers(phone, ok):
    assert identity.valid_phone(phone) is ok


def test_age_counts_completed_years():
    assert identity.age_on(date(2005, 10, 1), date(2021, 9, 30)) == 15
    assert identity.age_on(date(2005, 9, 30), date(2021, 9, 30)) == 16
    assert identity.age_on(date(2003, 1, 1), date(2021, 8, 31)) == 18
    frame = pl.DataFrame({"b": [date(2005, 10, 1), date(2005, 9, 30), date(2003, 1, 1), None]})
    got = frame.select(identity.age(pl.col("b"), pl.lit(date(2021, 9, 30)))).to_series().to_list()
    assert got == [15, 16, 18, None]
