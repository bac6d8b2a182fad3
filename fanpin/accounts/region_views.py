"""The division tree as pages: it needs to know who asks, so it stands above the tree itself."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fanpin.accounts import verbs
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division, Level
from fanpin.regions.services import add_hamlet
from fanpin.web.components import Action, Crumb
from fanpin.web.lists import Column, render_list

P = Permission


class HamletForm(forms.Form):
    name = forms.CharField(label="自然村（村民小组）名称", max_length=60)


@requires(P.EDIT_DIVISIONS, P.VIEW_PARAMETERS)
def division_list(request: HttpRequest) -> HttpResponse:
    """The divisions right below my own, or below the one in ?parent=; a name or pinyin searches my whole subtree."""
    user = request.user
    assert isinstance(user, User)
    mine = Division.objects.within(user.scope)
    parent = None
    if code := request.GET.get("parent"):
        parent = get_scoped_or_404(Division.objects.all(), user, code=code)
        rows = mine.filter(parent=parent)
    elif request.GET.get("q"):
        rows = mine
    else:
        rows = Division.objects.filter(code__in=[p.division_id for p in user.postings_today])
    return render_list(
        request,
        title=parent.name if parent else "行政区划",
        queryset=rows.order_by("path"),
        columns=[
            Column("code", "代码", sort=True),
            Column("name", "名称", url=_children_url, sort=True),
            Column("level", "层级", value=lambda d: d.get_level_display()),
            Column("full_name", "全称"),
            Column("valid_from", "启用日期"),
            Column("valid_until", "停用日期"),
        ],
        search=("name__startswith", "pinyin__startswith", "code__startswith"),
        empty="下面没有区划。",
        actions=_actions(user, parent),
        breadcrumb=_crumbs(user, parent),
    )


@requires(P.EDIT_DIVISIONS)
def hamlet_create(request: HttpRequest, code: str) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    village = get_scoped_or_404(Division.objects.filter(level=Level.VILLAGE), user, code=code)
    may_add_hamlet(user, village).require()
    form = HamletForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                hamlet = add_hamlet(village, name=form.cleaned_data["name"])
                record(verbs.HAMLET, by=user, on=hamlet, path=hamlet.path)
        except ValidationError as refusal:
            form.add_error("name", refusal.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, f"已新增自然村“{hamlet}”")
            return redirect(_children_url(village))
    context = {
        "form": form,
        "title": "新增自然村",
        "submit_label": "新增",
        "breadcrumb": [*_crumbs(user, village), Crumb(village.name, _children_url(village))],
    }
    return render(request, "accounts/form.html", context, status=422 if form.errors else 200)


def may_add_hamlet(user: User, village: Division) -> Verdict:
    if not user.may(P.EDIT_DIVISIONS, village.path):
        return Verdict.denied("您的岗位不能在该村新增自然村")
    return Verdict.yes()


def _actions(user: User, parent: Division | None) -> list[Action]:
    found = _adjusting(user, parent)
    if parent is not None and parent.level == Level.VILLAGE and user.holds(P.EDIT_DIVISIONS):
        url = reverse("regions:hamlet_create", args=[parent.code])
        may = may_add_hamlet(user, parent)
        found.append(Action("新增自然村", url, tone="primary", disabled=may))
    return found


def _adjusting(user: User, parent: Division | None) -> list[Action]:
    """The pages of adjustments belong to an app above, which knows who lives where."""
    found = []
    if parent is not None and parent.level != Level.HAMLET and user.holds(P.VIEW_HOUSEHOLDS):
        found.append(
            Action("某日归属农户", reverse("counties:households_then", args=[parent.code]))
        )
    if not user.holds(P.ADJUST_DIVISIONS):
        return found
    found.append(Action("区划调整", reverse("counties:adjustments")))
    if parent is not None and parent.level in (Level.TOWNSHIP, Level.VILLAGE, Level.HAMLET):
        found.append(Action(f"调整{parent.name}", reverse("counties:adjust", args=[parent.code])))
    return found


def _crumbs(user: User, division: Division | None) -> list[Crumb]:
    root = Crumb("行政区划", reverse("regions:list"))
    if division is None:
        return []
    upper = []
    above = division.parent
    while above is not None and user.scope.covers(above.path):
        upper.append(Crumb(above.name, _children_url(above)))
        above = above.parent
    return [root, *reversed(upper)]


def _children_url(division: Division) -> str:
    return f"{reverse('regions:list')}?parent={division.code}"
