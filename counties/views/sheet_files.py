"""Workbooks of village and natural village sheets: template, export as listed, upload, preview, write, take back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.forms.sheets import PlaceFilter, SheetUploadForm, VillageFilter
from counties.models import SheetBatch
from counties.models.sheets import Kind
from counties.policies import sheets as policies
from counties.services import sheet_imports as services
from counties.sheets import exporting
from counties.sheets.columns import TITLES, book
from counties.sheets.reading import Preview, preview
from counties.views.sheet_lists import listed_places
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.sheets import error_files
from fanpin.sheets.marking import converted_note
from fanpin.sheets.problems import SheetRefused
from fanpin.sheets.templates import write_template
from fanpin.web.components import Action, Crumb, Fact, Figure
from households.selectors import batches
from households.selectors.parameters import current_campaign
from households.selectors.wording import label_of, shown
from households.views.answers import attempt, page, user_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_ROWS = 200
TONES = {"uploaded": "amber", "applied": "green", "undone": "grey"}


def _kind(kind: str) -> Kind:
    if kind not in (Kind.VILLAGE, Kind.HAMLET):
        raise Http404("没有这种采集表")
    return Kind(kind)


def _workbook(name: str) -> HttpResponse:
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename={name}.xlsx"
    return response


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def sheet_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as filtered on screen, in the layout that is read back."""
    found, rows = _kind(kind), listed_places(request, _kind(kind))
    filters = VillageFilter if found == Kind.VILLAGE else PlaceFilter
    filtered = filters(request.GET, queryset=rows, request=request).qs
    response = _workbook(f"{kind}-sheets")
    exporting.write(response, found, filtered, current_campaign())  # type: ignore[arg-type]
    return response


@requires(P.IMPORT_HOUSEHOLDS)
@require_GET
def sheet_template(request: HttpRequest, kind: str) -> HttpResponse:
    response = _workbook(f"{kind}-template")
    write_template(response, book(_kind(kind)))
    return response


@requires(P.IMPORT_HOUSEHOLDS)
@require_http_methods(["GET", "POST"])
def sheet_import(request: HttpRequest, kind: str) -> HttpResponse:
    """Upload a workbook; the earlier ones beside it."""
    found, user = _kind(kind), user_of(request)
    form = SheetUploadForm(request.POST or None, request.FILES or None, places=batches.places(user))
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        batch, reasons = attempt(
            form,
            lambda: services.receive(
                data["file"], kind=found, division=data["division"],
                campaign=current_campaign(), by=user,
            ),
        )  # fmt: skip
        if batch is not None:
            return redirect("counties:sheet_batch", pk=batch.pk)
    earlier = SheetBatch.objects.within(user.scope).filter(kind=found)
    context = {
        "title": f"导入{TITLES[found]}",
        "form": form,
        "kind": found,
        "batches": [
            (batch, TONES[batch.state])
            for batch in earlier.select_related("uploaded_by", "division")[:50]
        ],
        "breadcrumb": [Crumb(TITLES[found], reverse(f"counties:{found}_sheets"))],
    }
    return page(request, "counties/sheet_import.html", context, wrong=(form,), reasons=reasons)


def _batch(request: HttpRequest, pk: int) -> SheetBatch:
    rows = SheetBatch.objects.select_related("division", "campaign", "uploaded_by", "applied_by")
    batch: SheetBatch = get_scoped_or_404(rows, request.user, pk=pk)
    if not user_of(request).may(P.IMPORT_HOUSEHOLDS, batch.division.path):
        raise PermissionDenied("您的岗位在此区划没有“导入农户”权限")
    return batch


@requires(P.IMPORT_HOUSEHOLDS)
@require_GET
def sheet_batch(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _batch(request, pk))


