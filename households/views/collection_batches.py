"""One step of this year's form for many households; who cannot go on is listed with reasons and asked for words."""

import posixpath

import django_filters as filters
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb, Figure
from fanpin.web.lists import Column, render_list
from households.models import FormBatch, FormBatchLine, Household
from households.selectors.parameters import current_campaign
from households.services import batching
from households.views.answers import user_of
from households.views.register import chosen

State = FormBatchLine.State
MOST_LETTERS = 500
MOST_ASKED = 50


@require_POST
@requires(P.COLLECT, P.REVIEW_COLLECTION)
def collection_batch(request: HttpRequest, act: str) -> HttpResponse:
    """The ticked households, or all that the list's filters show: those that can go on do."""
    if act not in FormBatch.Act.values:
        raise Http404("没有这项操作")
    user = user_of(request)
    try:
        batch = batching.begin(
            act, _asked_for(request, user), campaign=current_campaign(), path=_place(user),
            query=request.POST.get("query", ""), words=_words(request, "words"), by=user,
        )  # fmt: skip
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(_back(request))
    return _onward(request, batch)


def _asked_for(request: HttpRequest, user: User) -> QuerySet[Household]:
    if request.POST.get("all"):
        return chosen(user, request.POST.get("query", "")).prefetch_related(None)
    ids = [int(each) for each in request.POST.getlist("ids") if each.isdigit()]
    return Household.objects.within(user.scope).filter(pk__in=ids)


def _place(user: User) -> str:
    """The smallest place that holds all of the user's."""
    return posixpath.commonpath(user.scope.paths) + "/" if user.scope.paths else ""


def _words(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()[:MOST_LETTERS]


def _onward(request: HttpRequest, batch: FormBatch) -> HttpResponse:
    """To the job, to the list of those that did not go on, or back where all went well."""
    if batch.job is not None:
        return redirect(batch.job)
    done = batch.lines.filter(state=State.DONE).count()
    if done:
        messages.success(request, f"已办理{done}户。")
    if batch.lines.filter(state=State.HELD).exists():
        url = reverse("households:form_batch", args=[batch.pk])
        return redirect(f"{url}?state={State.HELD}")
    return redirect(_back(request))


class LineFilter(filters.FilterSet):
    state = filters.ChoiceFilter(label="结果", choices=State.choices, empty_label="全部")

    class Meta:
        model = FormBatchLine
        fields = ("state",)


def _why(line: FormBatchLine) -> str:
    return "；".join(line.reasons)


COLUMNS = (
    Column("head_name", "户主", "household.head_name", url=lambda line: _form(line)),
    Column("hh_code", "户号", "household.hh_code", sort="household__hh_code"),
    Column("village", "行政村", "household.village.name", sort="household__division_path"),
    Column("state", "结果", "get_state_display", tone=lambda line: line.tone),
    Column("why", "原因", _why, url=lambda line: next(filter(None, line.links), "")),
    Column("words", "说明", hidden=True),
)  # fmt: skip


def _form(line: FormBatchLine) -> str:
    return reverse("households:collection", args=[line.household_id])


@requires(P.COLLECT, P.REVIEW_COLLECTION)
def form_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of every household; those that only lack words are asked for them here."""
    user = user_of(request)
    batch = get_scoped_or_404(FormBatch.objects.select_related("job"), user, pk=pk)
    lines = FormBatchLine.objects.within(user.scope).filter(batch=batch)
    if request.method == "POST":
        return _again(request, batch, user)
    asking = lines.filter(state=State.HELD, asks=True)
    listed = f"{reverse('households:list')}?{batch.query}"
    return render_list(
        request,
        title=f"{batch}：批量办理结果",
        queryset=lines.select_related("household__village"),
        columns=COLUMNS,
        filters=LineFilter,
        search=("household__head_name", "household__head_pinyin", "household__hh_code"),
        search_label="户主或户号",
        figures=_figures(lines),
        breadcrumb=[Crumb("农户名册", listed)],
        empty="没有这样的农户。",
        template="households/collection_batch.html",
        context={
            "batch": batch,
            "running": batch.job if batch.job is not None and batch.job.is_active else None,
            "words": batching.WORDS.get(FormBatch.Act(batch.act), ("",))[0],
            "asking": asking.count(),
            "asked": asking.select_related("household__village")[:MOST_ASKED],
            "back": listed,
            "most": MOST_LETTERS,
        },
    )


def _figures(lines: QuerySet[FormBatchLine]) -> list[Figure]:
    tones = FormBatchLine.TONES
    counts = {state: lines.filter(state=state).count() for state in State.values}
    return [
        Figure(State(state).label, counts[state], f"?state={state}", "户", tones[state])
        for state in (State.DONE, State.HELD, State.WAITING)
        if counts[state] or state != State.WAITING
    ]


def _again(request: HttpRequest, batch: FormBatch, user: User) -> HttpResponse:
    own = {
        int(name.removeprefix("words_")): _words(request, name)
        for name in request.POST
        if name.removeprefix("words_").isdigit()
    }
    try:
        batch = batching.again(
            batch, words=_words(request, "words"), own_words=own, within=user.scope, by=user
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("households:form_batch", pk=batch.pk)
    return _onward(request, batch)


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if safe else reverse("households:list")
