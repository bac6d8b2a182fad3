"""Login and own password, users and posts, the demonstration's date, the division switcher."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fanpin import clock
from fanpin.accounts import services, verbs
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.departments import Department
from fanpin.accounts.forms import (
    DemoClockForm,
    EndPostingForm,
    LoginForm,
    OwnPasswordForm,
    PostingForm,
    UserForm,
)
from fanpin.accounts.models import LoginRecord, Posting, User
from fanpin.accounts.roles import Permission
from fanpin.audit.recording import record
from fanpin.clock.days import set_demo_day
from fanpin.regions.models import Division
from fanpin.web.components import Action, Crumb
from fanpin.web.lists import Column, render_list

USERS = Crumb("用户与岗位", reverse_lazy("accounts:users"))  # type: ignore[arg-type]


class Login(LoginView):
    """Login; a demonstration lists its accounts beside the form."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            demo = Posting.objects.filter(user__is_demo=True, user__is_active=True)
            context["demo_postings"] = demo.select_related("user", "division").order_by("pk")
            context["demo_password"] = settings.DEMO_PASSWORD
        return context


class OwnPassword(PasswordChangeView):
    """One's own password; clears the duty to change the first one."""

    template_name = "accounts/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("workbench")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        services.note_own_password(self.request.user)  # type: ignore[arg-type]
        messages.success(self.request, "密码已修改，下次请用新密码登录")
        return response


@requires(Permission.MANAGE_USERS)
def users(request: HttpRequest) -> HttpResponse:
    scope = request.user.scope_for(Permission.MANAGE_USERS)  # type: ignore[union-attr]
    postings = Posting.objects.within(scope).select_related("user", "division")
    columns = [
        Column("username", "用户名", value="user.username", url=_user_url, sort="user__username"),
        Column("name", "姓名", value="user.name", sort="user__name"),
        Column("role", "岗位", value=lambda p: p.get_role_display(), sort="role"),
        Column("division", "区划", value="division.full_name", sort="division__path"),
        Column("department", "部门", value=lambda p: _department(p.department)),
        Column("from_on", "任职日期", sort=True),
        Column("until_on", "离任日期", sort=True),
        Column(
            "active",
            "账号",
            value=lambda p: "启用" if p.user.is_active else "停用",
            tone=lambda p: "green" if p.user.is_active else "grey",
        ),
    ]
    return render_list(
        request,
        title="用户与岗位",
        queryset=postings.order_by("division__path", "pk"),
        columns=columns,
        search=("user__username", "user__name", "division__name"),
        empty="还没有用户。点击“新建用户”开通第一个账号。",
        actions=[Action("新建用户", reverse("accounts:user_create"), tone="primary")],
    )


