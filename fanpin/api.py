"""The API's routes and its errors: every app's api module is named here once."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404
from django.urls import URLPattern, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

import counties.api
import fanpin.jobs.api
import households.api
import monitoring.api

ROUTERS = (
    households.api.router,
    monitoring.api.router,
    counties.api.router,
    fanpin.jobs.api.router,
)
NOT_FOUND = "没有找到，或不在您的辖区"


def errors(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as {"reasons": [{"text", "field", "url", "clause"}]}: 400 not ready, 403 not yours to do, 404."""
    if isinstance(exc, ValidationError):
        set_rollback()
        body: dict[str, Any] = {"reasons": _reasons(exc)}
        if isinstance(getattr(exc, "version", None), int):
            body["version"] = exc.version  # type: ignore[attr-defined]
        return Response(body, status=status.HTTP_400_BAD_REQUEST)
    if isinstance(exc, Http404):
        set_rollback()
        return _answer(NOT_FOUND, status.HTTP_404_NOT_FOUND)
    if isinstance(exc, PermissionDenied):
        set_rollback()
        return _answer(str(exc) or "您没有权限", status.HTTP_403_FORBIDDEN)
    response = exception_handler(exc, context)
    if response is not None and isinstance(exc, exceptions.APIException):
        response.data = {"reasons": list(_flat(exc.detail))}
    return response


def _reasons(refusal: ValidationError) -> list[dict[str, str]]:
    if hasattr(refusal, "reasons"):
        return [
            {"text": r.text, "field": r.field, "url": str(r.url), "clause": r.clause}
            for r in refusal.reasons
        ]
    if hasattr(refusal, "error_dict"):
        return [
            _reason(text, "" if name == NON_FIELD_ERRORS else name)
            for name, texts in refusal.message_dict.items()
            for text in texts
        ]
    return [_reason(text) for text in refusal.messages]


def _flat(detail: Any, field: str = "") -> Any:
    """DRF's nested details as reasons; a place inside a list reads members.0.name."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name in ("non_field_errors", "detail") else str(name)
            yield from _flat(inner, ".".join(part for part in (field, own) if part))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            place = f"{field}.{number}" if isinstance(inner, dict) and inner else field
            yield from _flat(inner, place)
    else:
        yield _reason(str(detail), field)


def _reason(text: str, field: str = "") -> dict[str, str]:
    return {"text": text, "field": field, "url": "", "clause": ""}


def _answer(text: str, code: int) -> Response:
    return Response({"reasons": [_reason(text)]}, status=code)


urlpatterns: list[URLPattern] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    *(route for router in ROUTERS for route in router.urls),
]
