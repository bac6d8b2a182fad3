"""Everything a gate of a case looks at, loaded once: the guards of the workflow are pure functions over it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from assistance.selectors import coverage
from fanpin import clock
from fanpin.accounts.verdicts import Verdict
from households.models import Household, Member, PolicyItem
from households.policies.locks import unlocked
from households.rules import windows
from households.selectors.members import roster
from households.selectors.parameters import (
    MissingParameter,
    monitoring_line,
    parameters,
    policy_items,
)
from monitoring.choices import CaseKind, CaseStatus, Finding, NoticeKind
from monitoring.models import (
    Analysis,
    Authorization,
    Case,
    CaseDocument,
    CaseStep,
    CheckPerson,
    CheckRisk,
    Clue,
    ComparisonAnswer,
    Deliberation,
    Episode,
    EpisodeRisk,
    Evaluation,
    HouseholdCheck,
    MonitoringObject,
    Objection,
    PublicNotice,
    Review,
)
from monitoring.rules.classification import Situation, Suggestion, classify
from monitoring.rules.elimination import Criterion, judge
from monitoring.rules.no_elimination import Facts
from monitoring.selectors import cases, evaluations, standing

ADULT = 18
MARKING_KINDS = (CaseKind.IDENTIFY, CaseKind.RELABEL)
Row = TypeVar("Row", EpisodeRisk, Authorization, CheckRisk)


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """A case with its latest records, the household as it is now, and the policy in force today."""

    case: Case
    household: Household
    object: MonitoringObject
    today: datetime.date
    members: list[Member]
    parameters: dict[str, Any]
    risk_causes: dict[str, PolicyItem]
    line: Decimal | None
    line_problem: str
    episode: Episode | None = None
    episode_risks: list[EpisodeRisk] = field(default_factory=list)
    analysis: Analysis | None = None
    authorizations: list[Authorization] = field(default_factory=list)
    check: HouseholdCheck | None = None
    check_persons: list[CheckPerson] = field(default_factory=list)
    check_risks: list[CheckRisk] = field(default_factory=list)
    answers: list[ComparisonAnswer] = field(default_factory=list)
    deliberation: Deliberation | None = None
    notice: PublicNotice | None = None
    objections: list[Objection] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    steps: list[CaseStep] = field(default_factory=list)
    clues: list[Clue] = field(default_factory=list)
    notices: list[PublicNotice] = field(default_factory=list)
    documents: list[CaseDocument] = field(default_factory=list)
    paper_list: list[PolicyItem] = field(default_factory=list)
    elimination: Facts | None = None
    criteria: list[Criterion] = field(default_factory=list)
    file_missing: tuple[str, ...] = ()
    evaluation: Evaluation | None = None
    lock: Verdict = field(default_factory=Verdict.yes)

    @property
    def seven(self) -> list[Criterion]:
        """The 不消 conditions in force, E1–E7 left out."""
        return [c for c in self.criteria if not c.code.startswith("E")]

    def criterion(self, code: str) -> Criterion | None:
        """One of E1–E7 of an elimination."""
        return next((c for c in self.criteria if c.code == code), None)

    @property
    def adults(self) -> list[Member]:
        """Who has to sign: every member of age, and the head whatever the age."""
        return [m for m in self.members if m.is_head or _age(m, self.today) >= ADULT]

    @property
    def roster(self) -> list[int]:
        return sorted(m.pk for m in self.members)

    @property
    def is_marking(self) -> bool:
        """Identification or re-label: ends in a mark with a category."""
        return self.case.kind in MARKING_KINDS

    @property
    def four_haves(self) -> list[str]:
        """Four-haves items the departments reported and the township did not exempt."""
        codes = [code for a in self.answers if a.counts_as_four_haves for code in a.four_haves]
        return list(dict.fromkeys(codes))

    @property
    def has_four_haves(self) -> bool:
        return any(a.counts_as_four_haves for a in self.answers)

    def param(self, key: str) -> Any:
        """A policy value in force; raises MissingParameter with its name when there is none."""
        if key not in self.parameters:
            raise MissingParameter(f"未设置参数“{key}”，请联系县级或省级在“参数”中录入后再办理")
        return self.parameters[key]

    def situation(self, *, hard: bool) -> Situation | None:
        """What the category rests on; None before the visit or without a line."""
        check = self.check
        if check is None or check.statement is None or self.line is None:
            return None
        return Situation(
            hh_type=self.household.hh_type,
            per_capita=check.statement.per_capita,
            line=self.line,
            risks=len(self.check_risks),
            shock=check.has_shock,
            hard=hard,
            four_haves=self.has_four_haves,
            defect=check.has_defect,
            reference=check.statement.reference_per_capita,
        )

    def suggestion(self) -> Suggestion | None:
        """The category the system suggests; before the meeting a shock counts as hardship."""
        hard = self.deliberation.has_hardship if self.deliberation else self._shock
        situation = self.situation(hard=hard)
        return classify(situation) if situation else None

    @property
    def _shock(self) -> bool:
        return bool(self.check and self.check.has_shock)


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """The little that says which papers a step of a case asks for."""

    case: Case
    check: HouseholdCheck | None
    documents: list[CaseDocument]
    paper_list: list[PolicyItem]
    has_four_haves: bool


def paper_facts(case: Case) -> PaperFacts:
    """Load them: four queries, where the papers alone are asked for."""
    return PaperFacts(
        case=case,
        check=case.checks.last(),
        documents=list(case.documents.all()),
        paper_list=policy_items("case_paper", case.household.division_path, clock.today()),
        has_four_haves=any(answer.counts_as_four_haves for answer in case.answers.all()),
    )


def case_facts(case: Case) -> CaseFacts:
    """Load them. About twenty queries whatever the household."""
    household = case.household
    today = clock.today()
    path = household.division_path
    line, problem = _line(case, path, today)
    check = case.checks.select_related("statement").last()
    if check and check.statement and check.statement.household_id == household.pk:
        check.statement.household = household
    deliberation = case.deliberations.last()
    if deliberation and check and deliberation.check_form_id == check.pk:
        deliberation.check_form = check
    notices = list(case.notices.order_by("pk").prefetch_related("objections"))
    notice = next((n for n in reversed(notices) if n.kind == NoticeKind.DRAFT), None)
    episode = cases.last_episode(case.object_id)
    marking = case.kind in MARKING_KINDS
    members = list(roster(household))
    risks = _named(episode.risks.order_by("position", "pk"), members) if episode else []
    objections = list(notice.objections.all()) if notice else []
    seen = _named(check.risks.order_by("position"), members) if check else []
    elimination = _elimination(
        case,
        check=check,
        seen=seen,
        members=members,
        episode=episode,
        risks=risks,
        upheld=_upheld(case, notice, objections),
    )
    return CaseFacts(
        case=case,
        household=household,
        object=case.object,
        today=today,
        members=members,
        parameters=parameters(path, today),
        risk_causes={row.code: row for row in policy_items("risk_cause", path, today)},
        line=line,
        line_problem=problem,
        episode=episode,
        episode_risks=risks,
        clues=list(case.clues.all()) if marking else [],
        analysis=case.analyses.last() if marking else None,
        authorizations=_named(case.authorizations.all(), members) if marking else [],
        check=check,
        check_persons=list(check.persons.all()) if check else [],
        check_risks=seen,
        answers=list(case.answers.order_by("pk")) if marking else [],
        deliberation=deliberation,
        notice=notice,
        notices=notices,
        objections=objections,
        reviews=list(case.reviews.select_related("made_by")),
        steps=list(case.steps.select_related("done_by").order_by("seq")),
        documents=list(case.documents.select_related("uploaded_by", "step")),
        paper_list=policy_items("case_paper", path, today),
        elimination=elimination,
        criteria=judge(elimination, standing.conditions(path, today), known=check is not None)
        if elimination
        else [],
        file_missing=_file_missing(case),
        evaluation=evaluations.for_decision(case.object, path) if _is_decided(case) else None,
        lock=unlocked(path),
    )


def _named(rows: Iterable[Row], members: list[Member]) -> list[Row]:
    """Rows about members of the household, each with the member already read; who has left is read when asked for."""
    here = {member.pk: member for member in members}
    found = list(rows)
    for row in found:
        if row.member_id in here:
            row.member = here[row.member_id]
    return found


def _line(case: Case, path: str, today: datetime.date) -> tuple[Decimal | None, str]:
    """The line of the reference month, of today before there is one."""
    day = windows.first_day(case.reference_month) if case.reference_month else today
    try:
        return monitoring_line(path, day), ""
    except MissingParameter as missing:
        return None, missing.messages[0]


def _elimination(case: Case, **read: Any) -> Facts | None:
    if case.kind != CaseKind.ELIMINATE:
        return None
    return standing.facts(
        case.household, is_natural=case.method == "natural", month=case.reference_month, **read
    )


def _upheld(case: Case, notice: PublicNotice | None, objections: list[Objection]) -> int | None:
    """Objections found right, once the notice of the case at hand hangs; before that an earlier one may count."""
    if notice is None or not case.is_open:
        return None
    return sum(objection.finding == Finding.UPHELD for objection in objections)


def _is_decided(case: Case) -> bool:
    """An elimination at the county's desk: only there folder and evaluation are asked for."""
    return case.kind == CaseKind.ELIMINATE and case.status == CaseStatus.TOWNSHIP_PASSED


def _file_missing(case: Case) -> tuple[str, ...]:
    """Only the county's decision asks for the folder (policy.md §5.2 V5)."""
    if not _is_decided(case):
        return ()
    folder = coverage.file_completeness(case.household, "eliminating", with_files=False)
    return tuple(line.label for line in folder.missing)


def _age(member: Member, today: datetime.date) -> int:
    born = member.birth_date
    if born is None:
        return ADULT
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
