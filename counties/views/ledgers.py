"""Department ledgers on screen: what was handed in, the template, the upload, wrong cells."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from counties.comparison import SPECS
from counties.forms.ledgers import LedgerForm
from counties.models import LedgerBatch
from counties.models.ledgers import BatchState
from counties.selectors import ledgers as selectors
from counties.selectors import warnings
from counties.selectors.places import counties, departments_of
from counties.services import ledgers
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission
from fanpin.files.serving import download
from fanpin.sheets import error_files
from fanpin.sheets.marking import converted_note
from fanpin.sheets.templates import write_template
from fanpin.web.cells import link_to
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.selectors.parameters import current_campaign

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    Column("ledger", "台账", lambda b: SPECS[b.ledger].title, link_to("counties:ledger")),
    Column("department", "部门", lambda b: label("department", b.department)),
    Column("county", "县", "division.name"),
    Column("period", "数据月份", sort=True),
    Column("rows", "行数", align="right", sort=True),
    Column("loaded", "可比对", align="right"),
    Column("wrong", "有误", align="right", tone=lambda b: "red" if b.wrong else "grey"),
    Column("state", "状态", "get_state_display", tone=lambda b: b.tone),
    Column("uploaded_at", "报送时间", sort=True),
    Column("uploaded_by", "报送人", "uploaded_by.name"),
)  # fmt: skip


@requires(Permission.VIEW_LEDGERS)
@require_GET
def batch_list(request: HttpRequest) -> HttpResponse:
    found = selectors.batches(request.user)
    actions = []
    if request.user.holds(Permission.UPLOAD_LEDGERS):
        actions = [("报送台账", reverse("counties:ledger_upload"), "get", "primary")]
    return render_list(
        request,
        title="部门台账",
        queryset=found,
        columns=COLUMNS,
        search=("original_name", "period"),
        search_label="文件名或月份",
        empty="还没有报送台账。请下载模板，按列名填写后报送。",
        actions=actions,
        figures=[("使用中", found.filter(state=BatchState.IN_USE).count(), "", "个")],
    )


@requires(Permission.UPLOAD_LEDGERS)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    mine = counties(request.user, Permission.UPLOAD_LEDGERS)
    first = mine.first()
    departments = departments_of(request.user, first) if first else set()
    form = LedgerForm(
        request.POST or None, request.FILES or None, counties=mine, departments=departments
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            batch = ledgers.receive(
                ledger=SPECS[data["ledger"]],
                county=data["county"],
                campaign=current_campaign(),
                period=data["period"],
                upload=data["file"],
                by=request.user,
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "已收到文件，正在检查。")
            return redirect("counties:ledger", pk=batch.pk)
    known = [SPECS[key] for key, _title in form.fields["ledger"].choices]  # type: ignore[attr-defined]
    status = 422 if form.is_bound else 200
    context = {"title": "报送部门台账", "form": form, "specs": known}
    return render(request, "counties/ledger_upload.html", context, status=status)


@requires(Permission.VIEW_LEDGERS)
@require_GET
def template(request: HttpRequest, ledger: str) -> HttpResponse:
    """The empty workbook of one ledger, with drop-downs and notes."""
    if ledger not in SPECS:
        raise Http404("没有这个台账")
    spec = SPECS[ledger]
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=ledger-{ledger}.xlsx"
    write_template(response, spec.book)
    return response


@requires(Permission.VIEW_LEDGERS)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    spec = SPECS[batch.ledger]
    context = {
        "title": f"{spec.title} {batch.period}",
        "batch": batch,
        "errors": batch.errors.all()[:200],
        "progress": warnings.progress(batch) if spec.warns else [],
        "findings_url": f"{reverse('counties:findings')}?batch={batch.pk}",
        "converted": converted_note(batch.original_name),
        "large": error_files.is_large(batch.file),
        "breadcrumb": [("部门台账", reverse("counties:ledgers"))],
        "facts": [
            ("县", batch.division.name),
            ("部门", label("department", batch.department)),
            ("文件", batch.original_name),
            ("行数", batch.rows),
            ("可比对", batch.loaded),
            ("有误", batch.wrong),
            ("报送人", batch.uploaded_by.name),
            ("报送时间", batch.uploaded_at),
            ("检查用时", f"{batch.seconds:.1f} 秒"),
        ],
    }
    return render(request, "counties/ledger.html", context)


@requires(Permission.VIEW_LEDGERS)
@require_http_methods(["GET", "POST"])
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The department's own file with the wrong cells marked: at once, or by the worker when it is large."""
    batch = _batch(request, pk)
    if error_files.is_large(batch.file):
        if request.method == "GET":
            messages.info(request, "文件较大，请在本页点“标出文件中的错误”，生成后下载。")
            return redirect("counties:ledger", pk=pk)
        label = f"标出错误：{batch.original_name}"
        return redirect(error_files.order("counties.ledger_errors", batch=batch.pk, label=label,
                                          path=batch.division.path, by=request.user))  # fmt: skip
    problems = error_files.problems_of(batch.errors.all())
    return error_files.answer(batch.file.path, problems, f"ledger-errors-{batch.pk}")


@requires(Permission.VIEW_LEDGERS)
@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponse:
    return download(_batch(request, pk))  # type: ignore[return-value]


def _batch(request: HttpRequest, pk: int) -> LedgerBatch:
    """404 outside the county, 403 for another department's book inside it."""
    batch = get_scoped_or_404(LedgerBatch.objects.select_related("division"), request.user, pk=pk)
    own = departments_of(request.user, batch.division)
    if own is not None and batch.department not in own:
        raise PermissionDenied("只能查看本部门报送的台账")
    return batch
