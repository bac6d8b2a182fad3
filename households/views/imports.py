"""Importing the household workbook on screen: upload, check, preview, mend, write, take back."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission
from fanpin.files.serving import download
from fanpin.jobs import enqueue
from fanpin.regions.models import Division
from fanpin.sheets import error_files
from fanpin.sheets.marking import converted_note
from fanpin.sheets.templates import write_template
from fanpin.web.lists import Column, paginate, render_list
from households.forms.imports import ImportForm
from households.models import ImportBatch, MemberChange
from households.policies.imports import may_apply_import, may_undo_import
from households.selectors import batches as selectors
from households.selectors.parameters import later_on
from households.services import imports
from households.services.undoing import changed_since, touched_since
from households.sheets.columns import book
from households.views.answers import attempt, page, user_of
from households.views.import_grid import grid

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = ImportBatch.State
TONES = {
    State.UPLOADED: "blue",
    State.CHECKED: "amber",
    State.APPLYING: "blue",
    State.APPLIED: "green",
    State.UNDONE: "grey",
    State.FAILED: "red",
}
COLUMNS = (
    Column("original_name", "文件", url=lambda b: _url(b)),
    Column("division", "区划", "division.name"),
    Column("state", "状态", "get_state_display", tone=lambda b: TONES[b.state]),
    Column("rows", "行数", align="right", sort=True),
    Column("new", "新增", align="right"),
    Column("changed", "变化", align="right"),
    Column("unchanged", "未变", align="right"),
    Column("wrong", "有误", align="right", tone=lambda b: "red" if b.wrong else "grey"),
    Column("uploaded_at", "上传时间", sort=True),
    Column("uploaded_by", "上传人", "uploaded_by.name"),
)
SHOWN = {
    "wrong": "有误",
    "changed": "变化",
    "new": "新增",
    "unchanged": "未变",
    "missing": "文件中缺少",
}
NOT_LINES = {"missing": "项"}


def _url(batch: ImportBatch) -> str:
    return reverse("households:import_detail", args=[batch.pk])


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    user = user_of(request)
    batch: ImportBatch = get_scoped_or_404(selectors.batches(user), user, pk=pk)
    if not user.may(Permission.IMPORT_HOUSEHOLDS, batch.division.path):
        raise PermissionDenied("您的岗位在此区划没有“导入农户”权限")
    return batch


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        title="导入农户表",
        queryset=selectors.batches(user_of(request)),
        columns=COLUMNS,
        search=("original_name",),
        search_label="文件名",
        empty="还没有导入过。下载模板填写，或直接上传国家系统导出的表。",
        actions=[("上传农户表", reverse("households:import_upload"), "get", "primary")],
    )


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_http_methods(["GET", "POST"])
def import_upload(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    places = selectors.places(user)
    form = ImportForm(request.POST or None, request.FILES or None, places=places)
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        found, reasons = attempt(
            form, lambda: imports.receive(data["file"], division=data["division"], by=user)
        )
        if found:
            batch, new = found
            if new:
                _start(batch, "households.import_check", user)
            else:
                messages.info(request, "这个文件已经上传过，下面是上次的结果。")
            return redirect(_url(batch))
    context = {
        "title": "上传农户表",
        "form": form,
        "places": places,
        "breadcrumb": [("导入农户表", reverse("households:imports"))],
    }
    return page(request, "households/import_upload.html", context, wrong=[form], reasons=reasons)


def _start(batch: ImportBatch, kind: str, user: Any) -> None:
    params = {"batch": batch.pk, "user": user.pk}
    imports.attach_job(batch, enqueue(kind, by=user, params=params, path=batch.division.path))


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_GET
def import_template(request: HttpRequest, code: str) -> HttpResponse:
    """The empty workbook with the townships and villages of a place the user may import to."""
    division = get_scoped_or_404(Division.objects.all(), user_of(request), pk=code)
    if not user_of(request).may(Permission.IMPORT_HOUSEHOLDS, division.path):
        raise PermissionDenied("您的岗位在此区划没有“导入农户”权限")
    townships, villages = selectors.villages_below(division)
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=households-{code}.xlsx"
    write_template(
        response, book(later=later_on(division.path)), {"township": townships, "village": villages}
    )
    return response


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _batch(request, pk))


def _detail(
    request: HttpRequest,
    batch: ImportBatch,
    typed: dict[str, Any] | None = None,
    reasons: Sequence[Any] = (),
) -> HttpResponse:
    """What the file does or did; `typed` is a grid that was refused, with everything in it."""
    user = user_of(request)
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWN else _first_shown(batch)
    context = {
        "title": batch.original_name,
        "breadcrumb": [("导入农户表", reverse("households:imports"))],
        "batch": batch,
        "tone": TONES[State(batch.state)],
        "job": batch.job if batch.job and batch.job.is_active else None,
        "may_apply": may_apply_import(user, batch),
        "may_undo": may_undo_import(user, batch),
        "figures": _figures(batch),
        "kept": selectors.kept_lines(changed_since(batch)) if batch.state == State.APPLIED else [],
        "touched": len(touched_since(batch)) if batch.state == State.APPLIED else 0,
        "facts": _facts(batch),
        "tabs": [
            (f"{label} {getattr(batch, kind)}", f"?show={kind}", kind == show)
            for kind, label in SHOWN.items()
        ],
        "show": show,
        "converted": converted_note(batch.original_name),
        "large": error_files.is_large(batch.file),
        "grid": typed or (grid(request, batch, user) if show == "wrong" else None),
        "lines": None if show == "wrong" else _lines(batch, show, request.GET.get("page")),
        "reasons_of_file": batch.message.splitlines() if batch.state == State.FAILED else [],
    }
    wrong = [typed["form"]] if typed else []
    return page(request, "households/import_detail.html", context, wrong=wrong, reasons=reasons)


def _figures(batch: ImportBatch) -> list[tuple[str, int, str, str]]:
    lists = [
        (label, getattr(batch, kind), f"?show={kind}", NOT_LINES.get(kind, "行"))
        for kind, label in SHOWN.items()
    ]
    return [("共", batch.rows, "", "行"), *lists]


def _first_shown(batch: ImportBatch) -> str:
    return next((kind for kind in SHOWN if getattr(batch, kind)), "new")


def _facts(batch: ImportBatch) -> list[tuple[str, Any]]:
    facts = [
        ("导入到", batch.division.full_name),
        ("上传人", batch.uploaded_by.name),
        ("上传时间", batch.uploaded_at),
        ("检查时间", batch.checked_at),
    ]
    if batch.applied_by:
        facts += [("导入人", batch.applied_by.name), ("导入时间", batch.applied_at)]
    if batch.undone_by:
        facts += [("撤销人", batch.undone_by.name), ("撤销时间", batch.undone_at)]
    return facts


def _lines(batch: ImportBatch, show: str, number: Any) -> Any:
    if show == "changed":
        found = paginate(batch.staged.filter(kind="changed"), number)
        for row in found.rows:
            row.lines = selectors.change_lines(row)
        return found
    if show in ("unchanged", "missing"):
        return paginate(selectors.OtherRows(imports.others_file(batch), show), number)
    if batch.state in (State.CHECKED, State.APPLYING) and imports.is_staged(batch):
        chunks = [imports.staged_chunk(batch, n) for n in range(batch.chunks)]
        return paginate(selectors.NewRows(chunks), number)
    registered = MemberChange.objects.filter(batch=batch, kind="register").order_by("pk")
    return paginate(registered.select_related("household", "member"), number)


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_POST
def import_mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the cells corrected in the grid; the file is then checked again with them."""
    batch = _batch(request, pk)
    user = user_of(request)
    shown = grid(request, batch, user)
    form = shown["form"]
    if not form.is_valid():
        return _detail(request, batch, shown)
    _, reasons = attempt(form, lambda: imports.mend(batch, cells=form.typed(), by=user))
    if reasons or form.errors:
        return _detail(request, batch, shown, reasons)
    _start(batch, "households.import_check", user)
    messages.success(request, "已保存，正在重新检查。")
    return redirect(f"{_url(batch)}?show=wrong")


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    return _act(
        request, batch, may_apply_import(user_of(request), batch), "households.import_apply"
    )


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    verdict = may_undo_import(user_of(request), batch)
    return _act(request, batch, verdict, "households.import_undo")


