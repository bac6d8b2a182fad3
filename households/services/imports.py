"""An uploaded household workbook: received, its check kept, mended, taken back.

The rows themselves are written by `services.merging`, the set-based twin of the household and
member services.
"""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import PurePath

import polars as pl
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from fanpin.sheets.loading import copy_frame, drop_staging, stage
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


def staging_tables(batch_id: int) -> tuple[str, str]:
    """The names of a batch's two staging tables."""
    return f"households_import_{batch_id}_household", f"households_import_{batch_id}_member"


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
    """Cells corrected on screen so far: (sheet title, row) → {column key: text}."""
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
    counts: Mapping[str, int],
    message: str = "",
) -> None:
    """Replace whatever an earlier check left by this one; safe to run twice.

    `rows` has sheet, number, kind, key, household_id, member_id and JSON texts raw, before, after,
    mended: one line for each row that is not unchanged.
    """
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state not in (State.UPLOADED, State.CHECKED, State.APPLYING):
        raise ValidationError(f"该批次{row.get_state_display()}，不能再检查")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {CellError._meta.db_table} WHERE batch_id = %s", [row.pk])
        cursor.execute(f"DELETE FROM {ImportRow._meta.db_table} WHERE batch_id = %s", [row.pk])
    home_table, person_table = staging_tables(row.pk)
    stage(home_table, households)
    stage(person_table, members)
    copy_frame(
        ImportRow._meta.db_table,
        rows.with_columns(batch_id=pl.lit(row.pk), applied=pl.lit(value=False)),
    )
    copy_frame(CellError._meta.db_table, _error_rows(row.pk, problems))
    for name, count in counts.items():
        setattr(row, name, count)
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
def mend(row: ImportRow, *, cells: Mapping[str, str], by: User) -> None:
    """Keep corrected cells of a wrong row; the next check reads them instead of the file's."""
    batch = ImportBatch.objects.select_for_update().get(pk=row.batch_id)
    may_mend_import(by, batch).require()
    row.mended = {**row.mended, **cells}
    row.save(update_fields=["mended"])
    record(
        verbs.IMPORT_MENDED,
        by=by,
        on=batch,
        path=batch.division.path,
        subject=batch.original_name,
        after={"row": row.number, "columns": sorted(cells)},
    )


def forget_staging(batch: ImportBatch) -> None:
    """The staging tables have served."""
    for table in staging_tables(batch.pk):
        drop_staging(table)
