"""What elimination asks of assistance: which risks are answered, what is still open, is the folder complete.

Called by monitoring with plain household ids; nothing here knows a case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse

from assistance.choices import (
    CANCELLED,
    DELIVERED,
    PENDING,
    PlanState,
    categories_for,
)
from assistance.models import (
    AdvanceHelp,
    HouseholdFile,
    HouseholdFileItem,
    Measure,
    MeasureEvidence,
    Plan,
    PlanItem,
    PlanRisk,
)
from fanpin import clock
from fanpin.accounts.verdicts import Reason
from households.choices import label
from households.models import (
    Collection,
    Household,
    IncomeStatement,
    MemberChangeDocument,
    PolicyItem,
)
from households.selectors.parameters import policy_items

STAGES = ("monitored", "eliminating", "eliminated")
_STAGE_OF_STATE = {"eliminating": 1, "eliminated": 2, "rolling_back": 2, "relabelling": 2}


@dataclass(frozen=True)
class Help:
    """What assistance did and still has to do for one household."""

    measures: tuple[Measure, ...] = ()
    open_items: tuple[PlanItem, ...] = ()

    @property
    def delivered(self) -> tuple[Measure, ...]:
        """The measures that reached the household."""
        return tuple(m for m in self.measures if m.status in DELIVERED)

    def uncovered(self, risks: Iterable[str], *, delivered_only: bool = True) -> list[str]:
        """The risk codes that no delivered (or, else, no registered) measure answers (policy.md §8.1).

        A measure answers a risk when it is of one of the risk's categories, and names that risk or none.
        """
        rows = self.delivered if delivered_only else self.measures
        held = {(m.category, m.risk) for m in rows}
        return [
            risk
            for risk in dict.fromkeys(risks)
            if not any(c in categories_for(risk) and named in ("", risk) for c, named in held)
        ]


def help_of(household_ids: Iterable[int]) -> dict[int, Help]:
    """Measures not called off and what the plan in force still owes, of many households in two queries."""
    ids = list(household_ids)
    measures: dict[int, list[Measure]] = {pk: [] for pk in ids}
    for measure in Measure.objects.filter(household_id__in=ids).exclude(status=CANCELLED):
        measures[measure.household_id].append(measure)
    items: dict[int, list[PlanItem]] = {pk: [] for pk in ids}
    rows = PlanItem.objects.filter(
        plan__household_id__in=ids, plan__state=PlanState.APPROVED, status__in=PENDING
    )
    for item in rows.select_related("plan", "risk").order_by("deadline", "pk"):
        items[item.plan.household_id].append(item)
    return {pk: Help(tuple(measures[pk]), tuple(items[pk])) for pk in ids}


def has_delivered_measure(household_id: int, risk: str | None = None) -> bool:
    """Whether any measure (or one that answers the risk) was delivered."""
    if risk is None:
        return Measure.objects.filter(household_id=household_id, status__in=DELIVERED).exists()
    return not uncovered_risks(household_id, [risk])


def open_items(household_id: int) -> list[PlanItem]:
    """Measures of the plan in force that are neither delivered nor called off."""
    return list(help_of([household_id])[household_id].open_items)


def uncovered_risks(
    household_id: int, risks: Iterable[str], *, delivered_only: bool = True
) -> list[str]:
    """The risk codes of one household that no measure answers; see Help.uncovered."""
    found = help_of([household_id])[household_id]
    return found.uncovered(risks, delivered_only=delivered_only)


def unresolved_risks(household_id: int) -> list[PlanRisk]:
    """Risks of the plan in force that are not recorded as resolved."""
    found = PlanRisk.objects.filter(
        plan__household_id=household_id, plan__state=PlanState.APPROVED
    ).exclude(effect="resolved")
    return list(found.select_related("bearer"))


def has_plan_in_force(household_id: int) -> bool:
    return Plan.objects.filter(household_id=household_id, state=PlanState.APPROVED).exists()


@dataclass(frozen=True)
class FileLine:
    """One paper of the checklist: is it there, is it wanted now, where it is."""

    code: str
    label: str
    is_required: bool
    is_present: bool
    link: str = ""
    note: str = ""
    is_automatic: bool = False
    files: tuple[HouseholdFile, ...] = ()


@dataclass(frozen=True)
class FileCompleteness:
    """The folder against what the state asks for."""

    lines: tuple[FileLine, ...]

    @property
    def missing(self) -> tuple[FileLine, ...]:
        return tuple(line for line in self.lines if line.is_required and not line.is_present)

    @property
    def required(self) -> int:
        return sum(line.is_required for line in self.lines)

    @property
    def present(self) -> int:
        return self.required - len(self.missing)

    @property
    def percent(self) -> int:
        return 100 if not self.missing else self.present * 100 // self.required

    @property
    def is_complete(self) -> bool:
        return not self.missing


def file_completeness(
    household: Household, state: str = "", *, with_files: bool = True
) -> FileCompleteness:
    """The checklist for a monitoring state (default: the household's own), policy.md §8.3.

    Papers the system itself holds (income statement, plan, proofs of measures, annual form) count without being ticked.
    Without files the lines say only what is there.
    """
    stage = _STAGE_OF_STATE.get(state or household.monitoring_state, 0)
    wanted = set(STAGES[: stage + 1])
    items = HouseholdFileItem.objects.filter(household=household)
    if with_files:
        items = items.prefetch_related("files")
    noted = {item.code: item for item in items}
    held = _held_by_the_system(household)
    papers = policy_items("file_checklist", household.division_path, clock.today())
    lines = [_line(paper, wanted, noted, held, with_files=with_files) for paper in papers]
    return FileCompleteness(tuple(lines))


def _line(
    paper: PolicyItem,
    wanted: set[str],
    noted: Mapping[str, HouseholdFileItem],
    held: Mapping[str, str],
    *,
    with_files: bool,
) -> FileLine:
    item = noted.get(paper.code)
    return FileLine(
        code=paper.code,
        label=paper.label,
        is_required=bool(wanted & set(paper.flags)),
        is_present=paper.code in held or bool(item and item.is_present),
        link=held.get(paper.code) or (item.link if item else ""),
        note=item.note if item else "",
        is_automatic=paper.code in held,
        files=tuple(item.files.all()) if item and with_files else (),
    )


def _held_by_the_system(household: Household) -> dict[str, str]:
    tab = reverse("assistance:household", args=[household.pk])
    of_household = {"household": OuterRef("pk")}
    statements = IncomeStatement.objects.filter(
        **of_household, purpose=IncomeStatement.Purpose.IDENTIFY, state="confirmed"
    )
    deliveries = Measure.objects.filter(**of_household, status__in=DELIVERED)
    unproved = deliveries.filter(~Exists(MeasureEvidence.objects.filter(measure=OuterRef("pk"))))
    tests = {
        "f11": Exists(statements),
        "f12": Exists(Plan.objects.filter(**of_household, state=PlanState.APPROVED)),
        "f13": Exists(deliveries) & ~Exists(unproved),
        "f16": Exists(MemberChangeDocument.objects.filter(change__household=OuterRef("pk"))),
        "f20": Exists(Collection.objects.filter(**of_household, state="reviewed")),
    }
    held = Household.objects.filter(pk=household.pk).order_by().values(**tests).get()
    return {code: tab for code, holds in held.items() if holds}


def open_advance_help(household_id: int) -> AdvanceHelp | None:
    """The confirmed emergency that is not settled yet."""
    return AdvanceHelp.objects.filter(household_id=household_id, settled_at=None).first()


def gaps(household: Household, risks: Iterable[str]) -> list[Reason]:
    """What is missing between the risks and the measures, each with what to do about it."""
    tab = reverse("assistance:household", args=[household.pk])
    create = reverse("assistance:measure_create", args=[household.pk])
    named = list(dict.fromkeys(risks))
    unregistered = uncovered_risks(household.pk, named, delivered_only=False)
    found = [
        Reason(
            f"“{label('risk_type', risk)}”风险没有对应的帮扶措施，"
            f"请登记{_phrase(categories_for(risk))}中的至少一项",
            url=create,
            clause="通知一(六)",
        )
        for risk in unregistered
    ]
    for risk in uncovered_risks(household.pk, named):
        if risk not in unregistered:
            found.append(
                Reason(
                    f"“{label('risk_type', risk)}”风险的帮扶措施尚未落实，请登记落实日期、金额并上传凭证",
                    url=tab,
                    clause="通知一(六)",
                )
            )
    return found


def _phrase(categories: tuple[str, ...]) -> str:
    if len(categories) > 5:
        return "任一大类"
    return "、".join(label("measure_category", code) for code in categories)
