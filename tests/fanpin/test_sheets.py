"""The workbook kernel: a declared column goes out and comes back, and every wrong cell is named."""

import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from fanpin.sheets.checking import check
from fanpin.sheets.columns import Book, Check, Column, Sheet, column_index, letter
from fanpin.sheets.marking import converted_note, write_error_workbook
from fanpin.sheets.problems import Problem, SheetRefused, from_frame
from fanpin.sheets.reading import read_book
from fanpin.sheets.templates import GUIDE, LISTS, write_template
from fanpin.sheets.writing import Table, table_of, write_csv, write_xlsx
from tests.households import odd_files

TODAY = date(2021, 11, 20)
RELATIONS = (("01", "户主"), ("10", "配偶"), ("20", "之子"))
PEOPLE = Sheet(
    title="成员",
    aliases=("家庭成员",),
    columns=(
        Column("no", "户编号", "digits", required=True, aliases=("户号",)),
        Column("name", "姓名", required=True, max_length=10),
        Column("id_no", "证件号码", "id_number", required=True, aliases=("身份证号",)),
        Column("relation", "与户主关系", "choice", RELATIONS, synonyms=(("儿子", "20"),)),
        Column("health", "健康状况", "multi", (("1", "健康"), ("2", "残疾"), ("3", "长期慢性病"))),
        Column("on", "登记日期", "date", aliases=("登记时间",), least="2014-01-01"),
        Column("joined", "识别年月", "ym"),
        Column("months", "务工时间", "int", unit="月", least=0, most=12),
        Column("area", "住房面积", "decimal", unit="平方米", least=0),
        Column("poor", "是否低保", "bool"),
        Column("phone", "联系电话", "phone"),
    ),
)
BOOK = Book("农户", (PEOPLE,))
NEEDED = {"成员": ("no", "name", "id_no")}
HEADS = [column.title for column in PEOPLE.columns]
GOOD = [
    "62000000000000001", "张三", "620421196803129913", "户主", "残疾,长期慢性病",
    "2021-03-04", "202103", 6, 80.5, "是", "13812345678",
]  # fmt: skip


def workbook(path: Path, *rows: list, title: str = "成员") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def changed(**values) -> list:
    keys = [column.key for column in PEOPLE.columns]
    return [values.get(key, cell) for key, cell in zip(keys, GOOD, strict=True)]


def read(path: Path):
    return read_book(path, BOOK, needed=NEEDED)[0]


def problems_of(path: Path) -> list[Problem]:
    return from_frame(check(read(path), today=TODAY).problems.frame())


def refusal(path: Path) -> str:
    with pytest.raises(SheetRefused) as caught:
        read(path)
    return str(caught.value)


def test_a_good_row_becomes_typed_values(tmp_path):
    checked = check(read(workbook(tmp_path / "a.xlsx", HEADS, GOOD)), today=TODAY)
    assert checked.problems.frame().is_empty()
    assert checked.frame.row(0, named=True) | {"area": 80.5} == {
        "_row": 2, "no": "62000000000000001", "name": "张三", "id_no": "620421196803129913",
        "relation": "01", "health": ["2", "3"], "on": date(2021, 3, 4), "joined": "202103",
        "months": 6, "area": 80.5, "poor": True, "phone": "13812345678",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "key", "value"),
    [
        ({"id_no": "６２０４２１１９６８０３１２９９１３"}, "id_no", "620421196803129913"),
        ({"id_no": " 62082619900215995x "}, "id_no", "62082619900215995X"),
        ({"on": date(2021, 3, 4)}, "on", date(2021, 3, 4)),
        ({"on": "2021年3月4日"}, "on", date(2021, 3, 4)),
        ({"on": "20210304"}, "on", date(2021, 3, 4)),
        ({"on": "2021/3/4"}, "on", date(2021, 3, 4)),
        ({"joined": "2021年3月"}, "joined", "202103"),
        ({"joined": "2021-3"}, "joined", "202103"),
        ({"joined": "20210301"}, "joined", "202103"),
        ({"joined": 202103}, "joined", "202103"),
        ({"relation": "儿子"}, "relation", "20"),
        ({"relation": "10"}, "relation", "10"),
        ({"health": "残疾、长期慢性病、残疾"}, "health", ["2", "3"]),
        ({"poor": "否"}, "poor", False),
        ({"poor": True}, "poor", True),
        ({"months": "１２"}, "months", 12),
        ({"months": 3.0}, "months", 3),
        ({"months": ""}, "months", None),
        ({"phone": 13812345678}, "phone", "13812345678"),
    ],
)
def test_a_cell_is_understood_as_people_write_it(tmp_path, cells, key, value):
    checked = check(read(workbook(tmp_path / "a.xlsx", HEADS, changed(**cells))), today=TODAY)
    assert checked.problems.frame().is_empty()
    assert checked.frame.row(0, named=True)[key] == value


