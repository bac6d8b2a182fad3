"""The bulk path: thousands of generated households into the tables by COPY, with the rows their registration leaves."""

import csv
import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from fanpin.audit.recording import record
from fanpin.demo.last_year import earned
from fanpin.demo.people import Draft
from fanpin.demo.verbs import LOADED
from fanpin.regions.pinyin import initials_of
from households.choices import HEAD
from households.models import Campaign, Collection, Household, IncomeStatement, Member, MemberChange


@transaction.atomic
def load(
    drafts: list[Draft],
    *,
    campaign: Campaign,
    last: Campaign | None = None,
    at: datetime.datetime,
    serials: dict[str, int],
) -> None:
    """Insert households, members, annual statements (`last`: also the year before), forms, registrations.

    `serials` holds the last household number given in each village, across calls.
    """
    household_ids = _reserve(Household, len(drafts))
    members: list[dict[str, Any]] = []
    statements: list[dict[str, Any]] = []
    keys = initials_of({m["name"] for d in drafts for m in d.members})
    for draft, pk in zip(drafts, household_ids, strict=True):
        for member in draft.members:
            member["pinyin"] = keys[member["name"]]
        _household(draft, pk, serials, at)
    member_ids = iter(_reserve(Member, sum(len(d.members) for d in drafts)))
    for draft in drafts:
        for member in draft.members:
            members.append(_member(member, next(member_ids), draft, at))
        if last is not None:
            statements.append(_last_year(draft, last, at))
        if draft.statement.get("skip"):
            continue
        statements.append(_statement(draft, campaign, at))
    for row, pk in zip(statements, _reserve(IncomeStatement, len(statements)), strict=True):
        row["id"] = pk
    states = [d.household.pop("collection_state", "todo") for d in drafts]
    copy_rows(Household, [d.household for d in drafts])
    copy_rows(Member, members)
    copy_rows(IncomeStatement, statements)
    _collections(drafts, states, campaign, at)
    with connection.cursor() as cursor:
        for model in (Household, Member, IncomeStatement, Collection):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    _changes(drafts, at)
    counties = {d.household["county_code"]: d.household["division_path"] for d in drafts}
    for county, path in counties.items():
        count = sum(1 for d in drafts if d.household["county_code"] == county)
        record(LOADED, by=None, path=path, subject=f"{count}户")


def copy_rows(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """COPY dictionaries into a model's table; what a row does not name gets the field's default."""
    fields = [f for f in model._meta.concrete_fields if f.column]
    if not rows:
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    defaults = [_text(_default(f)) for f in fields]
    place = {f.attname: n for n, f in enumerate(fields)}
    for row in rows:
        cells = defaults.copy()
        for name, value in row.items():
            cells[place[name]] = _text(value)
        writer.writerow(cells)
    buffer.seek(0)
    columns = ", ".join(f'"{f.column}"' for f in fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY \"{model._meta.db_table}\" ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')",
            buffer,
        )


def _default(field: Any) -> Any:
    if field.has_default():
        return field.get_default()
    if field.null:
        return None
    return [] if isinstance(field, ArrayField) else ""


def _text(value: Any) -> str:
    kind = type(value)
    if kind is str or kind is int:
        return str(value)
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list | tuple):
        return "{" + ",".join(f'"{item}"' for item in value) + "}"
    if isinstance(value, dict):
        return "{}"
    return str(value)


def _reserve(model: type[models.Model], count: int) -> list[int]:
    """Consecutive primary keys taken from the table's own sequence."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _household(draft: Draft, pk: int, serials: dict[str, int], at: datetime.datetime) -> None:
    row = draft.household
    village = row["village_id"]
    serials[village] = serials.get(village, 0) + 1
    head = next(m for m in draft.members if m["relation"] == HEAD)
    able = [m for m in draft.members if m["labour"] in ("ordinary", "skilled")]
    row |= {
        "id": pk,
        "hh_code": f"{village}{serials[village]:05d}",
        "created_at": at,
        "updated_at": at,
        "head_name": head["name"],
        "head_pinyin": head["pinyin"],
        "head_id_no": head["id_no"],
        "family_size": len(draft.members),
        "labour_count": len(able),
        "migrant_count": sum(1 for m in draft.members if m["work_months"]),
        "public_post_count": sum(1 for m in draft.members if m.get("public_post")),
    }
    if not draft.statement.get("skip"):
        row |= {
            "income_pc": draft.statement["inc_net_pc"],
            "income_from": datetime.date(2020, 10, 1),
            "income_to": datetime.date(2021, 9, 30),
        }


def _member(member: dict[str, Any], pk: int, draft: Draft, at: datetime.datetime) -> dict[str, Any]:
    member |= {
        "id": pk,
        "household_id": draft.household["id"],
        "county_code": draft.household["county_code"],
        "status": "active",
        "joined_on": datetime.date(2014, 1, 1),
        "updated_at": at,
    }
    return member


def _statement(draft: Draft, campaign: Campaign, at: datetime.datetime) -> dict[str, Any]:
    lines = {k: v for k, v in draft.statement.items() if k not in ("skip", "draft")}
    return lines | {
        "household_id": draft.household["id"],
        "purpose": "annual",
        "campaign_id": campaign.pk,
        "window_from": campaign.income_from,
        "window_to": campaign.income_to,
        "roster": [m["id"] for m in draft.members],
        "state": "draft" if draft.statement.get("draft") else "confirmed",
        "made_at": at,
    }


def _last_year(draft: Draft, last: Campaign, at: datetime.datetime) -> dict[str, Any]:
    """Confirmed a year ago; how much less it was follows from the household's number."""
    lines = {k: v for k, v in draft.statement.items() if k not in ("skip", "draft")}
    draw = int(draft.household["hh_code"][-5:]) * 37 % 100 / 100
    year_before = Draft(draft.household, draft.members, earned(lines, draw))
    return _statement(year_before, last, at - datetime.timedelta(days=365))


def _collections(
    drafts: Sequence[Draft], states: Sequence[str], campaign: Campaign, at: datetime.datetime
) -> None:
    rows = [
        {
            "household_id": d.household["id"],
            "campaign_id": campaign.pk,
            "state": state,
            "explanation": "已入户核实，情况属实" if state in ("checked", "reviewed") else "",
            "changed_at": at,
        }
        for d, state in zip(drafts, states, strict=True)
    ]
    for row, pk in zip(rows, _reserve(Collection, len(rows)), strict=True):
        row["id"] = pk
    copy_rows(Collection, rows)


def _changes(drafts: Iterable[Draft], at: datetime.datetime) -> None:
    rows = [
        {
            "household_id": d.household["id"],
            "kind": "register",
            "changed_on": at.date(),
            "made_at": at,
        }
        for d in drafts
    ]
    for row, pk in zip(rows, _reserve(MemberChange, len(rows)), strict=True):
        row["id"] = pk
    copy_rows(MemberChange, rows)
