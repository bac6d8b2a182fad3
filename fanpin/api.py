"""The API's routes and its errors: every app's api module is named here once."""

from typing import Any

from django.urls import URLPattern
from rest_framework.response import Response
from rest_framework.views import exception_handler


def errors(exc: Exception, context: dict[str, Any]) -> Response | None:
    return exception_handler(exc, context)


urlpatterns: list[URLPattern] = []
