"""Every registered rule is what it says: unique, filed under a published code, with examples that
behave.
"""

from datetime import date

import polars as pl
import pytest

from fanpin.accounts.departments import Department
from fanpin.rules import evaluate, registry
from fanpin.rules.evaluating import HITS
from households.rules import registered
from households.rules.catalogue import EXAMPLE_VALUES
from households.rules.schema import HOUSEHOLD, MEMBER, fact_of

ON = date(2021, 11, 8)
FACTS = set(HOUSEHOLD) | set(MEMBER)


def hits(rule, example, rules=None):
    frames = registry.examples[rule.subject](rule.subject, example)
    return evaluate(frames, rules or [rule], on=ON, parameters=EXAMPLE_VALUES)


@pytest.mark.parametrize("rule", registry, ids=lambda rule: rule.code)
def test_the_failing_example_is_hit_and_the_passing_one_is_not(rule):
    found = hits(rule, rule.failing)
    assert rule.code in found["code"].to_list()
    assert dict(found.schema) == HITS
    assert "{" not in found["detail"][0]
    assert hits(rule, rule.passing).is_empty()


@pytest.mark.parametrize("rule", registry, ids=lambda rule: rule.code)
def test_a_rule_is_complete_and_addressed_to_a_caseworker(rule):
    assert all((rule.title, rule.condition, rule.clause, rule.group))
    assert rule.remedy.endswith("。")
    assert rule.severity in ("error", "warn")
    assert rule.fields


@pytest.mark.parametrize("rule", registered, ids=lambda rule: rule.code)
def test_every_field_named_is_a_fact(rule):
    assert set(rule.fields) <= FACTS
    for column in rule.detail_columns:
        assert fact_of(rule.subject, column).label


@pytest.mark.parametrize("subject", ["household", "member"])
def test_the_household_examples_start_from_is_right_in_every_respect(subject):
    frames = registry.examples[subject](subject, {})
    found = evaluate(frames, registered, on=ON, parameters=EXAMPLE_VALUES)
    assert found.is_empty(), found


def test_ninety_rules_and_more_are_registered():
    assert len({rule.code for rule in registered}) == len(registered) >= 90


def test_departments_are_known_ones():
    for rule in registered:
        assert set(rule.departments) <= set(Department.values), rule.code


def test_a_blank_answer_never_raises_and_never_hits_by_accident():
    """Rules on empty rows: only completeness and the like speak, everything else is silent."""
    frames = registry.examples["member"]("member", {name: None for name in MEMBER if name not in (
        "id", "household_id", "status")})  # fmt: skip
    found = evaluate(frames, registered, on=ON, parameters=EXAMPLE_VALUES)
    codes = set(found.filter(pl.col("subject_id") == 1, pl.col("subject") == "member")["code"])
    assert codes <= {c for c in codes if c.startswith(("R-COM", "R-FMT-24"))}
