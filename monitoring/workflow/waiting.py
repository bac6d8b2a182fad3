"""What waits for a user in monitoring: steps, comparison requests, risks and closings to confirm, with due dates."""

import datetime
from collections.abc import Iterable

from django.db.models import Aggregate, Count, Min, Q, QuerySet
from django.urls import reverse

from assistance.models import AdvanceHelp
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.regions.scope import Scope
from fanpin.web.extensions import Todo
from monitoring.choices import AnswerResult, CaseKind, CaseStatus, ClueState, EndReason
from monitoring.models import Case, Clue, ComparisonAnswer, EpisodeRisk, MonitoringObject
from monitoring.selectors import prompts, reorganising
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import FORWARD

SOON = 3
DESK = "监测"
OFFICE = (P.VILLAGE_CASE, P.TOWNSHIP_CASE, P.TOWNSHIP_GOVERNMENT, P.COUNTY_CASE)
LISTS = (
    ("identify", "识别办理", "monitoring:identification", (CaseKind.IDENTIFY,)),
    ("eliminate", "风险消除办理", "monitoring:elimination", (CaseKind.ELIMINATE,)),
    ("rollback", "回退与再标注办理", "monitoring:rollback", (CaseKind.ROLLBACK, CaseKind.RELABEL)),
)


def waiting(user: User) -> list[Todo]:
    """Counts for the navigation and the workbench; each opens its list with the filter set."""
    found = [_clues(user), _comparison(user), _risks(user), _gone(user), _late_advance(user)]
    found += [_reorganisations(user), _split_checks(user), _replies(user), _prompts(user)]
    found += [_cases(user, key, label, url, kinds) for key, label, url, kinds in LISTS]
    return [todo for todo in found if todo and todo.count]


def mine(user: User, rows: QuerySet[Case], kinds: Iterable[str]) -> QuerySet[Case]:
    """Open cases whose next forward step is this user's to take."""
    condition = Q(pk__in=[])
    for kind in kinds:
        for permission in OFFICE:
            scope = user.scope_for(permission)
            statuses = _waiting_at(kind, permission)
            if scope.paths and statuses:
                condition |= Q(kind=kind, status__in=statuses) & _inside(scope)
    return rows.filter(condition, ended_on=None)


def _waiting_at(kind: str, permission: str) -> list[str]:
    """Statuses whose main forward step carries this permission."""
    found = {
        status
        for t in PROCEDURES[kind].transitions
        if t.way == FORWARD and (permission in t.permission or _visits(t.permission, permission))
        for status in t.source
    }
    return sorted(found)


def _visits(permissions: tuple[str, ...], permission: str) -> bool:
    """A visit is the village's to organise, although others may go along."""
    return permission == P.VILLAGE_CASE and P.CHECK_HOUSEHOLD in permissions


def _inside(scope: Scope) -> Q:
    found = Q()
    for path in scope.paths:
        found |= Q(division_path__startswith=path)
    return found


def _tone(due_on: datetime.date | None, overdue: int) -> str:
    if overdue:
        return "red"
    soon = clock.today() + datetime.timedelta(days=SOON)
    return "orange" if due_on and due_on <= soon else "blue"


def _todo(
    key: str, label: str, url: str, rows: QuerySet, due: str = "", late: Q | None = None
) -> Todo:
    wanted: dict[str, Aggregate] = {"all_of_them": Count("pk")}
    if due:
        wanted["first_due"] = Min(due)
    if late is not None:
        wanted["late_ones"] = Count("pk", filter=late)
    found = rows.order_by().aggregate(**wanted)
    due_on, overdue = found.get("first_due"), found.get("late_ones", 0)
    return Todo(
        key=key, label=label, count=found["all_of_them"], url=url, due_on=due_on, overdue=overdue,
        tone=_tone(due_on, overdue), desk=DESK,
    )  # fmt: skip


def _cases(user: User, key: str, label: str, url: str, kinds: tuple[str, ...]) -> Todo | None:
    if not any(user.holds(p) for p in OFFICE):
        return None
    rows = mine(user, Case.objects.all(), kinds)
    late = Q(due_on__lt=clock.today()) & ~Q(status=CaseStatus.NOTICED)
    return _todo(key, label, reverse(url) + "?waiting=mine", rows, "due_on", late)


def _clues(user: User) -> Todo | None:
    if not user.holds(P.VILLAGE_CASE):
        return None
    rows = Clue.objects.within(user.scope_for(P.VILLAGE_CASE)).filter(state=ClueState.OPEN)
    return _todo("clues", "线索待处理", reverse("monitoring:clues") + "?state=open", rows)


def _comparison(user: User) -> Todo | None:
    if not user.holds(P.ANSWER_COMPARISON):
        return None
    rows = requests_for(user).filter(result=AnswerResult.PENDING)
    late = Q(due_on__lt=clock.today())
    url = reverse("monitoring:comparison_requests")
    return _todo("case_comparison", "识别比对待反馈", url, rows, "due_on", late)


