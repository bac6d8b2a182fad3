"""The filter line of a list: its controls, and the active filters as chips that can be taken off
one by one.
"""

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest

from fanpin.web import formats, widgets


@dataclass(frozen=True)
class Active:
    """An active filter and the address of the list without it."""

    label: str
    value: str
    url: str


def query_without(request: HttpRequest, *names: str, **changes: object) -> str:
    """The query string of this page without `names`, with `changes`; always begins with "?"."""
    query = request.GET.copy()
    for name in (*names, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = str(value)
    return "?" + query.urlencode()


def rendered_filters(filterset: Any) -> list[dict]:
    """Each filter's control, small, with its label."""
    if filterset is None:
        return []
    return [
        {
            "bound": bound,
            "kind": widgets.kind_of(bound.field.widget),
            "control": widgets.decorate(bound, blank="全部"),
            "errors": list(bound.errors),
        }
        for bound in filterset.form
    ]


def active_filters(request: HttpRequest, filterset: Any, text: str) -> list[Active]:
    """What narrows the list now."""
    found = [Active("搜索", text, query_without(request, "q", "page"))] if text else []
    if filterset is None:
        return found
    form = filterset.form
    for bound in form:
        if bound.errors:
            continue
        value = form.cleaned_data.get(bound.name) if hasattr(form, "cleaned_data") else None
        if value in (None, "", []) or (hasattr(value, "exists") and not value):
            continue
        keys = [
            k for k in request.GET if k == bound.html_name or k.startswith(f"{bound.html_name}_")
        ]
        if keys:
            found.append(
                Active(str(bound.label), _text(bound, value), query_without(request, *keys, "page"))
            )
    return found


def _text(bound: BoundField, value: Any) -> str:
    if isinstance(value, slice):
        return f"{formats.display(value.start)} 至 {formats.display(value.stop)}"
    if isinstance(value, list | tuple | set):
        return "、".join(_text(bound, part) for part in value)
    if isinstance(value, bool):
        return str(formats.display(value))
    choices = getattr(bound.field, "choices", None)
    if choices and not hasattr(bound.field, "queryset"):
        return str(
            next((label for code, label in _flat(choices) if str(code) == str(value)), value)
        )
    return str(formats.display(value))


def _flat(choices: Any) -> list[tuple]:
    found: list[tuple] = []
    for code, label in choices:
        found += list(label) if isinstance(label, list | tuple) else [(code, label)]
    return found
