"""Why a household is or was monitored: every act of its cases in order, with the figures, votes and values of that day.

Nothing here is computed anew. A step shows the records made with it, the policy values kept on the case when it was
taken and its seal; what changed in the register since then changes no word (policy.md §5, Appendix B).
"""

import datetime
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from assistance.choices import PlanState
from assistance.models import Plan
from fanpin.web.components import Fact
from households.models import Household
from households.parameters import PARAMETERS
from monitoring.choices import FLAG_TONES
from monitoring.models import (
    Analysis,
    Authorization,
    Case,
    CaseDocument,
    CaseStep,
    Clue,
    ComparisonAnswer,
    Deliberation,
    Evaluation,
    HouseholdCheck,
    NationalEntry,
    Objection,
    PublicNotice,
    Review,
    RiskFlag,
)

Made = Analysis | Deliberation | HouseholdCheck | NationalEntry | PublicNotice | Review
WINDOW = "window"
LINE = "monitoring_line"


@dataclass(frozen=True)
class Event:
    """One act: when, by whom in which post, what was found, the values it was decided by and the papers it left."""

    at: datetime.datetime
    title: str
    who: str
    facts: list[Fact] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    papers: list[CaseDocument] = field(default_factory=list)
    case: Case | None = None
    seal: str = ""
    tone: str = ""


def story(household: Household) -> list[Event]:
    """The acts from the first clue on, oldest first. A constant number of queries whatever the number of cases."""
    cases = _cases(household)
    steps = [event for case in cases for event in _case(case)]
    # Of one moment: the clue, the step it opened, what followed, the mark.
    events = (
        _clues(household) + steps + _plans(household) + _evaluations(household) + _marks(household)
    )
    return sorted(events, key=lambda event: event.at)


def _cases(household: Household) -> Iterable[Case]:
    return (
        household.cases.order_by("opened_at")
        .select_related("entry")
        .prefetch_related(
            "steps__done_by",
            "analyses",
            "authorizations__member",
            "checks__statement",
            "checks__persons",
            "checks__risks__member",
            "answers",
            "deliberations",
            "notices__objections__answered_by",
            "reviews",
            "documents__step",
        )
    )


def _case(case: Case) -> list[Event]:
    """Each step with what was made between the step before and itself."""
    steps = sorted(case.steps.all(), key=lambda step: step.seq)
    ends = [step.done_at for step in steps]
    made: list[list[Any]] = [[] for _ in steps]
    for row in _records(case):
        place = min(bisect_left(ends, _moment(row)), len(steps) - 1)
        made[place].append(row)
    return [_step(case, step, rows) for step, rows in zip(steps, made, strict=True)]


def _records(case: Case) -> list[Any]:
    entry = [case.entry] if hasattr(case, "entry") else []
    answered = [a for a in case.answers.all() if a.answered_at]
    objections = [o for notice in case.notices.all() for o in notice.objections.all()]
    return [
        *case.analyses.all(), *case.authorizations.all(), *case.checks.all(), *answered,
        *case.deliberations.all(), *case.notices.all(), *objections, *case.reviews.all(), *entry,
    ]  # fmt: skip


def _moment(row: Any) -> datetime.datetime:
    at = row.answered_at if isinstance(row, ComparisonAnswer) else row.made_at
    assert isinstance(at, datetime.datetime)
    return at


def _step(case: Case, step: CaseStep, rows: list[Any]) -> Event:
    kept = case.parameters_used.get(step.transition, {})
    facts: list[Fact] = []
    words = [step.reason] if step.reason else []
    for row in rows:
        more_facts, more_words = _told(row, kept)
        facts += more_facts
        words += [text for text in more_words if text and text not in words]
    who = f"{step.done_by.name}（{step.role}　{step.unit}）" if step.done_by else "系统"
    return Event(
        at=step.done_at,
        title=f"{case.get_kind_display()}　{step.label}",
        who=who,
        facts=facts,
        words=words,
        values=_values(kept),
        papers=[d for d in case.documents.all() if d.step_id == step.pk],
        case=case,
        seal=step.snapshot_hash,
    )


def _values(kept: dict[str, Any]) -> list[str]:
    """The policy values in force when the step was taken."""
    return [
        f"{PARAMETERS[key].label} {value}{PARAMETERS[key].unit}"
        for key, value in kept.items()
        if key in PARAMETERS
    ]


