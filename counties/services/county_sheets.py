"""A key county's sheet: filled by the county and its departments, reported to the city, taken over or returned."""

import csv
import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from counties import verbs
from counties.models import CountyFigure, CountySheet, Indicator
from counties.models.sheets import Kind, SheetState
from counties.policies import county_sheets as policies
from counties.selectors import county_sheets as selectors
from counties.selectors.county_sheets import NUMBERS, Answer
from counties.services import sheet_steps as steps
from counties.signals import sheets_changed
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from households.models import Campaign
from households.selectors.wording import plain
from households.services.writing import Conflict

INDICATORS_FILE = Path(__file__).parent.parent / "data" / "indicators.csv"
PROVINCE = "62"
Changes = dict[str, tuple[Answer, Answer]]


@transaction.atomic
def load_indicators() -> int:
    """Add the shipped indicators that were never there; an edited or ended one stays as it is."""
    known = set(Indicator.objects.values_list("code", flat=True))
    with INDICATORS_FILE.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["code"] not in known]
    Indicator.objects.bulk_create(
        [
            Indicator(
                division_id=PROVINCE,
                group=row["group"],
                code=row["code"],
                name=row["name"],
                unit=row["unit"],
                kind=row["kind"],
                code_list=row["code_list"],
                least=Decimal(row["least"]) if row["least"] else None,
                most=Decimal(row["most"]) if row["most"] else None,
                is_required=row["required"] == "1",
                department=row["department"],
                from_system=row["from_system"] == "1",
                position=int(row["position"]),
                effective_from=datetime.date.fromisoformat(row["effective_from"]),
                basis=row["basis"],
            )
            for row in rows
        ]
    )
    return len(rows)


@transaction.atomic
def save(
    county: Division,
    *,
    campaign: Campaign,
    fields: Mapping[str, Answer],
    version: int | None = None,
    by: User,
) -> CountySheet:
    """Fill indicators by code; the system's own are written with them. Raises Conflict, Refused, ValidationError."""
    Division.objects.select_for_update().get(pk=county.pk)
    sheet = selectors.draft(county, campaign)
    policies.may_fill(by, sheet).require()
    asked = {row.code: row for row in selectors.indicators(county)}
    _judge(fields, asked, {row.code for row in policies.own(by, county, asked.values())})
    stored = selectors.answers(sheet)
    changed = _differences(stored, fields)
    _refuse_conflict(sheet, changed, version, asked)
    known = selectors.system_answers(county, campaign)
    changed |= _differences(
        stored, {c: known.get(c) for c, row in asked.items() if row.from_system}
    )
    given = stored | {code: wanted for code, (_old, wanted) in changed.items()}
    state = _settled(sheet, given, list(asked.values()))
    if sheet.pk is not None and not changed and state == sheet.state:
        return sheet
    sheet.state, sheet.version = state, sheet.version + 1
    sheet.changed_at, sheet.changed_by = clock.now(), by
    sheet.save()
    _write(sheet, changed, asked)
    before = {code: plain(old) for code, (old, _new) in changed.items()}
    after = {code: plain(new) for code, (_old, new) in changed.items()}
    steps.keep(sheet, "填写", by, fields=list(changed), before=before, after=after)
    record(verbs.SHEET_SAVED, by=by, on=sheet, path=county.path, before=before, after=after)
    _tell(county)
    return selectors.draft(county, campaign)


def _settled(sheet: CountySheet, given: Mapping[str, Answer], asked: list[Indicator]) -> str:
    if sheet.state == SheetState.RETURNED:
        return SheetState.RETURNED
    return SheetState.TODO if selectors.blank(given, asked) else SheetState.COLLECTED


def _judge(fields: Mapping[str, Answer], asked: Mapping[str, Indicator], mine: set[str]) -> None:
    """Every value within its indicator's limits, and each person in their own block."""
    problems: dict[str, str] = {}
    for code, value in fields.items():
        row = asked.get(code)
        if row is None or row.from_system:
            problems[code] = "这一项不在本年度应填指标中，或由系统汇总"
        elif code not in mine:
            raise PermissionDenied(f"“{row.name}”由{row.get_department_display()}填写")  # type: ignore[attr-defined]
        elif isinstance(value, Decimal) and row.least is not None and value < row.least:
            problems[code] = f"“{row.name}”不能小于{row.least:f}{row.unit}"
        elif isinstance(value, Decimal) and row.most is not None and value > row.most:
            problems[code] = f"“{row.name}”不能大于{row.most:f}{row.unit}"
    if problems:
        raise ValidationError(problems)


def _differences(stored: Mapping[str, Answer], fields: Mapping[str, Answer]) -> Changes:
    """Code → (stored, wanted) where they differ; an empty text is no answer."""
    pairs = {code: (stored.get(code), value) for code, value in fields.items()}
    return {
        code: (old, new)
        for code, (old, new) in pairs.items()
        if old != new and not (old in (None, "") and new in (None, ""))
    }


def _refuse_conflict(
    sheet: CountySheet, changed: Changes, version: int | None, asked: Mapping[str, Indicator]
) -> None:
    if version is None or sheet.version == version or not changed:
        return
    reasons = []
    for code, (stored, wanted) in changed.items():
        ours, theirs = (selectors.words(asked[code], v) or "（空）" for v in (wanted, stored))
        text = f"“{asked[code].name}”：您填写“{ours}”，他人已保存为“{theirs}”"
        reasons.append(Reason(text, field=code))
    raise Conflict(tuple(reasons), sheet.version)


def _write(sheet: CountySheet, changed: Changes, asked: Mapping[str, Indicator]) -> None:
    """The figures of the changed codes, under the indicators in force."""
    CountyFigure.objects.bulk_create(
        [
            CountyFigure(
                sheet=sheet,
                indicator=asked[code],
                number=value if asked[code].kind in NUMBERS else None,
                text="" if asked[code].kind in NUMBERS else str(value or ""),
            )
            for code, (_old, value) in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["sheet", "indicator"],
        update_fields=["number", "text"],
    )


@transaction.atomic
def submit(sheet: CountySheet, *, by: User) -> CountySheet:
    """The county reports its sheet to the city."""
    return steps.hand_in(_locked(sheet), may=policies.may_submit, act="上报", by=by)


@transaction.atomic
def accept(sheet: CountySheet, *, by: User) -> CountySheet:
    """The city takes the sheet over."""
    return steps.take_over(_locked(sheet), may=policies.may_accept, act="接收", by=by)


@transaction.atomic
def send_back(sheet: CountySheet, *, note: str, by: User) -> CountySheet:
    """The city returns the sheet with a reason."""
    return steps.give_back(_locked(sheet), may=policies.may_return, note=note, by=by)


def _locked(sheet: CountySheet) -> CountySheet:
    Division.objects.select_for_update().get(pk=sheet.division_id)
    return selectors.draft(sheet.division, sheet.campaign)


def _tell(county: Division) -> None:
    def send() -> None:
        sheets_changed.send(sender="counties", kind=Kind.COUNTY, codes=[county.pk])

    transaction.on_commit(send)
