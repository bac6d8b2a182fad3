"""What is known of a household that may be marked as out of risk: facts for the 七个不消 and E1–E7."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from assistance.selectors import coverage
from fanpin import clock
from fanpin.regions.scope import codes
from households.choices import label
from households.models import Household, IncomeStatement, Member
from households.rules import windows
from households.selectors.members import rosters
from households.selectors.parameters import Policy
from monitoring.choices import (
    LIVE_RISKS,
    CaseKind,
    CaseStatus,
    ClueState,
    Finding,
    NoticeKind,
    Outcome,
    RiskState,
)
from monitoring.models import (
    CheckRisk,
    Clue,
    Episode,
    EpisodeRisk,
    HouseholdCheck,
    Objection,
    PublicNotice,
)
from monitoring.rules.no_elimination import Condition, Facts, Light, evaluate

NOT_AT_SCHOOL_ALLOWED = ("", "suspended", "deferred", "home_teaching")
WITHOUT_LABOUR = ("none", "lost")
# That many characters in the visit's account of the family count as an explanation of a short time.
EXPLAINED = 20


def conditions(path: str, on: datetime.date | Policy) -> list[Condition]:
    """The 不消 conditions in force at a place on a day; with a Policy they are asked once for many places."""
    policy = on if isinstance(on, Policy) else Policy(on, codes(path))
    return [
        Condition(row.code, row.label, row.test_key, row.limit, row.position)
        for row in policy.items("no_elim_rule", path)
    ]


@dataclass(frozen=True)
class Asked:
    """A household to judge. `check`: the visit of the case at hand; `month`: its reference month.

    `members`, `episode` with its `risks`, `upheld`: what the page of a case has read already.
    `seen`: the risks of the visit.
    """

    household: Household
    check: HouseholdCheck | None = None
    statement: IncomeStatement | None = None
    is_natural: bool = False
    month: str = ""
    members: list[Member] | None = None
    episode: Episode | None = None
    risks: list[EpisodeRisk] | None = None
    seen: list[CheckRisk] | None = None
    upheld: int | None = None


def facts(household: Household, **given: Any) -> Facts:
    """Everything the evaluator asks of one household today; `given` are the fields of Asked."""
    policy = Policy(clock.today(), codes(household.division_path))
    return facts_of([Asked(household, **given)], policy)[household.pk]


def facts_of(asked: Sequence[Asked], policy: Policy) -> dict[int, Facts]:
    """The same of many households as of the policy's day, in a dozen queries whatever their number."""
    on = policy.on
    ids = [a.household.pk for a in asked]
    told = {a.household.pk: a.members for a in asked if a.members is not None}
    new = [a.household.pk for a in asked if a.risks is None]
    objected = [a.household.pk for a in asked if a.upheld is None]
    read = _Read(
        on=on,
        policy=policy,
        rosters=told | rosters([pk for pk in ids if pk not in told]),
        lost=_labour_lost(ids, on) if _asks_for_labour(asked, policy) else {},
        statements=_latest_statements([a.household.pk for a in asked if not _own_statement(a)]),
        episodes=_last_episodes(new),
        clues=_grouped(Clue.objects.filter(household_id__in=ids, state=ClueState.OPEN)),
        help=coverage.help_of(ids),
        objections=_upheld_objections(objected),
    )
    return {a.household.pk: _facts(a, read) for a in asked}


