"""A sheet parsed as two halves gives what the whole sheet gives, cell for cell."""

import zipfile
from datetime import date, time
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from fanpin.sheets.columns import Book, Column, Sheet
from fanpin.sheets.guards import inspect, sheet_part
from fanpin.sheets.halving import Halves
from fanpin.sheets.problems import SheetRefused
from fanpin.sheets.reading import read_book
from fanpin.sheets.writing import Table, write_xlsx

PEOPLE = Sheet(
    "成员",
    (
        Column("no", "户编号", "digits"),
        Column("name", "姓名"),
        Column("on", "登记日期", "date"),
        Column("area", "住房面积", "decimal"),
    ),
)
BOOK = Book("农户", (PEOPLE,))
HEADS = ["户编号", "姓名", "登记日期", "住房面积"]
NEEDED = {"成员": ("no", "name")}
WHOLE = 1 << 40


def filled(path: Path, *, top: int = 1, left: int = 1, rows: int = 60) -> Path:
    """A workbook as office software writes it: shared texts, days and numbers, gaps in between."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "成员"
    for n, head in enumerate(HEADS):
        page.cell(top, left + n, head)
    for n in range(1, rows):
        if n % 7 == 0:
            continue
        page.cell(top + n, left, f"62{n:08d}" if n % 5 else 6200000000123456789)
        page.cell(top + n, left + 1, f"张<{n}>&")
        page.cell(top + n, left + 2, date(2021, 1, 1 + n % 28))
        page.cell(top + n, left + 3, n + 0.25 if n % 3 else None)
    book.create_sheet("说明")["B2"] = "请填写"
    book.save(path)
    return path


def both(path: Path):
    return [read_book(path, BOOK, needed=NEEDED, halved_from=limit)[0] for limit in (0, WHOLE)]


def halves_of(path: Path, name: str = "成员") -> pl.DataFrame | None:
    with Halves(halved_from=0) as halves, zipfile.ZipFile(path) as archive:
        inspect(path, halves)
        return halves.table(sheet_part(archive, name), name)


@pytest.mark.parametrize("place", [(1, 1), (3, 1), (1, 3), (4, 2)])
def test_halves_give_the_same_cells_rows_and_letters_as_the_whole(tmp_path, place):
    path = filled(tmp_path / "a.xlsx", top=place[0], left=place[1])
    assert halves_of(path) is not None
    halved, whole = both(path)
    assert halved.frame.equals(whole.frame)
    assert halved.frame.height == 51
    assert (halved.letters, halved.head_row) == (whole.letters, whole.head_row)
    assert halved.lost_digits is not None
    assert halved.lost_digits.equals(whole.lost_digits)
    assert halved.lost_digits.height > 0


def test_columns_filled_only_in_one_half_stay_in_their_place(tmp_path):
    path = tmp_path / "a.xlsx"
    filled(path, left=2)
    book = openpyxl.load_workbook(path)
    book["成员"]["A58"] = "左边的备注"
    book["成员"]["H59"] = time(5, 6)
    book["成员"]["G3"] = "右边的备注"
    book.save(path)
    halved, whole = both(path)
    assert halves_of(path) is not None
    assert halved.frame.equals(whole.frame)
    assert (
        halved.letters
        == whole.letters
        == dict(zip(("no", "name", "on", "area"), "BCDE", strict=True))
    )


def test_our_own_export_is_halved_with_every_sheet_of_it(tmp_path):
    path = tmp_path / "a.xlsx"
    frame = pl.DataFrame({"no": [f"{n:010d}" for n in range(900)], "name": ["马·依"] * 900})
    sheets = {"成员": HEADS[:2], "旧表": ["号", "人"]}
    write_xlsx(str(path), [Table(name, heads, frame, "标题") for name, heads in sheets.items()])
    for name in sheets:
        table = halves_of(path, name)
        assert table is not None
        assert table.slice(2).rows() == frame.rows()
    halved, whole = both(path)
    assert halved.frame.equals(whole.frame)


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b"<row r=", b"<row spans="),
        lambda xml: xml.replace(b"<sheetData>", b"<sheetData >"),
    ],
)
def test_a_sheet_written_in_an_unusual_way_is_parsed_whole(tmp_path, change):
    path, other = filled(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            is_first = entry.filename.endswith("sheet1.xml")
            new.writestr(entry.filename, change(data) if is_first else data)
    assert halves_of(other) is None
    halved, whole = both(other)
    assert halved.frame.equals(whole.frame)
    assert halved.frame.height == 51


def test_nothing_is_written_for_small_sheets_and_nothing_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = filled(tmp_path / "a.xlsx")
    with Halves() as halves:
        inspect(path, halves)
        assert not list(tmp_path.glob("*/*"))
    read_book(path, BOOK, needed=NEEDED, halved_from=0)
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_refused_package_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = filled(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-400] + b"x" * 400)
    with pytest.raises(SheetRefused):
        read_book(path, BOOK, needed=NEEDED, halved_from=0)
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]
