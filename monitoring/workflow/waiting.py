"""What waits for a user in monitoring: steps, comparison requests, risks and closings to confirm, with due dates."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Aggregate, Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone

from assistance.models import AdvanceHelp
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.regions.scope import Scope
from fanpin.web.extensions import Todo
from households.models import Reorganisation
from households.selectors.limits import limit_for, waiting_todo
from monitoring.choices import AnswerResult, CaseKind, CaseStatus, ClueState, EndReason
from monitoring.models import Case, Clue, ComparisonAnswer, EpisodeRisk, MonitoringObject
from monitoring.selectors import applications, evaluations, prompts, reorganising
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
    found = [
        _clues(user),
        _applications(user),
        _comparison(user),
        _risks(user),
        _gone(user),
        _late_advance(user),
        _helped(user),
    ]
    found += [_reorganisations(user), _split_checks(user), _replies(user), _prompts(user)]
    found += [_evaluations(user), _evaluation_reviews(user)]
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
                condition |= Q(kind=kind, status__in=statuses) & _inside(scope) & _turn(permission)
        if not any(user.holds(p) for p in OFFICE):
            condition |= _visits_of(user, kind)
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


def _turn(permission: str) -> Q:
    """A four-haves case passes the township's government, every other one its reviewer (policy.md §4.7)."""
    decided_at = Q(status=CaseStatus.VILLAGE_SUBMITTED)
    if permission == P.TOWNSHIP_GOVERNMENT:
        return Q(is_four_haves=True)
    return ~(decided_at & Q(is_four_haves=True)) if permission == P.TOWNSHIP_CASE else Q()


def _visits_of(user: User, kind: str) -> Q:
    """What the resident team takes part in: the visits of its village."""
    scope = user.scope_for(P.CHECK_HOUSEHOLD)
    statuses = {
        status
        for t in PROCEDURES[kind].transitions
        if t.way == FORWARD and P.CHECK_HOUSEHOLD in t.permission
        for status in t.source
    }
    if not scope.paths or not statuses:
        return Q(pk__in=[])
    return Q(kind=kind, status__in=sorted(statuses)) & _inside(scope)


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
    wanted: dict[str, Aggregate] = {"all_of_them": Count("pk", distinct=True)}
    if due:
        wanted["first_due"] = Min(due)
    if late is not None:
        wanted["late_ones"] = Count("pk", distinct=True, filter=late)
    found = rows.order_by().aggregate(**wanted)
    due_on, overdue = found.get("first_due"), found.get("late_ones", 0)
    return Todo(
        key=key, label=label, count=found["all_of_them"], url=url, due_on=due_on, overdue=overdue,
        tone=_tone(due_on, overdue), desk=DESK,
    )  # fmt: skip


def _cases(user: User, key: str, label: str, url: str, kinds: tuple[str, ...]) -> Todo | None:
    if not any(user.holds(p) for p in (*OFFICE, P.CHECK_HOUSEHOLD)):
        return None
    rows = mine(user, Case.objects.all(), kinds)
    late = Q(due_on__lt=clock.today()) & ~Q(status=CaseStatus.NOTICED)
    return _todo(key, label, reverse(url) + "?waiting=mine", rows, "due_on", late)


def _applications(user: User) -> Todo:
    """Households that applied for themselves wait for their village."""
    rows = applications.waiting_for(user)
    url = reverse("monitoring:applications") + "?state=waiting"
    limit = limit_for("application_days", user.scope_for(P.VILLAGE_CASE))
    return waiting_todo(
        "applications", "自主申请待受理", rows, url, limit, since="received_on", is_moment=False,
        desk=DESK,
    )  # fmt: skip


def _clues(user: User) -> Todo | None:
    if not user.holds(P.VILLAGE_CASE):
        return None
    scope = user.scope_for(P.VILLAGE_CASE)
    rows = Clue.objects.within(scope).filter(state=ClueState.OPEN)
    url = reverse("monitoring:clues") + "?state=open"
    return waiting_todo(
        "clues", "线索待处理", rows, url, limit_for("clue_days", scope), since="received_on",
        is_moment=False, desk=DESK,
    )  # fmt: skip


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
    scope = user.scope_for(P.TOWNSHIP_CASE)
    url = reverse("monitoring:objects") + "?waiting=risk"
    rows = with_moving_risks(MonitoringObject.objects.within(scope))
    limit = limit_for("risk_review_days", scope)
    return waiting_todo("risks", "风险变动待确认", rows, url, limit, desk=DESK)


def with_moving_risks(rows: QuerySet[MonitoringObject]) -> QuerySet[MonitoringObject]:
    """Objects with a risk that waits for the township, since the first of them was proposed."""
    moving = EpisodeRisk.objects.filter(
        episode__object=OuterRef("pk"), state__in=("proposed", "resolving")
    ).order_by("proposed_at")
    since = Subquery(moving.values("proposed_at")[:1])
    return rows.annotate(waiting_since=since).filter(waiting_since__isnull=False)