def _page(request: HttpRequest, batch: SheetBatch, problems: Any = None) -> HttpResponse:
    """Before it is written: what is new, changes, is wrong. Afterwards: what it wrote."""
    user = user_of(request)
    found, refused = _preview(batch)
    undo = policies.may_undo(user, batch)
    url = reverse("counties:sheet_batch_undo", args=[batch.pk])
    context = {
        "title": batch.original_name,
        "batch": batch,
        "tone": TONES[batch.state],
        "found": found,
        "refused": refused,
        "converted": converted_note(batch.original_name),
        "lines": [_line(row) for row in found.planned[:SHOWN_ROWS]] if found else [],
        "written": batch.changes.select_related("division")[:SHOWN_ROWS],  # type: ignore[attr-defined]
        "facts": [
            Fact("导入到", batch.division.full_name),
            Fact("年度", str(batch.campaign)),
            Fact("上传人", batch.uploaded_by.name),
            Fact("上传时间", batch.uploaded_at),
        ],
        "figures": _figures(found),
        "may_apply": policies.may_apply(user, batch),
        "actions": [Action("撤销导入", url, "post", "red", undo, "撤销后恢复到导入以前，继续吗？")]
        if batch.state == SheetBatch.State.APPLIED
        else [],
        "problems": problems,
        "breadcrumb": [
            Crumb(
                f"导入{TITLES[Kind(batch.kind)]}",
                reverse("counties:sheet_import", args=[batch.kind]),
            )
        ],
    }
    status = 422 if problems is not None else 200
    return render(request, "counties/sheet_batch.html", context, status=status)


def _preview(batch: SheetBatch) -> tuple[Preview | None, list[str]]:
    if batch.state != SheetBatch.State.UPLOADED:
        return None, []
    try:
        return preview(batch), []
    except SheetRefused as refused:
        return None, [str(problem) for problem in refused.problems]


def _figures(found: Preview | None) -> list[Figure]:
    if found is None:
        return []
    return [
        Figure("共", found.rows, unit="行"),
        Figure("新填", len(found.new), unit="行", tone="blue"),
        Figure("变化", len(found.changing), unit="行", tone="amber"),
        Figure("未变", found.unchanged, unit="行"),
        Figure("有误", found.wrong, unit="行", tone="red" if found.wrong else ""),
    ]


def _line(row: Any) -> dict[str, Any]:
    """One planned row in words: field, stored, wanted; a new sheet says only how many."""
    model = type(row.sheet)
    changes = [
        (label_of(model, name), shown(model, name, stored), shown(model, name, wanted))
        for name, (stored, wanted) in row.changed.items()
    ]
    return {"row": row, "changes": [] if row.is_new else changes, "count": len(changes)}


@requires(P.IMPORT_HOUSEHOLDS)
@require_POST
def sheet_batch_apply(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        policies.may_apply(user_of(request), batch).require()
        done = services.apply(batch, planned=preview(batch).planned, by=user_of(request))
    except ValidationError as refusal:
        return _page(request, batch, refusal)
    except SheetRefused as refused:
        return _page(request, batch, [str(problem) for problem in refused.problems])
    messages.success(request, f"已写入{done.rows}行。")
    return redirect("counties:sheet_batch", pk=pk)


@requires(P.IMPORT_HOUSEHOLDS)
@require_POST
def sheet_batch_undo(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        kept = services.undo(batch, by=user_of(request))
    except ValidationError as refusal:
        return _page(request, batch, refusal)
    messages.success(request, "已撤销导入。")
    if kept:
        messages.warning(request, f"{'、'.join(kept[:20])}在导入后又填写或提交过，没有撤销。")
    return redirect("counties:sheet_batch", pk=pk)


@requires(P.IMPORT_HOUSEHOLDS)
@require_GET
def sheet_batch_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The user's own file with the wrong cells marked."""
    batch = _batch(request, pk)
    found, refused = _preview(batch)
    if found is None:
        messages.error(request, "；".join(refused) or "该文件已经处理，没有标注的错误。")
        return redirect("counties:sheet_batch", pk=pk)
    return error_files.answer(batch.file.path, found.problems, f"sheet-errors-{batch.pk}")
