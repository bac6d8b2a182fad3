"""Divisions are renamed, merged, divided, abolished; households move in chunks, with change rows (policy.md §2.1).

Numbers of closed reports and snapshots stay as they were filed; a household's village on an earlier day is read from
its change rows.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Substr

from counties import verbs
from counties.models import DivisionChange, MovedHousehold
from counties.policies import adjustments as policies
from counties.selectors import adjustments as selectors
from counties.selectors.adjustments import Kind
from counties.services import relocating
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.regions.models import Division, Level
from fanpin.regions.pinyin import initials
from fanpin.regions.scope import code_of
from households.services import writing

State = DivisionChange.State
CHUNK = 500


@transaction.atomic
def plan(division: Division, *, fields: Mapping[str, Any], by: User) -> DivisionChange:
    """Write an adjustment down; nothing moves yet. Raises Refused with every reason."""
    division = Division.objects.select_for_update().get(pk=division.pk)
    change = DivisionChange(
        division=division,
        county_id=code_of(division.path, "county"),
        old_name=division.name,
        planned_at=clock.now(),
        planned_by=by,
        **fields,
    )
    policies.may_plan(by, change).require()
    writing.save(
        change, exclude=("division", "county", "target", "planned_by", "applied_by", "job")
    )
    note(verbs.DIVISION_PLANNED, change, by)
    return change


@transaction.atomic
def cancel(change: DivisionChange, *, by: User) -> DivisionChange:
    change = locked(change)
    policies.may_cancel(by, change).require()
    change.state = State.CANCELLED
    change.save(update_fields=["state"])
    note(verbs.DIVISION_CANCELLED, change, by)
    return change


@transaction.atomic
def start(change: DivisionChange, *, by: User) -> DivisionChange:
    """Carry the adjustment out in the worker."""
    change = locked(change)
    policies.may_apply(by, change).require()
    if change.job is not None and change.job.is_active:
        return change
    change.state = State.APPLYING
    change.job = enqueue(
        "counties.adjust_division", by=by, params={"change": change.pk, "user": by.pk},
        path=change.county.path, label=f"区划调整：{change}",
    )  # fmt: skip
    change.save(update_fields=["state", "job"])
    return change


@transaction.atomic
def move_next(change: DivisionChange, *, by: User) -> int:
    """Move the next chunk of households; 0 when none is left. Safe to run again after a killed worker."""
    change = locked(change)
    policies.may_apply(by, change).require()
    if change.kind not in selectors.MOVING:
        return 0
    village, hamlets = _destination(change)
    rows = list(
        selectors.moving_households(change).select_for_update(of=("self",)).order_by("pk")[:CHUNK]
    )
    if not rows:
        return 0
    MovedHousehold.objects.bulk_create(
        MovedHousehold(
            adjustment=change, household=row, village_id=row.village_id,
            natural_village_id=row.natural_village_id,
        )
        for row in rows
    )  # fmt: skip
    places = {
        row.pk: (village, hamlets.get(str(row.natural_village_id)) if row.natural_village_id else None)
        for row in rows
    }  # fmt: skip
    note = f"区划调整：{change.document_no}"
    relocating.relocate(rows, places, on=change.effective_on, note=note, by=by)
    DivisionChange.objects.filter(pk=change.pk).update(households=F("households") + len(rows))
    return len(rows)


def _destination(change: DivisionChange) -> tuple[Division, dict[str, Division]]:
    """The village households go to, and old natural village → new; made at the first chunk, found at the next."""
    if change.division.level == Level.HAMLET:
        assert change.target is not None
        village = Division.objects.get(pk=change.division.parent_id)
        return village, {change.division_id: change.target}
    village = change.target or _made_village(change)
    return village, {
        hamlet.pk: hamlet.successor or _made_hamlet(hamlet, village, change)
        for hamlet in selectors.moving_hamlets(change)
    }


def _made_village(change: DivisionChange) -> Division:
    parent = change.division.parent
    assert parent is not None
    village, _made = Division.objects.get_or_create(
        code=change.new_code,
        defaults=_below(parent, change.new_code, change.new_name, Level.VILLAGE, change),
    )
    if change.target_id is None:
        change.target = village
        change.save(update_fields=["target"])
    return village


def _made_hamlet(old: Division, village: Division, change: DivisionChange) -> Division:
    """The natural village under its new village: a new code, for codes begin with the village's."""
    last = Division.objects.filter(parent=village).aggregate(last=Max("code"))["last"]
    code = f"{village.pk}{(int(last[12:]) if last else 0) + 1:03d}"
    taken = Division.objects.filter(parent=village, name=old.name).exists()
    name = f"{change.old_name}{old.name}" if taken else old.name
    new = Division.objects.create(code=code, **_below(village, code, name, Level.HAMLET, change))
    old.successor, old.valid_until = new, _end(old, change)
    old.save(update_fields=["successor", "valid_until"])
    return new


def _below(
    parent: Division, code: str, name: str, level: str, change: DivisionChange
) -> dict[str, Any]:
    return {
        "name": name,
        "full_name": parent.full_name + name,
        "level": level,
        "parent": parent,
        "path": f"{parent.path}{code}/",
        "pinyin": initials(name),
        "valid_from": change.effective_on,
    }


def _end(division: Division, change: DivisionChange) -> datetime.date:
    """A division that began on the day itself ends the day after."""
    day = change.effective_on
    if division.valid_from is not None and day <= division.valid_from:
        return division.valid_from + datetime.timedelta(days=1)
    return day


@transaction.atomic
def finish(change: DivisionChange, *, by: User) -> DivisionChange:
    """When nobody is left to move: the old division ends with its successor, or gets its new name."""
    change = locked(change)
    if change.state == State.APPLIED:
        return change
    policies.may_apply(by, change).require()
    division = change.division
    if change.kind == Kind.RENAME:
        rename(division, change.new_name)
    elif change.kind in (Kind.MERGE, Kind.ABOLISH):
        division.valid_until, division.successor = _end(division, change), change.target
        division.save(update_fields=["valid_until", "successor"])
    relocating.move_postings(change, by=by)
    change.state, change.applied_at, change.applied_by = State.APPLIED, clock.now(), by
    change.save(update_fields=["state", "applied_at", "applied_by"])
    note(verbs.DIVISION_ADJUSTED, change, by)
    return change


def rename(division: Division, name: str) -> None:
    """The name here and in the full names of everything below."""
    old = division.full_name
    new = old[: len(old) - len(division.name)] + name
    Division.objects.filter(path__startswith=division.path).exclude(pk=division.pk).update(
        full_name=Concat(Value(new), Substr("full_name", len(old) + 1))
    )
    division.name, division.full_name, division.pinyin = name, new, initials(name)
    division.save(update_fields=["name", "full_name", "pinyin"])


def locked(change: DivisionChange) -> DivisionChange:
    rows = DivisionChange.objects.select_for_update(of=("self",))
    return rows.select_related("division__parent", "target", "county", "job").get(pk=change.pk)


def note(verb: str, change: DivisionChange, by: User) -> None:
    record(
        verb, by=by, on=change, path=change.county.path, subject=str(change),
        after={
            "division": change.division_id,
            "target": change.target_id or change.new_code,
            "new_name": change.new_name,
            "effective_on": change.effective_on,
            "document_no": change.document_no,
            "households": DivisionChange.objects.get(pk=change.pk).households,
        },
    )  # fmt: skip