@pytest.mark.parametrize(
    ("cells", "cell", "message"),
    [
        ({"name": None}, "B2", "必须填写"),
        ({"name": "一二三四五六七八九十一"}, "B2", "超过10个字"),
        ({"relation": "邻居"}, "D2", "不在可选项中"),
        ({"health": "残疾,好"}, "E2", "不在可选项中"),
        ({"on": "2021-02-30"}, "F2", "不是日期"),
        ({"on": "2013-12-31"}, "F2", "不能小于2014-01-01"),
        ({"joined": "202113"}, "G2", "不是年月"),
        ({"months": "13"}, "H2", "应在0至12月之间"),
        ({"months": "半年"}, "H2", "应为整数"),
        ({"area": "八十"}, "I2", "应为数字"),
        ({"area": "-1"}, "I2", "不能小于0平方米"),
        ({"poor": "可能"}, "J2", "只能填“是”或“否”"),
        ({"phone": "123"}, "K2", "电话号码不对"),
        ({"no": "62-1"}, "A2", "只能是数字和字母"),
        ({"no": 62000000000000001}, "A2", "第16位以后已丢失"),
        ({"id_no": 620421196803129913}, "C2", "第16位以后已丢失"),
        ({"id_no": "6.20421196803129E+17"}, "C2", "第16位以后已丢失"),
    ],
)
def test_a_wrong_cell_is_named_with_its_reason(tmp_path, cells, cell, message):
    found = problems_of(workbook(tmp_path / "a.xlsx", HEADS, changed(**cells)))
    assert [(p.sheet, p.cell) for p in found] == [("成员", cell)]
    assert message in found[0].message
    assert found[0].remedy


def test_all_wrong_cells_are_listed_at_once(tmp_path):
    bad = changed(name=None, months="x", on="?")
    found = problems_of(workbook(tmp_path / "a.xlsx", HEADS, GOOD, bad, GOOD, bad))
    assert [p.cell for p in found] == ["B3", "F3", "H3", "B5", "F5", "H5"]


def test_a_check_of_the_column_explains_the_value(tmp_path):
    even = Check(lambda c: c.str.ends_with("3"), lambda v: f"{v[-1]}是单数", "改成双数")
    book = Book(
        "x", (Sheet("成员", (Column("no", "户编号", "digits"), Column("n", "号", checks=(even,)))),)
    )
    path = workbook(tmp_path / "a.xlsx", ["户编号", "号"], ["1", "12"], ["2", "13"])
    found = from_frame(check(read_book(path, book, needed={})[0], today=TODAY).problems.frame())
    assert [(p.cell, p.message, p.remedy) for p in found] == [("B3", "3是单数", "改成双数")]


def test_the_head_may_stand_in_the_third_row_under_a_title(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ["成员信息"], ["单位：某县"], HEADS, GOOD, title="导出")
    assert check(read(path), today=TODAY).frame["_row"].to_list() == [4]


def test_a_head_may_have_two_merged_lines(tmp_path):
    heads = ["户编号", "姓名", "基本信息", None], [None, None, "证件号码", "与户主关系"]
    path = workbook(tmp_path / "a.xlsx", *heads, GOOD[:4])
    book = openpyxl.load_workbook(path)
    for cells in ("A1:A2", "B1:B2", "C1:D1"):
        book.active.merge_cells(cells)
    book.save(path)
    taken = read(path)
    assert taken.frame.row(0) == (3, *GOOD[:4])
    assert taken.letters == {"no": "A", "name": "B", "id_no": "C", "relation": "D"}


