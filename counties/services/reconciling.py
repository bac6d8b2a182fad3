"""对账: takes exports in, keeps what reading and comparing them gave. Writes nothing on the register."""

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import PurePath

import polars as pl
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from counties.models import NationalFile, ReconciledItem, ReconciledPart, Reconciliation
from counties.policies.reconciling import may_adopt, may_reconcile, may_take_keying
from counties.verbs import (
    KEYING_TAKEN,
    KEYING_TAKEN_IN_FULL,
    NATIONAL_ADOPTED,
    RECONCILED,
    RECONCILIATION_STARTED,
)
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from fanpin.sheets.loading import copy_frame, reserve_ids
from households.models import Campaign, ImportBatch
from households.services import imports

JOB, KEYING_JOB = "counties.reconcile", "counties.keying"
MOST_FILES = 40
EMPTY = pl.lit([], dtype=pl.List(pl.String))


@transaction.atomic
def start(
    division: Division,
    *,
    campaign: Campaign,
    uploads: Sequence[UploadedFile],
    by: User,
    wait: bool = False,
) -> Reconciliation:
    """Keep the exports and compare them in the worker (`wait`: the caller does). Raises Refused or PermissionDenied."""
    may_reconcile(by, division).require()
    if not uploads or len(uploads) > MOST_FILES:
        raise ValidationError(f"请选择1至{MOST_FILES}个国家系统导出的表")
    run = Reconciliation.objects.create(
        division=division, campaign=campaign, started_at=clock.now(), started_by=by
    )
    for upload in uploads:
        _keep_file(run, upload, by)
    names = [PurePath(upload.name or "").name for upload in uploads]
    record(RECONCILIATION_STARTED, by=by, on=run, path=division.path, after={"files": names})
    if not wait:
        label = f"{division.name}国家系统对账"
        run.job = enqueue(JOB, by=by, params={"run": run.pk}, path=division.path, label=label)
        run.save(update_fields=["job"])
    return run


def _keep_file(run: Reconciliation, upload: UploadedFile, by: User) -> None:
    name = PurePath(upload.name or "").name[:200]
    suffix = PurePath(name).suffix.lower()
    if suffix not in imports.TYPES:
        raise ValidationError(f"“{name}”不是表格，请上传XLSX、XLS、ODS或CSV文件")
    if not upload.size:
        raise ValidationError(f"“{name}”是空文件，请重新选择")
    if upload.size > imports.MOST_BYTES:
        raise ValidationError(f"“{name}”超过60MB，请按乡镇分成几个文件上传")
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    row = NationalFile(
        run=run, original_name=name, content_type=imports.TYPES[suffix], size=upload.size,
        sha256=digest.hexdigest(), uploaded_at=clock.now(), uploaded_by=by,
    )  # fmt: skip
    place = f"{clock.today():%Y%m}/{secrets.token_hex(16)}/国家系统导出表{suffix}"
    row.file.save(place, upload, save=False)
    row.save(force_insert=True)


def keep_read(file: NationalFile, *, kinds: Sequence[str], rows: int, message: str) -> None:
    """The file was read; its rows lie beside it."""
    NationalFile.objects.filter(pk=file.pk).update(
        state=NationalFile.State.READ, kinds=list(kinds), rows=rows, message=message
    )


def refuse(file: NationalFile, *, message: str) -> None:
    """The file is no export of the national system."""
    NationalFile.objects.filter(pk=file.pk).update(
        state=NationalFile.State.REFUSED, message=message
    )


@transaction.atomic
def take_part(
    run: Reconciliation, *, kind: str, items: pl.DataFrame, rows: int, seconds: float
) -> None:
    """Keep one compared kind with all its items; a part that is there already is left as it is."""
    run = Reconciliation.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    if ReconciledPart.objects.filter(run=run, kind=kind).exists():
        return
    table = ReconciledItem._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")  # a lost part is compared again
    copy_frame(
        table,
        items.with_columns(
            pl.col("fields", "ours", "theirs").fill_null(EMPTY),
            id=pl.Series(reserve_ids(table, "id", items.height), dtype=pl.Int64),
            run_id=pl.lit(run.pk),
            kind=pl.lit(kind),
        ),
    )
    ReconciledPart.objects.create(run=run, kind=kind, rows=rows, seconds=seconds)


@transaction.atomic
def finish(run: Reconciliation) -> None:
    """Every kind is compared. Lists over a hundred thousand items are planned by fresh figures."""
    run.finished_at = clock.now()
    run.save(update_fields=["finished_at"])
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {ReconciledItem._meta.db_table} (run_id, kind, state)")
    kinds = list(ReconciledPart.objects.filter(run=run).values_list("kind", flat=True))
    record(RECONCILED, by=run.started_by, on=run, path=run.division.path, after={"kinds": kinds})


@transaction.atomic
def take_keying(
    run: Reconciliation, *, kind: str, title: str, full: bool, reason: str, by: User
) -> Job:
    """Start the job that writes what has to be keyed there; raises when the user may not take it away."""
    may_take_keying(by, run, full=full, reason=reason).require()
    record(
        KEYING_TAKEN_IN_FULL if full else KEYING_TAKEN,
        by=by, on=run, subject=f"{run}《{title}》", path=run.division.path, note=reason,
    )  # fmt: skip
    params = {"run": run.pk, "kind": kind, "full": full}
    label = f"{run.division.name}{title}需录入国家系统的数据"
    return enqueue(KEYING_JOB, by=by, params=params, path=run.division.path, label=label)


@transaction.atomic
def adopt(
    run: Reconciliation, *, upload: UploadedFile, count: int, by: User
) -> tuple[ImportBatch, bool]:
    """Hand values of theirs to the import as a workbook like any other; (batch, True) when it is a new one."""
    may_adopt(by, run).require()
    batch, new = imports.receive(upload, division=run.division, by=by)
    if new:
        record(NATIONAL_ADOPTED, by=by, on=batch, subject=f"{run}{count}条", path=run.division.path)
    return batch, new
