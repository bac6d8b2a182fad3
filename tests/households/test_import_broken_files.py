"""Torture, first half: whole files that are broken or odd. Each is read as it is, or refused in words."""

import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanpin.sheets.problems import SheetRefused
from fanpin.sheets.reading import read_book
from households.sheets.columns import BOOK, NEEDED
from tests.households.odd_files import compound, edited, grids, ods, ods_cell, repacked, xls

HEADS = ("乡(镇)", "行政村", "户主证件号码", "户主姓名", "住房面积(平方米)")
ROW = ("北湾镇", "泰和村", "620421197005209913", "王建国", 80.5)
VALUES = ("北湾镇", "泰和村", "620421197005209913", "王建国", "80.5")
SAVE = "，请用WPS或Excel打开后另存为“Excel工作簿(.xlsx)”再上传"
OURS = "，请使用系统下载的模板，或国家系统导出的原表"
BROKEN = f"文件已损坏，无法打开{SAVE}"
LOCKED = "文件设有打开密码，请去掉密码后再上传"
NO_TABLE = "文件不是表格，请上传XLSX工作簿，或用逗号分隔的CSV"
NO_HEAD = f"没有找到表头：前5行里没有“行政村、姓名、与户主关系”等列名{OURS}"
SHEET = "xl/worksheets/sheet1.xml"
LIMITED = 4 * 1024**3  # address space; what the program itself maps is some 2 GB of it


def plain(*rows: tuple, title: str = "户") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows or (HEADS, ROW):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


GOOD = plain()
GRID = grids(GOOD)
TEXT = "\n".join(",".join(map(str, row)) for row in (HEADS, ROW))


def on_page(change: Callable) -> bytes:
    return edited(GOOD, lambda book: change(book.active))


def xml(change: Callable[[bytes], bytes], part: str = SHEET) -> bytes:
    return repacked(GOOD, change={part: change})


def with_cell(name: str) -> bytes:
    return on_page(lambda page: page.__setitem__(name, " "))


def hide(book) -> None:
    book.create_sheet("说明")
    book["户"].sheet_state = "hidden"


def shifted_ods(times: str) -> bytes:
    far = ods_cell("x", times)
    return ods(GRID, tail=f"<table:table-row>{far}</table:table-row>")


def lying() -> bytes:
    size = len(zipfile.ZipFile(BytesIO(GOOD)).read(SHEET))
    return GOOD.replace(size.to_bytes(4, "little"), (90).to_bytes(4, "little"))


def bit_flipped() -> bytes:
    middle = len(GOOD) // 3
    return GOOD[:middle] + bytes([GOOD[middle] ^ 0xFF]) * 40 + GOOD[middle + 40 :]


def million_rows() -> bytes:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 1048578)
    )
    return xml(
        lambda part: part[: part.index(b"<sheetData>") + 11] + rows + b"</sheetData></worksheet>"
    )


def package(name: str, part: bytes = b"<x/>") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, part)
    return buffer.getvalue()


