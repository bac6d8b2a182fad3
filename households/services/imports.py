"""An uploaded household workbook: received, its check kept, mended, taken back.

The rows themselves are written by `services.merging`, the set-based twin of the household and
member services.
"""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePath

import polars as pl
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from fanpin.sheets.loading import copy_frame
from households import verbs
from households.models import CellError, ImportBatch, ImportRow
from households.policies.imports import may_import, may_mend_import

State = ImportBatch.State
MOST_BYTES = 60 * 1024 * 1024
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv",
}
MOST_ERRORS = 20_000


def staged_folder(batch: ImportBatch) -> Path:
    """Where the checked rows of a batch wait, beside the uploaded file: two files for each chunk."""
    return Path(batch.file.path).with_suffix(".staged")


def others_file(batch: ImportBatch) -> Path:
    """What the file leaves as it is, and what it does not have: shown as long as the batch is."""
    return Path(batch.file.path).with_suffix(".others.arrow")


def staged_chunk(batch: ImportBatch, number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The households and members of one chunk."""
    folder = staged_folder(batch)
    return (
        pl.read_ipc(folder / f"{number:05}.households.arrow"),
        pl.read_ipc(folder / f"{number:05}.members.arrow"),
    )


def is_staged(batch: ImportBatch) -> bool:
    """False when the folder went away since the check: the file must be checked again."""
    last = staged_folder(batch) / f"{batch.chunks - 1:05}.members.arrow"
    return batch.chunks == 0 or last.exists()


def _keep_staged(batch: ImportBatch, households: pl.DataFrame, members: pl.DataFrame) -> None:
    forget_staged(batch)
    folder = staged_folder(batch)
    folder.mkdir()
    for number in range(batch.chunks):
        mine = pl.col("chunk") == number
        households.filter(mine).write_ipc(folder / f"{number:05}.households.arrow")
        members.filter(mine).write_ipc(folder / f"{number:05}.members.arrow")


@transaction.atomic
def receive(upload: UploadedFile, *, division: Division, by: User) -> tuple[ImportBatch, bool]:
    """Keep an uploaded workbook; (batch, True) when it is new.

    The same file for the same place is the same batch, unless that one failed or was taken back.
    """
    may_import(by, division).require()
    name = PurePath(upload.name or "").name[:200]
    suffix = PurePath(name).suffix.lower()
    if suffix not in TYPES:
        raise ValidationError(f"“{name}”不是表格，请上传XLSX、XLS、ODS或CSV文件")
    if not upload.size:
        raise ValidationError(f"“{name}”是空文件，请重新选择")
    if upload.size > MOST_BYTES:
        raise ValidationError(f"“{name}”超过60MB，请按乡镇分成几个文件上传")
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    Division.objects.select_for_update().get(pk=division.pk)
    same = ImportBatch.objects.filter(sha256=digest.hexdigest(), division=division)
    if known := same.exclude(state__in=(State.FAILED, State.UNDONE)).first():
        return known, False
    batch = ImportBatch(
        division=division,
        original_name=name,
        content_type=TYPES[suffix],
        size=upload.size,
        sha256=digest.hexdigest(),
        uploaded_at=clock.now(),
        uploaded_by=by,
    )
    batch.file.save(f"{clock.today():%Y%m}/{secrets.token_hex(16)}{suffix}", upload, save=False)
    batch.save(force_insert=True)
    record(verbs.IMPORT_RECEIVED, by=by, on=batch, path=division.path, subject=name)
    return batch, True


def attach_job(batch: ImportBatch, job: Job) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(job=job)


def reject(batch: ImportBatch, *, message: str) -> None:
    """The file cannot be read as a household workbook at all."""
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.FAILED, message=message)


def mended_cells(batch: ImportBatch) -> dict[tuple[str, int], dict[str, str]]:
    """Cells corrected on screen so far: (sheet name, row) → {column key: text}."""
    rows = ImportRow.objects.filter(batch=batch).exclude(mended={})
    return {(row.sheet, row.number): row.mended for row in rows}


@transaction.atomic
def keep_check(
    batch: ImportBatch,
    *,
    households: pl.DataFrame,
    members: pl.DataFrame,
    problems: pl.DataFrame,
    rows: pl.DataFrame,
    others: pl.DataFrame,
    counts: Mapping[str, int],
    message: str = "",
) -> None:
    """Replace whatever an earlier check left by this one; safe to run twice.

    `rows` has sheet, number, kind, key, household_id, member_id and JSON texts raw, before, after,
    mended: one line for each row that is changed or wrong. `others` has kind, sheet, row_number,
    label, note, household_id of what is unchanged, and of what the file does not have.
    """
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state not in (State.UPLOADED, State.CHECKED, State.APPLYING):
        raise ValidationError(f"该批次{row.get_state_display()}，不能再检查")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")  # a lost check is made again
        cursor.execute(f"DELETE FROM {CellError._meta.db_table} WHERE batch_id = %s", [row.pk])
        cursor.execute(f"DELETE FROM {ImportRow._meta.db_table} WHERE batch_id = %s", [row.pk])
    copy_frame(
        ImportRow._meta.db_table,
        rows.with_columns(batch_id=pl.lit(row.pk)),
    )
    copy_frame(CellError._meta.db_table, _error_rows(row.pk, problems))
    for name, count in counts.items():
        setattr(row, name, count)
    _keep_staged(row, households, members)
    others.write_ipc(others_file(row), compression="zstd")
    row.state = State.CHECKED
    row.chunks_done = 0
    row.message = message
    row.checked_at = clock.now()
    row.save()


def _error_rows(batch_id: int, problems: pl.DataFrame) -> pl.DataFrame:
    def short(name: str, most: int) -> pl.Expr:
        return pl.col(name).fill_null("").str.slice(0, most).alias(name)

    return problems.head(MOST_ERRORS).select(
        pl.lit(batch_id).alias("batch_id"),
        short("sheet", 60),
        short("cell", 12),
        pl.col("row").alias("number"),
        short("key", 40),
        short("column", 60),
        short("value", 200),
        short("message", 200),
        short("remedy", 200),
    )


@transaction.atomic
def mend(batch: ImportBatch, *, cells: Mapping[int, Mapping[str, str]], by: User) -> None:
    """Keep corrected cells of wrong rows (row id → {column key: text}); the next check reads them
    instead of the file's."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    may_mend_import(by, batch).require()
    if batch.job and batch.job.is_active:
        raise ValidationError("正在检查，请稍候再保存")
    rows = list(ImportRow.objects.filter(batch=batch, kind="wrong", pk__in=cells))
    if not rows:
        raise ValidationError("没有改动任何一格")
    for row in rows:
        row.mended = {**row.mended, **cells[row.pk]}
    ImportRow.objects.bulk_update(rows, ["mended"])
    record(
        verbs.IMPORT_MENDED,
        by=by,
        on=batch,
        path=batch.division.path,
        subject=batch.original_name,
        after={
            "rows": [row.number for row in rows],
            "columns": sorted({key for row in rows for key in cells[row.pk]}),
        },
    )


def forget_staged(batch: ImportBatch) -> None:
    """The staged rows have served."""
    shutil.rmtree(staged_folder(batch), ignore_errors=True)
