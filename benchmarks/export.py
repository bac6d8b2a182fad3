"""A list of 100,000 rows × 30 columns as XLSX, and the household list from the database as it is shown.

peer   XlsxWriter with constant_memory, the same rows in the same run
ours   the product's path: cells by column in blocks, row XML by polars, one deflated stream
Seconds of CPU; memory is how far the process grows while it writes.
"""

import datetime
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.memory import growth
from benchmarks.pages import COUNTY, HOUSEHOLDS, fill, reviewer
from fanpin.sheets.writing import Stream, stream_xlsx
from fanpin.web.exporting import BLOCK, Export, ask, frame_of
from households.models import Household
from households.views.register import COLUMNS as LIST

try:
    import xlsxwriter
except ModuleNotFoundError:  # the peer comes with requirements-dev.txt
    xlsxwriter = None

ROWS = {"village": 2_000, "county": 100_000, "province": 400_000}
COLUMNS = 30
REPEATS = 3
ALL = "~".join(column.key for column in LIST)


def measure(size: str) -> list[dict[str, Any]]:
    rows = ROWS[size]
    if xlsxwriter is None:
        return [_list(size)]
    runs = [(_timed(_ours, rows), _timed(_peer, rows)) for _ in range(REPEATS)]
    ours, peer = (median(run[n]["cpu"] for run in runs) for n in (0, 1))
    line = {
        "name": "export",
        "size": size,
        "rows": rows,
        "columns": COLUMNS,
        "peer": round(peer, 2),
        "ours": round(ours, 2),
        "times_peer": round(median(theirs["cpu"] / own["cpu"] for own, theirs in runs), 1),
        "memory_mb": round(max(run[0]["memory"] for run in runs)),
        "peer_memory_mb": round(max(run[1]["memory"] for run in runs)),
    }
    return [line, _list(size)]


def _row(n: int) -> tuple[Any, ...]:
    """Numbers of households and people, names, words of code lists, dates, money: as a list has them."""
    day = datetime.date(2021, 1, 1) + datetime.timedelta(days=n % 300)
    text = (
        f"6204211002{n:07d}",
        f"王建国{n % 97}",
        "泰和村",
        "脱贫户",
        "监测中",
        f"620421********{n % 10000:04d}",
    )
    return (*text, n % 8, n % 30000 + 0.25, day.isoformat(), n % 3, *text, n % 9, *text, "是", "否", n * 0.5,
            *text[:4])  # fmt: skip


def _rows(count: int) -> Iterator[tuple[Any, ...]]:
    return (_row(n) for n in range(count))


def _timed(act: Callable[[int, Path], None], rows: int) -> dict[str, float]:
    """CPU seconds and growth of memory in MB."""
    with tempfile.TemporaryDirectory() as folder, growth() as grown:
        began = time.process_time()
        act(rows, Path(folder) / "列表.xlsx")
        cpu = time.process_time() - began
    return {"cpu": cpu, "memory": grown.mb}


def _ours(rows: int, path: Path) -> None:
    assert len(_row(0)) == COLUMNS
    readers = [(lambda row, n=n: row[n]) for n in range(COLUMNS)]

    def frames() -> Iterator[Any]:
        for start in range(0, rows, BLOCK):
            yield frame_of([_row(n) for n in range(start, min(start + BLOCK, rows))], readers)

    heads = [f"列{n}" for n in range(COLUMNS)]
    stream_xlsx(str(path), Stream("列表", heads, frames(), lambda count: f"共{count}条"))


def _peer(rows: int, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("列表")
    sheet.write_row(0, 0, [f"列{n}" for n in range(COLUMNS)])
    for n, row in enumerate(_rows(rows), 1):
        sheet.write_row(n, 0, row)
    book.close()


def _list(size: str) -> dict[str, Any]:
    """The household list with all its columns, through its own view, from the database."""
    if not Household.objects.exists():
        fill(HOUSEHOLDS[size])
    user = reviewer("bench-export")
    cookies = {"cols-households-list": ALL}
    with tempfile.TemporaryDirectory() as folder, growth() as grown:
        began = time.perf_counter()
        done = ask(user, f"/households/?division={COUNTY}", cookies, Export("xlsx", Path(folder)))
        seconds = time.perf_counter() - began
    return {
        "name": "export_household_list",
        "size": size,
        "rows": done.count,
        "columns": len(LIST),
        "ours": round(seconds, 2),
        "memory_mb": grown.mb,
    }
