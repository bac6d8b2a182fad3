"""The kernel of printed papers: what is drawn as PDF and XLSX, codes, many papers as one job's file."""

import datetime
import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader

from fanpin.papers import codes, pdf
from fanpin.papers.declaring import Paper, Papers, Printing
from fanpin.papers.layout import OPEN, TICKED, Box, Boxes, Document, Prose, Rows
from fanpin.papers.workbook import xlsx_of

AT = datetime.datetime(2021, 11, 8, 10, tzinfo=datetime.UTC)


def document(rows: int = 3, **more) -> Document:
    table = Rows("明细", ("序号", "内容"), [(str(n), f"第{n}行") for n in range(rows)], (1, 4))
    blocks = (Boxes("甲", (Box("住址", "#strong[泰和村] =1+1", span=2), Box("面积", "", "亩"))), table,
              Prose("说明", ["如实填写"]))  # fmt: skip
    return Document("试表", "靖远县泰和村 王建国户", blocks, code="HK-62-20211108",
                    address="http://x/households/code/HK-62-20211108/", note="截至2021-11-08",
                    signatures=("户主（签字）：", "村（盖章）："), **more)  # fmt: skip


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def test_a_paper_has_its_words_boxes_code_and_signatures():
    [text] = pages(pdf.pdf_of(document()))
    for word in ("试表", "靖远县泰和村", "王建国户", "HK-62-20211108", "面积（亩）", "第2行", "如实填写",
                 "户主（签字）：", "村（盖章）：", "截至2021-11-08", "第1页，共1页"):  # fmt: skip
        assert word in text.replace(" ", ""), word


def test_what_a_person_typed_is_text_and_never_markup():
    [text] = pages(pdf.pdf_of(document()))
    assert "#strong[泰和村] =1+1" in text


def test_a_long_table_repeats_its_head_and_every_page_says_whose_it_is():
    found = pages(pdf.pdf_of(document(rows=120)))
    assert len(found) > 1
    for number, text in enumerate(found, 1):
        tight = text.replace(" ", "")
        assert f"第{number}页，共{len(found)}页" in tight
        assert "序号" in tight
        assert "王建国户" in tight
    assert "第119行" in "".join(found)


def test_a_page_is_a4_upright_or_lying():
    for lying in (False, True):
        box = PdfReader(io.BytesIO(pdf.pdf_of(document(landscape=lying)))).pages[0].mediabox
        sides = (round(float(box.width)), round(float(box.height)))
        assert sides == ((842, 595) if lying else (595, 842))


def test_papers_are_joined_in_their_order():
    both = pdf.joined([pdf.pdf_of(document()), pdf.pdf_of(document(rows=120))])
    assert "第1页，共1页" in pages(both)[0].replace(" ", "")
    assert len(pages(both)) == 1 + len(pages(pdf.pdf_of(document(rows=120))))


def test_without_a_chinese_font_the_refusal_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf, "FAMILIES", ("没有的字体",))
    with pytest.raises(ValidationError, match="fonts-noto-cjk"):
        pdf.pdf_of(document())


def test_the_workbook_says_the_same_set_up_for_a4_and_holds_no_formula():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of([document(), document()])))
    assert book.sheetnames == ["王建国户", "王建国户2"]
    page = book["王建国户"]
    said = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None]
    for word in ("试表", "面积（亩）", "#strong[泰和村] =1+1", "第2行", "户主（签字）："):
        assert word in said
    assert (page.page_setup.paperSize, page.page_setup.fitToWidth) == (9, 1)
    assert "第 &P 页，共 &N 页" in page.oddFooter.right.text


def test_a_text_that_looks_like_a_formula_stays_text_in_the_workbook():
    rows = Rows("", ("名称",), [("=HYPERLINK(1)",), ("+86",)], (1,))
    paper = Document("花名册", "泰和村", (rows,))
    page = openpyxl.load_workbook(io.BytesIO(xlsx_of([paper]))).active
    cells = [
        cell for row in page.iter_rows() for cell in row if cell.value in ("=HYPERLINK(1)", "+86")
    ]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    assert all(cell.quotePrefix for cell in cells)
    assert page.print_title_rows == "$4:$4"


def test_boxes_fill_their_lines():
    lines = Boxes("", [Box("甲"), Box("乙", span=3), Box("丙"), Box("丁", span=2)]).lines()
    assert [[(b.label, b.span) for b in line] for line in lines] == [
        [("甲", 3)], [("乙", 3)], [("丙", 1), ("丁", 2)]]  # fmt: skip


@pytest.mark.parametrize("digits", [17, 12, 9, 6])
def test_a_code_reads_back(digits):
    code = codes.Code("HK", "6" * digits, datetime.date(2021, 11, 8))
    assert codes.read(f" {str(code).lower()} ") == code
    assert code.is_household == (digits == 17)


@pytest.mark.parametrize(
    "text", ["", "HK-62", "HK-62042110020100001-20211399", "62042110020100001"]
)
def test_what_is_no_code_reads_as_nothing(text):
    assert codes.read(text) is None


def test_numbers_are_masked_unless_printed_in_full():
    masked, full = Printing("张", AT), Printing("张", AT, full=True)
    assert masked.number("620421197005209911") == "620421********9911"
    assert masked.phone("13912345678") == "139****5678"
    assert masked.card("6217000000000000012") == "***************0012"
    assert (full.number("1"), full.phone("2"), full.card("3")) == ("1", "2", "3")
    assert "数据截至2021-11-08 18:00" in masked.note
    assert "隐去" in masked.note
    assert "隐去" not in full.note


def test_two_papers_never_share_the_letters_of_their_code():
    registry = Papers()
    registry.register(Paper("a", "甲表", "JB", "household", lambda *_: []))
    with pytest.raises(ValueError, match="JB"):
        registry.register(Paper("b", "乙表", "JB", "household", lambda *_: []))


def test_the_marks_of_choices_are_in_every_chinese_font():
    assert len((TICKED + OPEN).encode("gb2312")) == 4
