"""The component tags: one component for one idea, all of them shown on the gallery page
(web:gallery).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, FileInput
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from fanpin import clock
from fanpin.web import cells, components, formats, sessions, widgets

register = template.Library()

register.simple_tag(cells.chip)

for _name in (
    "money",
    "int1000",
    "ymd",
    "ymdhm",
    "ym",
    "mask_id",
    "mask_phone",
    "mask_name",
    "tone",
    "display",
):
    register.filter(_name, getattr(formats, _name))


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """`mapping|lookup:key`, None when absent."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def today() -> str:
    """The business day, as the clock says (a demonstration may have set it)."""
    return clock.today().isoformat()


@register.simple_tag
def url_or_blank(name: str, *args: Any, **kwargs: Any) -> str:
    """A URL, or "" while no app provides it: the frame shows only what is there."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def session_seconds(context: template.Context) -> int:
    """Seconds until the session ends, for the warning in the browser; 0 for a stranger."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return (
        sessions.seconds_left(request.session) if request and user and user.is_authenticated else 0
    )


@register.inclusion_tag("web/figure.html")
def figure(label: str, value: object, url: str = "", unit: str = "", tone: str = "") -> dict:
    """A number of the page head that leads to the list behind it."""
    return {"label": label, "value": value, "url": url, "unit": unit, "tone": tone}


@register.inclusion_tag("web/problems.html")
def problems(source: object, title: str = "") -> dict:
    """All problems of a form, formset, Verdict, findings or strings, errors first, each with its
    remedy.
    """
    found = components.problems_of(source)
    errors = [p for p in found if p.severity != "warn"]
    return {
        "errors": errors,
        "warnings": [p for p in found if p.severity == "warn"],
        "title": title,
    }


@register.inclusion_tag("web/field.html")
def field(
    bound: BoundField, unit: str = "", previous: Any = None, span: int = 1, hint: str = ""
) -> dict:
    """One field: label above, unit inside, beneath it errors, what is open about it, last year's value."""
    form = bound.form
    kind = widgets.kind_of(bound.field.widget)
    previous = previous if previous is not None else getattr(form, "previous", {}).get(bound.name)
    unit = unit or getattr(form, "units", {}).get(bound.name, "")
    errors = _errors(bound)
    noted = [] if errors else getattr(form, "noted", {}).get(bound.name, [])
    input_id = bound.id_for_label or bound.auto_id
    explained = getattr(form, "explanations", {}).get(bound.name, "")
    explained_by = f" {input_id}-explained" if explained else ""
    return {
        "bound": bound,
        "kind": kind,
        "unit": unit,
        "span": span,
        "errors": errors,
        "noted": noted,
        "input_id": input_id,
        "help": hint or bound.help_text,
        "explained": explained,
        "hidden": bound.is_hidden,
        "held": widgets.held_files(bound),
        "takes_files": isinstance(bound.field.widget, FileInput),
        "stays": "hx-preserve" in bound.field.widget.attrs,
        "has_previous": previous is not None,
        "previous": formats.display(_label_of(bound, previous)),
        "control": widgets.decorate(
            bound,
            **{
                "aria-describedby": f"{input_id}-notes" + explained_by,
                "aria-invalid": "true" if errors else "",
                "data-previous": _raw(bound, previous),
            },
        ),
    }


@register.inclusion_tag("web/fieldset.html")
def fieldset(title: str, form: BaseForm, names: str, note: str = "") -> dict:
    """A titled grid of fields. names: "f1 f2:2 f3" – a number after the colon is the width in
    columns.
    """
    cells = []
    for word in names.split():
        name, _, span = word.partition(":")
        if name in form.fields:
            cells.append((form[name], int(span or 1)))
    return {"title": title, "cells": cells, "note": note}


@register.inclusion_tag("web/action.html", takes_context=True)
def action(
    context: template.Context,
    label: str,
    url: str = "",
    method: str = "get",
    tone: str = "",
    disabled: Any = None,
    confirm: str = "",
    hotkey: str = "",
    **fields: Any,
) -> dict:
    """A link, or a form of one button (`method="post"`); off with its reasons when the verdict
    refuses.
    """
    return {
        "label": label,
        "url": url,
        "method": method,
        "tone": _button(tone),
        "confirm": confirm,
        "hotkey": hotkey,
        "fields": fields,
        "csrf_token": context.get("csrf_token"),
        **_refusal(disabled),
    }


@register.inclusion_tag("web/action.html", takes_context=True)
def action_of(context: template.Context, item: Any) -> dict:
    """The same from an `Action` (or a tuple or mapping like one)."""
    item = components.one(components.Action, item)
    return {
        "label": item.label,
        "url": item.url,
        "method": item.method,
        "tone": _button(item.tone),
        "confirm": item.confirm,
        "hotkey": item.hotkey,
        "fields": item.fields,
        "csrf_token": context.get("csrf_token"),
        **_refusal(item.disabled),
    }


@register.inclusion_tag("web/submit.html")
def submit(
    label: str = "保存",
    tone: str = "primary",
    name: str = "",
    value: str = "",
    form: str = "",
    disabled: Any = None,
    hotkey: str = "",
    confirm: str = "",
) -> dict:
    """A submit button of its form, or of the one with id `form`. hotkey="save" is Ctrl+S."""
    return {
        "label": label,
        "tone": _button(tone),
        "name": name,
        "value": value,
        "form": form,
        "hotkey": hotkey,
        "confirm": confirm,
        **_refusal(disabled),
    }


