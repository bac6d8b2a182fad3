"""The stock admin keeps policy data only; our own login lets people in, and rights come from posts alone."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def login(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Our login page with its lock-out, and then back; somebody else's account is told so instead of asked again."""
    wanted = request.GET.get("next") or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(wanted)
    if not admin.site.has_permission(request):
        raise PermissionDenied("系统维护只对系统管理员开放")
    return redirect("admin:index")


admin.site.login = login  # type: ignore[method-assign]
# A group would be a page without effect.
admin.site.unregister(Group)