def _asks_for_labour(asked: Sequence[Asked], policy: Policy) -> bool:
    """Only one of the alternates looks at labour that left; it is off unless the province says so (policy.md §5.3)."""
    return any(
        row.test_key == "labour_lost_recently"
        for a in asked
        for row in policy.items("no_elim_rule", a.household.division_path)
    )


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What was read of all the households, by household."""

    on: datetime.date
    policy: Policy
    rosters: dict[int, list[Member]]
    lost: dict[int, list[str]]
    statements: dict[int, IncomeStatement]
    episodes: dict[int, Episode]
    clues: dict[int, list[Clue]]
    help: dict[int, coverage.Help]
    objections: dict[int, int]


def _own_statement(asked: Asked) -> IncomeStatement | None:
    return asked.statement or (asked.check.statement if asked.check else None)


def _facts(asked: Asked, read: _Read) -> Facts:
    household, check = asked.household, asked.check
    pk, path = household.pk, household.division_path
    month = asked.month or clock.month_of(read.on)
    statement = _own_statement(asked) or read.statements.get(pk)
    line, problem = read.policy.line(path, month)
    members = read.rosters[pk]
    helped = read.help[pk]
    episode = asked.episode or read.episodes.get(pk)
    risks = asked.risks
    if risks is None:
        risks = list(episode.risks.all()) if episode else []
    uncovered = helped.uncovered(recorded_causes(risks))
    return Facts(
        per_capita=statement.per_capita if statement else None,
        reference=statement.reference_per_capita if statement else None,
        window=(statement.window_from, statement.window_to) if statement else None,
        transfer_share=statement.transfer_share if statement else Decimal(0),
        line=line,
        line_problem=problem,
        income_stable=check.income_stable if check else None,
        rigid_expense_open=check.rigid_expense_open if check else None,
        defects=tuple(defects(household, members, check, on=read.on)),
        members=len(members),
        with_labour=sum(m.labour not in WITHOUT_LABOUR for m in members),
        labour_known=all(m.labour for m in members),
        open_clues=tuple(str(clue) for clue in read.clues.get(pk, ())),
        months=_months(episode, month),
        min_months=int(read.policy.parameters(path).get("min_months_monitored", 0)),
        new_risks=tuple(
            str(r) for r in risks if r.state == RiskState.PROPOSED or (r.is_new and r.is_live)
        ),
        upheld_objections=asked.upheld if asked.upheld is not None else read.objections.get(pk, 0),
        is_natural=asked.is_natural,
        seriously_ill=tuple(m.name for m in members if "major" in (m.health or [])),
        labour_lost=tuple(read.lost.get(pk, ())),
        measures_delivered=len(helped.delivered),
        open_plan_items=tuple(str(item) for item in helped.open_items),
        uncovered_risks=tuple(label("risk_type", cause) for cause in uncovered),
        rebuilding=tuple(
            str(item)
            for item in helped.open_items
            if item.risk is not None and item.risk.cause == "disaster"
        ),
        risks_open=tuple(str(r) for r in risks if r.is_live),
        **_told_by_visit(check, asked.seen, risks, read.policy.parameters(path)),
    )


def _told_by_visit(
    check: HouseholdCheck | None,
    seen: list[CheckRisk] | None,
    risks: list[EpisodeRisk],
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """How long the income has held, and which risks the visit found gone, left or new (E2, E5)."""
    if check is None:
        return {}
    told: dict[str, Any] = {
        "income_months": check.income_months,
        "income_months_wanted": int(parameters.get("income_sustained_months", 0)),
        "is_explained": len(check.situation) >= EXPLAINED,
    }
    if seen is not None:
        gone = {r.episode_risk_id for r in seen if r.outcome in (Outcome.ASSISTED, Outcome.NATURAL)}
        told["risks_left"] = tuple(str(r) for r in risks if r.is_live and r.pk not in gone)
        told["risks_seen"] = tuple(str(r) for r in seen if r.episode_risk_id is None)
    return told


def _months(episode: Episode | None, month: str) -> int | None:
    if episode is None:
        return None
    last = episode.closed_month or month
    return max(0, windows.months_between(episode.identified_month, last))


def lights(household: Household, **given: Any) -> list[Light]:
    """七个不消 of a household today, every condition with what it finds."""
    today = clock.today()
    known = facts(household, **given)
    return evaluate(known, conditions(household.division_path, today))


def latest_statement(household: Household) -> IncomeStatement | None:
    """The newest confirmed statement, whatever it was made for."""
    rows = household.statements.filter(state=IncomeStatement.State.CONFIRMED)
    return rows.order_by("-window_to", "-pk").first()


def _latest_statements(household_ids: Sequence[int]) -> dict[int, IncomeStatement]:
    rows = IncomeStatement.objects.filter(
        household_id__in=household_ids, state=IncomeStatement.State.CONFIRMED
    )
    newest = rows.order_by("household_id", "-window_to", "-pk").distinct("household_id")
    return {row.household_id: row for row in newest}


def _last_episodes(household_ids: Sequence[int]) -> dict[int, Episode]:
    """The episode that is open, or was closed last, with its risks."""
    rows = Episode.objects.filter(object__household_id__in=household_ids).select_related("object")
    last = rows.order_by("object_id", "-seq").distinct("object_id").prefetch_related("risks")
    return {episode.object.household_id: episode for episode in last}


def _upheld_objections(household_ids: Sequence[int]) -> dict[int, int]:
    """Objections found right against the newest draft notice of an elimination under way or done, by household."""
    notices = PublicNotice.objects.filter(
        Q(case__ended_on=None) | Q(case__status=CaseStatus.ELIMINATED),
        case__household_id__in=household_ids,
        case__kind=CaseKind.ELIMINATE,
        kind=NoticeKind.DRAFT,
    )
    newest = dict(
        notices.order_by("case__household_id", "-pk")
        .distinct("case__household_id")
        .values_list("pk", "case__household_id")
    )
    upheld = Objection.objects.filter(notice_id__in=newest, finding=Finding.UPHELD)
    return Counter(newest[pk] for pk in upheld.values_list("notice_id", flat=True))


def _grouped(rows: Iterable[Clue]) -> dict[int, list[Clue]]:
    found: dict[int, list[Clue]] = {}
    for row in rows:
        found.setdefault(row.household_id, []).append(row)
    return found


def previous_per_capita(statement: IncomeStatement) -> Fraction | None:
    """Per-capita net income of the confirmed statement before this one's window."""
    rows = statement.household.statements.filter(
        state=IncomeStatement.State.CONFIRMED, window_to__lt=statement.window_to
    )
    before = rows.order_by("-window_to", "-pk").first()
    return before.per_capita if before else None


