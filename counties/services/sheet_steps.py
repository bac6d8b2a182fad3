"""The way of every sheet, a village's or a county's: handed in, taken over, returned with a reason, each step kept.

Called by the services of each kind of sheet with the row they hold under lock.
"""

from collections.abc import Callable
from typing import Any

from counties import verbs
from counties.models import SheetChange
from counties.models.sheets import SheetState
from counties.selectors.sheets import kind_of
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record

May = Callable[[User, Any], Verdict]
LEAST = 2


def hand_in(row: Any, *, may: May, act: str, by: User) -> Any:
    """To the level above; what was decided before is gone."""
    may(by, row).require()
    row.submitted_at, row.submitted_by = clock.now(), by
    row.decided_at, row.decided_by = None, None
    return _move(row, SheetState.CHECKED, act, verbs.SHEET_SUBMITTED, by)


def take_over(row: Any, *, may: May, act: str, by: User) -> Any:
    """The level above has nothing against it."""
    return _decide(row, SheetState.REVIEWED, may, act, verbs.SHEET_REVIEWED, by)


def give_back(row: Any, *, may: May, note: str, by: User) -> Any:
    """The level above returns it with a reason; it may be filled again."""
    if len(note.strip()) < LEAST:
        Verdict.no(Reason("退回须写明原因", field="note")).require()
    return _decide(row, SheetState.RETURNED, may, "退回", verbs.SHEET_RETURNED, by, note)


def _decide(row: Any, state: str, may: May, act: str, verb: str, by: User, note: str = "") -> Any:
    may(by, row).require()
    row.decided_at, row.decided_by = clock.now(), by
    return _move(row, state, act, verb, by, note)


def _move(row: Any, state: str, act: str, verb: str, by: User, note: str = "") -> Any:
    before = row.state
    row.state, row.note = state, note.strip()
    row.save()
    keep(row, act, by, note=row.note)
    record(verb, by=by, on=row, path=row.division.path, before={"state": before},
           after={"state": state}, note=row.note)  # fmt: skip
    return row


def keep(row: Any, act: str, by: User | None, **more: Any) -> None:
    """A line of the sheet's history."""
    SheetChange.objects.create(
        kind=kind_of(row.division), division=row.division, campaign=row.campaign, act=act,
        version=row.version, made_at=clock.now(), made_by=by, **more,
    )  # fmt: skip
