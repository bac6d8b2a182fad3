"""What a household earns, and how it stands to the monitoring line: compared unrounded (policy.md §7.1)."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fanpin import clock
from households.models import Campaign, Household, IncomeStatement
from households.rules import windows
from households.selectors.parameters import MissingParameter, monitoring_line

Purpose, State = IncomeStatement.Purpose, IncomeStatement.State

# Totals of forms.md §1.3 and the parts that make them up; wage income has a part that is not the whole.
PARTS: dict[str, tuple[str, ...]] = {
    "inc_business": ("inc_crop", "inc_livestock", "inc_forestry", "inc_business_other"),
    "inc_property": ("inc_dividend", "inc_land_transfer", "inc_property_other"),
    "inc_transfer": (
        "inc_family_planning",
        "inc_dibao",
        "inc_tekun",
        "inc_pension",
        "inc_eco_comp",
        "inc_disability_subsidy",
        "inc_elder_allowance",
        "inc_alimony",
        "inc_edu_aid",
        "inc_relief",
        "inc_agri_subsidy",
        "inc_transfer_other",
    ),
}
TOTALS = ("inc_wage", *PARTS, "exp_business", "claim_income", "self_pay")
LINES = (
    "inc_wage",
    "inc_wage_migrant",
    *(name for total, parts in PARTS.items() for name in (total, *parts)),
    "exp_business",
    "claim_income",
    "self_pay",
)
# Lines of later sheets, shown where the dated parameter is on; there the wages too have parts that make the whole.
LATER_PARTS: dict[str, tuple[str, ...]] = {
    "inc_wage": ("inc_wage_public_post", "inc_wage_other"),
    "inc_transfer": ("inc_industry_bonus", "inc_job_bonus"),
}
ALL_LINES = (
    *LINES,
    *(part for parts in LATER_PARTS.values() for part in parts),
    "exp_offset_subsidy",
)
# total → (what is added up, what makes it a sum once filled in)
SUMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "inc_wage": (("inc_wage_migrant", *LATER_PARTS["inc_wage"]), LATER_PARTS["inc_wage"]),
    **{
        total: ((*parts, *LATER_PARTS.get(total, ())), (*parts, *LATER_PARTS.get(total, ())))
        for total, parts in PARTS.items()
    },
}


@dataclass(frozen=True)
class Standing:
    """Where a statement stands to the line. `below`, `reference_below`: strictly, on unrounded figures."""

    line: Decimal
    per_capita: Fraction
    reference: Fraction

    @property
    def below(self) -> bool:
        return windows.is_below(self.per_capita, self.line)

    @property
    def reference_below(self) -> bool:
        return windows.is_below(self.reference, self.line)


def standing(statement: IncomeStatement, line: Decimal) -> Standing:
    return Standing(line, statement.per_capita, statement.reference_per_capita)


def line_day(statement: IncomeStatement) -> datetime.date:
    """The day whose line counts: the reference month of an event, the end of the annual window."""
    if statement.reference_month:
        return windows.first_day(statement.reference_month)
    return statement.window_to


def against_line(statement: IncomeStatement) -> Standing:
    """The statement against the line in force for it; raises MissingParameter when none is set (policy.md §3.1)."""
    path = statement.household.division_path
    return standing(statement, monitoring_line(path, line_day(statement)))


def annual(household: Household, campaign: Campaign) -> IncomeStatement | None:
    rows = household.statements.filter(purpose=Purpose.ANNUAL, campaign=campaign)
    return rows.first()


def latest(
    household: Household, *, purpose: str, reference_month: str = "", confirmed: bool = True
) -> IncomeStatement | None:
    """The newest statement of a purpose, of one month when given."""
    rows = household.statements.filter(purpose=purpose)
    if reference_month:
        rows = rows.filter(reference_month=reference_month)
    if confirmed:
        rows = rows.filter(state=State.CONFIRMED)
    return rows.order_by("-window_to", "-pk").first()


def before(statement_to: datetime.date, household: Household) -> IncomeStatement | None:
    """The confirmed statement before a window's end: what stands in grey beneath the fields."""
    rows = household.statements.filter(state=State.CONFIRMED, window_to__lt=statement_to)
    return rows.order_by("-window_to", "-pk").first()


def of_window(household: Household, window: windows.Window) -> IncomeStatement | None:
    """The confirmed statement of exactly these dates, whatever it was made for."""
    rows = household.statements.filter(
        state=State.CONFIRMED, window_from=window[0], window_to=window[1]
    )
    return rows.order_by("-made_at").first()


def years(household: Household, last: int, count: int = 3) -> list[IncomeStatement]:
    """The annual statements of the `count` years up to `last`, oldest first."""
    rows = household.statements.filter(
        purpose=Purpose.ANNUAL, campaign__lte=last, campaign__gt=last - count
    )
    return list(rows.select_related("campaign").order_by("campaign"))


@dataclass(frozen=True)
class Preview:
    """The last confirmed statement divided by the roster before and after a change of people (policy.md §6.5)."""

    net: Decimal
    size_before: int
    size_after: int
    line: Decimal | None

    @property
    def before(self) -> Decimal:
        return self.net / self.size_before

    @property
    def after(self) -> Decimal:
        return self.net / self.size_after

    @property
    def crosses(self) -> bool:
        """Whether the change alone takes the household over the line, or below it."""
        if self.line is None:
            return False
        return (self.before < self.line) != (self.after < self.line)

    @property
    def rises(self) -> bool:
        return self.after > self.before


def preview(household: Household, *, size_before: int, size_after: int) -> Preview | None:
    """None without a statement, or where one of the rosters is empty."""
    rows = household.statements.filter(state=State.CONFIRMED)
    statement = rows.order_by("-window_to", "-pk").first()
    if statement is None or not size_before or not size_after:
        return None
    try:
        line = monitoring_line(household.division_path, clock.today())
    except MissingParameter:
        line = None
    return Preview(statement.inc_net, size_before, size_after, line)