def requests_for(user: User) -> QuerySet[ComparisonAnswer]:
    """Comparison requests a user answers: of the own department, for the county's reviewer of every one."""
    condition = Q(pk__in=[])
    for posting in user.postings_today:
        inside = Q(case__division_path__startswith=posting.division.path)
        if posting.department and user.holds(P.ANSWER_COMPARISON):
            condition |= inside & Q(department=posting.department)
    county = user.scope_for(P.COUNTY_CASE)
    for path in county.paths:
        condition |= Q(case__division_path__startswith=path)
    return ComparisonAnswer.objects.filter(condition).select_related(
        "case", "case__household", "case__household__village"
    )


def _risks(user: User) -> Todo | None:
    if not user.holds(P.TOWNSHIP_CASE):
        return None
    rows = EpisodeRisk.objects.within(user.scope_for(P.TOWNSHIP_CASE)).filter(
        state__in=("proposed", "resolving")
    )
    return _todo("risks", "风险变动待确认", reverse("monitoring:objects") + "?waiting=risk", rows)


def _gone(user: User) -> Todo | None:
    """整户减少: the township proposes, the county confirms."""
    rows = MonitoringObject.objects.filter(
        gone_on__isnull=False, state__in=("monitored", "eliminated")
    )
    url = reverse("monitoring:objects") + "?waiting=gone"
    if user.holds(P.TOWNSHIP_CASE):
        mine_ = rows.within(user.scope_for(P.TOWNSHIP_CASE)).filter(gone_proposed_at=None)
        return _todo("gone", "整户减少待提出", url, mine_)
    if user.holds(P.COUNTY_CASE):
        mine_ = rows.within(user.scope_for(P.COUNTY_CASE)).exclude(gone_proposed_at=None)
        return _todo("gone", "整户减少待确认", url, mine_)
    return None


def _reorganisations(user: User) -> Todo | None:
    if not (user.holds(P.REVIEW_CHANGES) or user.holds(P.CONFIRM_CHANGES)):
        return None
    url = reverse("monitoring:reorganisations") + "?waiting=mine"
    return _todo("reorganisations", "待审核的分户并户", url, reorganising.waiting_for(user))


def _split_checks(user: User) -> Todo | None:
    """Both households are looked at within the days after a split."""
    if not user.holds(P.VILLAGE_CASE):
        return None
    rows = reorganising.checks_for(user)
    late = Q(due_on__lt=clock.today())
    url = reverse("monitoring:reorganisations") + "?waiting=check"
    return _todo("split_checks", "分户后待核查", url, rows, "due_on", late)


def _prompts(user: User) -> Todo | None:
    """What changes of people ask of monitored households."""
    if not (user.holds(P.VILLAGE_CASE) or user.holds(P.COUNTY_CASE)):
        return None
    late = Q(due_on__lt=clock.today())
    url = reverse("monitoring:prompts") + "?waiting=mine"
    return _todo("prompts", "人口变动提示待办理", url, prompts.waiting_for(user), "due_on", late)


def replies_of(user: User, rows: QuerySet[Case]) -> QuerySet[Case]:
    """Refused cases whose applicant waits for the written answer: each level tells its own conclusion."""
    above = Q(end_reason__in=(EndReason.TOWNSHIP, EndReason.COUNTY))
    condition = Q(pk__in=[])
    for permission, conclusion in ((P.VILLAGE_CASE, ~above), (P.TOWNSHIP_CASE, above)):
        scope = user.scope_for(permission)
        if scope.paths:
            condition |= conclusion & _inside(scope)
    return rows.filter(condition, reply_due_on__isnull=False, replied_on=None)


def _replies(user: User) -> Todo | None:
    if not (user.holds(P.VILLAGE_CASE) or user.holds(P.TOWNSHIP_CASE)):
        return None
    late = Q(reply_due_on__lt=clock.today())
    url = reverse("monitoring:cases") + "?waiting=reply"
    rows = replies_of(user, Case.objects.all())
    return _todo("replies", "待书面答复申请人", url, rows, "reply_due_on", late)


BEFORE_SUBMISSION = (
    CaseStatus.CLUE,
    CaseStatus.ANALYSED,
    CaseStatus.KEY_LISTED,
    CaseStatus.AUTHORISED,
    CaseStatus.CHECKED,
    CaseStatus.COMPARED,
    CaseStatus.DELIBERATED,
    CaseStatus.NOTICED,
)


def _late_advance(user: User) -> Todo | None:
    """A red item of the county: help began, and the case is not handed in within its days (policy.md §4.6)."""
    if not user.holds(P.COUNTY_CASE):
        return None
    late = AdvanceHelp.objects.filter(settled_at=None, due_on__lt=clock.today())
    rows = Case.objects.within(user.scope_for(P.COUNTY_CASE)).filter(
        ended_on=None,
        status__in=BEFORE_SUBMISSION,
        household__in=late.values("household"),
    )
    url = reverse("monitoring:cases") + "?waiting=advance"
    return _todo("advance_overdue", "先行帮扶逾期未补办程序", url, rows, "due_on", ~Q(pk=None))
