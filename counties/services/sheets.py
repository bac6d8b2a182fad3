"""Village and natural village sheets: filled, submitted by the village, reviewed or returned by the township."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from counties import verbs
from counties.models import HamletSheet, SheetBatch
from counties.models.sheets import FILLED_STATES, Kind, Sheet, SheetState
from counties.policies import sheets as policies
from counties.selectors import rollups
from counties.selectors import sheets as selectors
from counties.services import sheet_steps as steps
from counties.signals import sheets_changed
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from households.models import Campaign
from households.services import writing

NOT_CLEANED = ("division", "campaign", "changed_by", "submitted_by", "decided_by")
EXACT = tuple(name for name, rollup in rollups.VILLAGE.items() if rollup.exact)


@transaction.atomic
def save(
    place: Division,
    *,
    campaign: Campaign,
    fields: Mapping[str, Any],
    version: int | None = None,
    by: User,
    batch: SheetBatch | None = None,
) -> Any:
    """Fill a place's sheet; the system's own lines are written with it. Raises Conflict when somebody saved since
    `version` (0: nobody had), Refused with every reason, or ValidationError by field.
    """
    Division.objects.select_for_update().get(pk=place.pk)
    sheet = selectors.draft(place, campaign)
    policies.may_fill(by, sheet).require()
    _within_bounds(sheet, fields)
    is_new = sheet.pk is None
    changed = writing.differences(sheet, fields)
    writing.refuse_conflict(sheet, changed, version)
    changed |= writing.differences(sheet, system_values(place))
    writing.assign(sheet, changed)
    state = settled_state(sheet)
    if not changed and not is_new and state == sheet.state:
        return sheet
    sheet.state = state
    sheet.version += 1
    sheet.changed_at, sheet.changed_by = clock.now(), by
    writing.save(sheet, exclude=NOT_CLEANED)
    before, after = writing.before_after(changed)
    steps.keep(sheet, "填写", by, fields=list(changed), before=before, after=after, batch=batch)
    record(verbs.SHEET_SAVED, by=by, on=sheet, path=place.path, before=before, after=after)
    tell(place)
    return sheet


def system_values(place: Division) -> dict[str, Any]:
    """What nobody types: whether it is a 出列村, what the register counts, whether a natural village still stands."""
    if selectors.kind_of(place) == Kind.HAMLET:
        return {"nv_active": place.valid_until is None or place.valid_until > clock.today()}
    listing = selectors.listing(place, clock.today())
    exact = {name: rollups.VILLAGE[name] for name in EXACT}
    counted = rollups.numbers(exact, [place.pk])[place.pk]
    return listed_values(place, listing is not None, listing.limit if listing else None) | {
        name: int(value) for name, value in counted.items()
    }


def listed_values(place: Division, listed: bool, year: Decimal | int | None) -> dict[str, Any]:
    """The three lines that follow from the dated list of 出列村 and from the kind of division."""
    plain = "community" if place.village_kind == selectors.COMMUNITY else "general"
    return {
        "is_delisted": listed,
        "village_attribute": "poor_lifted" if listed else plain,
        "delist_year": int(year) if year is not None else None,
    }


def settled_state(sheet: Any) -> str:
    """已采集 once every needed line has its answer; a returned sheet stays returned until it is submitted."""
    if sheet.state == SheetState.RETURNED:
        return SheetState.RETURNED
    missing = selectors.unanswered(sheet, listed=bool(getattr(sheet, "is_delisted", True)))
    return SheetState.TODO if missing else SheetState.COLLECTED


def _within_bounds(sheet: Any, fields: Mapping[str, Any]) -> None:
    """A page, a file and a program meet the same limits."""
    problems: dict[str, str] = {}
    lines = {
        line.name: line
        for _title, block in selectors.BLOCKS[selectors.kind_of(sheet.division)]
        for line in block
    }
    for name, value in fields.items():
        line = lines.get(name)
        if line is None or line.system:
            problems[name] = "这一项由系统填写"
        elif value is not None and line.kind in ("int", "decimal"):
            if line.least is not None and value < line.least:
                problems[name] = f"“{line.label}”不能小于{line.least:g}{line.unit}"
            elif line.most is not None and value > line.most:
                problems[name] = f"“{line.label}”不能大于{line.most:g}{line.unit}"
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def submit(sheet: Sheet, *, by: User) -> Any:
    """The village hands its sheet and its natural villages' to the township."""
    row = _locked(sheet)
    return _with_hamlets(steps.hand_in(row, may=policies.may_submit, act="提交", by=by))


@transaction.atomic
def review(sheet: Sheet, *, by: User) -> Any:
    """The township passes the sheet."""
    row = _locked(sheet)
    return _with_hamlets(steps.take_over(row, may=policies.may_review, act="审核通过", by=by))


@transaction.atomic
def send_back(sheet: Sheet, *, note: str, by: User) -> Any:
    """The township returns the sheet with a reason; it may be filled again."""
    row = _locked(sheet)
    return _with_hamlets(steps.give_back(row, may=policies.may_return, note=note, by=by))


def _locked(sheet: Sheet) -> Any:
    """The stored sheet under lock; one that nobody filled comes back as it is, for the policy to refuse."""
    Division.objects.select_for_update().get(pk=sheet.division_id)
    return selectors.draft(sheet.division, sheet.campaign)


def _with_hamlets(row: Any) -> Any:
    """Its natural villages go along; sent back, they are filled already and may be changed."""
    HamletSheet.objects.filter(
        division__parent=row.division, campaign=row.campaign, state__in=FILLED_STATES
    ).update(
        state=SheetState.COLLECTED if row.state == SheetState.RETURNED else row.state,
        note=row.note,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
    return row


def tell(*places: Division) -> None:
    """After commit the rules judge the villages again, whose own or whose natural villages' sheets changed."""
    codes = {str(p.parent_id) if selectors.kind_of(p) == Kind.HAMLET else p.pk for p in places}

    def send() -> None:
        sheets_changed.send(sender="counties", kind=Kind.VILLAGE, codes=sorted(codes))

    transaction.on_commit(send)
