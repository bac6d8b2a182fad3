"""The lights E1–E7 and 七个不消: red, grey, green with the household’s figures; one evaluator for pages and gates."""

import datetime
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from households.models import IncomeStatement, PolicyItem
from monitoring.policies.opening import may_propose_elimination
from monitoring.rules.elimination import judge, refusals
from monitoring.rules.no_elimination import Condition, Facts
from tests.factories import monitoring

KEYS = ("income_unstable", "rigid_expense_open", "guarantee_defect", "no_labour", "measures_open",
        "new_risk", "procedure_short")  # fmt: skip
SEVEN = [Condition(f"n{n}", key, key, Decimal(60), n) for n, key in enumerate(KEYS, 1)]
GOOD = Facts(
    per_capita=Fraction(10500), reference=Fraction(10500), line=Decimal(6000), members=4,
    window=(datetime.date(2020, 11, 1), datetime.date(2021, 10, 31)),
    with_labour=2, labour_known=True, measures_delivered=2, months=7, risks_open=("因病",),
)  # fmt: skip
VISITED = replace(GOOD, income_months=8, income_months_wanted=6, risks_left=(), risks_seen=())


def lights(facts: Facts, *, known: bool = True, conditions=None) -> dict[str, str]:
    return {c.code: c.state for c in judge(facts, conditions or SEVEN, known=known)}


def test_before_the_visit_only_what_a_visit_answers_is_grey():
    found = lights(GOOD, known=False)
    assert {code for code, state in found.items() if state == "grey"} == {"E2", "E4", "E5"}
    assert "red" not in found.values()


def test_after_a_good_visit_every_light_is_green():
    assert set(lights(VISITED).values()) == {"green"}


@pytest.mark.parametrize(
    ("change", "red", "grey"),
    [
        ({"per_capita": Fraction(6000)}, {"E1", "E7", "N1"}, set()),
        ({"per_capita": None}, set(), {"E1", "E7", "N1"}),
        ({"line": None, "line_problem": "未设置2022年度监测范围"}, set(), {"E1", "E7", "N1"}),
        ({"income_months": 2}, {"E2"}, set()),
        ({"income_months": 2, "is_explained": True}, set(), set()),
        ({"defects": ("饮水安全未解决",)}, {"E3", "E7", "N3"}, set()),
        ({"rigid_expense_open": True}, {"E4", "E7", "N2"}, set()),
        ({"risks_left": ("因病",)}, {"E5"}, set()),
        ({"risks_seen": ("因学",)}, {"E5"}, set()),
        ({"measures_delivered": 0}, {"E6"}, set()),
        ({"measures_delivered": 0, "is_natural": True}, set(), set()),
        ({"with_labour": 0}, {"E7", "N4"}, set()),
        ({"with_labour": 0, "labour_known": False}, set(), {"E7", "N4"}),
        ({"open_plan_items": ("危房改造",)}, {"E7", "N5"}, set()),
        ({"open_clues": ("部门预警",)}, {"E7", "N6"}, set()),
        ({"months": 2, "min_months": 6}, {"E7", "N7"}, set()),
    ],
)
def test_each_fact_turns_its_lights(change, red, grey):
    found = lights(replace(VISITED, **change))
    assert {code for code, state in found.items() if state == "red"} == red
    assert {code for code, state in found.items() if state == "grey"} == grey


def test_a_thing_is_refused_once_whoever_says_it():
    poor = replace(VISITED, per_capita=Fraction(5400))
    said = [(c.code, f.text) for c, f in refusals(judge(poor, SEVEN, known=True))]
    assert [code for code, _text in said] == ["N1"]
    without = refusals(judge(poor, SEVEN[1:], known=True))
    assert [(c.code, f.text) for c, f in without] == [("E1", said[0][1])]


def test_every_light_shows_the_household_s_figures():
    figures = {c.code: c.figure for c in judge(VISITED, SEVEN, known=True)}
    assert "10,500.00元" in figures["E1"]
    assert "2020-11至2021-10" in figures["E1"]
    assert figures["N4"] == "4人中2人有劳动能力"
    assert figures["E6"] == "已落实措施2项，已监测7个月"


def test_an_unknown_income_refuses_although_its_light_is_grey():
    found = judge(replace(GOOD, per_capita=None), SEVEN, known=False)
    assert [f.text for _c, f in refusals(found)] == ["缺少已确认的收入测算表，无法判定收入"]


@pytest.fixture
def household(people):
    return monitoring.monitored_household(people)


def page(user, name, pk) -> str:
    browser = Client()
    browser.force_login(user)
    answer = browser.get(reverse(name, args=[pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["monitoring:household", "assistance:household"])
def test_the_lights_stand_on_the_household_s_tabs_before_anybody_proposes(people, household, name):
    text = page(people.village, name, household.pk)
    assert "消除条件和七个不消" in text
    assert all(f"<td>{code}</td>" in text for code in ("E1", "E7", "N1", "N7"))


def test_the_gate_refuses_what_the_lights_show(people, household):
    IncomeStatement.objects.filter(household=household).update(inc_net=20_000)
    texts = [r.text for r in may_propose_elimination(people.village, household).all_reasons]
    assert any(text.startswith("N1 ") for text in texts)
    PolicyItem.objects.filter(test_key="income_unstable").update(active=False)
    texts = [r.text for r in may_propose_elimination(people.village, household).all_reasons]
    assert any(text.startswith("E1 ") for text in texts)
