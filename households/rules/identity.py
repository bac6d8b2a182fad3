"""Numbers of people and things: what they say and whether they can be true (forms.md §5).

The functions answer for one value, the expressions for a whole column; both follow the same rule.
Pure: used by forms, imports, the rules and the demo data.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
PROVINCES = frozenset(
    str(n)
    for low, high in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for n in range(low, high + 1)
)
PLACEHOLDER_REGION = "999999"
ID18 = re.compile(r"[0-9]{17}[0-9X]")
DISABILITY = re.compile(r"[0-9]{17}[0-9X][1-7][1-4](B[1-9])?")
PHONE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}")
BANK_CARD = re.compile(r"[0-9]{16,19}")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FULL_WIDTH = {ord("　"): " "} | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True)
class Identity:
    """What a number says about a person; `error` is empty when it can be true."""

    id18: str = ""
    sex: str = ""
    birth_date: date | None = None
    disability_type: str = ""
    disability_level: str = ""
    error: str = ""

    @property
    def valid(self) -> bool:
        return not self.error


def normalise(value: str | None) -> str:
    """Full-width to half-width, without spaces, upper case: what people paste."""
    return re.sub(r"\s", "", (value or "").translate(FULL_WIDTH)).upper()


def check_character(first17: str) -> str:
    """GB 11643 (ISO 7064 MOD 11-2) of the first seventeen digits."""
    return CHECK[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def id18_of(id_no: str | None) -> str | None:
    """The person behind an identity or disability-certificate number; None when there is no such
    thing in it.
    """
    text = normalise(id_no)
    return text[:18] if len(text) in (18, 20, 22) else None


def parse18(id_no: str | None, *, today: date) -> Identity:
    """Sex, birth date and disability class from an 18, 20 or 22 character number, or the reason
    why it cannot be true.
    """
    text = normalise(id_no)
    if not text:
        return Identity(error="未填写证件号码")
    if len(text) == 15:
        return Identity(error="15位一代证号码已停用，请填写18位号码")
    if len(text) not in (18, 20, 22):
        return Identity(error=f"证件号码应为18位（残疾人证20或22位），现为{len(text)}位")
    first = text[:18]
    born = birth_date_of(first)
    sex = ("1" if int(first[16]) % 2 else "2") if ID18.fullmatch(first) else ""
    kind, level = (
        (text[18], text[19]) if DISABILITY.fullmatch(text) and len(text) > 18 else ("", "")
    )
    error = _error18(first, born, today)
    if not error and len(text) > 18 and not kind:
        error = "残疾人证号应为18位身份证号加类别（1-7）、等级（1-4），补发的再加B和数字"
    return Identity(first, sex, born, kind, level, error)


def _error18(first: str, born: date | None, today: date) -> str:
    if not ID18.fullmatch(first):
        return "身份证号前17位应为数字，末位为数字或X"
    if first.startswith(PLACEHOLDER_REGION):
        return "999999开头是无证人员的虚拟编号，请核实后填写真实号码"
    if first[:2] not in PROVINCES:
        return f"身份证号前两位{first[:2]}不是任何省份的代码"
    if born is None or born.year < 1900:
        return f"身份证号中的出生日期{first[6:14]}不存在"
    if born > today:
        return f"身份证号中的出生日期{born:%Y-%m-%d}晚于今天"
    if check_character(first[:17]) != first[17]:
        return f"身份证号校验码不符，末位应为{check_character(first[:17])}，请逐位核对"
    return ""


def birth_date_of(id18: str) -> date | None:
    """Digits 7–14 as a date; None when no such day exists."""
    digits = id18[6:14]
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def age_on(born: date, day: date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def valid_phone(value: str) -> bool:
    return bool(PHONE.fullmatch(value))


def valid_landline(value: str) -> bool:
    return bool(LANDLINE.fullmatch(value))


def luhn(value: str) -> bool:
    """A bank card number of 16–19 digits whose check digit is right (forms.md §5.6)."""
    if not BANK_CARD.fullmatch(value):
        return False
    digits = [int(c) for c in reversed(value)]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def uscc(value: str) -> bool:
    """A unified social credit code (GB 32100): cooperatives, enterprises (forms.md §5.7)."""
    if len(value) != 18 or any(c not in USCC_ALPHABET for c in value):
        return False
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(value[:17]))
    return USCC_ALPHABET[(31 - total) % 31] == value[17]


# A digit-by-digit expression has a hundred nodes: it pays from some thousand rows on. One saved
# household is checked by the plain functions instead, which is what keeps that answer instant.
COLUMN_ROWS = 1_000


def _by_size(
    column: pl.Expr, one: Callable[[str], bool], whole: Callable[[pl.Expr], pl.Expr]
) -> pl.Expr:
    """`one` for each value of a short column, `whole` for a long one; false for null."""

    def answer(values: pl.Series) -> pl.Series:
        if len(values) < COLUMN_ROWS:
            return pl.Series([v is not None and one(v) for v in values], dtype=pl.Boolean)
        return values.to_frame("v").select(whole(pl.col("v"))).to_series()

    return column.map_batches(answer, return_dtype=pl.Boolean)


def _digit(text: pl.Expr, position: int) -> pl.Expr:
    return text.str.slice(position, 1).cast(pl.Int32, strict=False)


def normalised(column: pl.Expr) -> pl.Expr:
    """`normalise` for a column; empty text becomes null."""
    wide = [chr(code) for code in range(0xFF01, 0xFF5F)]
    half = [chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)]
    text = column.str.replace_many(wide, half).str.replace_all(r"[\s　]", "").str.to_uppercase()
    return pl.when(text == "").then(None).otherwise(text)


def checksum_holds(id_no: pl.Expr) -> pl.Expr:
    """The first 18 characters satisfy GB 11643's check; false for anything else and for null."""
    return _by_size(id_no, _one_checksum, _column_checksum)


