"""The cells of a list as HTML, and the addresses they lead to.

Built here, not in a template: a page has fifty rows of a dozen cells, and a template spends more on each of them
than the database does.
"""

from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.safestring import SafeString

from fanpin.web import formats

# Stands for the key while the address of a whole column is found once.
_STAND_IN = 987_654_321_987


def text(value: object) -> str:
    """A value as HTML: what is already safe passes, everything else is escaped."""
    if hasattr(value, "__html__"):
        return value.__html__()
    return escape(str(value))


def chip(label: object, tone: str = "grey", url: str = "") -> SafeString:
    """A state: word, icon and tone together; with an address it leads there."""
    tone = formats.tone(tone)
    icon = f'<svg class="fp-icon" aria-hidden="true"><use href="#i-{tone}"/></svg>'
    inner = icon + text(label)
    if url:
        address = text(url)
        return SafeString(f'<a class="fp-chip tone-{tone}" href="{address}">{inner}</a>')
    return SafeString(f'<span class="fp-chip tone-{tone}">{inner}</span>')


def td(
    value: object, *, css: str, label: str = "", unit: str = "", tone: str = "", url: str = "",
    title: str = "",
) -> SafeString:  # fmt: skip
    """One cell. An empty value has neither unit nor chip."""
    is_empty = value in (None, "")
    shown = text(formats.display(value))
    attributes = f' data-label="{text(label)}"' if label else ""
    if unit and not is_empty:
        attributes += f' data-unit="{text(unit)}"'
    if title:
        attributes += f' title="{text(title)}"'
    if tone and not is_empty:
        shown = chip(SafeString(shown), tone, url)
    elif url:
        shown = f'<a href="{text(url)}">{shown}</a>'
    return SafeString(f'<td class="{css}"{attributes}>{shown}</td>')


def link_to(name: str, key: str = "pk") -> Callable[[Any], str]:
    """The page of a row, for `Column(url=…)`: the named page with the row's key as its only argument.

    The address is looked up once for the column, not once a row.
    """

    def address(row: Any) -> str:
        before, after = _around(name, get_urlconf(), get_script_prefix())
        return f"{before}{getattr(row, key)}{after}"

    return address


@cache
def _around(name: str, urlconf: str | None, _prefix: str) -> tuple[str, str]:
    """What stands before and after the key."""
    before, _, after = reverse(name, urlconf, args=[_STAND_IN]).partition(str(_STAND_IN))
    return before, after
