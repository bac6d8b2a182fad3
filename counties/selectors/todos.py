"""What waits for a user here: findings to answer, explanations to judge, counties that were opened again."""

from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from counties.models import CitySummary, ClosureSignature, Finding
from counties.models.findings import Severity, State
from counties.models.summaries import SummaryState
from counties.selectors import findings, proposals, screening, warnings
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from fanpin.web.extensions import Todo
from households.models import Household
from households.selectors.limits import limit_for, waiting_todo
from households.selectors.parameters import campaign_now

ANSWERABLE = (State.OPEN, State.DISPATCHED)


def waiting(user: User) -> list[Todo]:
    """The to-dos of ledgers, findings and closure."""
    return [
        *_to_answer(user),
        *_referred(user),
        *_to_judge(user),
        *_corrections(user),
        *_returned(user),
        *_warnings(user),
        *_key_checks(user),
        *_closure(user),
        *_summary(user),
    ]


def _to_answer(user: User) -> list[Todo]:
    if not user.holds(Permission.RESOLVE_FINDINGS):
        return []
    url = reverse("counties:findings") + "?state=mine"
    mine = findings.mine(user)
    rows = Finding.objects.within(user.scope_for(Permission.RESOLVE_FINDINGS)).aggregate(
        n=Count("pk", filter=mine),
        late=Count("pk", filter=mine & Q(due_on__lt=clock.today())),
        due=Min("due_on", filter=mine),
    )
    there = proposals.to_answer(user).filter(state=State.DISPATCHED)
    found = _due(there)
    return [
        Todo("proposals", "户籍变动提示待办理", found["n"],
             reverse("counties:proposals") + "?state=dispatched", found["due"], found["late"],
             "orange", "农户"),
        Todo("findings", "待处理疑点", rows["n"], url, rows["due"], rows["late"],
             "orange", "比对与闭合")
    ]  # fmt: skip


def _due(rows: QuerySet[Finding]) -> dict[str, Any]:
    """How many findings, how many of them late, the first last day."""
    late = Count("pk", filter=Q(due_on__lt=clock.today()))
    return rows.order_by().aggregate(n=Count("pk"), late=late, due=Min("due_on"))


def _referred(user: User) -> list[Todo]:
    """What the county handed to a department."""
    if not user.holds(Permission.ANSWER_FINDINGS):
        return []
    rows = findings.referred(user).filter(state=State.DISPATCHED)
    found = _due(rows)
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
    found = _due(rows)
    return [
        Todo("explanations", "待审核疑点说明", found["n"], url, found["due"], found["late"], "orange",
             "比对与闭合")
    ]  # fmt: skip


def _corrections(user: User) -> list[Todo]:
    """The city hears of every county that lifted its signature and has not signed again."""
    if not user.holds(Permission.SUBMIT_SUMMARY):
        return []
    signed = ClosureSignature.objects.within(user.scope_for(Permission.SUBMIT_SUMMARY))
    lifted = signed.filter(ordered_at__isnull=False, campaign__is_current=True)
    again = signed.filter(ordered_at__isnull=True, campaign__is_current=True)
    rows = Division.objects.filter(
        pk__in=lifted.exclude(division__in=again.values("division")).values("division")
    )
    last = lifted.filter(division=OuterRef("pk")).order_by("-ordered_at").values("ordered_at")
    rows = rows.annotate(waiting_since=Subquery(last[:1]))
    url = reverse("counties:closure")
    limit = limit_for("correction_days", user.scope)
    label = "县级下达更正令，待重新闭合"
    return [waiting_todo("corrections", label, rows, url, limit, desk="汇总")]


def _returned(user: User) -> list[Todo]:
    """The county hears that the city sent the report back to it."""
    if not user.holds(Permission.SIGN_CLOSURE):
        return []
    scope = user.scope_for(Permission.SIGN_CLOSURE)
    mine = Division.objects.filter(level=Level.COUNTY).within(scope)
    rows = CitySummary.objects.filter(
        returned_to__in=mine, state=SummaryState.RETURNED, campaign__is_current=True
    )
    url = reverse("counties:summary")
    limit = limit_for("correction_days", user.scope)
    return [
        waiting_todo("returned", "市州退回汇总，待更正", rows, url, limit, since="returned_at",
                     desk="汇总")
    ]  # fmt: skip


def _warnings(user: User) -> list[Todo]:
    """What departments warned of and nobody on the register is: the county answers."""
    if not user.holds(Permission.WAIVE_FINDINGS):
        return []
    found = _due(warnings.of_the_county(user))
    url = reverse("counties:findings") + "?origin=warning&owner_level=county&state=dispatched"
    label = "查无此人的部门预警待答复"
    return [
        Todo(
            "warnings", label, found["n"], url, found["due"], found["late"], "orange", "比对与闭合"
        )
    ]


def _key_checks(user: User) -> list[Todo]:
    """Red and orange households nobody at the village has looked at."""
    if not user.holds(Permission.VILLAGE_CASE):
        return []
    url = reverse("counties:key_checks") + "?state=urgent"
    limit = limit_for("key_check_days", user.scope_for(Permission.VILLAGE_CASE))
    rows = screening.waiting(user)
    label = "红色、橙色重点核查户待核查"
    return [waiting_todo("key_checks", label, rows, url, limit, since="waiting_from", desk="监测")]


def _closure(user: User) -> list[Todo]:
    """县级闭合 is due with the comparison (policy.md §12.1): every county with households that has not signed."""
    campaign = campaign_now()
    if campaign is None or not user.holds(Permission.SIGN_CLOSURE):
        return []
    scope = user.scope_for(Permission.SIGN_CLOSURE)
    signed = ClosureSignature.objects.filter(
        division=OuterRef("pk"), campaign=campaign, ordered_at__isnull=True
    )
    held = Household.objects.filter(county_code=OuterRef("code"))
    counties = Division.objects.filter(level=Level.COUNTY).within(scope)
    count = counties.filter(~Exists(signed), Exists(held)).count()
    due_on = campaign.comparison_due_on
    late = count if due_on < clock.today() else 0
    url = reverse("counties:closure")
    return [Todo("closure", "县级闭合待签署", count, url, due_on, late, "orange", "比对与闭合")]


def _summary(user: User) -> list[Todo]:
    """The city reports its tables by the day of the campaign (notice 二)."""
    campaign = campaign_now()
    if campaign is None or not user.holds(Permission.SUBMIT_SUMMARY):
        return []
    scope = user.scope_for(Permission.SUBMIT_SUMMARY)
    cities = Division.objects.filter(level=Level.CITY).within(scope)
    sent = CitySummary.objects.filter(campaign=campaign, state=SummaryState.SUBMITTED)
    count = cities.exclude(pk__in=sent.values("division")).count()
    due_on = campaign.summary_due_on
    late = count if due_on < clock.today() else 0
    url = reverse("counties:summary")
    return [Todo("summary", "动态调整汇总待上报", count, url, due_on, late, "orange", "汇总")]
