"""What is known of a household that may be marked as out of risk: facts for the 七个不消 and E1–E7."""

import datetime
from dataclasses import replace
from fractions import Fraction

from assistance.selectors import coverage
from fanpin import clock
from households.choices import label
from households.models import Household, IncomeStatement, Member
from households.rules import windows
from households.selectors.members import roster
from households.selectors.parameters import (
    MissingParameter,
    monitoring_line,
    parameters,
    policy_items,
)
from monitoring.choices import LIVE_RISKS, Outcome, RiskState
from monitoring.models import Episode, EpisodeRisk, HouseholdCheck
from monitoring.rules.no_elimination import Condition, Facts, Light, evaluate
from monitoring.selectors import cases

NOT_AT_SCHOOL_ALLOWED = ("", "suspended", "deferred", "home_teaching")
WITHOUT_LABOUR = ("none", "lost")


def conditions(path: str, on: datetime.date) -> list[Condition]:
    """The 不消 conditions in force at a place."""
    return [
        Condition(row.code, row.label, row.test_key, row.limit, row.position)
        for row in policy_items("no_elim_rule", path, on)
    ]


def facts(
    household: Household,
    *,
    check: HouseholdCheck | None = None,
    statement: IncomeStatement | None = None,
    is_natural: bool = False,
    month: str = "",
) -> Facts:
    """Everything the evaluator asks. `check`: the visit of the case at hand; `month`: its reference month."""
    today = clock.today()
    path = household.division_path
    month = month or clock.month_of(today)
    statement = statement or (check.statement if check else None) or latest_statement(household)
    line, problem = None, ""
    try:
        line = monitoring_line(path, windows.first_day(month))
    except MissingParameter as missing:
        problem = missing.messages[0]
    members = list(roster(household))
    episode = cases.last_episode(getattr(cases.object_of(household.pk), "pk", None))
    found = Facts(
        per_capita=statement.per_capita if statement else None,
        reference=statement.reference_per_capita if statement else None,
        transfer_share=statement.transfer_share if statement else windows.Decimal(0),
        line=line,
        line_problem=problem,
        income_stable=check.income_stable if check else None,
        rigid_expense_open=check.rigid_expense_open if check else None,
        defects=tuple(defects(household, members, check)),
        members=len(members),
        with_labour=sum(m.labour not in WITHOUT_LABOUR for m in members),
        labour_known=all(m.labour for m in members),
        open_clues=tuple(str(clue) for clue in cases.open_clues(household.pk)),
        min_months=int(parameters(path, today).get("min_months_monitored", 0)),
        is_natural=is_natural,
        seriously_ill=tuple(m.name for m in members if "major" in (m.health or [])),
        labour_lost=tuple(_labour_lost(household, today)),
    )
    return _with_assistance(_with_episode(found, episode, month), household, episode)


def lights(household: Household, **given: object) -> list[Light]:
    """七个不消 of a household today, every condition with what it finds."""
    today = clock.today()
    known = facts(household, **given)  # type: ignore[arg-type]
    return evaluate(known, conditions(household.division_path, today))


def latest_statement(household: Household) -> IncomeStatement | None:
    """The newest confirmed statement, whatever it was made for."""
    rows = household.statements.filter(state=IncomeStatement.State.CONFIRMED)
    return rows.order_by("-window_to", "-pk").first()


def previous_per_capita(statement: IncomeStatement) -> Fraction | None:
    """Per-capita net income of the confirmed statement before this one's window."""
    rows = statement.household.statements.filter(
        state=IncomeStatement.State.CONFIRMED, window_to__lt=statement.window_to
    )
    before = rows.order_by("-window_to", "-pk").first()
    return before.per_capita if before else None


def defects(
    household: Household, members: list[Member], check: HouseholdCheck | None = None
) -> list[str]:
    """Gaps in 三保障 and water: on the register, and as the visit saw them."""
    found = []
    for member in members:
        if _has_dropped_out(member):
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


def _has_dropped_out(member: Member) -> bool:
    if member.birth_date is None or member.dropout_reason in NOT_AT_SCHOOL_ALLOWED:
        return False
    today = clock.today()
    born = member.birth_date
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return 6 <= age <= 15


def _labour_lost(household: Household, today: datetime.date) -> list[str]:
    since = today - datetime.timedelta(days=365)
    gone = household.members.filter(
        status="decreased", left_on__gt=since, labour__in=("ordinary", "skilled")
    )
    return [f"{m.name}于{m.left_on}{m.get_left_reason_display()}" for m in gone]


def _with_episode(found: Facts, episode: Episode | None, month: str) -> Facts:
    if episode is None:
        return found
    risks = episode.risks.all()
    fresh = [r for r in risks if r.state == RiskState.PROPOSED or (r.is_new and r.is_live)]
    last = episode.closed_month or month
    return replace(
        found,
        months=max(0, windows.months_between(episode.identified_month, last)),
        new_risks=tuple(str(r) for r in fresh),
    )


def _with_assistance(found: Facts, household: Household, episode: Episode | None) -> Facts:
    delivered = coverage.delivered(household.pk)
    open_items = coverage.open_items(household.pk)
    causes = recorded_causes(episode)
    uncovered = coverage.uncovered_risks(household.pk, causes)
    return replace(
        found,
        measures_delivered=len(delivered),
        open_plan_items=tuple(str(item) for item in open_items),
        uncovered_risks=tuple(label("risk_type", cause) for cause in uncovered),
        rebuilding=tuple(
            str(item)
            for item in open_items
            if item.risk is not None and item.risk.cause == "disaster"
        ),
    )


def recorded_causes(episode: Episode | None) -> list[str]:
    """The causes that assistance had to answer in an episode: all but those gone by themselves or never confirmed."""
    if episode is None:
        return []
    rows = EpisodeRisk.objects.filter(
        episode=episode, state__in=(*LIVE_RISKS, RiskState.RESOLVED)
    ).exclude(outcome=Outcome.NATURAL)
    return list(rows.values_list("cause", flat=True))
