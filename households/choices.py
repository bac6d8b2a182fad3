"""The code lists of the national forms: what is stored, what is shown. Loaded once from data/codes.csv."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from fanpin.accounts.departments import Department

CODES_FILE = Path(__file__).parent / "data" / "codes.csv"


@cache
def lists() -> dict[str, dict[str, str]]:
    """list → {code: label}, in the order of the file."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with CODES_FILE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found[row["list"]][row["code"]] = row["label"]
    return {**found, "department": dict(Department.choices)}


def choices(name: str) -> list[tuple[str, str]]:
    """The list as Django choices."""
    return list(lists()[name].items())


def label(name: str, code: str) -> str:
    """What to show for a stored code; an unknown code shows itself."""
    return lists()[name].get(code, code)


def labels(name: str, codes: list[str] | tuple[str, ...] | None) -> str:
    """Several codes as one phrase, joined as the national export does."""
    return "、".join(label(name, code) for code in codes or ())


HEAD = "02"
SPOUSE = "10"

MONITORING_STATES: dict[str, tuple[str, str]] = {
    "not_monitored": ("未纳入", "grey"),
    "identifying": ("识别中", "blue"),
    "approved": ("已审定待录入", "blue"),
    "monitored": ("监测中", "orange"),
    "eliminating": ("拟消除", "blue"),
    "eliminated": ("风险已消除", "green"),
    "rolling_back": ("回退审查中", "amber"),
    "relabelling": ("再标注中", "amber"),
    "closed": ("整户减少", "grey"),
    "voided": ("识别不准退出", "grey"),
}
UNDER_MONITORING = ("monitored", "eliminating")
# A case is under way: people may still join and leave, but the household does not divide, unite or end.
IN_PROCEDURE = ("identifying", "approved", "eliminating", "rolling_back", "relabelling")
EVER_ADMITTED = (
    "monitored",
    "eliminating",
    "eliminated",
    "rolling_back",
    "relabelling",
)

COLLECTION_TONES = {
    "todo": "grey",
    "collected": "blue",
    "checked": "blue",
    "reviewed": "green",
    "returned": "amber",
    "closed": "green",
}