def test_cells_keep_their_names_when_the_table_starts_further_right(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [None, None, *HEADS], [None, None, *changed(months="x")])
    assert [p.cell for p in problems_of(path)] == ["J2"]


def test_heads_of_the_national_export_and_noise_are_understood(tmp_path):
    heads = ["户号", "*姓 名", "身份证号\n", "未知列"]
    path = workbook(tmp_path / "a.xlsx", heads, ["1", "张三", "x", "y"], title="Sheet1")
    taken = read(path)
    assert taken.frame.columns == ["_row", "no", "name", "id_no"]
    assert taken.ignored == ["未知列"]


def test_empty_rows_are_skipped_and_row_numbers_stay(tmp_path):
    path = workbook(tmp_path / "a.xlsx", HEADS, [], GOOD, [None, " "], GOOD)
    assert read(path).frame["_row"].to_list() == [3, 5]


def test_a_missing_column_and_a_doubled_one_are_refused_with_their_names(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ["户编号", "姓名", "姓名"], ["1", "张三", "张三"])
    text = refusal(path)
    assert "缺少列“证件号码”" in text
    assert "列“姓名”出现了两次" in text


def test_a_file_without_a_known_head_says_what_was_looked_for(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ["甲", "乙"], ["1", "2"], title="Sheet1")
    assert "没有找到表头" in refusal(path)
    assert "证件号码" in refusal(path)


def test_a_text_file_in_either_chinese_encoding_is_read(tmp_path):
    body = "户编号,姓名,证件号码\n1,张三,620421196803129913\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        path = tmp_path / "成员.csv"
        path.write_bytes(body.encode(encoding))
        assert read(path).frame.row(0) == (2, "1", "张三", "620421196803129913")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04 not a zip at all", "文件已损坏"),
        (b"%PDF-1.7 xxxx", "文件不是表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not really", "文件已损坏"),
        (b"\xff\xd8\xff\xe0 photo", "文件不是表格"),
        ("一句话".encode(), "文件不是表格"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(tmp_path, content, message):
    path = tmp_path / "成员.xlsx"
    path.write_bytes(content)
    assert message in refusal(path)


def _repacked(source: Path, target: Path, extra: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, content in extra.items():
            new.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"xl/vbaProject.bin": b"x"}, "带有宏"),
        ({"xl/externalLinks/externalLink1.xml": b"x"}, "引用了其他文件"),
        ({"xl/media/a.xml": b"0" * 30_000_000}, "压缩比异常"),
        ({f"xl/media/{n}.xml": b"x" for n in range(600)}, "超过500个"),
    ],
)
def test_a_dangerous_package_is_refused_before_it_is_parsed(tmp_path, extra, message):
    good = workbook(tmp_path / "a.xlsx", HEADS, GOOD)
    assert message in refusal(_repacked(good, tmp_path / "b.xlsx", extra))


def test_a_package_that_lies_about_its_sizes_is_refused(tmp_path):
    good = workbook(tmp_path / "a.xlsx", HEADS, *[GOOD] * 50)
    with zipfile.ZipFile(good) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = good.read_bytes().replace(size.to_bytes(4, "little"), (90).to_bytes(4, "little"))
    (tmp_path / "b.xlsx").write_bytes(lie)
    assert "文件已损坏" in refusal(tmp_path / "b.xlsx")


def test_a_truncated_workbook_is_refused(tmp_path):
    good = workbook(tmp_path / "a.xlsx", HEADS, GOOD).read_bytes()
    (tmp_path / "b.xlsx").write_bytes(good[: len(good) // 2])
    assert "文件已损坏" in refusal(tmp_path / "b.xlsx")


def _frame(rows: int = 3) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "no": [f"{n:017}" for n in range(rows)],
            "name": ["=1+1", "<张&三>", "a\x07b\ud7ff"][:rows],
            "months": [1, None, 12],
            "area": [1.5, 80.25, None],
            "poor": [True, False, None],
        }
    )