def far(cell: str) -> str:
    return (
        f"表里的内容一直到单元格{cell}，超出了FZ列或第600000行，"
        "请删去右边和下边多余的行列；行数确实多的，请按乡镇分成几个文件上传"
    )


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "文件是空的，请检查所选文件"),
    "random start": (lambda: b"\x00\x01\x02 nothing", f"文件不是表格{SAVE}"),
    "a text": (lambda: "这是一段话。\n不是表".encode(), NO_TABLE),
    "one column": (lambda: "姓名\n张三".encode(), NO_TABLE),
    "json": (lambda: b'{"a": 1, "b": 2}', NO_HEAD),
    "pdf": (lambda: b"%PDF-1.7 xxxx", f"文件不是表格{SAVE}"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n", f"文件不是表格{SAVE}"),
    "jpeg": (lambda: b"\xff\xd8\xff\xe0 photo", f"文件不是表格{SAVE}"),
    "rar": (lambda: b"Rar!\x1a\x07", f"文件不是表格{SAVE}"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c", f"文件不是表格{SAVE}"),
    "web page": (
        lambda: "<html><table><tr><td>行政村</td></tr></table></html>".encode(),
        f"文件其实是网页或XML，不是Excel工作簿{SAVE}",
    ),
    "xml 2003": (
        lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        f"文件其实是网页或XML，不是Excel工作簿{SAVE}",
    ),
    "word": (lambda: package("word/document.xml"), f"文件不是Excel工作簿{SAVE}"),
    "binary workbook": (lambda: package("xl/workbook.bin"), f"文件不是Excel工作簿{SAVE}"),
    "any zip": (lambda: package("照片/1.jpg"), f"文件不是Excel工作簿{SAVE}"),
    "only PK": (lambda: b"PK\x03\x04 not a zip at all", BROKEN),
    "truncated": (lambda: GOOD[: len(GOOD) // 2], BROKEN),
    "truncated at the end": (lambda: GOOD[:-30], BROKEN),
    "flipped bits": (bit_flipped, BROKEN),
    "lying directory": (lying, BROKEN),
    "half a sheet": (lambda: xml(lambda part: part[: len(part) // 2]), BROKEN),
    "sheet gone": (
        lambda: xml(lambda part: part.replace(b"sheet1.xml", b"sheet9.xml"), "xl/_rels/workbook.xml.rels"),
        BROKEN,
    ),
    "no relations": (lambda: package("xl/workbook.xml"), BROKEN),
    "broken xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not really", BROKEN),
    "truncated xls": (lambda: xls(GRID)[:1500], BROKEN),
    "compound without workbook": (lambda: compound({"WordDocument": b"x"}), BROKEN),
    "broken ods": (lambda: repacked(ods(GRID), change={"content.xml": lambda part: part[:-40]}), BROKEN),
    "password xlsx": (lambda: compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), LOCKED),
    "password ods": (
        lambda: ods(GRID, manifest='<manifest xmlns="urn:x"><encryption-data/></manifest>'),
        LOCKED,
    ),
    "macros": (lambda: repacked(GOOD, {"xl/vbaProject.bin": b"x"}), f"文件带有宏{SAVE}"),
    "old macros": (lambda: repacked(GOOD, {"xl/macrosheets/sheet1.xml": b"x"}), f"文件带有宏{SAVE}"),
    "external links": (
        lambda: repacked(GOOD, {"xl/externalLinks/externalLink1.xml": b"x"}),
        "文件引用了其他文件，请把引用的单元格粘贴为数值，另存后再上传",
    ),
    "zip bomb": (
        lambda: repacked(GOOD, {"xl/media/a.xml": b"0" * 30_000_000}),
        f"文件压缩比异常，可能损坏或被改动{SAVE}",
    ),
    "thousands of parts": (
        lambda: repacked(GOOD, {f"xl/media/{n}.xml": b"x" for n in range(600)}),
        f"文件内部有{600 + len(zipfile.ZipFile(BytesIO(GOOD)).namelist())}个部分，超过500个{SAVE}",
    ),
    "1,048,577 rows": (million_rows, far("A600001")),
    "a blank in the last row": (lambda: with_cell("A1048576"), far("A1048576")),
    "a blank in the last column": (lambda: with_cell("XFD2"), far("XFD2")),
    "a blank in column GA": (lambda: with_cell("GA2"), far("GA2")),
    "ods repeated down": (lambda: ods(GRID, tail='<table:table-row table:number-rows-repeated="1000000">'
                          + ods_cell("x") + "</table:table-row>"), far("A1000002")),
    "ods repeated right": (
        lambda: shifted_ods('table:number-columns-repeated="16384"'), far("XFD3")
    ),
    "head in row 8": (lambda: on_page(lambda page: page.insert_rows(1, 7)), NO_HEAD),
    "wrong heads": (lambda: plain(("甲", "乙"), ("1", "2"), title="Sheet1"), NO_HEAD),
    "big5": (lambda: "鎮,行政村,戶主\n北灣鎮,泰和村,1".encode("big5"), NO_HEAD),
    "unknown encoding": (lambda: b"a,b\n\xff\xff\xff,1", "文件的文字编码不是UTF-8或GB18030" + SAVE),
    "open quote": (
        lambda: '乡(镇),行政村,户主证件号码\n"北湾镇,泰和村,1\n'.encode(),
        f"文件不是表格，或逗号、引号写错了{SAVE}",
    ),
    "too many commas": (
        lambda: (TEXT + ",\n" + TEXT.split("\n")[1] + ",多,一格").encode(),
        "【第3行】",
    ),
    "missing column": (
        lambda: plain(("乡(镇)", "户主证件号码", "户主姓名"), ROW[:3]),
        "【户】【行政村】缺少列“行政村”，请补上这一列，或使用系统下载的模板",
    ),
    "doubled column": (
        lambda: plain((*HEADS, "户主姓名"), (*ROW, "张三")),
        "【户】【户主姓名】列“户主姓名”出现了两次，请删去其中一列",
    ),
    "alias beside its column": (
        lambda: plain((*HEADS, "户主身份证号"), (*ROW, "1")),
        "【户】【户主身份证号】列“户主身份证号”出现了两次，请删去其中一列",
    ),
    "two sheets alike": (
        lambda: edited(GOOD, lambda book: setattr(book.copy_worksheet(book["户"]), "title", "农户")),
        "【农户】文件里有两张同样的表，请合并成一张",
    ),
    "hidden sheet": (lambda: edited(GOOD, hide), "【户】这张工作表是隐藏的，请取消隐藏；不需要的请删去"),
}  # fmt: skip
REFUSED["too many commas"] = (
    REFUSED["too many commas"][0],
    "第3行的格数比表头多，内容里有逗号的，请用双引号括起来；或另存为Excel工作簿再上传",
)


def read(content: bytes, folder: Path, name: str = "农户.xlsx"):
    path = folder / name
    path.write_bytes(content)
    return read_book(path, BOOK, needed=NEEDED)


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_with_where_what_and_remedy(case, tmp_path):
    make, words = REFUSED[case]
    with pytest.raises(SheetRefused) as caught:
        read(make(), tmp_path)
    assert str(caught.value) == words


def titled(page) -> None:
    page.insert_rows(1, 2)
    page["A1"], page["A2"] = "农户信息表", "单位：靖远县"
    page.merge_cells("A1:E1")


def two_lines(page) -> None:
    page.insert_rows(1)
    for cells, text in (("A1:B1", "所在地"), ("C1:D1", "户主"), ("E1:E2", HEADS[4])):
        page[cells[:2]] = text
        page.merge_cells(cells)


def left_and_top(page) -> None:
    page.insert_cols(1, 2)
    page.insert_rows(1)


def renamed(page) -> None:
    for n, text in enumerate(("乡", " 村名 ", "*户主身份证\n号码：", "户主姓名", "住房面积"), 1):
        page.cell(1, n, text)


def hidden_row(page) -> None:
    page.row_dimensions[2].hidden = True
    page.column_dimensions["C"].hidden = True


def styled_far(page) -> None:
    page["A9999"].font = openpyxl.styles.Font(bold=True)
    page["GZ1"].font = openpyxl.styles.Font(bold=True)


TAIL = (
    '<table:table-row table:number-rows-repeated="1048574">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)
PREFIXED = "xl/sharedStrings.xml"
READ: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "as it should be": (lambda: GOOD, "a.xlsx", 2),
    "head in the third row": (lambda: on_page(titled), "a.xlsx", 4),
    "merged heads on two lines": (lambda: on_page(two_lines), "a.xlsx", 3),
    "blank columns and rows before the table": (lambda: on_page(left_and_top), "a.xlsx", 3),
    "blank rows between": (lambda: on_page(lambda page: page.insert_rows(2, 3)), "a.xlsx", 5),
    "renamed heads": (lambda: on_page(renamed), "a.xlsx", 2),
    "hidden row and column": (lambda: on_page(hidden_row), "a.xlsx", 2),
    "coloured cells far away": (lambda: on_page(styled_far), "a.xlsx", 2),
    "coloured cells written with an end": (
        lambda: xml(lambda part: part.replace(b"</row>", b'<c r="GZ1" s="0" t="n"></c></row>', 1)),
        "a.xlsx",
        2,
    ),
    "another sheet name": (lambda: plain(HEADS, ROW, title="Sheet1"), "a.xlsx", 2),
    "blanks around the name": (lambda: plain(HEADS, ROW, title=" 户 "), "a.xlsx", 2),
    "a name of 300 letters": (
        lambda: xml(
            lambda part: part.replace("户".encode(), "长".encode() * 300), "xl/workbook.xml"
        ),
        "a.xlsx",
        2,
    ),
    "a chart beside it": (
        lambda: edited(GOOD, lambda book: book.create_chartsheet("图")),
        "a.xlsx",
        2,
    ),
    "entities": (
        lambda: xml(lambda part: b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + part),
        "a.xlsx",
        2,
    ),
    "xlsx named xls": (lambda: GOOD, "a.xls", 2),
    "xls": (lambda: xls(GRID), "a.xls", 2),
    "xls named xlsx": (lambda: xls(GRID), "a.xlsx", 2),
    "ods": (lambda: ods(GRID), "a.ods", 2),
    "ods with a million blank rows": (lambda: ods(GRID, tail=TAIL), "a.ods", 2),
    "csv": (lambda: TEXT.encode(), "户.csv", 2),
    "csv with a mark": (lambda: TEXT.encode("utf-8-sig"), "户.csv", 2),
    "csv in gb18030": (lambda: TEXT.encode("gb18030"), "户.csv", 2),
    "csv in utf-16": (lambda: TEXT.encode("utf-16"), "户.csv", 2),
    "csv with tabs": (lambda: TEXT.replace(",", "\t").encode(), "户.csv", 2),
    "csv with semicolons": (lambda: TEXT.replace(",", ";").encode(), "户.csv", 2),
    "csv from windows": (
        lambda: TEXT.replace("\n", "\r\n").encode("gb18030") + b"\r\n",
        "户.csv",
        2,
    ),
    "csv with quotes": (
        lambda: "\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADS, ROW)).encode(),
        "户.csv",
        2,
    ),
    "csv named xlsx": (lambda: TEXT.encode(), "户.xlsx", 2),
}


@pytest.mark.parametrize("case", READ)
def test_an_odd_file_is_read_to_the_same_values(case, tmp_path):
    make, name, row = READ[case]
    [taken] = read(make(), tmp_path, name)
    assert taken.frame.rows() == [(row, *VALUES)]
    assert list(taken.letters) == ["township", "village", "head_id_no", "head_name", "house_area"]


def test_cells_are_named_as_the_user_sees_them_in_every_format(tmp_path):
    grid = {"户": [[None, None, None], [None, *HEADS], [None, *ROW]]}
    for name, content in (("a.ods", ods(grid)), ("a.xls", xls(grid))):
        [taken] = read(content, tmp_path, name)
        assert (taken.frame["_row"].to_list(), taken.letters["township"]) == ([3], "B")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    base=st.sampled_from(["xlsx", "xls", "ods", "csv", "none"]),
    cut=st.floats(0, 1),
    at=st.floats(0, 1),
    junk=st.binary(max_size=200),
)
def test_random_damage_never_raises_anything_but_a_refusal(base, cut, at, junk, tmp_path_factory):
    whole = {"xlsx": GOOD, "xls": xls(GRID), "ods": ods(GRID), "csv": TEXT.encode(), "none": b""}[
        base
    ]
    start = int(len(whole) * at)
    damaged = (whole[:start] + junk + whole[start + len(junk) :])[
        : max(1, int(len(whole) * cut)) or 1
    ]
    content = damaged if base != "none" else junk
    try:
        read(content, tmp_path_factory.getbasetemp(), f"x.{base}")
    except SheetRefused as refused:
        words = str(refused)
    else:
        words = "read"
    assert words


def test_a_bomb_is_refused_within_bounded_memory(tmp_path):
    """In a process of its own whose memory is limited: nothing is laid out before it is judged."""
    bombs = (
        "zip bomb",
        "a blank in the last row",
        "a blank in the last column",
        "ods repeated down",
    )
    for n, case in enumerate(bombs):
        (tmp_path / f"{n}.xlsx").write_bytes(REFUSED[case][0]())
    program = (
        "import sys\n"
        "from fanpin.sheets.guards import inspect\n"
        "from fanpin.sheets.problems import SheetRefused\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        inspect(path)\n"
        "    except SheetRefused as refused:\n"
        "        print(refused)\n"
    )
    paths = [str(tmp_path / f"{n}.xlsx") for n in range(len(bombs))]
    done = subprocess.run(
        [sys.executable, "-c", program, *paths],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMITED, LIMITED)),
    )
    assert done.stdout.splitlines() == [REFUSED[case][1] for case in bombs]


FUZZ = """
import io, os, resource, sys, zipfile
from random import Random
from pathlib import Path
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanpin.settings")
django.setup()
from fanpin.sheets.problems import SheetRefused
from fanpin.sheets.reading import read_book
from households.sheets.columns import BOOK, NEEDED

folder, rng = Path(sys.argv[1]), Random(2021)
bases = [(path.suffix, path.read_bytes()) for path in sorted(folder.glob("base.*"))]


def scribbled(data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.choice((len(data), rng.randrange(1, len(data))))])


def inside(data):
    # A part of the package is damaged, the package itself is whole.
    out, victim = io.BytesIO(), None
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        victim = rng.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            if name == victim and part:
                part = rng.choice((scribbled(part), part * 2, part.replace(b'r="', b'r="9'), b""))
            new.writestr(name, part)
    return out.getvalue()


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


refused = taken = 0
before = peak()
for n in range(int(sys.argv[2])):
    suffix, base = bases[n % len(bases)]
    zipped = base[:2] == b"PK"
    data = inside(base) if zipped and n % 2 else scribbled(base)
    path = folder / f"fuzz{suffix}"
    path.write_bytes(data)
    try:
        read_book(path, BOOK, needed=NEEDED)
        taken += 1
    except SheetRefused as reason:
        assert str(reason)
        refused += 1
print(refused, taken, peak() - before)
"""
ROUNDS, GROWN_MB = 600, 300


def test_six_hundred_damaged_files_are_read_or_refused_in_bounded_memory(tmp_path):
    """Scribbled, cut, with damage inside the package: no error but a refusal, and the process stays small."""
    bases = {"xlsx": GOOD, "xls": xls(GRID), "ods": ods(GRID), "csv": TEXT.encode()}
    for suffix, content in bases.items():
        (tmp_path / f"base.{suffix}").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, str(tmp_path), str(ROUNDS)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMITED, LIMITED)),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    refused, taken, grown = map(int, done.stdout.split())
    assert refused + taken == ROUNDS
    assert refused > ROUNDS // 4
    assert taken > ROUNDS // 20, "some damage is harmless: else nothing was read at all"
    assert grown < GROWN_MB, f"{grown} MB"