def gone_for(user: User, rows: Any) -> QuerySet[MonitoringObject]:
    """整户减少: the township proposes, the county confirms; everybody else sees both."""
    rows = rows.filter(gone_on__isnull=False, state__in=("monitored", "eliminated"))
    asked = TruncDate("gone_proposed_at", tzinfo=timezone.get_current_timezone())
    if user.holds(P.TOWNSHIP_CASE):
        rows = rows.within(user.scope_for(P.TOWNSHIP_CASE)).filter(gone_proposed_at=None)
    elif user.holds(P.COUNTY_CASE):
        rows = rows.within(user.scope_for(P.COUNTY_CASE)).exclude(gone_proposed_at=None)
    return rows.annotate(waiting_since=Coalesce(asked, "gone_on"))


def _gone(user: User) -> Todo | None:
    label = "整户减少待提出" if user.holds(P.TOWNSHIP_CASE) else "整户减少待确认"
    if not (user.holds(P.TOWNSHIP_CASE) or user.holds(P.COUNTY_CASE)):
        return None
    url = reverse("monitoring:objects") + "?waiting=gone"
    rows = gone_for(user, MonitoringObject.objects.all())
    limit = limit_for("closing_days", user.scope)
    return waiting_todo("gone", label, rows, url, limit, is_moment=False, desk=DESK)


def _reorganisations(user: User) -> Todo | None:
    if not (user.holds(P.REVIEW_CHANGES) or user.holds(P.CONFIRM_CHANGES)):
        return None
    url = reverse("monitoring:reorganisations") + "?waiting=mine"
    rows = reorganising.waiting_for(user)
    limit = limit_for("change_review_days", user.scope)
    return waiting_todo("reorganisations", "待审核的分户并户", rows, url, limit, desk=DESK)


def _split_checks(user: User) -> Todo | None:
    """Both households are looked at within the days after a split."""
    if not user.holds(P.VILLAGE_CASE):
        return None
    checks = reorganising.checks_for(user)
    rows = Reorganisation.objects.filter(checks__in=checks)
    late = Q(checks__due_on__lt=clock.today())
    url = reverse("monitoring:reorganisations") + "?waiting=check"
    return _todo("split_checks", "分户后待核查", url, rows, "checks__due_on", late)


def _prompts(user: User) -> Todo | None:
    """What changes of people ask of monitored households."""
    if not (user.holds(P.VILLAGE_CASE) or user.holds(P.COUNTY_CASE)):
        return None
    late = Q(due_on__lt=clock.today())
    url = reverse("monitoring:prompts") + "?waiting=mine"
    return _todo("prompts", "人口变动提示待办理", url, prompts.waiting_for(user), "due_on", late)


def _evaluations(user: User) -> Todo | None:
    """Whom the village still has to evaluate this year, from the day on that the parameters name."""
    scope = user.scope_for(P.VILLAGE_CASE)
    if not scope.paths:
        return None
    year, today = evaluations.year_now(), clock.today()
    due, opens = (
        evaluations.due_on(scope.paths[0], year),
        evaluations.opens_on(scope.paths[0], year),
    )
    if due is None or opens is None or today < opens:
        return None
    count = evaluations.to_make(scope, year).count()
    late = count if due < today else 0
    url = reverse("monitoring:evaluations") + f"?year={year}&state=none"
    return Todo("evaluations", "待帮扶成效评估", count, url, due, late, _tone(due, late), DESK)


def _evaluation_reviews(user: User) -> Todo | None:
    if not user.holds(P.TOWNSHIP_CASE):
        return None
    scope = user.scope_for(P.TOWNSHIP_CASE)
    url = reverse("monitoring:evaluations") + "?state=submitted"
    limit = limit_for("township_days", scope)
    rows = evaluations.to_review(scope)
    return waiting_todo(
        "evaluation_reviews", "帮扶成效评估待审核", rows, url, limit, since="made_at", desk=DESK
    )


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
    rows = behind_with_advance(Case.objects.within(user.scope_for(P.COUNTY_CASE)))
    url = reverse("monitoring:cases") + "?waiting=advance"
    every = ~Q(pk=None)
    return _todo("advance_overdue", "先行帮扶逾期未补办程序", url, rows, "help_due_on", every)


def _helped(user: User) -> Todo | None:
    """先行帮扶 whose procedure still has to be made up: the township confirmed it and answers for it."""
    scope = user.scope_for(P.TOWNSHIP_CASE, P.TOWNSHIP_GOVERNMENT)
    if not scope.paths:
        return None
    rows = helped(Case.objects.within(scope))
    late = Q(help_due_on__lt=clock.today())
    url = reverse("monitoring:cases") + "?waiting=helped"
    return _todo("advance", "先行帮扶待补办结", url, rows, "help_due_on", late)


def helped(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Cases in which help went ahead and is not settled, whether they are still open or not."""
    helps = AdvanceHelp.objects.filter(case_no=OuterRef("number"), settled_at=None)
    rows = rows.annotate(help_due_on=Subquery(helps.order_by("due_on").values("due_on")[:1]))
    return rows.filter(help_due_on__isnull=False)


def behind_with_advance(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Cases not handed in although the days of the help that went ahead are over."""
    helps = AdvanceHelp.objects.filter(
        household=OuterRef("household"), settled_at=None, due_on__lt=clock.today()
    ).order_by("due_on")
    rows = rows.annotate(help_due_on=Subquery(helps.values("due_on")[:1]))
    return rows.filter(ended_on=None, status__in=BEFORE_SUBMISSION, help_due_on__isnull=False)
