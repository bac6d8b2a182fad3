"""What waits for a user here: findings to answer, explanations to judge, counties that were opened again."""

from django.db.models import Count, Min, Q
from django.urls import reverse

from counties.models import CitySummary, ClosureSignature, Finding
from counties.models.findings import OwnerLevel, Severity, State
from counties.models.summaries import SummaryState
from counties.selectors import findings, proposals
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from fanpin.web.extensions import Todo

ANSWERABLE = (State.OPEN, State.DISPATCHED)


def waiting(user: User) -> list[Todo]:
    """The to-dos of ledgers, findings and closure."""
    return [
        *_to_answer(user),
        *_referred(user),
        *_to_judge(user),
        *_corrections(user),
        *_returned(user),
    ]


def _to_answer(user: User) -> list[Todo]:
    if not user.holds(Permission.RESOLVE_FINDINGS):
        return []
    levels = [OwnerLevel.VILLAGE]
    url = reverse("counties:findings") + "?state=dispatched"
    if user.holds(Permission.REVIEW_FINDINGS):
        levels.append(OwnerLevel.TOWNSHIP)
    else:
        url += "&owner_level=village"
    mine = Q(state=State.DISPATCHED, owner_level__in=levels)
    rows = Finding.objects.within(user.scope_for(Permission.RESOLVE_FINDINGS)).aggregate(
        n=Count("pk", filter=mine),
        late=Count("pk", filter=mine & Q(due_on__lt=clock.today())),
        due=Min("due_on", filter=mine),
    )
    waiting_there = proposals.to_answer(user).filter(state=State.DISPATCHED)
    return [
        Todo("proposals", "户籍变动提示待办理", waiting_there.count(),
             reverse("counties:proposals") + "?state=dispatched", desk="农户"),
        Todo("findings", "待处理疑点", rows["n"], url, rows["due"], rows["late"],
             "orange", "比对与闭合")
    ]  # fmt: skip


def _referred(user: User) -> list[Todo]:
    """What the county handed to a department."""
    if not user.holds(Permission.ANSWER_FINDINGS):
        return []
    rows = findings.referred(user).filter(state=State.DISPATCHED)
    found = rows.aggregate(
        n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=clock.today())), due=Min("due_on")
    )
    url = reverse("counties:answers")
    return [
        Todo("answers", "待答复疑点", found["n"], url, found["due"], found["late"], "orange",
             "比对与闭合")
    ]  # fmt: skip


def _to_judge(user: User) -> list[Todo]:
    if not user.holds(Permission.REVIEW_FINDINGS):
        return []
    rows = Finding.objects.within(user.scope_for(Permission.REVIEW_FINDINGS))
    rows = rows.filter(state=State.EXPLAINED)
    url = reverse("counties:findings") + "?state=explained"
    if not user.holds(Permission.WAIVE_FINDINGS):
        rows = rows.filter(severity=Severity.WARN)
        url += "&severity=warn"
    return [Todo("explanations", "待审核疑点说明", rows.count(), url, desk="比对与闭合")]


def _corrections(user: User) -> list[Todo]:
    """The city hears of every county that lifted its signature and has not signed again."""
    if not user.holds(Permission.SUBMIT_SUMMARY):
        return []
    signed = ClosureSignature.objects.within(user.scope_for(Permission.SUBMIT_SUMMARY))
    lifted = signed.filter(ordered_at__isnull=False, campaign__is_current=True)
    again = signed.filter(ordered_at__isnull=True, campaign__is_current=True)
    open_again = lifted.exclude(division__in=again.values("division")).values("division").distinct()
    url = reverse("counties:closure")
    return [
        Todo(
            "corrections",
            "县级下达更正令，待重新闭合",
            open_again.count(),
            url,
            tone="red",
            desk="汇总",
        )
    ]


def _returned(user: User) -> list[Todo]:
    """The county hears that the city sent the report back to it."""
    if not user.holds(Permission.SIGN_CLOSURE):
        return []
    scope = user.scope_for(Permission.SIGN_CLOSURE)
    mine = Division.objects.filter(level=Level.COUNTY).within(scope)
    count = CitySummary.objects.filter(
        returned_to__in=mine, state=SummaryState.RETURNED, campaign__is_current=True
    ).count()
    url = reverse("counties:summary")
    return [Todo("returned", "市州退回汇总，待更正", count, url, tone="red", desk="汇总")]
