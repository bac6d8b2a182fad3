"""The category table of policy.md §3.2, row by row."""

from decimal import Decimal
from fractions import Fraction

import pytest

from monitoring.rules.classification import (
    Situation,
    classify,
    collapse_support,
    refusals,
    rigid_support,
)

LINE = Decimal(6000)


def situation(kind="general", pc=5400, risks=1, shock=False, hard=False, **more):
    return Situation(
        hh_type=kind,
        per_capita=Fraction(pc),
        line=LINE,
        risks=risks,
        shock=shock,
        hard=hard,
        **more,
    )


@pytest.mark.parametrize(
    ("given", "category"),
    [
        (situation("lifted", 5400), "unstable"),
        (situation("general", 5400), "marginal"),
        (situation("lifted", 5400, shock=True, hard=True), "unstable"),
        (situation("general", Fraction(23999, 4)), "marginal"),
        (situation("general", Fraction(599999, 100)), "marginal"),
        (situation("general", 6000), ""),
        (situation("lifted", 6000), ""),
        (situation("lifted", 8200, shock=True, hard=True), "sudden"),
        (situation("general", 6000, shock=True, hard=True), "sudden"),
        (situation("general", 8200, shock=True), ""),
        (situation("general", 8200, hard=True), ""),
        (situation("general", 5400, risks=0), ""),
        (situation("general", 5400, risks=0, shock=True, hard=True), ""),
        (situation("general", 5400, shock=True, hard=True, four_haves=True), "sudden"),
        (situation("lifted", 9000, shock=True, hard=True, four_haves=True), "sudden"),
        (situation("general", 5400, four_haves=True), ""),
        (situation("general", 8200, defect=True), ""),
    ],
)
def test_the_suggested_category(given, category):
    assert classify(given).category == category


def test_a_defect_above_the_line_is_left_to_the_county():
    assert classify(situation(pc=8200, defect=True)).undetermined
    assert not classify(situation(pc=8200)).undetermined


@pytest.mark.parametrize(
    ("chosen", "given", "text"),
    [
        ("marginal", situation(pc=6000), "不能认定为边缘易致贫户"),
        ("unstable", situation("lifted", 6000), "不能认定为脱贫不稳定户"),
        ("unstable", situation("general", 5400), "该户为一般农户"),
        ("marginal", situation("lifted", 5400), "该户为脱贫户"),
        ("sudden", situation(pc=5400, shock=True, hard=True), "不能认定为突发严重困难户"),
        ("sudden", situation(pc=8200), "缺少突发事件及刚性支出/收入骤减佐证"),
        ("sudden", situation(pc=8200, shock=True), "评议未认定基本生活出现严重困难"),
        (
            "unstable",
            situation("lifted", 5400, four_haves=True),
            "四有人员仅可按突发严重困难户纳入",
        ),
        ("marginal", situation(pc=5400, risks=0), "未登记返贫致贫风险"),
        ("", situation(), "请选择监测对象类别"),
        ("sudden", situation(pc=8200, defect=True), "须写明理由"),
    ],
)
def test_an_impossible_category_is_refused(chosen, given, text):
    assert text in "；".join(refusals(chosen, given, allow_defect=True))


def test_a_defect_may_be_admitted_as_sudden_with_a_reason_where_allowed():
    given = situation(pc=8200, defect=True)
    assert refusals("sudden", given, allow_defect=True, reason="住房为C级危房，须先纳入帮扶") == []
    assert refusals("sudden", given, allow_defect=False, reason="住房为C级危房，须先纳入帮扶")


def test_every_suggested_category_can_be_chosen():
    for kind in ("lifted", "general"):
        for pc in (0, 5999, 6000, 9000):
            for shock in (True, False):
                for four in (True, False):
                    given = situation(kind, pc, shock=shock, hard=shock, four_haves=four)
                    category = classify(given).category
                    if category:
                        assert refusals(category, given, allow_defect=False) == []


def test_rigid_expense_supports_sudden_only_above_the_line():
    surgery = situation("lifted", 8200, reference=Fraction(1800))
    assert "1,800.00元" in rigid_support(surgery)
    assert rigid_support(situation("lifted", 5400, reference=Fraction(1800))) == ""
    assert rigid_support(situation("lifted", 8200, reference=Fraction(7000))) == ""


def test_income_collapse_counts_from_thirty_percent():
    assert collapse_support(Fraction(10000), Fraction(7000), Decimal(30))
    assert not collapse_support(Fraction(10000), Fraction(7001), Decimal(30))
    assert not collapse_support(None, Fraction(1), Decimal(30))
