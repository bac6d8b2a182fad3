"""What a change of people asks of a monitored household, and whose prompts wait (policy.md §6.5)."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from assistance.choices import PlanState
from assistance.models import Plan
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from households.choices import label
from households.models import Household, MemberChange
from households.rules.identity import age_on
from households.selectors.income import Preview, preview
from households.selectors.members import roster
from households.selectors.parameters import parameter
from monitoring.choices import PromptKind
from monitoring.models import EpisodeRisk, Prompt
from monitoring.selectors import cases

WATCHED = ("monitored", "eliminating")
LABOURERS = ("skilled", "ordinary", "weak_half")
# Causes that go with the person who bears them.
BORNE = ("illness", "disability", "schooling")
SCHOOL_AGE = (6, 15)
NOT_LIVING = "dec_not_cohabit"
_WITH = ("household__village", "change__member", "risk__member", "answered_by")


@dataclass(frozen=True)
class Asked:
    """One prompt that a change asks for."""

    kind: PromptKind
    reason: str
    due_on: datetime.date
    risk: EpisodeRisk | None = None
    preview: Preview | None = None


def asked(
    household: Household, changes: Sequence[MemberChange]
) -> Iterator[tuple[MemberChange, Asked]]:
    """What changes that have just taken effect ask, each judged by the roster it left behind."""
    after = household.family_size
    for change in reversed(changes):
        joined = change.kind == MemberChange.Kind.INCREASE
        before = after - 1 if joined else after + 1
        seen = preview(household, size_before=before, size_after=after)
        found = [_line(change, seen), *(_joined(change) if joined else _left(household, change))]
        for one in found:
            if one is not None:
                yield change, one
        after = before


def due(household: Household, key: str = "prompt_days") -> datetime.date:
    days = parameter(key, household.division_path, clock.today())
    return clock.today() + datetime.timedelta(days=days)


def _what(change: MemberChange) -> str:
    assert change.member is not None
    word = "增加" if change.kind == MemberChange.Kind.INCREASE else "减少"
    reason = label("change_reason", change.reason)
    return f"{word}{change.member.name}（{reason}，{change.changed_on}）"


def _line(change: MemberChange, seen: Preview | None) -> Asked | None:
    if seen is None or not seen.crosses:
        return None
    where = "超过" if seen.rises else "低于"
    reason = (
        f"{_what(change)}后，按最近一次测算的纯收入，计算人口由{seen.size_before}人变为{seen.size_after}人，"
        f"人均由{seen.before:,.2f}元变为{seen.after:,.2f}元，{where}监测范围{seen.line:,.0f}元"
    )
    return Asked(PromptKind.LINE, reason, due(change.household), preview=seen)


def _left(household: Household, change: MemberChange) -> list[Asked]:
    member = change.member
    assert member is not None
    found = []
    episode = cases.last_episode(getattr(cases.object_of(household.pk), "pk", None))
    for risk in cases.live_risks(episode.pk if episode else None):
        if risk.member_id == member.pk and risk.cause in BORNE:
            reason = f"{_what(change)}是“{risk}”的承担人，该风险可能自然消除，请核实"
            found.append(Asked(PromptKind.RISK, reason, due(household), risk=risk))
    if member.labour in LABOURERS:
        found.append(_look_back(household, change))
    return found


def _look_back(household: Household, change: MemberChange) -> Asked:
    assert change.member is not None
    left = sum(m.labour in LABOURERS for m in roster(household))
    word = f"还有劳动力{left}人" if left else "整户无劳动力"
    reason = (
        f"{_what(change)}是{change.member.get_labour_display()}，减少后{word}，请对一户一策回头看"
    )
    return Asked(PromptKind.LOOK_BACK, reason, due(household, "look_back_after_loss_days"))


def _joined(change: MemberChange) -> list[Asked]:
    member = change.member
    assert member is not None
    age = age_on(member.birth_date, clock.today()) if member.birth_date else None
    schooled = age is not None and SCHOOL_AGE[0] <= age <= SCHOOL_AGE[1]
    what = "参保和入学" if schooled else "参保"
    reason = f"{_what(change)}，请核实{what}情况"
    return [Asked(PromptKind.SECURED, reason, due(change.household))]


def suspicious(household: Household) -> list[Prompt]:
    """Recent decreases for not living together that alone took the household over the line."""
    days = parameter("decrease_alert_days", household.division_path, clock.today())
    since = clock.now() - datetime.timedelta(days=days)
    rows = Prompt.objects.filter(
        household=household,
        kind=PromptKind.LINE,
        change__reason=NOT_LIVING,
        change__made_at__gte=since,
    )
    return [p for p in rows.select_related("change__member") if _over(p)]


def _over(prompt: Prompt) -> bool:
    low, high, line = prompt.per_capita_before, prompt.per_capita_after, prompt.line
    return low is not None and high is not None and line is not None and low < line <= high


def plan_looked_at_since(prompt: Prompt) -> bool:
    """Whether the plan in force was looked back on, or made anew, after the change took effect."""
    decided = prompt.change.decided_at or prompt.opened_at
    plans = Plan.objects.filter(household=prompt.household_id, state=PlanState.APPROVED)
    day = timezone.localtime(decided).date()
    return plans.filter(Q(reviewed_on__gte=day) | Q(decided_at__gte=decided)).exists()


def listed(user: User) -> QuerySet[Prompt]:
    """Prompts a user may see."""
    rows = Prompt.objects.within(user.scope_for(Permission.VIEW_CASES))
    return rows.select_related(*_WITH)


def waiting_for(user: User) -> QuerySet[Prompt]:
    """Those this user answers: the village's questions, and the county's."""
    village = Prompt.objects.within(user.scope_for(Permission.VILLAGE_CASE))
    county = Prompt.objects.within(user.scope_for(Permission.COUNTY_CASE))
    open_ = Q(answered_at=None)
    rows = village.filter(open_).exclude(kind=PromptKind.DECREASE) | county.filter(
        open_, kind=PromptKind.DECREASE
    )
    return rows.select_related(*_WITH)


def of_household(household_id: int) -> list[Prompt]:
    """Everything ever asked of a household, open ones first."""
    rows = Prompt.objects.filter(household=household_id).select_related(*_WITH)
    return sorted(rows, key=lambda p: (not p.is_open, -p.pk))