def test_an_export_reads_back_equal_and_holds_no_formula(tmp_path):
    path = tmp_path / "out.xlsx"
    write_xlsx(
        str(path),
        [table_of(PEOPLE, _frame(), caption="名单"), Table("a&b", ["x"], _frame()[["no"]])],
    )
    page = openpyxl.load_workbook(path)["成员"]
    assert [c.data_type for c in page[3]][:2] == ["s", "s"]
    assert [[c.value for c in row] for row in page.iter_rows(min_row=3)] == [
        ["00000000000000000", "=1+1", 1, 1.5, "是"],
        ["00000000000000001", "<张&三>", None, 80.25, "否"],
        ["00000000000000002", "ab\ud7ff", 12, None, None],
    ]
    assert openpyxl.load_workbook(path).sheetnames == ["成员", "a&b"]


def test_a_csv_export_defuses_formulas_and_reads_back_equal(tmp_path):
    path = tmp_path / "out.csv"
    frame = pl.DataFrame({"no": ["1"], "name": ["=cmd|x"], "id_no": ["620421196803129913"]})
    write_csv(str(path), table_of(PEOPLE, frame))
    assert "'=cmd|x" in path.read_text("utf-8-sig")
    assert read(path).frame.row(0) == (2, "1", "=cmd|x", "620421196803129913")


def test_the_template_has_drop_downs_on_a_very_hidden_sheet_and_reads_back(tmp_path):
    path = tmp_path / "t.xlsx"
    sheet = Sheet(
        "成员",
        (
            *PEOPLE.columns,
            Column("town", "乡(镇)"),
            Column("village", "行政村", cascade_from="town"),
        ),
    )
    options = {
        "town": ["城关镇", "东湾镇"],
        "village": {"城关镇": ["一村"], "东湾镇": ["二村", "三村"]},
    }
    write_template(str(path), Book("农户", (sheet,)), options)
    book = openpyxl.load_workbook(path)
    assert book[LISTS].sheet_state == "veryHidden"
    assert GUIDE in book.sheetnames
    rules = {
        str(rule.sqref).split("2:")[0]: rule.formula1
        for rule in book["成员"].data_validations.dataValidation
    }
    assert rules["M"] == 'INDIRECT("village_"&$L2)'
    assert all(len(formula) <= 255 for formula in rules.values())
    assert book.defined_names["village_东湾镇"].attr_text.startswith(f"'{LISTS}'!")
    assert book["成员"].column_dimensions["C"].number_format == "@"
    book["成员"].append([*GOOD, "城关镇", "一村"])
    book.save(path)
    taken = read_book(path, Book("农户", (sheet,)), needed=NEEDED)[0]
    assert taken.frame.height == 1


def test_the_error_workbook_is_the_users_file_with_marks(tmp_path):
    path = workbook(tmp_path / "a.xlsx", HEADS, GOOD, changed(months="x", name="=1+1"))
    book = openpyxl.load_workbook(path)
    book.active["A9"] = "我的备注"
    book.active["H3"].comment = Comment("原有批注", "我")
    book.save(path)
    found = [*problems_of(path), Problem("整张表的问题", sheet="成员")]
    write_error_workbook(path, found, str(tmp_path / "e.xlsx"))
    marked = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert marked.sheetnames == ["成员", "问题清单"]
    assert marked["成员"]["H3"].comment.text.startswith("原有批注")
    assert marked["成员"]["A9"].value == "我的备注"
    assert "应为整数" in marked["成员"]["H3"].comment.text
    assert marked["成员"]["H3"].fill.fgColor.rgb == "FFF8C9C4"
    assert "H3" in [row[1].value for row in marked["问题清单"].iter_rows(min_row=2)]


