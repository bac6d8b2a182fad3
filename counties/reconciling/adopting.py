"""Values of theirs as a workbook of ours. It goes the way of every import: checked, shown as differences, applied by a
person, taken back. Only what an import may write is in it; who joins, leaves or heads a household is not.
"""

from collections.abc import Iterable
from io import BytesIO

import polars as pl
from django.core.files.uploadedfile import SimpleUploadedFile

from counties.models import ReconciledItem, Reconciliation
from counties.models.reconciling import Meeting
from counties.reconciling.layouts import LAYOUTS, PROVINCES
from counties.reconciling.receiving import texts_of
from fanpin.sheets.reading import ROW
from fanpin.sheets.writing import table_of, write_xlsx
from households.models import Household, Member
from households.sheets.columns import (
    BOOK,
    HOUSEHOLD_FIELDS,
    HOUSEHOLD_SHEET,
    IDENTITY_FIELDS,
    INCOME_FIELDS,
    MEMBER_FIELDS,
    MEMBER_SHEET,
)

Row = dict[str, str]
OF_HOUSEHOLD = {*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS, *INCOME_FIELDS}
OF_MEMBER = set(MEMBER_FIELDS)
KEYS = ("national_hh_no", "head_id_no", "head_name", "township", "village")
_CODES = {name: code for code, name in PROVINCES}
STATES = (Meeting.DIFFERS, Meeting.THEIRS)


def workbook(
    run: Reconciliation, items: Iterable[ReconciledItem]
) -> tuple[SimpleUploadedFile | None, int]:
    """The workbook of the chosen items and how many of them it could take; None when an import may write none."""
    chosen = [item for item in items if LAYOUTS[item.kind].adoptable and item.state in STATES]
    homes, people, taken = _Rows(run).of(chosen)
    if not taken:
        return None, 0
    tables = [
        table_of(sheet, pl.DataFrame(rows, infer_schema_length=None))
        for sheet, rows in ((HOUSEHOLD_SHEET, homes), (MEMBER_SHEET, people))
        if rows
    ]
    buffer = BytesIO()
    write_xlsx(buffer, tables)
    name = f"{BOOK.title}-采用国家系统-{run.pk}.xlsx"
    return SimpleUploadedFile(name, buffer.getvalue()), taken


class _Rows:
    """The rows of the two sheets of an import."""

    def __init__(self, run: Reconciliation) -> None:
        self.run = run
        self.homes: dict[tuple, Row] = {}
        self.people: dict[tuple, Row] = {}

    def of(self, items: list[ReconciledItem]) -> tuple[list[Row], list[Row], int]:
        homes = Household.objects.select_related("village__parent").in_bulk(
            {item.household_id for item in items if item.household_id}
        )
        people = Member.objects.select_related("household").in_bulk(
            {item.member_id for item in items if item.member_id}
        )
        taken = self._new([item for item in items if item.state == Meeting.THEIRS])
        for item in items:
            if item.state == Meeting.THEIRS:
                continue
            if item.member_id:
                keys = _person(people[item.member_id])
                taken += _changed(item, self.people, keys, OF_MEMBER)
            elif item.household_id:
                keys = _home(homes[item.household_id])
                taken += _changed(item, self.homes, keys, OF_HOUSEHOLD)
        return list(self.homes.values()), list(self.people.values()), taken

    def _new(self, items: list[ReconciledItem]) -> int:
        """What only they have. A household of theirs comes with its people, when the run has their list."""
        numbers: set[str] = set()
        for kind in {item.kind for item in items}:
            rows = self._texts(kind, [item for item in items if item.kind == kind])
            is_home = LAYOUTS[kind].subject == "household"
            for row in rows:
                found = _kept(row, OF_HOUSEHOLD if is_home else OF_MEMBER)
                (self.homes if is_home else self.people)[tuple(found.items())] = found
            if is_home:
                numbers |= {row["national_hh_no"] for row in rows if "national_hh_no" in row}
        for row in self._people_of(numbers):
            found = _kept(row, OF_MEMBER)
            self.people[tuple(found.items())] = found
        return len(items)

    def _texts(self, kind: str, items: list[ReconciledItem]) -> list[Row]:
        schema = {"file_id": pl.Int64, ROW: pl.Int64}
        places = [(item.file_id, item.row_number) for item in items]
        wanted = pl.DataFrame(places, schema=schema, orient="row")
        every = [
            frame.with_columns(pl.col(list(schema)).cast(pl.Int64)).join(
                wanted, on=list(schema), how="semi", maintain_order="left"
            )
            for frame in self._frames(kind)
        ]
        return [_filled(row) for frame in every for row in frame.iter_rows(named=True)]

    def _people_of(self, numbers: set[str]) -> list[Row]:
        return [
            _filled(row)
            for frame in self._frames("member")
            if "national_hh_no" in frame.columns
            for row in frame.filter(pl.col("national_hh_no").is_in(list(numbers))).iter_rows(
                named=True
            )
        ]

    def _frames(self, kind: str) -> list[pl.DataFrame]:
        return [texts_of(file, kind) for file in self.run.files.all() if kind in file.kinds]


def _changed(item: ReconciledItem, rows: dict[tuple, Row], keys: Row, may: set[str]) -> int:
    """A row with what they say otherwise. The same person in two of their lists is one row of ours."""
    pairs = zip(item.fields, item.theirs, strict=True)
    said = {name: _ours(name, text) for name, text in pairs if name in may and text}
    if not said:
        return 0
    row = rows.setdefault(tuple(keys.items()), dict(keys))
    row |= said
    return 1


def _filled(row: dict[str, object]) -> Row:
    return {key: str(text) for key, text in row.items() if text is not None}


def _home(household: Household) -> Row:
    village = household.village
    assert village.parent is not None
    return {
        "hh_code": household.hh_code,
        "township": village.parent.name,
        "village": village.name,
        "head_name": household.head_name,
    }


def _person(member: Member) -> Row:
    keys = {
        "hh_code": member.household.hh_code,
        "name": member.name,
        "relation": member.get_relation_display(),  # type: ignore[attr-defined]
        "id_type": member.id_type,
        "id_no": member.id_no,
    }
    return {key: text for key, text in keys.items() if text}


def _kept(row: Row, may: set[str]) -> Row:
    return {key: _ours(key, text) for key, text in row.items() if key in may or key in KEYS}


def _ours(key: str, text: str) -> str:
    """Their word where our column wants another: places of work are codes."""
    return _CODES.get(text, text) if key == "work_province" else text