@register.inclusion_tag("web/facts.html")
def facts(pairs: Any, columns: int = 4) -> dict:
    """A definition grid of (label, value, url, unit, tone)."""
    return {"facts": components.each(components.Fact, pairs), "columns": columns}


@register.inclusion_tag("web/breadcrumb.html")
def crumbs(items: Any) -> dict:
    """Where the page stands: (label, url) from the top down."""
    return {"breadcrumb": components.each(components.Crumb, items or ())}


@register.inclusion_tag("web/stepper.html")
def stepper(steps: Any) -> dict:
    return {"steps": components.each(components.Step, steps)}


@register.inclusion_tag("web/timeline.html")
def timeline(entries: Any, empty: str = "还没有记录。") -> dict:
    return {"entries": components.each(components.Entry, entries), "empty": empty}


@register.inclusion_tag("web/tabs.html")
def tabs(items: Any) -> dict:
    return {"items": components.each(components.TabItem, items)}


@register.inclusion_tag("web/progress.html")
def progress(job: Any) -> dict:
    """A job's bar: n of m, per cent, message. Reads `done`, `total`, `message` of the object or
    mapping.
    """
    read = job.get if hasattr(job, "get") else lambda key, default=None: getattr(job, key, default)
    done, total = int(read("done", 0) or 0), int(read("total", 0) or 0)
    percent = min(100, done * 100 // total) if total else 0
    return {"done": done, "total": total, "percent": percent, "message": read("message", "") or ""}


@register.inclusion_tag("web/bars.html")
def bars(rows: Any, caption: str = "", unit: str = "", head: str = "名称") -> dict:
    """A bar chart that is its own table: label, bar from zero, value; each `Bar` a link.

    The longest bar fills the width, a share fills its share of it.
    """
    items = components.each(components.Bar, rows)
    longest = max((float(item.value or 0) for item in items), default=0) or 1
    top = 100 if unit == "%" else longest
    drawn = [{"bar": item, "segments": _segments(item, top)} for item in items]
    legend = {part[1]: part[2] for item in items for part in item.parts if len(part) > 2}
    return {"rows": drawn, "caption": caption, "unit": unit, "head": head, "legend": legend}


def _segments(item: components.Bar, top: float) -> list[dict]:
    parts = item.parts or ((item.value, item.tone, ""),)
    left, found = 0.0, []
    for value, tone, *label in parts:
        width = max(0.0, float(value or 0)) / top * 100
        found.append(
            {
                "x": f"{left:.2f}%",
                "width": f"{width:.2f}%",
                "tone": formats.tone(tone),
                "title": f"{label[0] if label else item.label} {formats.int1000(value)}",
            }
        )
        left += width
    return found


def _button(tone: str) -> str:
    """Buttons come in three: the main one, the plain one and the dangerous one."""
    if tone in ("primary", "blue", "green"):
        return "primary"
    return "red" if tone in ("red", "danger") else "plain"


def _refusal(verdict: Any) -> dict:
    """disabled=None means allowed; a Verdict refuses when not ok; True refuses; text or lists are
    reasons.
    """
    if verdict is None or verdict is False or verdict == "":
        return {"off": False, "reasons": []}
    if verdict is True:
        return {"off": True, "reasons": []}
    if hasattr(verdict, "ok"):
        return {
            "off": not verdict.ok,
            "reasons": [] if verdict.ok else components.problems_of(verdict),
        }
    reasons = components.problems_of(verdict)
    return {"off": bool(reasons), "reasons": reasons}


def _errors(bound: BoundField) -> list[components.Problem]:
    if not bound.form.is_bound:
        return []
    errors = bound.form.errors.as_data().get(bound.name, [])
    return [
        components.Problem(text, components.remedy_of(error))
        for error in errors
        for text in components.texts_of(error)
    ]


def _raw(bound: BoundField, previous: Any) -> str | SafeString:
    """Last year's value as the control itself would hold it, for the mark of a changed field."""
    if previous is None or isinstance(previous, list | tuple | set):
        return ""
    if isinstance(previous, bool):
        return "1" if previous else "0"
    if isinstance(previous, Decimal):
        return f"{previous:f}"
    if isinstance(previous, datetime):
        return f"{localtime(previous):%Y-%m-%d %H:%M}"
    if isinstance(previous, date):
        return previous.isoformat()
    shown = bound.field.widget.format_value(bound.field.prepare_value(previous))
    return str(shown[0] if isinstance(shown, list | tuple) and shown else shown or "")


def _label_of(bound: BoundField, value: Any) -> Any:
    """The label of a stored code, when the field has choices."""
    choices = getattr(bound.field, "choices", None)
    if isinstance(value, Decimal) and (getattr(bound.field, "decimal_places", 0) or 0) > 2:
        return f"{value.normalize():f}"
    if isinstance(value, int) and not isinstance(value, bool) and bound.name.endswith("year"):
        return str(value)
    if value in (None, "") or not choices or hasattr(choices, "queryset"):
        return value
    if isinstance(value, list | tuple | set):
        return [_label_of(bound, part) for part in value]
    return next((label for code, label in choices if str(code) == str(value)), value)
