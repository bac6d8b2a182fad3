"""E1–E7 of policy.md §5.1 for one household: what the pre-check of an elimination shows and refuses on."""

from dataclasses import dataclass

from fanpin import clock
from households.models import Household
from monitoring.models import HouseholdCheck
from monitoring.rules import no_elimination as rules
from monitoring.rules.no_elimination import Condition, Facts, Finding, Light
from monitoring.selectors import standing

ELIMINATION = "业务规程 §5.1"


@dataclass(frozen=True)
class Criterion:
    """One condition of an elimination. `is_pending`: only the household check can answer it."""

    code: str
    label: str
    findings: tuple[Finding, ...] = ()
    clause: str = ELIMINATION
    is_pending: bool = False

    @property
    def is_met(self) -> bool:
        return not self.findings and not self.is_pending

    @property
    def tone(self) -> str:
        return "red" if self.findings else "amber" if self.is_pending else "green"


def of(
    household: Household, method: str = "assisted", check: HouseholdCheck | None = None
) -> list[Criterion]:
    """E1–E6 and then each 不消 condition in force as E7 (N1 …)."""
    facts = standing.facts(household, check=check, is_natural=method == "natural")
    conditions = standing.conditions(household.division_path, clock.today())
    return judge(facts, conditions, method, known=check is not None)


def judge(
    facts: Facts, conditions: list[Condition], method: str, *, known: bool
) -> list[Criterion]:
    """The same on facts at hand. `known`: a visit answered what no register can."""
    lights = rules.evaluate(facts, conditions)
    return [*_positive(facts, method, known=known), *map(_of_light, lights)]


def _of_light(light: Light) -> Criterion:
    return Criterion(
        light.code.upper(),
        light.label,
        light.findings,
        "通知一(二)、业务规程 §5.3",
        light.is_manual,
    )


def _positive(f: Facts, method: str, *, known: bool) -> list[Criterion]:
    """What the seven do not already say; they repeat nothing that a light finds."""
    measures: tuple[Finding, ...] = ()
    if method == "assisted" and f.measures_delivered == 0:
        measures = (Finding("帮扶消除须至少有一项已落实的针对性措施，现为0项", rules.PLAN),)
    return [
        Criterion("E2", "收入稳定半年以上", is_pending=not known),
        Criterion("E5", "登记的风险均已消除", is_pending=not known),
        Criterion("E6", "已落实针对性帮扶措施", measures),
    ]
