"""Error pages and the component gallery. An error page shows a number; the log line of the error
begins with it.
"""

import logging
import secrets
import sys
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from fanpin import clock
from fanpin.jobs import enqueue
from fanpin.web import exporting, gallery, lists
from fanpin.web.export_form import ExportForm
from fanpin.web.formats import ymdhm
from fanpin.web.jobs import EXPORT

logger = logging.getLogger("fanpin.errors")

# A list up to this many rows is answered at once.
AT_ONCE = 2_000
# Without letters and digits that are mixed up over the telephone.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    steps = ("返回上一页，刷新后再试", "如果是上传文件，请检查文件大小和格式")
    return _error(
        request, 400, "请求无法处理", "提交的内容不完整，或者格式不对。", steps, exception
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _chinese(exception) or "您的岗位没有办理这项业务的权限。"
    steps = ("核对当前岗位和所属区划", "确需办理的，请联系本级系统管理员调整岗位")
    return _error(request, 403, "没有权限", text, steps, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _chinese(exception) or "您要看的内容不存在，或者不在您的管辖范围内。"
    steps = (
        "检查网址是否完整",
        "从左侧菜单或者列表重新进入",
        "回到工作台，核对右上角显示的岗位是否正确",
    )
    return _error(request, 404, "找不到页面", text, steps, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    text = "系统出了问题，这次操作没有保存。填写中的表单已在本机存为草稿。"
    steps = ("稍等片刻，返回上一页再试一次", "仍然不行的，请把下面的编号告诉系统管理员")
    return _error(request, 500, "系统出错", text, steps, sys.exc_info()[1])


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = "页面打开太久，或者登录已经变化，提交没有成功。"
    steps = ("返回上一页并刷新，再提交一次；填写的内容在本机有草稿", "仍然不行的，请重新登录")
    return _error(request, 403, "页面已过期", text, steps, None, note=reason)


@login_required
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component once, so that a new page is put together from what is there."""
    form = gallery.ExampleForm(request.POST or None)
    form.is_valid()
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "web/gallery.html", {"form": form, **gallery.examples()}, status=status)


@login_required
def gallery_list(request: HttpRequest) -> HttpResponse:
    """The list component over a plain sequence: the tones and where they are used."""
    return lists.render_list(
        request,
        title="组件示例列表",
        queryset=gallery.LIST_ROWS,
        columns=gallery.LIST_COLUMNS,
        breadcrumb=[("组件示例", "../")],
        empty="还没有示例。",
    )


@login_required
@require_POST
def export_list(request: HttpRequest) -> HttpResponse:
    """A list as a file: a small one at once, a large one as a job. The list's own view says who may see what."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(e[0]) for e in form.errors.values()))
        return redirect(form.back(request))
    asked = form.cleaned_data
    cookies = {k: v for k, v in request.COOKIES.items() if k.startswith("cols-")}
    with exporting.folder() as place:
        export = exporting.Export("", Path(place), asked["full"], asked["reason"])
        exporting.ask(request.user, asked["address"], cookies, export)
        if (export.count or 0) > AT_ONCE:
            params = {**asked, "cookies": cookies}
            label = f"导出{export.title}{export.count}条"
            return redirect(enqueue(EXPORT, by=request.user, params=params, label=label[:120]))
        export.kind = asked["kind"]
        exporting.ask(request.user, asked["address"], cookies, export)
        assert export.file is not None
        # Open before the folder goes; the name is gone then, the content stays until it is sent.
        return FileResponse(export.file.open("rb"), as_attachment=True, filename=export.file.name)


def _error(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    steps: tuple[str, ...],
    exception: BaseException | None,
    note: str = "",
) -> HttpResponse:
    number = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    level = logging.ERROR if status >= 500 else logging.WARNING
    user = getattr(getattr(request, "user", None), "pk", None) if status < 500 else None
    logger.log(
        level,
        "%s %s %s %s user=%s %s",
        number,
        status,
        request.method,
        request.path,
        user,
        note or type(exception).__name__,
        exc_info=exception if status >= 500 else None,
    )
    context = {"title": title, "text": text, "steps": steps, "number": number, "at": _moment()}
    # No request context: an error page must not need the database, the session or the
    # navigation.
    return HttpResponse(render_to_string("web/error.html", context), status=status)


def _moment() -> str:
    try:
        return ymdhm(clock.now())
    except Exception:
        # The clock may read the cache; a page about a broken service must not break on it.
        return ""


def _chinese(exception: Exception | None) -> str:
    """The exception's own words, when written for the reader (Django's own are English)."""
    text = str(exception) if exception else ""
    return text if any("一" <= letter <= "鿿" for letter in text) else ""
