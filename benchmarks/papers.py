"""A village of 60 household cards as one PDF and as one workbook: seconds and growth of peak memory."""

import time
from typing import Any

from benchmarks.memory import growth
from benchmarks.pages import fill
from fanpin import clock
from fanpin.papers.declaring import Printing, papers
from fanpin.papers.many import CHUNK
from fanpin.papers.pdf import joined, pdf_of
from fanpin.papers.workbook import xlsx_of
from households.models import Household

VILLAGES = {"village": 1, "county": 1, "province": 10}
CARDS = 60


def measure(size: str) -> list[dict[str, Any]]:
    count = CARDS * VILLAGES[size]
    if Household.objects.count() < count:
        fill(count)
    ids = list(Household.objects.order_by("hh_code").values_list("pk", flat=True)[:count])
    return [_timed(kind, ids, size) for kind in ("pdf", "xlsx")]


def _timed(kind: str, ids: list[int], size: str) -> dict[str, Any]:
    with growth() as grown:
        began, cpu = time.perf_counter(), time.process_time()
        data = _made(kind, ids)
    return {
        "name": f"papers_{kind}",
        "size": size,
        "rows": len(ids),
        "ours": round(time.perf_counter() - began, 2),
        "cpu": round(time.process_time() - cpu, 2),
        "memory_mb": grown.mb,
        "kilobytes": len(data) // 1024,
    }


def _made(kind: str, ids: list[int]) -> bytes:
    """In the chunks of the job, as the job joins them."""
    printing = Printing("测速", clock.now(), "http://localhost/households/code/")
    build = papers.by_key["card"].build
    if kind == "xlsx":
        return b"".join(
            xlsx_of(build("", ids[start : start + CHUNK[kind]], printing))
            for start in range(0, len(ids), CHUNK[kind])
        )
    parts = (
        joined(
            pdf_of(document) for document in build("", ids[start : start + CHUNK[kind]], printing)
        )
        for start in range(0, len(ids), CHUNK[kind])
    )
    return joined(parts)
