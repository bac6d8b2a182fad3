"""E1–E7 of policy.md §5.1 for one household: what the pre-check of an elimination shows and refuses on."""

from fanpin import clock
from households.models import Household
from monitoring.choices import CaseKind
from monitoring.models import Case, HouseholdCheck
from monitoring.rules import elimination
from monitoring.rules.elimination import Criterion
from monitoring.rules.no_elimination import Condition, Facts
from monitoring.selectors import standing

__all__ = ["Criterion", "judge", "of", "of_today"]


def of(
    household: Household, method: str = "assisted", check: HouseholdCheck | None = None
) -> list[Criterion]:
    """E1–E7 and then each 不消 condition in force (N1 …), each with the household's figures."""
    facts = standing.facts(household, check=check, is_natural=method == "natural")
    conditions = standing.conditions(household.division_path, clock.today())
    return elimination.judge(facts, conditions, known=check is not None)


def of_today(household: Household, open_case: Case | None) -> list[Criterion]:
    """The same as the household's page shows it: an elimination under way brings its visit, method and month along."""
    if open_case is None or open_case.kind != CaseKind.ELIMINATE:
        return of(household)
    check = open_case.checks.select_related("statement").last()
    facts = standing.facts(
        household,
        check=check,
        seen=list(check.risks.select_related("member")) if check else None,
        is_natural=open_case.method == "natural",
        month=open_case.reference_month,
    )
    conditions = standing.conditions(household.division_path, clock.today())
    return elimination.judge(facts, conditions, known=check is not None)


def judge(
    facts: Facts, conditions: list[Condition], method: str, *, known: bool
) -> list[Criterion]:
    """The same on facts at hand; `method` is the one the facts were read for."""
    assert facts.is_natural == (method == "natural")
    return elimination.judge(facts, conditions, known=known)
