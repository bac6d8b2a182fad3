"""What has to be keyed into the national system, as a workbook in its own layout: its heads, its order, its words.

Behind its columns stand two of ours: what to do with the row, and which fields to mend.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from counties.models import ReconciledItem, Reconciliation
from counties.models.reconciling import Meeting
from counties.reconciling.layouts import Layout, columns_of
from counties.reconciling.meeting import ours
from counties.reconciling.receiving import texts_of
from fanpin import clock
from fanpin.sheets.columns import Column
from fanpin.sheets.reading import ROW
from fanpin.sheets.writing import Table, write_xlsx
from fanpin.web.formats import mask_id, mask_phone, ymdhm

ACTS = {Meeting.OURS: "新增", Meeting.DIFFERS: "修改", Meeting.THEIRS: "核实后删除或减少"}
TODO, WHICH = "录入要求", "需修改的指标"
HIDDEN = "证件号码、电话、银行卡号已隐去中间位，请按户编号录入"


def write(run: Reconciliation, layout: Layout, target: Path, *, by: str, full: bool) -> int:
    """Write the workbook of one kind; gives the number of its rows."""
    rows = todo(run, layout)
    note = [f"{run.division.full_name}　截至{ymdhm(clock.now())}　共{rows.height:,}条　导出：{by}"]
    if not full:
        rows = masked(rows, layout)
        note.append(HIDDEN)
    write_xlsx(str(target), [table(rows, layout, "　".join(note))])
    return rows.height


def table(rows: pl.DataFrame, layout: Layout, note: str) -> Table:
    """The rows (texts by our keys) under their heads, which stand in the third row."""
    known = columns_of(layout)
    heads = [head.text for head, _ in known]
    cells = [
        (pl.col(head.key) if column and head.key in rows.columns else pl.lit("")).alias(f"{n}")
        for n, (head, column) in enumerate(known)
    ]
    more = [name for name in (TODO, WHICH) if name in rows.columns]
    return Table(
        title=layout.title,
        heads=[*heads, *more],
        frame=rows.select(*cells, *more),
        caption=layout.aliases[0],
        note=note,
        widths=[max(10, 2 * len(text) + 2) for text in (*heads, *more)],
    )


def todo(run: Reconciliation, layout: Layout) -> pl.DataFrame:
    """New ones and different ones as the register has them now; what only they have as they have it."""
    found = ReconciledItem.objects.filter(run=run, kind=layout.key)
    mine = ours(layout, run.division, run.campaign)
    parts = [_mine(found, mine, layout, state) for state in (Meeting.OURS, Meeting.DIFFERS)]
    parts.append(_theirs(run, found, layout))
    return pl.concat(parts, how="diagonal")


def _mine(found: object, mine: pl.DataFrame, layout: Layout, state: Meeting) -> pl.DataFrame:
    key = {"household": "household_id", "member": "member_id"}.get(layout.subject, "place_id")
    names = {key: head.text for key, head in layout.by_key.items()}
    lines = [
        (int(subject), ACTS[state], "、".join(names[name] for name in fields))
        for subject, fields in found.filter(state=state).values_list(key, "fields")  # type: ignore[attr-defined]
    ]
    schema = {"id": pl.Int64, TODO: pl.String, WHICH: pl.String}
    wanted = pl.DataFrame(lines, schema=schema, orient="row")
    return mine.join(wanted, on="id", how="inner", maintain_order="left")


def _theirs(run: Reconciliation, found: object, layout: Layout) -> pl.DataFrame:
    rows = found.filter(state=Meeting.THEIRS).values_list("file_id", "row_number")  # type: ignore[attr-defined]
    schema = {"file_id": pl.Int64, ROW: pl.Int64}
    wanted = pl.DataFrame(list(rows), schema=schema, orient="row")
    texts = [texts_of(file, layout.key) for file in run.files.all() if layout.key in file.kinds]
    every = pl.concat(
        [frame.with_columns(pl.col("file_id", ROW).cast(pl.Int64)) for frame in texts],
        how="diagonal",
    )
    chosen = every.join(wanted, on=["file_id", ROW], how="semi", maintain_order="left")
    return chosen.with_columns(pl.lit(ACTS[Meeting.THEIRS]).alias(TODO), pl.lit("").alias(WHICH))


def masked(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The rows with the middle of every personal number hidden."""
    hiding = {key: hide for key, column in layout.columns.items() if (hide := mask_of(column))}
    return rows.with_columns(
        pl.col(key).map_elements(hide, return_dtype=pl.String, skip_nulls=True)
        for key, hide in hiding.items()
        if key in rows.columns
    )


def mask_of(column: Column) -> Callable[[Any], str] | None:
    """How values of a column are hidden; None when anybody may see them."""
    if column.kind == "id_number" or column.key == "bank_card_no":
        return mask_id
    return mask_phone if column.kind == "phone" else None
