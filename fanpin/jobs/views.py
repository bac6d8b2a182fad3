"""The pages of long work: what runs, how far it is, its result, cancel and go on."""

import django_filters
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fanpin.jobs import services
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.web.lists import Column, render_list

# htmx stops polling when it reads this status.
STOP_POLLING = 286
# The frame shows so many running jobs; the list has the others.
IN_FRAME = 2


class JobFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(label="状态", choices=Status.choices)

    class Meta:
        model = Job
        fields = ("status",)


COLUMNS = (
    Column("label", "任务", url=Job.get_absolute_url),
    Column("status", "状态", value="get_status_display", tone=lambda job: job.tone),
    Column("done", "已处理", align="right"),
    Column("total", "总数", align="right"),
    Column("message", "进展"),
    Column("owner", "发起人", value=lambda job: job.owner.name if job.owner else "系统"),
    Column("created_at", "发起时间", sort=True),
    Column("finished_at", "结束时间", sort=True),
)


@login_required
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        title="任务",
        queryset=Job.objects.visible_to(request.user).select_related("owner"),
        columns=COLUMNS,
        filters=JobFilter,
        search=("label",),
        search_label="任务名称",
        empty="还没有任务。导入、比对、闭合检查等较长的工作会在这里显示进度和结果。",
    )


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    job = _visible(request, pk)
    facts = [
        ("发起人", job.owner.name if job.owner else "系统"),
        ("发起时间", job.created_at),
        ("开始时间", job.started_at),
        ("结束时间", job.finished_at),
    ]
    context = {"title": job.label, "breadcrumb": [("任务", reverse("jobs:list"))], "facts": facts}
    return render(request, "jobs/detail.html", {**_context(request, job), **context})


@login_required
@require_GET
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress box alone; asked for every two seconds while the job is active."""
    job = _visible(request, pk)
    status = 200 if job.is_active else STOP_POLLING
    return render(request, "jobs/part.html", _context(request, job), status=status)


@login_required
@require_GET
def running(request: HttpRequest) -> HttpResponse:
    """My own running jobs for the frame of every page; an empty answer when nothing runs, which ends the polling.

    Asked for often, so it is rendered without what only a whole page needs.
    """
    jobs = list(Job.objects.active().filter(owner=request.user.pk))
    context = {"jobs": jobs[:IN_FRAME], "more": max(0, len(jobs) - IN_FRAME)}
    return HttpResponse(render_to_string("jobs/running.html", context))


@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> FileResponse:
    """Only for who started the job: the file was made with that person's permissions."""
    job = _mine(request, pk)
    if not job.result_file:
        raise Http404("该任务没有结果文件")
    try:
        handle = job.result_file.open("rb")
    except FileNotFoundError as missing:
        raise Http404("结果文件已被清理，请重新执行") from missing
    return FileResponse(handle, as_attachment=True, filename=job.result_name)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _mine(request, pk), services.cancel, "已请求取消。")


@login_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _mine(request, pk), services.resume, "已重新排队。")


def _act(request, job, service, said):  # type: ignore[no-untyped-def]
    try:
        service(job, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, said)
    return redirect("jobs:detail", pk=job.pk)


def _visible(request: HttpRequest, pk: int) -> Job:
    jobs = Job.objects.visible_to(request.user).select_related("owner")
    return get_object_or_404(jobs, pk=pk)


def _mine(request: HttpRequest, pk: int) -> Job:
    job = _visible(request, pk)
    if job.owner_id != request.user.pk and not request.user.is_superuser:
        raise PermissionDenied("只有发起人可以操作这个任务")
    return job


def _context(request: HttpRequest, job: Job) -> dict[str, object]:
    mine = job.owner_id == request.user.pk or request.user.is_superuser
    return {
        "job": job,
        "may_cancel": mine and job.status in (Status.QUEUED, Status.RUNNING),
        "may_resume": mine and job.status in (Status.FAILED, Status.CANCELLED),
        "may_download": mine and bool(job.result_file),
    }
