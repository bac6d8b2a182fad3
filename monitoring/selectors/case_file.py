"""Everything a case recorded, and what of it stood at a moment: papers print the facts of their step, not today's."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from households.models import Household, Member
from households.rules import windows
from households.selectors.history import known_at
from households.selectors.parameters import MissingParameter, monitoring_line
from monitoring.choices import AnswerResult, NoticeKind
from monitoring.models import (
    Analysis,
    Authorization,
    Case,
    CaseDocument,
    CaseStep,
    Clue,
    ComparisonAnswer,
    Deliberation,
    HouseholdCheck,
    NationalEntry,
    PublicNotice,
    Review,
)
from monitoring.selectors.case_facts import CaseFacts

VISITS = ("check", "recheck")
MEETINGS = ("deliberate", "vote_down")


@dataclass(frozen=True)
class Then:
    """The case as it stood at a moment: the latest record of each kind, the household as it was known."""

    at: datetime.datetime
    household: Household
    members: list[Member]
    clues: list[Clue]
    analysis: Analysis | None
    authorizations: list[Authorization]
    check: HouseholdCheck | None
    answers: list[ComparisonAnswer]
    deliberation: Deliberation | None
    notice: PublicNotice | None
    reviews: list[Review]

    @property
    def category(self) -> str:
        """As the last meeting judged."""
        return self.deliberation.get_category_display() if self.deliberation else ""

    def review(self, *kinds: str) -> Review | None:
        """The last decision of a level."""
        return next((r for r in reversed(self.reviews) if r.kind in kinds), None)


@dataclass
class CaseFile:
    """One case with all its records, oldest first."""

    case: Case
    clues: list[Clue] = field(default_factory=list)
    analyses: list[Analysis] = field(default_factory=list)
    authorizations: list[Authorization] = field(default_factory=list)
    checks: list[HouseholdCheck] = field(default_factory=list)
    answers: list[ComparisonAnswer] = field(default_factory=list)
    deliberations: list[Deliberation] = field(default_factory=list)
    notices: list[PublicNotice] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    steps: list[CaseStep] = field(default_factory=list)
    documents: list[CaseDocument] = field(default_factory=list)
    entry: NationalEntry | None = None
    _then: dict[datetime.datetime, Then] = field(default_factory=dict)

    def posted(self, kind: str) -> list[PublicNotice]:
        return [notice for notice in self.notices if notice.kind == kind]

    def then(self, at: datetime.datetime) -> Then:
        """As it stood at this moment, what was recorded at it included."""
        if at not in self._then:
            household, members = known_at(self.case.household, at)
            check = _last(self.checks, at)
            if check is not None:
                members = self._counted(check, household, members)
            drafts = self.posted(NoticeKind.DRAFT)
            self._then[at] = Then(
                at=at,
                household=household,
                members=members,
                clues=[clue for clue in self.clues if clue.filed_at <= at],
                analysis=_last(self.analyses, at),
                authorizations=[row for row in self.authorizations if row.made_at <= at],
                check=check,
                answers=[row for row in self.answers if row.requested_at <= at],
                deliberation=_last(self.deliberations, at),
                notice=_last(drafts, at),
                reviews=[row for row in self.reviews if row.made_at <= at],
            )
        return self._then[at]

    def _counted(
        self, check: HouseholdCheck, household: Household, members: list[Member]
    ) -> list[Member]:
        """Who the visit counted; somebody registered late about an earlier day is not among them."""
        known = {member.pk: member for member in members}
        gone = set(check.roster) - set(known)
        if gone:
            known |= {member.pk: member for member in household.members.filter(pk__in=gone)}
        found = [known[pk] for pk in check.roster if pk in known]
        order = {member.pk: n for n, member in enumerate(members)}
        return sorted(found, key=lambda member: (order.get(member.pk, len(order)), member.pk))

    @cached_property
    def end(self) -> CaseStep | None:
        """The step that ended the case."""
        return self.steps[-1] if self.steps and self.case.ended_on else None

    def step_of(self, *names: str) -> CaseStep | None:
        """The last step of these names."""
        return next((s for s in reversed(self.steps) if s.transition in names), None)

    def line(self, check: HouseholdCheck) -> Decimal | None:
        """The line the visit was judged by: the value kept with its step, else the one of its month."""
        newest = self.checks and self.checks[-1].pk == check.pk
        for name in ("recheck", "check") if newest else ():
            kept = self.case.parameters_used.get(name, {}).get("monitoring_line")
            if kept and self.step_of(*VISITS) == self.step_of(name):
                return Decimal(kept)
        statement = check.statement
        month = statement.reference_month if statement else f"{check.checked_on:%Y%m}"
        try:
            return monitoring_line(self.case.division_path, windows.first_day(month))
        except MissingParameter:
            return None


def _last(rows: Iterable, at: datetime.datetime):  # type: ignore[no-untyped-def,type-arg]
    return next((row for row in reversed(list(rows)) if row.made_at <= at), None)


def answered(answers: Iterable[ComparisonAnswer], at: datetime.datetime) -> list[ComparisonAnswer]:
    """Those the departments had given by then."""
    return [
        row
        for row in answers
        if row.result != AnswerResult.PENDING and row.answered_at and row.answered_at <= at
    ]


def beside(facts: CaseFacts) -> CaseFile:
    """For a page that has loaded the facts: which papers there are, without reading anything twice."""
    case = facts.case
    taken = [step.transition for step in facts.steps]
    visits = sum(name in VISITS for name in taken)
    meetings = sum(name in MEETINGS for name in taken)
    latest_check = [facts.check] if facts.check else []
    latest_meeting = [facts.deliberation] if facts.deliberation else []
    return CaseFile(
        case=case,
        clues=sorted(facts.clues, key=lambda clue: (clue.filed_at, clue.pk)),
        authorizations=facts.authorizations,
        checks=latest_check if visits < 2 else list(case.checks.select_related("statement")),
        deliberations=latest_meeting if meetings < 2 else list(case.deliberations.all()),
        notices=facts.notices,
        reviews=facts.reviews,
        steps=facts.steps,
    )


def case_file(case: Case) -> CaseFile:
    """Load it: a dozen queries whatever the case went through."""
    entry = NationalEntry.objects.filter(case=case).select_related("made_by").first()
    return CaseFile(
        case=case,
        clues=list(case.clues.select_related("filed_by").order_by("filed_at", "pk")),
        analyses=list(case.analyses.select_related("made_by")),
        authorizations=list(case.authorizations.select_related("member", "made_by")),
        checks=list(
            case.checks.select_related("statement", "made_by").prefetch_related(
                "persons", "risks__member"
            )
        ),
        answers=list(case.answers.select_related("answered_by")),
        deliberations=list(case.deliberations.select_related("made_by")),
        notices=list(case.notices.select_related("made_by").prefetch_related("objections")),
        reviews=list(case.reviews.select_related("made_by")),
        steps=list(case.steps.select_related("done_by")),
        documents=list(case.documents.select_related("uploaded_by", "step")),
        entry=entry,
    )
