"""指标: every field of the household and member sheets, what it is called, when and how it is filled in.

The official 填表说明 was not found; the explanations are ours. Read once from data/indicators.csv. `era` is 21 (in the
sheets of 2021), L (kept for our own work) or 22+ (only in later sheets, shown where the dated parameter is on).
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

INDICATORS_FILE = Path(__file__).parent / "data" / "indicators.csv"
LATER = "22+"
ERAS = {"21": "2021年表式", LATER: "2022年以后", "L": "本系统增加"}
FILLERS = {"V": "村级", "T": "乡镇", "K": "县级部门", "S": "系统", "S/T": "系统或乡镇"}


@dataclass(frozen=True)
class Indicator:
    """One field of the sheets. `column` is where it is kept: app.Model.field."""

    code: str
    block: str
    label: str
    column: str
    official: str
    era: str
    required_when: str
    range: str
    filled_by: str
    ledgers: tuple[str, ...]
    explanation: str

    @property
    def is_later(self) -> bool:
        return self.era == LATER

    @property
    def help(self) -> str:
        """The explanation with when and within what, as it stands beside the field."""
        when = "" if self.required_when in ("", "按实际") else f"何时填：{self.required_when}。"
        within = f"范围：{self.range}。" if self.range else ""
        return f"{self.explanation}{when}{within}"


@cache
def indicators() -> tuple[Indicator, ...]:
    """In the order of the paper form."""
    with INDICATORS_FILE.open(encoding="utf-8", newline="") as handle:
        return tuple(
            Indicator(**row | {"ledgers": tuple(filter(None, row["ledgers"].split("|")))})  # type: ignore[arg-type]
            for row in csv.DictReader(handle)
        )


@cache
def of_model(label: str) -> dict[str, Indicator]:
    """Field name → indicator, for "households.Member"; of two on one field the first."""
    found: dict[str, Indicator] = {}
    for each in indicators():
        model, _, field = each.column.rpartition(".")
        if model == label:
            found.setdefault(field, each)
    return found


@cache
def later_fields(label: str) -> frozenset[str]:
    """The model's fields that only later sheets have."""
    return frozenset(name for name, each in of_model(label).items() if each.is_later)


def without_later(label: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in later_fields(label))
