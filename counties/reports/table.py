"""A table of the city summary: declared columns, and one SQL that gives both the numbers and the list behind each.

`rows` selects (county_code, key, household_id, households, persons), one line for each household and key; a number is
their sum over a county, the list behind it are the households of the lines. A line of places has no household, and
their number as households.
"""

from dataclasses import dataclass
from typing import Literal

Count = Literal["households", "persons", "places"]
UNITS: dict[str, str] = {"households": "户", "persons": "人", "places": "个"}


@dataclass(frozen=True)
class Cell:
    """One column of numbers. `of` makes it a percentage of that other key's count.

    A count of places (villages, natural villages, indicators) has no households behind it: `listed` names the page that
    lists them, "counties:village_sheets?state=filled".
    """

    key: str
    count: Count = "households"
    of: str = ""
    label: str = ""
    listed: str = ""

    @property
    def head(self) -> str:
        return self.label or ("%" if self.of else UNITS[self.count])

    @property
    def name(self) -> str:
        """The cell's own name in a stored report."""
        return f"{self.key}.rate" if self.of else f"{self.key}.{self.count}"


@dataclass(frozen=True)
class Group:
    """A merged head over its cells."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    code: str
    title: str
    groups: tuple[Group, ...]
    rows: str
    note: str = ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for group in self.groups for cell in group.cells)

    @property
    def units(self) -> str:
        """What the numbers are counted in, for the line under the title."""
        named = [
            *(UNITS[cell.count] for cell in self.cells),
            *("%" for cell in self.cells if cell.of),
        ]
        return "、".join(dict.fromkeys(named))

    @property
    def keys(self) -> dict[str, str]:
        """Key → what it is called, for the title of the list behind a number."""
        return {cell.key: group.label for group in self.groups for cell in group.cells}


def pair(key: str, label: str) -> Group:
    """户 and 人 under one head."""
    return Group(label, (Cell(key), Cell(key, "persons")))
