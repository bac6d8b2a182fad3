"""Takes a department's ledger in: file kept, rows loaded by COPY, the former batch superseded."""

import hashlib
import secrets
from pathlib import PurePath
from typing import Any, Protocol

import polars as pl
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from counties.models import LedgerBatch, LedgerError
from counties.models.ledgers import BatchState
from counties.policies.ledgers import may_upload
from counties.verbs import LEDGER_RECEIVED
from fanpin import clock
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.regions.models import Division
from fanpin.sheets.loading import copy_frame
from fanpin.sheets.problems import Problem, from_frame
from fanpin.sheets.reading import ROW
from households.models import Campaign

LEDGER_LIMIT = 150 * 1024 * 1024
ERRORS_KEPT = 5_000
_EXTENSIONS = {"xlsx": ".xlsx", "xls": ".xls", "ods": ".ods", "csv": ".csv"}


class Ledger(Protocol):
    """What the kernel of a ledger's declaration says (counties.comparison)."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def department(self) -> str: ...


@transaction.atomic
def receive(
    *,
    ledger: Ledger,
    county: Division,
    campaign: Campaign,
    period: str,
    upload: UploadedFile,
    by: Any,
    wait: bool = False,
) -> LedgerBatch:
    """Keep the file and check it in the worker (`wait`: here and now). Raises Refused or PermissionDenied."""
    may_upload(by, ledger.department, county).require()
    if not upload.size or upload.size > LEDGER_LIMIT:
        raise ValidationError("文件是空的或超过150MB，请按乡镇分成几个文件")
    batch = _keep(ledger, county, campaign, period, upload, by)
    record(LEDGER_RECEIVED, by=by, on=batch, subject=f"{ledger.title}{period}", path=county.path)
    if not wait:
        enqueue(
            "counties.ledger",
            by=by,
            params={"batch": batch.pk},
            path=county.path,
            label=f"检查{ledger.title}台账",
        )
    return batch


def _keep(
    ledger: Ledger,
    county: Division,
    campaign: Campaign,
    period: str,
    upload: UploadedFile,
    by: Any,
) -> LedgerBatch:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    batch = LedgerBatch(
        division=county,
        county_code=county.code,
        campaign=campaign,
        department=ledger.department,
        ledger=ledger.key,
        period=period,
        original_name=PurePath(upload.name or "").name[:200],
        content_type=upload.content_type or "application/octet-stream",
        size=upload.size or 0,
        sha256=digest.hexdigest(),
        uploaded_at=clock.now(),
        uploaded_by=by,
    )
    suffix = PurePath(upload.name or "").suffix.lower()
    suffix = suffix if suffix in _EXTENSIONS.values() else ".bin"
    # The file's own name is what a CSV's problems call its sheet.
    place = f"{clock.today():%Y%m}/{secrets.token_hex(16)}/{ledger.title}{suffix}"
    batch.file.save(place, upload, save=False)
    batch.save(force_insert=True)
    return batch


_STORED = (
    "name", "household_no", "relation", "sex", "ethnicity", "status", "kind", "level",
    "status_on", "from_on", "until_on", "amount", "total", "address",
)  # fmt: skip
_DATES_AND_MONEY = ("status_on", "from_on", "until_on", "amount", "total")


@transaction.atomic
def take(
    batch: LedgerBatch, frame: pl.DataFrame, problems: pl.DataFrame, *, rows: int
) -> LedgerBatch:
    """The rows go in by COPY, the errors as rows, the former batch steps back.

    `frame` has `_row`, `id18`, `raw` and the stored columns; safe to run again on a batch already taken.
    """
    batch = LedgerBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.WAITING:
        return batch
    held = [name for name in _STORED if name in frame.columns]
    absent = [n for n in _STORED if n not in frame.columns and n not in _DATES_AND_MONEY]
    stored = frame.select(
        pl.lit(batch.pk).alias("batch_id"),
        pl.lit(batch.county_code).alias("county_code"),
        pl.col(ROW).alias("number"),
        pl.col("id18"),
        *[pl.col(n) if n in _DATES_AND_MONEY else pl.col(n).fill_null("") for n in held],
        *[pl.lit("").alias(name) for name in absent],
        pl.lit("").alias("village_code"),
        pl.col("raw"),
    )
    LedgerBatch.objects.filter(
        county_code=batch.county_code,
        campaign=batch.campaign,
        ledger=batch.ledger,
        state=BatchState.IN_USE,
    ).update(state=BatchState.SUPERSEDED)
    copy_frame("counties_ledgerrow", stored)
    with connection.cursor() as cursor:
        # Without figures on the new batch the planner walks the comparison row by row.
        cursor.execute("ANALYZE counties_ledgerrow (batch_id, id18, household_no, status)")
    batch.rows = rows
    batch.loaded = frame.height
    batch.wrong = problems["row"].n_unique()
    batch.state = BatchState.IN_USE
    batch.save()
    _keep_errors(batch, from_frame(problems.head(ERRORS_KEPT)))
    return batch


@transaction.atomic
def refuse(batch: LedgerBatch, problems: list[Problem]) -> LedgerBatch:
    """The file is no such ledger; its reasons are kept."""
    batch.state = BatchState.REFUSED
    batch.wrong = len(problems)
    batch.save()
    _keep_errors(batch, problems)
    return batch


def _keep_errors(batch: LedgerBatch, problems: list[Problem]) -> None:
    LedgerError.objects.bulk_create(
        [
            LedgerError(
                batch=batch,
                sheet=(p.sheet or "")[:60],
                number=p.row or 0,
                cell=p.cell or "",
                column=(p.column or "")[:60],
                value=(p.value or "")[:200],
                message=p.message[:200],
                remedy=(p.remedy or "")[:200],
            )
            for p in problems
        ],
        batch_size=2000,
    )
