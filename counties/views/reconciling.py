"""国家系统对账 on screen: runs, upload, what one run found, its rows, what to key there, what to take over."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.forms.reconciling import BOTH, KeyingForm, ReconcileForm, item_filter
from counties.models import NationalFile, ReconciledItem, Reconciliation
from counties.models.reconciling import Meeting
from counties.policies import reconciling as policies
from counties.reconciling import adopting
from counties.reconciling.keying import mask_of
from counties.reconciling.layouts import LAYOUTS
from counties.reconciling.totals import KindTotals, totals
from counties.selectors import reconciling as selectors
from counties.services import reconciling as services
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.files.serving import download
from fanpin.jobs import enqueue
from fanpin.web.cells import link_to
from fanpin.web.components import Action, Bar, Bulk, Crumb, Figure
from fanpin.web.formats import mask_id
from fanpin.web.lists import Column, render_list
from households.selectors.batches import places as import_places
from households.selectors.parameters import current_campaign
from households.services import imports
from households.views.answers import attempt, page, user_of

MOST_ADOPTED = 20_000
STATES = (
    (BOTH, "两边都有"),
    (Meeting.SAME, "其中一致"),
    (Meeting.DIFFERS, "其中差异"),
    (Meeting.OURS, "仅本系统"),
    (Meeting.THEIRS, "仅国家系统"),
    (Meeting.DOUBLED, "重复"),
    (Meeting.OUTSIDE, "范围外"),
)
RUNS = (
    Column("started_at", "发起时间", url=link_to("counties:reconciliation"), sort=True),
    Column("division", "对账范围", "division.full_name"),
    Column("started_by", "发起人", "started_by.name"),
    Column(
        "finished_at", "状态", lambda r: "已完成" if r.finished_at else "办理中",
        tone=lambda r: "green" if r.finished_at else "blue",
    ),
)  # fmt: skip


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def reconciliations(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    actions = []
    if user.holds(P.IMPORT_HOUSEHOLDS):
        actions.append(
            Action("上传国家系统导出表", reverse("counties:reconcile"), "get", "primary")
        )
    return render_list(
        request,
        title="国家系统对账",
        queryset=selectors.runs(user),
        columns=RUNS,
        empty="还没有对过账。把国家系统导出的户信息、人口信息、监测对象等表原样上传，系统逐项核对。",
        actions=actions,
    )


@requires(P.IMPORT_HOUSEHOLDS)
@require_http_methods(["GET", "POST"])
def reconcile(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = ReconcileForm(request.POST or None, request.FILES or None, places=import_places(user))
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        run, reasons = attempt(
            form,
            lambda: services.start(
                data["division"], campaign=current_campaign(), uploads=data["files"], by=user
            ),
        )
        if run is not None:
            return redirect("counties:reconciliation", pk=run.pk)
    context = {
        "title": "上传国家系统导出表",
        "form": form,
        "layouts": LAYOUTS.values(),
        "breadcrumb": [Crumb("国家系统对账", reverse("counties:reconciliations"))],
    }
    return page(request, "counties/reconcile.html", context, wrong=[form], reasons=reasons)


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def reconciliation(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _run(request, pk))


def _run(request: HttpRequest, pk: int) -> Reconciliation:
    run: Reconciliation = get_object_or_404(selectors.runs(user_of(request)), pk=pk)
    return run


def _detail(
    request: HttpRequest, run: Reconciliation, form: Any = None, reasons: Any = ()
) -> HttpResponse:
    user = user_of(request)
    kinds = list(run.parts.values_list("kind", flat=True))
    found = totals(selectors.items(run, user), kinds)
    whole = selectors.sees_all(run, user)
    context = {
        "title": f"{run.division.name}国家系统对账",
        "run": run,
        "job": run.job,
        "breadcrumb": [Crumb("国家系统对账", reverse("counties:reconciliations"))],
        "heads": [label for _state, label in STATES],
        "kinds": [_kind_line(run, each) for each in found],
        "fields": [
            (each.layout.title, _bars(run, each))
            for each in found
            if each.fields
        ],
        "files": list(run.files.all()) if whole else [],
        "titles": {key: layout.title for key, layout in LAYOUTS.items()},
        "keying": form or KeyingForm(),
        "may_take": policies.may_take_keying(user, run, full=False, reason=""),
        "may_show": user.may(P.UNMASK, run.division.path),
    }  # fmt: skip
    return page(
        request,
        "counties/reconciliation.html",
        context,
        wrong=[form] if form else [],
        reasons=reasons,
    )


def _kind_line(run: Reconciliation, each: KindTotals) -> dict[str, Any]:
    numbers = []
    for state, label in STATES:
        count = each.both if state == BOTH else each.get(state)
        asked = state != Meeting.OURS or each.layout.lists_all
        numbers.append((label, count if asked else None, _list(run, each, state=state)))
    return {"layout": each.layout, "numbers": numbers,
            "todo": sum(each.get(s) for s in (Meeting.OURS, Meeting.DIFFERS, Meeting.THEIRS))}  # fmt: skip


def _bars(run: Reconciliation, each: KindTotals) -> list[Bar]:
    return [
        Bar(text, count, _list(run, each, field=field), "amber")
        for field, text, count in each.fields
    ]


def _list(run: Reconciliation, each: KindTotals, **more: str) -> str:
    query = QueryDict(mutable=True)
    query.update({"kind": each.layout.key, **more})
    return f"{reverse('counties:reconciled', args=[run.pk])}?{query.urlencode()}"


def _said(item: ReconciledItem, *, full: bool) -> str:
    """指标：本系统 → 国家系统, for each field that differs."""
    layout = LAYOUTS[item.kind]
    lines = []
    for field, mine, other in zip(item.fields, item.ours, item.theirs, strict=True):
        hide: Any = None if full else mask_of(layout.columns[field])
        a, b = (hide(text) if hide and text else text or "（空）" for text in (mine, other))
        lines.append(f"{layout.by_key[field].text}：{a} → {b}")
    return "；".join(lines)


def _subject(item: ReconciledItem) -> str:
    if item.household_id:
        return reverse("households:detail", args=[item.household_id])
    if item.kind == "village" and item.state != Meeting.OUTSIDE:
        return reverse("counties:place_sheet", args=[item.place_id])
    return ""


ITEMS = (
    Column("label", "对象", lambda i: i.label or "（没有名称）", url=_subject, sort="label"),
    Column("number", "户编号", sort=True),
    Column("id_no", "证件号码", mask=mask_id),
    Column("place", "行政村", "place.name", sort="division_path"),
    Column("kind", "表", lambda i: LAYOUTS[i.kind].title),
    Column("state", "结果", "get_state_display", tone=lambda i: i.tone),
    Column(
        "said", "差异（本系统 → 国家系统）", lambda i: _said(i, full=True),
        masked=lambda i: _said(i, full=False),
    ),
    Column("row_number", "文件行号", align="right"),
)  # fmt: skip


def _filter(run: Reconciliation, user: Any) -> type:
    kinds = list(run.parts.values_list("kind", flat=True))
    found = totals(selectors.items(run, user), kinds)
    return item_filter(
        kinds=[(each.layout.key, each.layout.title) for each in found],
        fields=list({key: text for each in found for key, text, _count in each.fields}.items()),
        places=selectors.places(run, user),
    )


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def reconciled(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows behind every number of a run."""
    run, user = _run(request, pk), user_of(request)
    adopt = reverse("counties:reconciliation_adopt", args=[pk])
    actions, bulk = [], []
    if policies.may_adopt(user, run).ok:
        bulk.append(Bulk("采用国家系统数据", adopt, "primary"))
        actions.append(Action(
            "采用筛选出的全部", adopt, "post",
            confirm="按当前筛选，把国家系统的数据生成一个导入批次？检查、预览后再决定是否写入。",
            fields={"query": request.GET.urlencode()},
        ))  # fmt: skip
    return render_list(
        request,
        title=f"{run.division.name}对账明细",
        queryset=selectors.items(run, user).select_related("place"),
        columns=ITEMS,
        filters=_filter(run, user),
        search=("label", "number", "id_no"),
        search_label="姓名、户编号或证件号码",
        empty="没有符合条件的记录。",
        actions=actions,
        bulk=bulk,
        figures=[Figure("有差异", _open(run, user), "?state=differs", "条", "amber")],
        breadcrumb=[
            Crumb("国家系统对账", reverse("counties:reconciliations")),
            Crumb(run.division.name, reverse("counties:reconciliation", args=[pk])),
        ],
    )


