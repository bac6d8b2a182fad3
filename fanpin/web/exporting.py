"""Any list as a file, as it is shown: the list's own view is asked once more with an `Export` on the request, so that
filters, scope, permissions, columns and order are the same and declared once.
"""

import datetime
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve

from fanpin import clock
from fanpin.audit.recording import record
from fanpin.audit.verbs import register
from fanpin.sheets.writing import Stream, stream_csv, stream_xlsx
from fanpin.web import export_offers, formats

BLOCK = 2_000
KINDS = ("xlsx", "csv")
EXPORTED = register("list.exported", "导出{subject}")
EXPORTED_IN_FULL = register("list.exported_in_full", "导出{subject}（显示完整证件号码）")
NUMBERS = (int, float, Decimal)


@dataclass
class Export:
    """What one export is asked for and, afterwards, what came of it. `kind` "" only counts."""

    kind: str
    folder: Path
    full: bool = False
    reason: str = ""
    advance: Callable[[int, int], None] = lambda done, total: None
    count: int | None = None
    file: Path | None = None
    title: str = field(default="", init=False)

    def take(
        self, request: HttpRequest, title: str, rows: Any, columns: Sequence[Any], chips: Sequence
    ) -> HttpResponse:
        """The list hands over what it would show; inside its view, so the user's scope is that of the list."""
        user: Any = request.user
        export_offers.require(user, full=self.full)
        self.title = title
        total = rows.count() if isinstance(rows, QuerySet) else len(rows)
        if self.kind:
            said = "　".join(f"{chip.label}：{chip.value}" for chip in chips)
            total = self._write(user, rows, columns, total, said)
        self.count = total
        return HttpResponse(status=204)

    def _write(
        self, user: Any, rows: Any, columns: Sequence[Any], total: int, conditions: str
    ) -> int:
        at = clock.now()
        self.file = self.folder / f"{self.title}-{formats.ymd(at)}.{self.kind}".replace("/", "-")

        def caption(count: int) -> str:
            parts = [self.title, f"截至{formats.ymdhm(at)}", f"共{count:,}条", f"导出：{user.name}"]
            return "　".join([*parts, f"条件（{conditions}）"] if conditions else parts)

        part = Stream(
            title=self.title[:31],
            heads=[f"{c.label}（{c.unit}）" if c.unit else c.label for c in columns],
            frames=self._frames(rows, columns, total),
            caption=caption,
            widths=[max(10, 2 * len(column.label) + 4) for column in columns],
        )
        with self.file.open("wb") as out:
            count = stream_xlsx(out, part) if self.kind == "xlsx" else stream_csv(out, part)
        self._record(user, count, columns, conditions)
        return count

    def _frames(self, rows: Any, columns: Sequence[Any], total: int) -> Iterator[pl.DataFrame]:
        found = rows.iterator(chunk_size=BLOCK) if isinstance(rows, QuerySet) else iter(rows)
        readers = [c.read if self.full or not c.hides else c.shown for c in columns]
        done = 0
        while block := list(islice(found, BLOCK)):
            yield frame_of(block, readers)
            done += len(block)
            self.advance(done, max(done, total))

    def _record(self, user: Any, count: int, columns: Sequence[Any], conditions: str) -> None:
        for path in user.scope.paths:
            record(
                EXPORTED_IN_FULL if self.full else EXPORTED,
                by=user,
                path=path,
                subject=f"{self.title}{count}条",
                after={"format": self.kind, "columns": [c.label for c in columns], "conditions": conditions},
                note=self.reason,
            )  # fmt: skip


def frame_of(rows: Sequence[Any], readers: Sequence[Callable[[Any], Any]]) -> pl.DataFrame:
    """The cells by column: numbers stay numbers, everything else is text as it is shown."""
    return pl.DataFrame(
        {f"{n}": _series([read(row) for row in rows]) for n, read in enumerate(readers)}
    )


def _series(values: list[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int}:
        return pl.Series(values, dtype=pl.Int64)
    if kinds and kinds <= {int, float, Decimal}:
        return pl.Series([None if v is None else float(v) for v in values], dtype=pl.Float64)
    if kinds <= {str}:
        return pl.Series(values, dtype=pl.String)
    return pl.Series([_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, datetime.date | bool | list | tuple | set):
        return str(formats.display(value))
    return str(value)


def ask(user: Any, address: str, cookies: dict[str, str], export: Export) -> Export:
    """Have the list at an address of this system fill the export, as this user sees it. 404 when it is no list."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404 as unknown:
        raise Http404("没有这个列表") from unknown
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", parts.path, parts.path
    request.GET = _plain(parts.query)  # type: ignore[assignment]
    request.COOKIES, request.user, request.resolver_match = cookies, user, match
    request.export = export  # type: ignore[attr-defined]
    match.func(request, *match.args, **match.kwargs)
    if export.count is None:
        raise Http404("这一页不能导出")
    return export


def _plain(query: str) -> QueryDict:
    """The list's conditions without what only concerns one screen."""
    found = QueryDict(query, mutable=True)
    for name in ("page", "print", "cols"):
        found.pop(name, None)
    return found


def folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="export-")
