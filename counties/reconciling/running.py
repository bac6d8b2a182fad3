"""The steps of a run: each file is read once, each kind found is compared once. What is done stays done."""

import time
from collections.abc import Callable

from counties.models import NationalFile, Reconciliation
from counties.reconciling.layouts import LAYOUTS
from counties.reconciling.meeting import meet
from counties.reconciling.receiving import receive, texts_of
from counties.services import reconciling as services

Advance = Callable[[int, int, str], None]


def run(row: Reconciliation, *, advance: Advance) -> None:
    """Go through what is not done yet; a later attempt goes on behind the last whole step."""
    files = list(row.files.select_related("run__division"))
    total = len(files) + len(LAYOUTS)
    for done, file in enumerate(files):
        if file.state == NationalFile.State.WAITING:
            advance(done, total, f"正在读取“{file.original_name}”")
            receive(file)
            file.refresh_from_db()
    kinds = [kind for kind in LAYOUTS if any(kind in file.kinds for file in files)]
    total = len(files) + len(kinds)
    finished = set(row.parts.values_list("kind", flat=True))
    for done, kind in enumerate(kinds, start=len(files)):
        if kind not in finished:
            advance(done, total, f"正在核对{LAYOUTS[kind].title}")
            _compare(row, kind, [file for file in files if kind in file.kinds])
    services.finish(row)
    advance(total, total, "对账完成")


def _compare(row: Reconciliation, kind: str, files: list[NationalFile]) -> None:
    started = time.monotonic()
    theirs = [texts_of(file, kind) for file in files]
    met = meet(LAYOUTS[kind], theirs, row.division, row.campaign)
    seconds = round(time.monotonic() - started, 2)
    services.take_part(row, kind=kind, items=met.items, rows=met.rows, seconds=seconds)
