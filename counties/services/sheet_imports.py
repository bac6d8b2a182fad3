"""A workbook of sheets: kept, written in one transaction, taken back where nobody filled again since."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from counties import verbs
from counties.models import SheetBatch, SheetChange
from counties.models.sheets import Kind, Sheet, SheetState
from counties.policies import sheets as policies
from counties.selectors import rollups
from counties.selectors import sheets as selectors
from counties.services.sheets import EXACT, listed_values, settled_state, tell
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from households.models import Campaign
from households.services import writing
from households.services.imports import TYPES

MOST_BYTES = 20 * 1024 * 1024
State = SheetBatch.State


class Planned(Protocol):
    """One row of the file (counties.sheets.reading.PlannedRow): the sheet as it was read and what is wanted."""

    @property
    def sheet(self) -> Any: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


@transaction.atomic
def receive(
    upload: UploadedFile, *, kind: str, division: Division, campaign: Campaign, by: User
) -> SheetBatch:
    """Keep an uploaded workbook; nothing is written to the sheets yet."""
    policies.may_import(by, kind, division, campaign).require()
    name = PurePath(upload.name or "").name[:200]
    suffix = PurePath(name).suffix.lower()
    if suffix not in TYPES:
        raise ValidationError({"file": f"“{name}”不是表格，请上传XLSX、XLS、ODS或CSV文件"})
    if not upload.size or upload.size > MOST_BYTES:
        raise ValidationError({"file": f"“{name}”是空文件或超过20MB"})
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    batch = SheetBatch(
        division=division, campaign=campaign, kind=kind, original_name=name,
        content_type=TYPES[suffix], size=upload.size, sha256=digest.hexdigest(),
        uploaded_at=clock.now(), uploaded_by=by,
    )  # fmt: skip
    batch.file.save(f"{clock.today():%Y%m}/{secrets.token_hex(16)}{suffix}", upload, save=False)
    batch.save(force_insert=True)
    return batch


@transaction.atomic
def apply(batch: SheetBatch, *, planned: Sequence[Planned], by: User) -> SheetBatch:
    """Write the rows, all or none; refused when one of the sheets was saved since the file was compared."""
    row = _locked(batch)
    policies.may_apply(by, row).require()
    sheets = _lock_sheets(row, planned)
    now = clock.now()
    system = _system_values(row, [sheet.division for sheet in sheets])
    changes = []
    for sheet, wanted in zip(sheets, planned, strict=True):
        changed = writing.differences(sheet, {**wanted.fields, **system[sheet.division_id]})
        changes.append(_fill(sheet, changed, row, by, now))
    _store(row, sheets)
    SheetChange.objects.bulk_create(changes, batch_size=500)
    row.state, row.rows = State.APPLIED, len(sheets)
    row.applied_at, row.applied_by = now, by
    row.save()
    record(
        verbs.SHEETS_IMPORTED, by=by, on=row, path=row.division.path,
        subject=f"{row.original_name} {len(sheets)}行", after={"rows": len(sheets)},
    )  # fmt: skip
    tell(*(sheet.division for sheet in sheets))
    return row


def _locked(batch: SheetBatch) -> SheetBatch:
    rows = SheetBatch.objects.select_for_update(of=("self",))
    return rows.select_related("division", "campaign").get(pk=batch.pk)


def _lock_sheets(batch: SheetBatch, planned: Sequence[Planned]) -> list[Any]:
    """The sheets under lock in the order of the rows."""
    places = [wanted.sheet.division_id for wanted in planned]
    list(Division.objects.select_for_update().filter(pk__in=places).order_by("pk").values("pk"))
    stored = {row.division_id: row for row in _stored(batch, places)}
    stale = [
        wanted.sheet.division.name
        for wanted in planned
        if getattr(stored.get(wanted.sheet.division_id), "version", 0) != wanted.sheet.version
    ]
    if stale:
        Verdict.no(f"检查文件后他人又填写了{'、'.join(stale[:10])}，请刷新后核对再导入").require()
    found = []
    for wanted in planned:
        sheet = stored.get(wanted.sheet.division_id) or wanted.sheet
        sheet.division = wanted.sheet.division
        found.append(sheet)
    return found


def _stored(batch: SheetBatch, places: Sequence[str]) -> Any:
    model = selectors.MODELS[batch.kind]
    return model.objects.filter(division__in=places, campaign=batch.campaign).select_related(
        "division__parent", "campaign"
    )


def _system_values(batch: SheetBatch, places: Sequence[Division]) -> dict[str, dict[str, Any]]:
    """services.sheets.system_values for many places in three queries."""
    if batch.kind == Kind.HAMLET:
        return {place.pk: {"nv_active": place.valid_until is None} for place in places}
    listed = selectors.listed_villages(batch.division.path, clock.today())
    exact = {name: rollups.VILLAGE[name] for name in EXACT}
    counted = rollups.numbers(exact, [place.pk for place in places])
    return {
        place.pk: listed_values(place, place.pk in listed, listed.get(place.pk))
        | {name: int(value) for name, value in counted[place.pk].items()}
        for place in places
    }


def _fill(
    sheet: Any, changed: writing.Differences, batch: SheetBatch, by: User, now: Any
) -> SheetChange:
    writing.assign(sheet, changed)
    sheet.state = settled_state(sheet)
    sheet.version += 1
    sheet.changed_at, sheet.changed_by = now, by
    before, after = writing.before_after(changed)
    return SheetChange(
        kind=batch.kind, division=sheet.division, campaign=batch.campaign, act="导入",
        fields=list(changed), before=before, after=after, version=sheet.version, batch=batch,
        made_at=now, made_by=by,
    )  # fmt: skip


def _store(batch: SheetBatch, sheets: Sequence[Sheet]) -> None:
    model = selectors.MODELS[batch.kind]
    names = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    model.objects.bulk_create([s for s in sheets if s.pk is None], batch_size=500)
    model.objects.bulk_update([s for s in sheets if s.pk is not None], names, batch_size=200)


@transaction.atomic
def undo(batch: SheetBatch, *, by: User) -> list[str]:
    """Put back what stood before; gives the names of the places that were filled again since and stay."""
    row = _locked(batch)
    policies.may_undo(by, row).require()
    changes = {change.division_id: change for change in row.changes.all()}  # type: ignore[attr-defined]
    list(Division.objects.select_for_update().filter(pk__in=changes).order_by("pk").values("pk"))
    now, restored, kept = clock.now(), [], []
    undone: list[SheetChange] = []
    for sheet in _stored(row, list(changes)):
        change = changes[sheet.division_id]
        if sheet.version != change.version or not sheet.is_open:
            kept.append(sheet.division.name)
            continue
        back = {name: _field(sheet, name).to_python(v) for name, v in change.before.items()}
        undone.append(_fill(sheet, writing.differences(sheet, back), row, by, now))
        undone[-1].act, undone[-1].batch = "撤销导入", None
        if change.version == 1:
            sheet.state = SheetState.TODO
        restored.append(sheet)
    _store(row, restored)
    SheetChange.objects.bulk_create(undone, batch_size=500)
    row.state, row.undone_at, row.undone_by = State.UNDONE, now, by
    row.save()
    record(
        verbs.SHEETS_UNDONE, by=by, on=row, path=row.division.path,
        subject=row.original_name, after={"rows": len(restored), "kept": len(kept)},
    )  # fmt: skip
    tell(*(sheet.division for sheet in restored))
    return kept


def _field(sheet: Any, name: str) -> Any:
    return sheet._meta.get_field(name)