def defects(
    household: Household,
    members: list[Member],
    check: HouseholdCheck | None = None,
    *,
    on: datetime.date | None = None,
) -> list[str]:
    """Gaps in 三保障 and water: on the register, and as the visit saw them."""
    found = []
    for member in members:
        if _has_dropped_out(member, on or clock.today()):
            found.append(f"{member.name}：义务教育阶段失学辍学")
        if member.ins_med_resident is False and not member.ins_med_employee:
            found.append(f"{member.name}：未参加基本医疗保险")
    if household.is_dangerous_house or household.house_level in ("C", "D"):
        grade = household.get_house_level_display() or "危房"
        found.append(f"住房不安全：{grade}")
    if household.has_safe_water is False or household.water_difficult:
        found.append("饮水安全未解决")
    if check:
        found += _seen(check)
    return found


def _seen(check: HouseholdCheck) -> list[str]:
    answers = (
        (check.house_safe, "住房安全"),
        (check.water_safe, "饮水安全"),
        (check.schooling_ok, "义务教育"),
        (check.insured, "基本医疗"),
    )
    return [f"入户核查：{what}没有保障" for holds, what in answers if not holds]


def _has_dropped_out(member: Member, on: datetime.date) -> bool:
    if member.birth_date is None or member.dropout_reason in NOT_AT_SCHOOL_ALLOWED:
        return False
    born = member.birth_date
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return 6 <= age <= 15


def _labour_lost(household_ids: Sequence[int], on: datetime.date) -> dict[int, list[str]]:
    gone = Member.objects.filter(
        household_id__in=household_ids,
        status="decreased",
        left_on__gt=on - datetime.timedelta(days=365),
        labour__in=("ordinary", "skilled"),
    )
    found: dict[int, list[str]] = {}
    for m in gone.order_by("pk"):
        text = f"{m.name}于{m.left_on}{m.get_left_reason_display()}"
        found.setdefault(m.household_id, []).append(text)
    return found


def recorded_causes(risks: Iterable[EpisodeRisk]) -> list[str]:
    """The causes that assistance had to answer: all but those gone by themselves or never confirmed."""
    return [
        risk.cause
        for risk in risks
        if risk.state in (*LIVE_RISKS, RiskState.RESOLVED) and risk.outcome != Outcome.NATURAL
    ]
