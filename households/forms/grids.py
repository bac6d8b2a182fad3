"""Wrong rows of an import as a table to type into: one field for each cell that can be corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from fanpin.sheets.columns import Column
from households.models import CellError, ImportRow
from households.rules.change_reasons import ELSEWHERE

MOST_LETTERS = 500


@dataclass
class Cell:
    """One cell: what stands in it, its field when it can be typed into, what is wrong with it."""

    text: str
    bound: forms.BoundField | None
    faults: list[CellError]


@dataclass
class Line:
    """One wrong row with its cells; `notes` are faults that no single cell can mend."""

    row: ImportRow
    cells: list[Cell] = field(default_factory=list)
    notes: list[CellError] = field(default_factory=list)

    @property
    def stands_elsewhere(self) -> bool:
        """The person of this row is on another household's roster."""
        faults = [fault for cell in self.cells for fault in cell.faults]
        return any(fault.message == ELSEWHERE for fault in [*faults, *self.notes])


class GridForm(forms.Form):
    """The cells of one page of wrong rows, by (row, column). What is not sent keeps its value."""

    def __init__(
        self,
        *args: Any,
        rows: Sequence[ImportRow],
        columns: Mapping[str, Column],
        faults: Sequence[CellError],
        secret: frozenset[str] | set[str],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.rows, self.secret = rows, secret
        self.faults: dict[int, list[CellError]] = {row.number: [] for row in rows}
        for fault in faults:
            self.faults.setdefault(fault.number, []).append(fault)
        in_file = {key for row in rows for key in row.raw}
        wrong = {fault.key for fault in faults}
        self.columns = [column for key, column in columns.items() if key in wrong & in_file]
        for n, row in enumerate(rows):
            for m, column in enumerate(self.columns):
                if self._may_type(row, column.key):
                    self.fields[self._name(row, column.key)] = self._field(row, column, f"{n}-{m}")

    def lines(self) -> list[Line]:
        """The rows as the page shows them."""
        shown = {column.key for column in self.columns}
        found = []
        for row in self.rows:
            faults = self.faults[row.number]
            line = Line(row, notes=[fault for fault in faults if fault.key not in shown])
            for column in self.columns:
                name = self._name(row, column.key)
                bound = self[name] if name in self.fields else None
                mine = [fault for fault in faults if fault.key == column.key]
                line.cells.append(Cell(row.raw.get(column.key) or "", bound, mine))
            found.append(line)
        return found

    def lists(self) -> list[tuple[str, list[str]]]:
        """The values offered while typing, one list for each column of codes."""
        return [
            (f"list-{column.key}", [label for _, label in column.choices])
            for column in self.columns
            if column.choices
        ]

    def typed(self) -> dict[int, dict[str, str]]:
        """Row id → {column key: text} of the cells that differ from what is there."""
        found: dict[int, dict[str, str]] = {}
        for row in self.rows:
            for column in self.columns:
                name = self._name(row, column.key)
                text = self.cleaned_data.get(name)
                if (
                    name in self.data
                    and text is not None
                    and text != (row.raw.get(column.key) or "")
                ):
                    found.setdefault(row.pk, {})[column.key] = text
        return found

    def _may_type(self, row: ImportRow, key: str) -> bool:
        """Personal numbers stay masked unless they are what is wrong."""
        wrong = any(fault.key == key for fault in self.faults[row.number])
        return key in row.raw and (wrong or key not in self.secret)

    def _name(self, row: ImportRow, key: str) -> str:
        return f"c{row.pk}-{key}"

    def _field(self, row: ImportRow, column: Column, place: str) -> forms.CharField:
        attributes = {
            "class": "form-control",
            "data-cell": place,
            "autocomplete": "off",
            "aria-label": f"第{row.number}行 {column.title}",
        }
        if column.choices:
            attributes["list"] = f"list-{column.key}"
        return forms.CharField(
            label=f"第{row.number}行 {column.title}",
            initial=row.raw.get(column.key) or "",
            required=False,
            max_length=MOST_LETTERS,
            widget=forms.TextInput(attrs=attributes),
        )
