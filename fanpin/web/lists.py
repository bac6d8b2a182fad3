"""Every list of the program: columns declared once → filter, sort, page, column choice, cards on a
phone, print view.

`render_list(request, title=…, queryset=Model.objects.within(scope), columns=[…])` answers the
whole page. The number of queries does not depend on the number of rows as long as the queryset
selects what its columns read.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString

from fanpin.web import cells, components
from fanpin.web.active_filters import active_filters, query_without, rendered_filters
from fanpin.web.export_offers import offered

PAGE_SIZE = 50
# Beyond this the count says "more than": counting a province row by row would cost more than the
# page itself.
COUNT_LIMIT = 20_000
PRINT_LIMIT = 2_000
ROWS_PER_SHEET = 26
CHOICE_COOKIE_AGE = 365 * 24 * 3600


# Text up to this length stays on one line of a list.
SHORT = 8


@dataclass(frozen=True)
class Column:
    """One column. `value`: callable(row) or attribute path "household.head_name", default the key.

    `url`, `tone`: callable(row) or text; with a tone the value shows as a chip. `align="right"`
    for numbers, `sort`: True (orders by key) or the field path(s) to order by. `hidden`: off
    until the user chooses it. `mask` hides the middle of a personal number: `value` is then the
    full one, which leaves only in an export with a reason. `masked` does the same where what is
    hidden depends on the row.
    """

    key: str
    label: str
    value: Callable[[Any], Any] | str | None = None
    url: Callable[[Any], str] | str | None = None
    align: str = ""
    sort: bool | str | Sequence[str] | None = None
    tone: Callable[[Any], str] | str | None = None
    unit: str = ""
    hidden: bool = False
    title: Callable[[Any], str] | None = None
    mask: Callable[[Any], str] | None = None
    masked: Callable[[Any], Any] | None = None

    @property
    def hides(self) -> bool:
        """Whether there is more to it than anybody may see."""
        return self.mask is not None or self.masked is not None

    @cached_property
    def _steps(self) -> list[str]:
        return str(self.value or self.key).replace("__", ".").split(".")

    def read(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        found = row
        for name in self._steps:
            found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
            if callable(found):
                found = found()
        return found

    def shown(self, row: Any) -> Any:
        """The value as anybody may see it."""
        if self.masked is not None:
            return self.masked(row)
        value = self.read(row)
        return self.mask(value) if self.mask and value else value

    def cell(self, row: Any) -> SafeString:
        """The cell of a list on screen."""
        value = self.shown(row)
        return cells.td(
            value,
            css=_class(self.align, value),
            label=self.label,
            unit=self.unit,
            url=(self.url(row) if callable(self.url) else self.url) or "",
            tone=(self.tone(row) if callable(self.tone) else self.tone) or "",
            title=self.title(row) if self.title else "",
        )

    def printed(self, row: Any) -> SafeString:
        """The cell of a list on paper: the value alone."""
        value = self.shown(row)
        return cells.td(value, css=_class(self.align, value))

    def ordering(self) -> tuple[str, ...]:
        if self.sort is True:
            return (self.key.replace(".", "__"),)
        return (self.sort,) if isinstance(self.sort, str) else tuple(self.sort or ())


def _class(align: str, value: Any) -> str:
    """Numbers stand at the right; a date is not broken at its hyphens, nor a name in its middle."""
    numeric = isinstance(value, int | float | Decimal)
    if align == "right" or (not align and numeric):
        return "num"
    if isinstance(value, datetime.date) or (isinstance(value, str) and len(value) <= SHORT):
        return f"{align} keep".strip()
    return align


@dataclass(frozen=True)
class Page:
    """Up to 50 rows of a list, with an honest count that stops at COUNT_LIMIT."""

    rows: list[Any]
    number: int
    count: int
    count_is_floor: bool
    has_next: bool
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last_row(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def count_text(self) -> str:
        return f"超过{self.count:,}" if self.count_is_floor else f"{self.count:,}"

    @property
    def neighbours(self) -> list[int]:
        """Page numbers to show: first, around the current one, last; 0 stands for the gap."""
        near = {n for n in range(self.number - 2, self.number + 3) if 1 <= n <= self.last} | {1}
        if not self.count_is_floor:
            near.add(self.last)
        found: list[int] = []
        for n in sorted(near):
            if found and n - found[-1] > 1:
                found.append(0)
            found.append(n)
        return found


def paginate(rows: Any, number: object, size: int = PAGE_SIZE) -> Page:
    """One page of a queryset (one query where the list ends on it, else two) or of a sequence (none). A number out of
    range gives the nearest page.
    """
    text = str(number or "1")
    wanted = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    found = _slice(rows, wanted, size)
    if 0 < len(found) <= size or (not found and wanted == 1):
        return Page(found, wanted, (wanted - 1) * size + len(found), False, False, size)
    stored = isinstance(rows, QuerySet)
    counted = rows.order_by()[: COUNT_LIMIT + 1].count() if stored else len(rows)
    floor = stored and counted > COUNT_LIMIT
    count = COUNT_LIMIT if floor else counted
    if not found:
        wanted = max(1, -(-count // size))
        found = _slice(rows, wanted, size)
    return Page(found[:size], wanted, count, floor, len(found) > size, size)


def _slice(rows: Any, number: int, size: int) -> list[Any]:
    """The rows of a page and one more, which says that there is a next page."""
    start = (number - 1) * size
    return list(rows[start : start + size + 1])


def render_list(
    request: HttpRequest,
    *,
    title: str,
    queryset: Any,
    columns: Sequence[Column],
    filters: type | None = None,
    search: Sequence[str] | Callable[[QuerySet, str], QuerySet] | None = None,
    search_label: str = "搜索",
    empty: str = "没有符合条件的记录。",
    empty_action: components.Action | None = None,
    actions: Iterable[object] = (),
    bulk: Iterable[object] = (),
    bulk_all: bool = False,
    figures: Iterable[object] = (),
    breadcrumb: Iterable[object] = (),
    template: str = "web/list.html",
    context: dict | None = None,
) -> HttpResponse:
    """The whole list page. `queryset` is already within the user's scope; a plain sequence is
    accepted too. `bulk_all`: the bulk actions can also take everything the filters show; they then
    get `all` and `query`, the address parameters, instead of `ids`.
    """
    key = _list_key(request)
    if "cols" in request.GET:
        return _remember_columns(request, key, columns)
    shown = _chosen(request, key, columns)
    filterset = filters(request.GET, queryset=queryset, request=request) if filters else None
    found = filterset.qs if filterset is not None else queryset
    text = request.GET.get("q", "").strip()
    if text and search:
        found = _searched(found, search, text)
    found, sort = _sorted(found, columns, request.GET.get("sort", ""))
    chips = active_filters(request, filterset, text)
    if export := getattr(request, "export", None):
        return export.take(request, title, found, shown, chips)
    printing = request.GET.get("print") == "1"
    page = paginate(
        found, 1 if printing else request.GET.get("page"), PRINT_LIMIT if printing else PAGE_SIZE
    )
    answer = {
        "title": title,
        "columns": shown,
        "heads": [_head(request, column, sort) for column in shown],
        "all_columns": [(column, column in shown) for column in columns],
        "rows": _rows(page, [c.printed if printing else c.cell for c in shown]),
        "page": page,
        "pages": [
            (n, query_without(request, "page", page=n) if n else "") for n in page.neighbours
        ],
        "previous_url": query_without(request, "page", page=page.number - 1)
        if page.number > 1
        else "",
        "next_url": query_without(request, "page", page=page.number + 1) if page.has_next else "",
        "print_url": query_without(request, "page", print=1),
        "export": offered(request, shown),
        "clear_url": request.path + "?q=",
        "hidden": [
            (k, v) for k, values in request.GET.lists() if k in ("sort", "division") for v in values
        ],
        "kept": [(k, v) for k, values in request.GET.lists() if k != "page" for v in values],
        "filters": rendered_filters(filterset),
        "filterset": filterset,
        "search": bool(search),
        "search_label": search_label,
        "q": text,
        "chips": chips,
        "empty": empty,
        "empty_action": empty_action,
        "actions": components.each(components.Action, actions),
        "bulk": components.each(components.Bulk, bulk),
        "bulk_all": bulk_all and page.count > len(page.rows),
        "figures": components.each(components.Figure, figures),
        "breadcrumb": components.each(components.Crumb, breadcrumb),
        **(context or {}),
    }
    if printing:
        answer["sheets"] = _sheets(answer["rows"])
        return render(request, "web/list_print.html", answer)
    return render(request, template, answer)


def _list_key(request: HttpRequest) -> str:
    match = request.resolver_match
    return "cols-" + (match.view_name if match else request.path).replace(":", "-").replace(
        "/", "-"
    )


def _chosen(request: HttpRequest, key: str, columns: Sequence[Column]) -> list[Column]:
    keys = [k for k in request.COOKIES.get(key, "").split("~") if k]
    chosen = [c for c in columns if c.key in keys] if keys else []
    return chosen or [c for c in columns if not c.hidden]


def _remember_columns(request: HttpRequest, key: str, columns: Sequence[Column]) -> HttpResponse:
    """The choice of columns lives in a cookie of this browser; the address stays clean."""
    wanted = set(request.GET.getlist("cols"))
    keys = [] if "" in wanted else [c.key for c in columns if c.key in wanted]
    response = HttpResponseRedirect(request.path + query_without(request, "cols"))
    if keys and keys != [c.key for c in columns if not c.hidden]:
        response.set_cookie(
            key, "~".join(keys), max_age=CHOICE_COOKIE_AGE, samesite="Lax", httponly=True
        )
    else:
        response.delete_cookie(key)
    return response


def _searched(found: Any, search: Any, text: str) -> Any:
    if callable(search):
        return search(found, text)
    return found.filter(reduce(or_, (Q(**{f"{name}__icontains": text}) for name in search)))


def _sorted(found: Any, columns: Sequence[Column], wanted: str) -> tuple[Any, str]:
    """Order by the clicked head; the primary key makes the order total, empty values come last.

    Descending is ascending read backwards, as far as no value is empty: one index serves both.
    """
    column = next((c for c in columns if c.sort and c.key == wanted.lstrip("-")), None)
    descending = wanted.startswith("-")
    if column is None:
        if isinstance(found, QuerySet) and not found.ordered:
            found = found.order_by("pk")
        return found, ""
    if not isinstance(found, QuerySet):
        filled = sorted(
            (r for r in found if column.read(r) is not None), key=column.read, reverse=descending
        )
        return filled + [r for r in found if column.read(r) is None], wanted
    order = [_ordered(found.model, name, descending) for name in column.ordering()]
    return found.order_by(*order, "-pk" if descending else "pk"), wanted


def _ordered(model: type[Model], name: str, descending: bool) -> OrderBy:
    if not descending:
        return F(name).asc()
    return F(name).desc(nulls_last=True if _may_be_empty(model, name) else None)


def _may_be_empty(model: Any, name: str) -> bool:
    """Whether any step of a field path may lead to nothing; an annotation may."""
    for step in name.split("__"):
        try:
            field = model._meta.get_field(step)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        model = field.related_model
    return False


def _head(request: HttpRequest, column: Column, sort: str) -> dict:
    state = {column.key: "ascending", f"-{column.key}": "descending"}.get(sort, "")
    wanted = f"-{column.key}" if state == "ascending" else column.key
    url = query_without(request, "page", sort=wanted) if column.sort else ""
    return {"column": column, "state": state, "url": url}


def _rows(page: Page, drawn: Sequence[Callable[[Any], SafeString]]) -> list[dict]:
    return [
        {
            "pk": _pk(row),
            "number": number,
            "cells": SafeString("".join([draw(row) for draw in drawn])),
        }
        for number, row in enumerate(page.rows, page.first_row)
    ]


def _pk(row: Any) -> Any:
    return row.get("pk", row.get("id", "")) if isinstance(row, dict) else getattr(row, "pk", "")


def _sheets(rows: list[dict]) -> list[list[dict]]:
    """Rows cut into printed sheets, so that each carries its head and "第 x 页，共 y 页" in every
    browser.
    """
    return [rows[i : i + ROWS_PER_SHEET] for i in range(0, len(rows), ROWS_PER_SHEET)] or [[]]