def _told(row: Any, kept: dict[str, Any]) -> tuple[list[Fact], list[str]]:
    """What a record says, by its kind."""
    if isinstance(row, HouseholdCheck):
        return _visit(row, kept)
    if isinstance(row, Analysis):
        return [Fact("研判日期", row.held_on), Fact("参加人", "、".join(row.attendees))], [
            row.reasons
        ]
    if isinstance(row, Authorization):
        return [Fact(f"授权　{row.member.name}", f"{row.get_mode_display()}　{row.signed_on}")], []
    if isinstance(row, ComparisonAnswer):
        return [Fact(f"比对　{row.get_department_display()}", row.get_result_display())], []
    if isinstance(row, Deliberation):
        return _meeting(row)
    if isinstance(row, PublicNotice):
        until = f"，至{row.complete_on}期满" if row.days else ""
        shown = f"{row.posted_on}　{row.place}{until}"
        return [Fact(row.get_kind_display(), shown)], [row.text]
    if isinstance(row, Objection):
        return [Fact("公示异议", row.get_finding_display())], [row.content, row.enquiry, row.reply]
    if isinstance(row, Review):
        shown = f"{row.get_decision_display()}　{row.number}".strip()
        return [Fact(row.get_kind_display(), shown)], [row.opinion]
    return [Fact("户编号(国家系统)", row.national_hh_no), Fact("标注月份", row.month)], []


def _visit(row: HouseholdCheck, kept: dict[str, Any]) -> tuple[list[Fact], list[str]]:
    found = [
        Fact("核查日期", row.checked_on),
        Fact("核查组", "、".join(map(str, row.persons.all()))),
    ]
    if s := row.statement:
        found += [
            Fact("收入计算周期", f"{s.window_from} 至 {s.window_to}"),
            Fact("年纯收入", s.inc_net, unit="元"),
            Fact("计算人口", s.members_count, unit="人"),
            Fact("人均纯收入", s.inc_net_pc, unit="元"),
            Fact("当日监测范围", kept.get(LINE, "未记录"), unit="元" if LINE in kept else ""),
        ]
    for risk in row.risks.all():
        outcome = f"　{risk.get_outcome_display()}" if risk.outcome else ""
        bearer = risk.member.name if risk.member else "全户"
        found.append(Fact("风险", f"{risk}　{bearer}{outcome}"))
    wrong = [
        label
        for label, good in (
            ("住房", row.house_safe),
            ("饮水", row.water_safe),
            ("义务教育", row.schooling_ok),
            ("基本医疗", row.insured),
        )
        if not good
    ]
    found.append(Fact("三保障和饮水", f"{'、'.join(wrong)}未落实" if wrong else "均已落实"))
    return found, [row.situation, row.shock_note, row.disagreement]


def _meeting(row: Deliberation) -> tuple[list[Fact], list[str]]:
    votes = f"同意{row.votes_for}票，不同意{row.votes_against}票，弃权{row.votes_abstain}票"
    found = [
        Fact("评议", f"{row.held_on}　{row.place}　主持{row.chair}　到会{len(row.attendees)}人"),
        Fact("票数", votes),
        Fact("评议结果", "通过" if row.is_passed else "未通过"),
    ]
    if row.category:
        found.append(Fact("评议类别", row.get_category_display()))
    return found, [row.minutes, row.category_reason]


def _clues(household: Household) -> list[Event]:
    rows = Clue.objects.filter(household=household).select_related("filed_by", "case")
    return [
        Event(
            row.filed_at,
            f"线索　{row.get_source_display()}",
            row.filed_by.name if row.filed_by else "系统",
            facts=[Fact("收到日期", row.received_on)],
            words=[row.facts],
            case=row.case,
        )
        for row in rows
    ]


def _marks(household: Household) -> list[Event]:
    rows = RiskFlag.objects.filter(object__household=household).select_related("set_by", "case")
    return [
        Event(
            row.set_at,
            row.get_action_display(),
            f"{row.set_by.name}（{row.role}）" if row.set_by else "系统",
            facts=[
                Fact("月份", row.month),
                Fact("类别", row.get_category_display()),
                Fact("当时人口", row.persons, unit="人"),
            ],
            words=[row.reason] if row.reason else [],
            case=row.case,
            tone=FLAG_TONES[row.action],
        )
        for row in rows
    ]


def _plans(household: Household) -> list[Event]:
    decided = (PlanState.APPROVED, PlanState.CLOSED)
    rows = Plan.objects.filter(household=household, state__in=decided, decided_at__isnull=False)
    return [
        Event(
            row.decided_at,
            f"一户一策　第{row.version}版批准",
            row.decided_by.name if row.decided_by else "系统",
            facts=[
                Fact("风险", "、".join(map(str, row.risks.all()))),
                Fact("措施", len(row.items.all()), unit="项"),
            ],
            words=[row.decision_note] if row.decision_note else [],
        )
        for row in rows.select_related("decided_by").prefetch_related("risks", "items")
        if row.decided_at
    ]


def _evaluations(household: Household) -> list[Event]:
    rows = Evaluation.objects.filter(object__household=household).select_related("made_by")
    return [
        Event(
            row.made_at,
            f"帮扶成效评估　{row.year}年度",
            row.made_by.name,
            facts=[
                Fact("结论", row.get_conclusion_display()),
                Fact("人均纯收入", row.income_pc, unit="元"),
                Fact("监测范围", row.line, unit="元"),
                Fact("审核", row.get_state_display()),
            ],
            words=[row.effect, row.opinion],
        )
        for row in rows
    ]
