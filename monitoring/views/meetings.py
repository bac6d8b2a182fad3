"""村级评议会: the list of meetings, one that judges several households at once, and what it decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.cells import link_to
from fanpin.web.components import Action, Crumb, Fact
from fanpin.web.lists import Column, render_list
from monitoring.forms.meetings import MeetingForm
from monitoring.models import Meeting
from monitoring.selectors.case_facts import CaseFacts, case_facts
from monitoring.services import meetings
from monitoring.views.answering import attempt, user_of
from monitoring.workflow import meetings as selectors
from monitoring.workflow import showing

# A meeting with more households is registered in two goes; the form stays usable on a phone.
MOST = 20
URL = link_to("monitoring:meeting")
COLUMNS = (
    Column("held_on", "评议日期", url=URL, sort=True),
    Column("village", "行政村", "village.name", sort="village__path"),
    Column("place", "地点"),
    Column("chair", "主持人"),
    Column("present", "到会", lambda m: len(m.attendees), unit="人"),
    Column("absent", "缺席", lambda m: len(m.absentees), unit="人"),
    Column("households", "评议", unit="户", sort=True),
    Column("passed", "通过", unit="户", sort=True),
    Column("made_by", "登记人", "made_by.name", hidden=True),
)


def _crumb() -> Crumb:
    return Crumb("村级评议会", reverse("monitoring:meetings"))


@requires(P.VIEW_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    actions = []
    if user.holds(P.VILLAGE_CASE):
        for village in selectors.villages(user)[:5]:
            url = reverse("monitoring:meeting_create", args=[village.pk])
            actions.append(Action(f"登记评议会　{village.name}", url, tone="primary"))
    return render_list(
        request, title="村级评议会", queryset=selectors.listed(user.scope), columns=COLUMNS,
        search=("village__name", "chair"), search_label="行政村、主持人", actions=actions,
        empty="还没有登记评议会。待评议的户在核查、比对完成后可在一次会上一并评议。",
    )  # fmt: skip


@requires(P.VILLAGE_CASE)
def create(request: HttpRequest, code: str) -> HttpResponse:
    """One save for every household that was judged: all of them, or none and why."""
    user = user_of(request)
    village = get_scoped_or_404(Division.objects.all(), user, pk=code)
    facts = [case_facts(case) for case in selectors.waiting(village.path)[:MOST]]
    form = MeetingForm(request.POST or None, request.FILES or None, facts=facts)
    if form.is_valid():
        versions = {f.case.pk: _seen(request, f) for f in facts}
        held: list[Meeting] = []

        def act() -> None:
            lines = form.lines(versions)
            held.append(meetings.hold(village, lines=lines, by=user, **form.head))

        if attempt(form, act):
            messages.success(request, f"已登记{held[0]}")
            return redirect("monitoring:meeting", pk=held[0].pk)
    context = {
        "title": f"登记评议会　{village.name}",
        "breadcrumb": [_crumb()],
        "form": form,
        "blocks": [(f, names, showing.figures(f)) for f, names in form.blocks],
        "verdict": meetings.may_hold(user, village),
        "back": reverse("monitoring:meetings"),
        "draft": f"meeting-{village.pk}",
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "monitoring/meeting_form.html", context, status=status)


def _seen(request: HttpRequest, facts: CaseFacts) -> int | None:
    text = request.POST.get(f"v{facts.case.pk}", "")
    return int(text) if text.isdigit() else None


@requires(P.VIEW_CASES)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Meeting.objects.select_related("village", "made_by")
    meeting = get_scoped_or_404(rows, request.user, pk=pk)
    judged = meeting.deliberations.select_related("case__household").order_by("pk")
    present = len(meeting.attendees)
    context = {
        "title": f"{meeting}　{meeting.village.name}",
        "breadcrumb": [_crumb()],
        "meeting": meeting,
        "judged": judged,
        "facts": [
            Fact("评议日期", meeting.held_on),
            Fact("地点", meeting.place),
            Fact("主持人", meeting.chair),
            Fact("应到", meeting.expected, unit="人"),
            Fact("到会", f"{present}人：{'、'.join(meeting.attendees)}"),
            Fact("缺席", "、".join(meeting.absentees) or "无"),
            Fact("法定到会比例", meeting.quorum, unit="%"),
            Fact("登记人", meeting.made_by.name),
        ],
    }
    return render(request, "monitoring/meeting.html", context)
