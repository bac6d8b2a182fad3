"""A printed household card that was filled in on the computer: known by the code on it, read back box by box as rows
that an import would have. A box that was not touched, or hides a number, says nothing.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from fanpin.papers import filled
from fanpin.papers.filled import Cells, Row
from fanpin.regions.scope import Scope
from fanpin.sheets.columns import plain_head
from fanpin.sheets.reading import Read
from fanpin.web.formats import mask_id
from households.models import Household, IncomeStatement, Member, MemberChange
from households.selectors.members import COUNTED
from households.sheets.columns import (
    HOUSEHOLD_FIELDS,
    HOUSEHOLD_SHEET,
    INCOME_FIELDS,
    MEMBER_FIELDS,
    MEMBER_SHEET,
)

MARK = "HK"
HEAD = plain_head("项目")
OF_HOME = {*HOUSEHOLD_FIELDS, *INCOME_FIELDS}
OF_PERSON = set(MEMBER_FIELDS)
# Printed by name, stored by code: what was not changed cannot be told from the paper.
BY_NAME = ("work_city", "work_county", "work_township")


@dataclass
class Filled:
    """The cards of a file as the two sheets of an import, and what changed since they were printed."""

    reads: list[Read]
    notes: list[str] = field(default_factory=list)


def read_cards(path: Path | str, scope: Scope) -> Filled | None:
    """The filled-in cards of a workbook, one sheet each; None when there is none. Raises SheetRefused."""
    homes: list[Row] = []
    people: list[Row] = []
    notes: list[str] = []
    for code, cells in filled.papers_in(path, MARK):
        home = Household.objects.within(scope).filter(hh_code=code.number).first()
        members = list(Member.objects.filter(household=home, status__in=COUNTED)) if home else []
        homes.append({"hh_code": code.number} | filled.boxes(_before_people(cells), _key))
        if home is not None:  # else the household itself is refused, once
            people += _people(cells, code.number, members)
            notes += _changed_since(home, filled.printed_at(cells, code))
    if not homes:
        return None
    reads = [filled.as_read(HOUSEHOLD_SHEET, homes)]
    return Filled([*reads, filled.as_read(MEMBER_SHEET, people)] if people else reads, notes)


def _key(text: str) -> str | None:
    key = HOUSEHOLD_SHEET.key_of(text)
    return key if key in OF_HOME else None


def _before_people(cells: Cells) -> Iterable[list[str]]:
    for row in cells:
        if row and plain_head(row[0]) == HEAD:
            return
        yield row


def _people(cells: Cells, hh_code: str, members: list[Member]) -> list[Row]:
    """One row for each person's column; the head of the table says which columns these are."""
    found: list[Row] = []
    columns: list[int] = []
    current: dict[int, Row] = {}
    for row in cells:
        if row and plain_head(row[0]) == HEAD:
            found += _known(current.values(), hh_code, members)
            columns = [n for n, text in enumerate(row) if re.fullmatch(r"第\d+人", text)]
            current = {n: {} for n in columns}
            continue
        key = MEMBER_SHEET.key_of(row[0]) if columns and row and row[0] else None
        if key in OF_PERSON:
            for n in columns:
                if n < len(row) and row[n]:
                    current[n][key] = row[n]
    return found + _known(current.values(), hh_code, members)


def _known(rows: Iterable[Row], hh_code: str, members: list[Member]) -> list[Row]:
    found = []
    for row in rows:
        if not row.get("name"):
            continue
        member = _member(row, members)
        said = {key: text for key, raw in row.items() if (text := filled.value(raw))}
        if member is not None:
            said["id_no"] = said.get("id_no") or member.id_no
            said = {k: v for k, v in said.items() if k not in BY_NAME or v.isdecimal()}
        found.append({"hh_code": hh_code} | {key: text for key, text in said.items() if text})
    return found


def _member(row: Row, members: list[Member]) -> Member | None:
    """Who a column is about: by the number, shown or hidden, and by the name where it has none."""
    number, name = row.get("id_no", ""), row["name"]
    same = [m for m in members if number and number in (m.id_no, mask_id(m.id_no))]
    named = [m for m in (same or members) if m.name == name]
    chosen = named if len(named) == 1 else same
    return chosen[0] if len(chosen) == 1 else None


def _changed_since(home: Household, printed_at: datetime.datetime) -> list[str]:
    """One line for a household whose data somebody changed after the card was printed."""
    rows = MemberChange.objects.filter(household=home, made_at__gt=printed_at)
    said: dict[str, None] = {}
    for change in rows.select_related("member"):
        columns = (HOUSEHOLD_SHEET if change.member is None else MEMBER_SHEET).by_key
        who = f"{change.member.name}的" if change.member else ""
        known = [f"{who}{columns[name].label}" for name in change.fields if name in columns]
        said |= dict.fromkeys(known or [change.get_kind_display()])
    statements = IncomeStatement.objects.filter(household=home, purpose="annual")
    if statements.filter(made_at__gt=printed_at).exists():
        said["年度收入测算表"] = None
    if not said:
        return []
    when = timezone.localtime(printed_at).strftime("%Y-%m-%d %H:%M")
    words = "、".join(said)
    return [
        f"{home}的表打印（{when}）以后，系统里又改过：{words}。请在“变化”中核对，以免用旧值覆盖新值"
    ]