def test_only_the_marks_are_put_into_the_users_workbook(tmp_path):
    """Everything the user had in the package is there byte for byte: pictures, names, other sheets, validations."""
    path = workbook(tmp_path / "a.xlsx", HEADS, *([GOOD] * 5), changed(months="x"), *([GOOD] * 5))
    book = openpyxl.load_workbook(path)
    other = book.create_sheet("备注")
    other["C7"] = "=SUM(A1:A3)"
    book.active.conditional_formatting.add(
        "A1:A9", CellIsRule("equal", ["1"], fill=PatternFill("solid", "00FF00"))
    )
    book.active["H4"].font = Font(color="0000FF", italic=True)
    book.defined_names["本页"] = DefinedName("本页", attr_text="'备注'!$C$7")
    book.save(path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/media/image1.png", b"\x89PNG of the user")
    write_error_workbook(path, problems_of(path), str(tmp_path / "e.xlsx"))
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / "e.xlsx") as after:
        same = {
            n
            for n in before.namelist()
            if n in after.namelist() and before.read(n) == after.read(n)
        }
        changed_parts = set(before.namelist()) - same
        sheet, marked = (z.read("xl/worksheets/sheet1.xml").decode() for z in (before, after))
    assert changed_parts == {
        "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
    }  # fmt: skip
    rows = re.compile(r"<row .*?</row>")
    old, new = rows.findall(sheet), rows.findall(marked)
    assert [n for n, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b] == [7]
    assert sheet.partition("</sheetData>")[2].replace("</worksheet>", "") in marked
    found = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert found["备注"]["C7"].value == "=SUM(A1:A3)"
    assert found.defined_names["本页"].attr_text == "'备注'!$C$7"
    assert found["成员"]["H7"].fill.fgColor.rgb == "FFF8C9C4"
    assert "应为整数" in found["成员"]["H7"].comment.text


def test_an_empty_cell_that_has_to_be_filled_is_marked_in_its_place_and_keeps_its_neighbours(
    tmp_path,
):
    path = workbook(tmp_path / "a.xlsx", HEADS, GOOD, changed(name=None))
    write_error_workbook(path, problems_of(path), str(tmp_path / "e.xlsx"))
    before, after = (openpyxl.load_workbook(p)["成员"] for p in (path, tmp_path / "e.xlsx"))
    assert [c.value for c in before[3]] == [c.value for c in after[3]]
    marked = [cell.coordinate for row in after.iter_rows() for cell in row if cell.comment]
    assert marked == [p.cell for p in problems_of(path)]


def test_a_marked_workbook_comes_back_and_is_marked_again(tmp_path):
    path = workbook(tmp_path / "a.xlsx", HEADS, GOOD, changed(months="x"))
    once, twice = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    write_error_workbook(path, problems_of(path), str(once))
    assert [(p.cell, p.message) for p in problems_of(once)] == [
        (p.cell, p.message) for p in problems_of(path)
    ]
    write_error_workbook(once, problems_of(once), str(twice))
    found = openpyxl.load_workbook(twice)
    assert found.sheetnames == ["成员", "问题清单", "问题清单2"]
    assert found["成员"]["H3"].comment.text.count("应为整数") == 2


def test_a_csv_comes_back_as_a_workbook_with_every_value_in_its_place(tmp_path):
    path = tmp_path / "成员.csv"
    lines = ["户编号,姓名,证件号码", *[f"{n},张三,1" for n in range(20)], "21,,=1"]
    path.write_text("\n".join(lines), "utf-8")
    write_error_workbook(path, problems_of(path), str(tmp_path / "e.xlsx"))
    page = openpyxl.load_workbook(tmp_path / "e.xlsx")["成员"]
    rows = [[cell.value for cell in row[:3]] for row in page.iter_rows()]
    assert len(rows) == 22
    assert rows[0] == ["户编号", "姓名", "证件号码"]
    assert rows[5] == ["4", "张三", "1"]
    assert rows[-1] == ["21", None, "=1"]
    assert page["C22"].data_type == "s"
    assert page["B22"].comment.text.startswith("必须填写")
    assert converted_note(path).startswith("原文件是CSV")
    assert converted_note("a.xlsx") == ""


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_other_workbooks_come_back_whole_as_xlsx(kind, tmp_path):
    rows = [HEADS, [str(cell) for cell in GOOD], [str(cell) for cell in changed(months="x")]]
    sheets = {"成员": rows, "备注": [["甲", "乙"], [None, "丙"]]}
    path = tmp_path / f"a.{kind}"
    path.write_bytes(getattr(odd_files, kind)(sheets))
    write_error_workbook(path, problems_of(path), str(tmp_path / "e.xlsx"))
    found = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert found.sheetnames == ["成员", "备注", "问题清单"]
    assert [[cell.value for cell in row] for row in found["成员"].iter_rows()] == rows
    assert found["备注"]["B2"].value == "丙"
    assert "应为整数" in found["成员"]["H3"].comment.text
    assert converted_note(path).startswith(f"原文件是{kind.upper()}")


def test_column_letters_go_both_ways():
    assert [letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_index(letter(n)) == n for n in range(800))
