"""The departments' ledgers of a demonstration county as files, with a known number of disagreements planted.

The true ledger is what the register says; each plant changes one person in one file. `Planted` counts the findings a
comparison must report, by code, no more and no fewer.
"""

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from counties.comparison import SPECS, LedgerSpec
from fanpin.demo.numbers import check_character
from fanpin.sheets.columns import Column
from fanpin.sheets.writing import table_of, write_xlsx
from households.models import IncomeStatement, Member

Row = dict[str, Any]
Books = dict[str, dict[str, Row]]
FIELDS = (
    "id",
    "household_id",
    "household__hh_code",
    "household__village_id",
    "household__address_detail",
    "household__head_name",
    "name",
    "sex",
    "ethnicity",
    "relation",
    "id_no",
    "id18",
    "health",
    "disability_type",
    "disability_level",
    "dibao_status",
    "tekun_status",
    "school_status",
    "ins_med_resident",
    "ins_med_employee",
    "ins_pension_resident",
    "ins_pension_employee",
    "birth_date",
    "public_post",
)
SCHOOLS = {"primary": "中心小学", "g7": "初级中学", "g8": "初级中学", "g9": "初级中学"}
ON_ROLL = ("primary", "g7", "g8", "g9", "sh1", "sh2", "sh3", "voc1", "voc2", "voc3")


CORRECTED = "更正后"


def write_true_ledgers(county: str, folder: Path) -> dict[str, str]:
    """The ledgers of a county as workbooks that agree with the register; returns their paths."""
    return _write_all(_true_books(county, _members(county)), folder)


