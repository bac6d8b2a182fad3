"""One check of a batch, from its file to the kept result; the job and the command both call this."""

from pathlib import Path

import polars as pl

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.sheets.problems import PROBLEM_SCHEMA, SheetRefused
from households.models import ImportBatch
from households.selectors.parameters import later_on
from households.services import imports
from households.sheets.outcome import rows_of
from households.sheets.results import Staged
from households.sheets.staging import stage_file

SHOWN_IGNORED = 12


def check_batch(batch: ImportBatch, *, by: User) -> Staged | None:
    """Stage the batch's file for its uploader's scope; None when the file cannot be read at all."""
    scope = by.scope.narrowed(batch.division.path)
    mended = imports.mended_cells(batch)
    try:
        staged = stage_file(
            Path(batch.file.path),
            scope=scope,
            today=clock.today(),
            mended=mended,
            later=later_on(batch.division.path),
        )
    except SheetRefused as refused:
        imports.reject(batch, message="\n".join(str(problem) for problem in refused.problems))
        return None
    imports.keep_check(
        batch,
        households=staged.households,
        members=staged.members,
        problems=staged.problems,
        rows=rows_of(staged, mended),
        others=staged.others,
        counts={
            name: getattr(staged, name)
            for name in ("rows", "new", "changed", "unchanged", "wrong", "missing", "chunks")
        },
        message=_message(staged),
    )
    return staged


def _message(staged: Staged) -> str:
    lines = list(staged.notes)
    if staged.ignored:
        lines.append(f"以下列系统不采集，没有读取：{_some(staged.ignored, '列')}")
    if staged.unread:
        lines.append(f"以下工作表不是农户表，没有读取：{_some(staged.unread, '张')}")
    return "\n".join(lines)


def _some(texts: list[str], unit: str) -> str:
    names = list(dict.fromkeys(texts))
    more = f"等{len(names)}{unit}" if len(names) > SHOWN_IGNORED else ""
    return "、".join(names[:SHOWN_IGNORED]) + more


def all_problems(staged: Staged | None) -> pl.DataFrame:
    return staged.problems if staged else pl.DataFrame(schema=PROBLEM_SCHEMA)