def _act(request: HttpRequest, batch: ImportBatch, verdict: Any, kind: str) -> HttpResponse:
    """Start the job, unless one is running or the policy refuses."""
    try:
        verdict.require()
        if batch.job and batch.job.is_active:
            raise ValidationError("上一步还没有完成，请稍候")
        _start(batch, kind, user_of(request))
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    return redirect(_url(batch))


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_http_methods(["GET", "POST"])
def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The user's own file with the wrong cells marked: at once, or by the worker when it is large."""
    batch = _batch(request, pk)
    if error_files.is_large(batch.file):
        if request.method == "GET":
            messages.info(request, "文件较大，请在本页点“标出文件中的错误”，生成后下载。")
            return redirect(f"{_url(batch)}?show=wrong")
        label = f"标出错误：{batch.original_name}"
        return redirect(error_files.order("households.import_errors", batch=batch.pk, label=label,
                                          path=batch.division.path, by=user_of(request)))  # fmt: skip
    problems = error_files.problems_of(batch.errors.all())
    return error_files.answer(batch.file.path, problems, f"household-errors-{batch.pk}")


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_GET
def import_file(request: HttpRequest, pk: int) -> FileResponse:
    return download(_batch(request, pk))


@requires(Permission.IMPORT_HOUSEHOLDS)
@require_GET
def import_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """A person of the file stands in another household: on to the form that asks the other village."""
    user = user_of(request)
    row = selectors.row_of(user, pk)
    if row is None:
        raise Http404
    household = selectors.household_of(row, user)
    if household is None:
        messages.error(request, "本户还没有登记：请先导入本户其他成员，再提请两村核对。")
        return redirect(f"{_url(row.batch)}?show=wrong")
    return redirect(f"{reverse('households:member_create', args=[household.pk])}?row={row.pk}")
