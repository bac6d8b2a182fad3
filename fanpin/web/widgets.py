"""What turns a plain Django widget into ours at rendering: classes, pinyin on options, dates as
yyyy-mm-dd.

Forms stay plain Django forms; `decorate` is called by the field tags for each bound field. Dates
are text inputs because `<input type=date>` follows the browser's language (mm/dd/yyyy in an
English one); forms.js adds a small calendar to inputs with `data-date`.
"""

from functools import lru_cache, wraps
from typing import Any

from django.forms import BoundField, DateField, widgets
from django.utils.safestring import SafeString
from pypinyin import Style, lazy_pinyin

from fanpin.files import holding

PLAIN = (widgets.CheckboxInput, widgets.RadioSelect, widgets.CheckboxSelectMultiple)

DATE_LOOK = {
    "data-date": "",
    "placeholder": "年-月-日",
    "maxlength": 10,
    "autocomplete": "off",
    "inputmode": "numeric",
    "title": "写作2021-11-08",
}


@lru_cache(maxsize=20_000)
def initials(label: str) -> str:
    """First letters of the pinyin of a label: 兰州市 → lzs."""
    return "".join(part[:1] for part in lazy_pinyin(label, style=Style.NORMAL)).lower()


def kind_of(widget: widgets.Widget) -> str:
    """The sort of control, as the field template needs it."""
    if isinstance(widget, widgets.CheckboxSelectMultiple | widgets.RadioSelect):
        return "options"
    if isinstance(widget, widgets.CheckboxInput):
        return "check"
    if isinstance(widget, widgets.MultiWidget):
        return "range"
    return "select" if isinstance(widget, widgets.Select) else "input"


def held_files(bound: BoundField) -> list[tuple[str, str]]:
    """(signed word, name) of the files chosen in a form that is shown again; they need not be chosen twice."""
    is_file = isinstance(bound.field.widget, widgets.FileInput)
    if not is_file or not bound.form.is_bound or bound.errors:
        return []
    given = bound.data if isinstance(bound.data, list | tuple) else [bound.data]
    held = [(holding.hold(upload), upload.name) for upload in given if upload]
    return [(word, name) for word, name in held if word]


def decorate(bound: BoundField, blank: str = "请选择", **extra: Any) -> SafeString:
    """The control of a bound field in our look."""
    widget = bound.field.widget
    attrs = {key: value for key, value in extra.items() if value not in (None, "", False)}
    if isinstance(widget, widgets.MultiWidget):
        for part, inner in zip(widget.widgets, getattr(bound.field, "fields", ()), strict=False):
            part.attrs.update(_look(part))
            if isinstance(inner, DateField):
                part.attrs.update(DATE_LOOK)
    else:
        attrs = {**_look(widget), **attrs}
    if isinstance(widget, widgets.Select) and not isinstance(widget, PLAIN):
        _prepare_options(widget, blank)
    return bound.as_widget(attrs=attrs)


def _look(widget: widgets.Widget) -> dict[str, Any]:
    own = str(widget.attrs.get("class", ""))
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        # Django puts these attributes on the frame around the options too.
        return {}
    if isinstance(widget, PLAIN):
        return {"class": f"form-check-input {own}".strip()}
    if isinstance(widget, widgets.Select):
        return {"class": f"form-select {own}".strip()}
    look: dict[str, Any] = {"class": f"form-control {own}".strip()}
    if isinstance(widget, widgets.DateInput):
        widget.format = widget.format or "%Y-%m-%d"
        widget.input_type = "text"
        look |= DATE_LOOK
    elif isinstance(widget, widgets.NumberInput):
        # A wheel over type=number changes the value unseen; text with a numeric keyboard does
        # not.
        widget.input_type = "text"
        look |= {"inputmode": "decimal", "data-number": "", "autocomplete": "off"}
    elif isinstance(widget, widgets.Textarea):
        look["rows"] = (
            widget.attrs.get("rows") if widget.attrs.get("rows") not in (None, "10") else 2
        )
        look["cols"] = None
    elif not isinstance(widget, widgets.FileInput):
        look["autocomplete"] = widget.attrs.get("autocomplete", "off")
    return {key: value for key, value in look.items() if value is not None}


def _prepare_options(widget: Any, blank: str) -> None:
    """Each option carries its initials, so that forms.js can open it by typed letters."""
    if getattr(widget, "is_prepared", False):
        return
    original = widget.create_option

    @wraps(original)
    def create_option(name, value, label, *args, **kwargs):  # type: ignore[no-untyped-def]
        if not str(label).strip("-"):
            label = blank
        option = original(name, value, label, *args, **kwargs)
        option["attrs"]["data-pinyin"] = initials(str(label))
        return option

    widget.create_option = create_option
    widget.is_prepared = True
