"""Reads and checks the file of a waiting batch and hands the rows over. Called by the worker and the command."""

import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from counties.comparison import SPECS, warning_orders
from counties.comparison.spec import LedgerSpec
from counties.models import LedgerBatch
from counties.models.ledgers import BatchState
from counties.services import ledgers
from fanpin import clock
from fanpin.sheets.checking import check
from fanpin.sheets.problems import PROBLEM_SCHEMA, SheetRefused
from fanpin.sheets.reading import ROW, read_book


def load(batch: LedgerBatch) -> LedgerBatch:
    """Load a waiting batch; one that was loaded before is left as it is."""
    if batch.state != BatchState.WAITING:
        return batch
    started = time.monotonic()
    try:
        received = read_ledger(Path(batch.file.path), SPECS[batch.ledger])
    except SheetRefused as refused:
        return ledgers.refuse(batch, refused.problems)
    batch = ledgers.take(batch, received.frame, received.problems, rows=received.rows)
    batch.seconds = round(time.monotonic() - started, 2)
    batch.save(update_fields=["seconds"])
    if SPECS[batch.ledger].warns and batch.state == BatchState.IN_USE:
        warning_orders.send_down(batch)
    return batch


@dataclass(frozen=True)
class Received:
    """The rows that can be compared, the problems, and how many rows the file has."""

    frame: pl.DataFrame
    problems: pl.DataFrame
    rows: int


def read_ledger(path: Path, spec: LedgerSpec) -> Received:
    """Read and check a ledger file; raises SheetRefused when it is no such ledger."""
    (read,) = read_book(path, spec.book, needed=spec.needed)
    checked = check(read, today=clock.today())
    texts = read.frame
    frame = checked.frame.with_columns(id18=pl.col("id_no").str.slice(0, 18))
    twice = pl.col("id18").is_not_null() & ~pl.col("id18").is_first_distinct()
    doubled = frame.filter(twice)
    problems = checked.problems.frame()
    if doubled.height:
        lines = _doubled_lines(read.name, read.letters["id_no"], doubled)
        problems = pl.concat([problems, lines]).sort("row")
    usable = frame.filter(pl.col("id18").is_not_null() & ~twice)
    raw = texts.select(
        pl.col(ROW),
        raw=pl.struct(
            [pl.col(c.key).alias(c.label) for c in spec.columns if c.key in texts.columns]
        ).struct.json_encode(),
    )
    rows = usable.join(raw, on=ROW, how="left", maintain_order="left")
    return Received(rows, problems, texts.height)


def _doubled_lines(sheet: str, letters: str, doubled: pl.DataFrame) -> pl.DataFrame:
    return doubled.select(
        sheet=pl.lit(sheet),
        row=pl.col(ROW),
        cell=pl.lit(letters) + pl.col(ROW).cast(pl.String),
        key=pl.lit("id_no"),
        column=pl.lit("身份证号"),
        value=pl.col("id_no"),
        message=pl.lit("同一人在本台账中重复，只采用前面一行"),
        remedy=pl.lit("请删去重复的行"),
    ).select(list(PROBLEM_SCHEMA))