def _one_checksum(value: str) -> bool:
    first = value[:18]
    return bool(ID18.fullmatch(first)) and check_character(first[:17]) == first[17]


def _column_checksum(id_no: pl.Expr) -> pl.Expr:
    """Seventeen digits fit into a 64-bit integer n. With q = n // 10^k, the digit at place k is
    q_k − 10·q_(k+1), and 10 ≡ −1 (mod 11): the weighted sum of the digits is one of the q's, with
    the weights of two neighbouring places added. One division a place, and no text is cut.
    """
    number = id_no.str.slice(0, 17).cast(pl.Int64, strict=False)
    weights = WEIGHTS[::-1]
    total = number * weights[0]
    for place in range(1, 17):
        total = total + number // 10**place * ((weights[place] + weights[place - 1]) % 11)
    expected = (total % 11).replace_strict(
        list(range(11)), list(CHECK), default=None, return_dtype=pl.String
    )
    shaped = id_no.str.contains(r"^\d{17}[\dX]")
    return (shaped & (expected == id_no.str.slice(17, 1))).fill_null(False) & id_no.is_not_null()


def birth_dates(id_no: pl.Expr) -> pl.Expr:
    return id_no.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)


def known_province(id_no: pl.Expr) -> pl.Expr:
    return id_no.str.slice(0, 2).is_in(sorted(PROVINCES))


def valid18(id_no: pl.Expr, *, today: date | pl.Expr) -> pl.Expr:
    """The vectorised `parse18(...).valid` for the person's own 18 characters."""
    born = birth_dates(id_no)
    return (
        checksum_holds(id_no)
        & known_province(id_no)
        & born.is_not_null()
        & (born.dt.year() >= 1900)
        & (born <= today)
        & id_no.str.len_chars().is_in([18, 20, 22])
    ).fill_null(False)


def sexes(id_no: pl.Expr) -> pl.Expr:
    odd = _digit(id_no, 16) % 2
    return pl.when(odd == 1).then(pl.lit("1")).when(odd == 0).then(pl.lit("2")).otherwise(None)


def luhn_holds(card: pl.Expr) -> pl.Expr:
    """`luhn` for a column."""
    return _by_size(card, luhn, _column_luhn)


def _column_luhn(card: pl.Expr) -> pl.Expr:
    """Padded to 19 with zeros on the left, which changes nothing in the sum."""
    padded = card.str.zfill(19)
    total = pl.lit(0, dtype=pl.Int32)
    for position in range(19):
        digit = _digit(padded, position)
        if (18 - position) % 2:
            digit = digit * 2 - pl.when(digit > 4).then(9).otherwise(0)
        total = total + digit
    return (card.str.contains(r"^[0-9]{16,19}$") & (total % 10 == 0)).fill_null(False)


def uscc_holds(code: pl.Expr) -> pl.Expr:
    """`uscc` for a column."""
    return _by_size(code, uscc, _column_uscc)


def _column_uscc(code: pl.Expr) -> pl.Expr:
    letters = list(USCC_ALPHABET)
    total = pl.lit(0, dtype=pl.Int64)
    for position in range(17):
        value = code.str.slice(position, 1).replace_strict(
            letters, list(range(31)), default=None, return_dtype=pl.Int64
        )
        total = total + value * pow(3, position, 31)
    check = ((31 - total % 31) % 31).replace_strict(
        list(range(31)), letters, default=None, return_dtype=pl.String
    )
    return ((check == code.str.slice(17, 1)) & (code.str.len_chars() == 18)).fill_null(False)


def age(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Completed years for columns."""
    before = _day_of_year(day) < _day_of_year(born)
    return day.dt.year() - born.dt.year() - before.cast(pl.Int32)


def _day_of_year(day: pl.Expr) -> pl.Expr:
    """831 for 31 August. Polars keeps months in eight bits, where 8 × 100 would wrap round."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()