@requires(Permission.MANAGE_USERS)
def user_create(request: HttpRequest) -> HttpResponse:
    scope = request.user.scope_for(Permission.MANAGE_USERS)  # type: ignore[union-attr]
    form = UserForm(request.POST or None, scope=scope, initial={"from_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            user, password = services.create_user(**form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)  # type: ignore[arg-type]
        else:
            messages.success(
                request, f"已新建“{user.name}”，首次登录密码：{password}（只显示这一次）"
            )
            return redirect("accounts:user", pk=user.pk)
    return _form_page(request, form, title="新建用户", submit="新建", crumbs=[USERS])


@requires(Permission.MANAGE_USERS)
def user_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = _managed_user(request, pk)
    return render(
        request,
        "accounts/user.html",
        {
            "title": user.name,
            "breadcrumb": [USERS],
            "account": user,
            "postings": user.postings.select_related("division"),  # type: ignore[attr-defined]
            "logins": LoginRecord.objects.filter(user=user)[:20],
            "may_change_posts": services.may_change_posts(request.user, user),  # type: ignore[arg-type]
            "may_administer": services.may_administer(request.user, user),  # type: ignore[arg-type]
        },
    )


@requires(Permission.MANAGE_USERS)
def posting_create(request: HttpRequest, pk: int) -> HttpResponse:
    user = _managed_user(request, pk)
    scope = request.user.scope_for(Permission.MANAGE_USERS)  # type: ignore[union-attr]
    form = PostingForm(request.POST or None, scope=scope, initial={"from_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_posting(user, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, "岗位已增加")
            return redirect("accounts:user", pk=pk)
    crumbs = [USERS, Crumb(user.name, _user_url(user.pk))]
    return _form_page(request, form, title="增加岗位", submit="增加", crumbs=crumbs)


@requires(Permission.MANAGE_USERS)
def posting_end(request: HttpRequest, pk: int) -> HttpResponse:
    posting = get_scoped_or_404(
        Posting.objects.select_related("user", "division"), request.user, pk=pk
    )
    form = EndPostingForm(request.POST or None, initial={"until_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_posting(posting, on=form.cleaned_data["until_on"], by=request.user)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error("until_on", refusal.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, f"“{posting}”已设离任日期")
            return redirect("accounts:user", pk=posting.user_id)
    crumbs = [USERS, Crumb(posting.user.name, _user_url(posting))]
    return _form_page(request, form, title=f"结束岗位：{posting}", submit="结束", crumbs=crumbs)


@require_POST
@requires(Permission.MANAGE_USERS)
def user_reset(request: HttpRequest, pk: int) -> HttpResponse:
    user = _managed_user(request, pk)
    password = services.reset_password(user, by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"“{user.name}”的新密码：{password}（只显示这一次，登录后须修改）")
    return redirect("accounts:user", pk=pk)


@require_POST
@requires(Permission.MANAGE_USERS)
def user_switch(request: HttpRequest, pk: int) -> HttpResponse:
    user = _managed_user(request, pk)
    services.set_active(user, active=not user.is_active, by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"“{user.name}”已{'停用' if user.is_active else '启用'}")
    return redirect("accounts:user", pk=pk)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    context = {
        "title": "我的账号",
        "account": user,
        "postings": user.postings_today,
        "logins": LoginRecord.objects.filter(user=user)[:20],
    }
    return render(request, "accounts/profile.html", context)


@login_required
def demo_clock(request: HttpRequest) -> HttpResponse:
    """Move the demonstration's date, so that notice days can be lived through in an afternoon."""
    if not settings.DEMO:
        raise Http404("只有演示环境可以调整日期")
    form = DemoClockForm(request.POST or None, initial={"day": clock.today()})
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        set_demo_day(day)
        record(verbs.CLOCK, by=request.user, path=services.PROVINCE_PATH, subject=str(day))
        messages.success(request, f"演示日期已调整为 {day}")
        return redirect(_next(request) or "workbench")
    return _form_page(request, form, title="调整演示日期", submit="调整", crumbs=[])


@login_required
def switch_division(request: HttpRequest) -> HttpResponse:
    """Divisions of one's own subtree that match a name or pinyin; choosing one opens its households."""
    user = request.user
    assert isinstance(user, User)
    chosen = request.GET.get("division", "")
    if chosen:
        division = get_scoped_or_404(Division.objects.all(), user, code=chosen)
        return redirect(f"{reverse('households:list')}?division={division.code}")
    text = request.GET.get("q", "").strip()
    found = Division.objects.within(user.scope).filter(valid_until__isnull=True)
    if text:
        found = found.filter(name__startswith=text) | found.filter(pinyin__startswith=text.lower())
    context = {"divisions": found.order_by("path")[:30], "text": text, "title": "选择区划"}
    template = "accounts/switch_options.html" if request.htmx else "accounts/switch.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _form_page(
    request: HttpRequest, form: Form, *, title: str, submit: str, crumbs: list[Crumb]
) -> HttpResponse:
    context = {"form": form, "title": title, "submit_label": submit, "breadcrumb": crumbs}
    return render(request, "accounts/form.html", context, status=422 if form.errors else 200)


def _managed_user(request: HttpRequest, pk: int) -> User:
    scope = request.user.scope_for(Permission.MANAGE_USERS)  # type: ignore[union-attr]
    reachable = Posting.objects.within(scope).values("user_id")
    return get_object_or_404(User.objects.filter(pk__in=reachable), pk=pk)


def _user_url(row: Posting | int) -> str:
    return reverse("accounts:user", args=[row if isinstance(row, int) else row.user_id])


def _department(code: str) -> str:
    return Department(code).label if code else ""


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if safe else ""