def _open(run: Reconciliation, user: Any) -> int:
    return selectors.items(run, user).filter(state=Meeting.DIFFERS).count()


@requires(P.IMPORT_HOUSEHOLDS)
@require_POST
def reconciliation_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Their values of the ticked rows, or of all that the list shows, as an import batch to be checked and applied."""
    run, user = _run(request, pk), user_of(request)
    back = f"{reverse('counties:reconciled', args=[pk])}?{request.POST.get('query', '')}"
    items = _chosen(request, run, user)
    try:
        if len(items) > MOST_ADOPTED:
            raise ValidationError(f"一次最多采用{MOST_ADOPTED:,}条，请按乡镇或指标缩小范围")
        upload, count = adopting.workbook(run, items)
        if upload is None:
            raise ValidationError(
                "所选记录没有可以导入的内容：户主、人口增减、监测记录和村表须在本系统办理或填写"
            )
        batch, new = services.adopt(run, upload=upload, count=count, by=user)
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
        return redirect(back)
    if new:
        params = {"batch": batch.pk, "user": user.pk}
        path = batch.division.path
        imports.attach_job(
            batch, enqueue("households.import_check", by=user, params=params, path=path)
        )
        messages.success(
            request, f"已把{count}条国家系统数据生成导入批次，检查完成后再决定是否写入。"
        )
    return redirect("households:import_detail", pk=batch.pk)


def _chosen(request: HttpRequest, run: Reconciliation, user: Any) -> list[ReconciledItem]:
    rows: QuerySet[ReconciledItem] = selectors.items(run, user)
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdigit()]
    if ids:
        return list(rows.filter(pk__in=ids))
    if "query" not in request.POST:
        return []
    asked = QueryDict(request.POST["query"])
    return list(_filter(run, user)(asked, queryset=rows, request=request).qs[: MOST_ADOPTED + 1])


@requires(P.EXPORT_HOUSEHOLDS)
@require_POST
def reconciliation_keying(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Start the workbook of what has to be keyed into the national system, one kind of export."""
    run, user = _run(request, pk), user_of(request)
    if kind not in LAYOUTS:
        raise Http404("没有这种表")
    form = KeyingForm(request.POST)
    form.is_valid()
    data = form.cleaned_data
    job, reasons = attempt(
        form,
        lambda: services.take_keying(
            run,
            kind=kind,
            title=LAYOUTS[kind].title,
            full=data["full"],
            reason=data["reason"],
            by=user,
        ),
    )
    if job is None:
        return _detail(request, run, form, reasons)
    return redirect(job)


@requires(P.IMPORT_HOUSEHOLDS)
@require_GET
def national_file(request: HttpRequest, pk: int) -> HttpResponse:
    rows = NationalFile.objects.select_related("run__division")
    return download(get_scoped_or_404(rows, request.user, pk=pk))  # type: ignore[return-value]