def write_ledgers(
    county: str, village: str, folder: Path, rng: Random, *, avoid: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """Write the ledgers with disagreements planted, and beside them what the departments hand in after correcting.

    Nothing is planted on the households to `avoid`. Returns the paths of both and the findings to expect.
    """
    members = _members(county)
    books = _true_books(county, members)
    corrected = _write_all(books, folder / CORRECTED)
    expected = Planter(books, members, village, rng, avoid).plant()
    return {
        "files": _write_all(books, folder),
        "corrected": corrected,
        "findings": dict(sorted(expected.items())),
    }


def _members(county: str) -> list[Row]:
    rows = Member.objects.filter(county_code=county, status="active")
    return list(rows.order_by("household_id", "id").values(*FIELDS))


def _write_all(books: Books, folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return {key: str(write_book(SPECS[key], rows.values(), folder)) for key, rows in books.items()}


def _true_books(county: str, members: list[Row]) -> Books:
    paid = _paid(county)
    builders: dict[str, Callable[[Row], Row | None]] = {
        "police": _police,
        "dibao_tekun": lambda m: _civil(m, paid),
        "disabled": _disabled,
        "insured": _insured,
        "school": _school,
        "pension": _pension,
        "eco_comp": lambda m: _yearly(m, paid, "inc_eco_comp", "returned_forest"),
        "forest_guard": _guard,
        "farmland": lambda m: _yearly(m, paid, "inc_agri_subsidy", "farmland"),
    }
    return {
        key: {m["id18"]: row for m in members if (row := build(m)) is not None}
        for key, build in builders.items()
    }


PAID = ("inc_dibao", "inc_tekun", "inc_eco_comp", "inc_agri_subsidy")
Paid = dict[int, dict[str, Any]]


def _paid(county: str) -> Paid:
    """Household → what its annual statement says it was paid, 元 in the window."""
    rows = IncomeStatement.objects.filter(
        household__county_code=county, purpose="annual", campaign__is_current=True
    )
    return {row.pop("household_id"): row for row in rows.values("household_id", *PAID)}


def _police(m: Row) -> Row:
    return {
        "id_no": m["id18"],
        "name": m["name"],
        "sex": m["sex"],
        "ethnicity": m["ethnicity"],
        "household_no": m["household__hh_code"],
        "relation": m["relation"],
        "address": m["household__address_detail"],
        "status": "normal",
        "status_on": None,
    }


def _civil(m: Row, paid: Paid) -> Row | None:
    kind = ""
    if m["dibao_status"] != "none":
        kind = f"dibao_{m['dibao_status']}"
    elif m["tekun_status"] != "none":
        kind = f"tekun_{m['tekun_status']}"
    if not kind:
        return None
    line = "inc_dibao" if kind.startswith("dibao") else "inc_tekun"
    total = paid.get(m["household_id"], {}).get(line) or 0
    # The household's total stands with its head; the others carry their own month without a total of their own.
    is_head = m["relation"] == "02"
    return {
        "id_no": m["id18"],
        "name": m["name"],
        "head_name": m["household__head_name"],
        "kind": kind,
        "status": "normal",
        "from_on": "2019-01-01",
        "until_on": None,
        "amount": "340",
        "total": str(total) if is_head else "0",
    }


def _disabled(m: Row) -> Row | None:
    if "disabled" not in m["health"]:
        return None
    return {
        "id_no": m["id_no"],
        "name": m["name"],
        "kind": m["disability_type"],
        "level": m["disability_level"],
        "status": "valid",
        "status_on": "2016-05-20",
    }


def _insured(m: Row) -> Row | None:
    if not (m["ins_med_resident"] or m["ins_med_employee"]):
        return None
    return {
        "id_no": m["id18"],
        "name": m["name"],
        "year": "2021",
        "kind": "employee" if m["ins_med_employee"] else "resident",
        "status": "insured",
        "address": "",
        "amount": "0",
    }


def _school(m: Row) -> Row | None:
    if m["school_status"] not in ON_ROLL:
        return None
    return {
        "id_no": m["id18"],
        "name": m["name"],
        "address": SCHOOLS.get(m["school_status"], "县第二中学"),
        "level": m["school_status"],
        "status": "enrolled",
    }


OLD_BY = 1961
PENSION_A_YEAR = 1356


def _pension(m: Row) -> Row | None:
    """Everybody insured; the old receive theirs."""
    if not (m["ins_pension_resident"] or m["ins_pension_employee"]):
        return None
    old = m["birth_date"].year <= OLD_BY
    return {
        "id_no": m["id18"],
        "name": m["name"],
        "kind": "employee" if m["ins_pension_employee"] else "resident",
        "status": "receiving" if old else "insured",
        "from_on": "2020-01-01" if old else None,
        "amount": str(PENSION_A_YEAR // 12) if old else None,
        "total": str(PENSION_A_YEAR) if old else None,
    }


def _guard(m: Row) -> Row | None:
    posts = [post for post in m["public_post"] if post in ("forest", "grass")]
    if not posts:
        return None
    return {
        "id_no": m["id18"], "name": m["name"], "kind": posts[0], "status": "on_duty",
        "from_on": "2021-01-01", "amount": "800",
    }  # fmt: skip


def _yearly(m: Row, paid: Paid, line: str, kind: str) -> Row | None:
    """What is paid to the household stands with its head."""
    total = paid.get(m["household_id"], {}).get(line) if m["relation"] == "02" else None
    if not total:
        return None
    return {"id_no": m["id18"], "name": m["name"], "kind": kind, "total": str(total)}


class Planter:
    """Changes single people in the files, never the same household twice.

    They live in one village while it has fitting ones, else in its township: whoever has to answer has an account.
    """

    def __init__(
        self, books: Books, members: list[Row], village: str, rng: Random, avoid: frozenset[int]
    ):
        self.books = books
        self.rng = rng
        self.people = [m for m in members if m["household__village_id"] == village]
        self.neighbours = [m for m in members if m["household__village_id"].startswith(village[:9])]
        self.touched: set[int] = set(avoid)
        self.expected: Counter[str] = Counter()

    def plant(self) -> Counter[str]:
        police, civil = self.books["police"], self.books["dibao_tekun"]
        adult = self._any(lambda m: m["relation"] != "02" and not m["school_status"])
        police.pop(adult["id18"])
        self.expected["R-XDP-01"] += 1
        for _ in range(2):
            police[self._any()["id18"]]["name"] += "生"
            self.expected["R-XDP-02"] += 1
        for status, code in (("dead", "R-XDP-03"), ("moved_out", "R-XDP-05")):
            row = police[self._any(lambda m: m["relation"] not in ("02", "10"))["id18"]]
            row["status"], row["status_on"] = status, "2021-08-16"
            self.expected[code] += 1
        self._stranger()
        poor = self._any(lambda m: m["dibao_status"] != "none" and m["relation"] == "02")
        civil[poor["id18"]]["total"] = str(int(float(civil[poor["id18"]]["total"]) * 0.8))
        self.expected["R-XDP-15"] += 1
        self._unlisted(civil)
        self._others()
        return self.expected

    def _stranger(self) -> None:
        """Somebody on the police household who is not among the members."""
        head = self._any(lambda m: m["relation"] == "02")
        body = f"620421198503{self.rng.randint(10, 28)}993"
        number = body + check_character(body)
        row = dict(self.books["police"][head["id18"]])
        row |= {"id_no": number, "name": "孙小军", "sex": "1", "relation": "20"}
        self.books["police"][number] = row
        self.expected["R-XDP-06"] += 1

    def _unlisted(self, civil: dict[str, Row]) -> None:
        """A person with 低保 in the register who is not on the list; not the head, so that the total stands."""
        someone = self._any(lambda m: m["dibao_status"] != "none" and m["relation"] != "02")
        civil.pop(someone["id18"])
        self.expected["R-XDP-13"] += 1

    def _others(self) -> None:
        disabled, insured, school = (self.books[k] for k in ("disabled", "insured", "school"))
        holder = self._any(lambda m: "disabled" in m["health"])
        row = disabled[holder["id18"]]
        row["level"] = "1" if row["level"] != "1" else "3"
        self.expected["R-XDP-11"] += 1
        well = self._any(lambda m: m["health"] == ["healthy"])
        disabled[well["id18"]] = {
            "id_no": f"{well['id18']}43",
            "name": well["name"],
            "kind": "4",
            "level": "3",
            "status": "valid",
            "status_on": "2021-03-02",
        }
        self.expected["R-XDP-10"] += 1
        for _ in range(2):
            insured.pop(self._any(lambda m: m["ins_med_resident"])["id18"])
            self.expected["R-XDP-19"] += 1
        pupil = self._any(lambda m: m["school_status"] == "g8")
        school[pupil["id18"]]["level"] = "g9"
        self.expected["R-XDP-17"] += 1
        child = self._any(lambda m: m["school_status"] in ("sh1", "sh2", "sh3"))
        school.pop(child["id18"])
        self.expected["R-XDP-16"] += 1

    def _any(self, wanted: Callable[[Row], bool] = lambda m: True) -> Row:
        """Somebody fitting, from a household not yet touched."""
        fitting = self._fitting(self.people, wanted) or self._fitting(self.neighbours, wanted)
        if not fitting:
            raise LookupError("演示乡镇里没有合适的人可埋设疑点，请增加户数或换一个种子")
        chosen = self.rng.choice(fitting)
        self.touched.add(chosen["household_id"])
        return chosen

    def _fitting(self, people: list[Row], wanted: Callable[[Row], bool]) -> list[Row]:
        return [m for m in people if m["household_id"] not in self.touched and wanted(m)]


def write_book(spec: LedgerSpec, rows: Collection[Row], folder: Path) -> Path:
    """A ledger as the workbook a department hands in."""
    columns = spec.columns
    frame = pl.DataFrame(
        {c.key: [_shown(c, row.get(c.key)) for row in rows] for c in columns},
        schema={c.key: pl.String for c in columns},
    )
    path = folder / f"{spec.title}.xlsx"
    write_xlsx(str(path), [table_of(spec.sheet, frame)])
    return path


def _shown(column: Column, value: Any) -> str:
    """A stored code as its label; anything else as text."""
    if value in (None, ""):
        return ""
    return dict(column.choices).get(value, str(value)) if column.choices else str(value)
