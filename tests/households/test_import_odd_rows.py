"""Torture, second half: odd rows in a readable file. Each cell is taken, or named with reason and remedy;
what the file holds, what the screen counts and what the batch says are one number."""

import datetime
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from django.core.exceptions import ValidationError

from households.models import Household, ImportBatch, Member
from households.services import merging
from tests.factories import register
from tests.households.odd_files import edited, grids, ods, xls
from tests.households.workbooks import (
    applied,
    checked,
    counts,
    family,
    home,
    person,
    received,
    workbook,
)

pytestmark = pytest.mark.django_db
PEOPLE = tuple(family())
HEAD, WIFE, SON = PEOPLE
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
VILLAGE_WRONG = (
    "这个行政村不在您的管辖范围内，或名称、乡(镇)有误，或有同名村",
    "请从模板的下拉列表中选择乡(镇)和行政村",
)
NO_DATE = ("不是日期", "请写成2021-01-31或20210131")
NO_NUMBER = (
    "没有证件号码",
    "请填写18位号码；确无号码的，证件类型选“无证件”或“出生医学证明”并填性别、出生日期",
)
SEX = ("性别与证件号码第17位不符", "请核对证件号码和性别")
NUMBER = "请只填数字，不带单位"
FORMULA = ("公式出错或没有结果", "请改正公式，或把结果粘贴为数值")


def with_home(**cells: Any) -> bytes:
    return workbook([home(HEAD, **cells)], list(PEOPLE))


def with_head(**cells: Any) -> bytes:
    head = {**HEAD, **cells}
    return workbook([home(HEAD)], [head, WIFE, SON])


def with_son(**cells: Any) -> bytes:
    return workbook([home(HEAD)], [HEAD, WIFE, {**SON, **cells}])


HOME_VALUES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "full-width digits": ({"house_area": "８０．５"}, "house_area", "80.50"),
    "a thousands comma": ({"land_cultivated": "1,200"}, "land_cultivated", "1200.00"),
    "blanks inside a number": ({"land_cultivated": "1 200"}, "land_cultivated", "1200.00"),
    "a plus sign": ({"house_area": "+80"}, "house_area", "80.00"),
    "a number as text": ({"house_area": "'80.5"}, "house_area", "80.50"),
    "a float with a tail": ({"house_area": 80.10000000000001}, "house_area", "80.10"),
    "scientific": ({"land_cultivated": "1.2e3"}, "land_cultivated", "1200.00"),
    "a whole number as float": ({"lift_year": 2019.0}, "lift_year", "2019"),
    "a date": ({"filled_on": datetime.date(2021, 9, 1)}, "filled_on", "2021-09-01"),
    "a date with time": ({"filled_on": datetime.datetime(2021, 9, 1, 8)}, "filled_on", "2021-09-01"),  # noqa: DTZ001
    "a date in one piece": ({"filled_on": 20210901}, "filled_on", "2021-09-01"),
    "a date with dots": ({"filled_on": "2021.9.1"}, "filled_on", "2021-09-01"),
    "a date with slashes": ({"filled_on": "2021/9/1"}, "filled_on", "2021-09-01"),
    "a Chinese date": ({"filled_on": "2021年9月1日"}, "filled_on", "2021-09-01"),
    "a full-width date": ({"filled_on": "２０２１－９－１"}, "filled_on", "2021-09-01"),
    "an Excel serial date": ({"filled_on": 44440}, "filled_on", "2021-09-01"),
    "a serial date as text": ({"filled_on": "44440.5"}, "filled_on", "2021-09-01"),
    "a month from a date": ({"first_identified_ym": datetime.date(2015, 3, 1)}, "first_identified_ym", "201503"),
    "a month in Chinese": ({"first_identified_ym": "2015年3月"}, "first_identified_ym", "201503"),
    "yes as a tick": ({"has_tv": "√"}, "has_tv", "True"),
    "yes as true": ({"has_tv": True}, "has_tv", "True"),
    "no as a word": ({"has_tv": "没有"}, "has_tv", "False"),
    "a code instead of a label": ({"hh_type": "lifted"}, "hh_type", "lifted"),
    "blanks in a label": ({"hh_type": " 脱 贫 户 "}, "hh_type", "lifted"),
    "a long village name": ({"village": "泰和村村民委员会"}, "village_id", register.VILLAGE),
    "a short township name": ({"township": "北湾"}, "village_id", register.VILLAGE),
    "invisible marks": ({"address_detail": "\u200b泰和\ufeff村1号\u00a0"}, "address_detail", "泰和村1号"),
    "nothing but blanks": ({"phone": " \u3000 "}, "phone", ""),
    "a phone as a number": ({"phone": 13812345678}, "phone", "13812345678"),
    "a phone with blanks": ({"phone": "138 1234 5678"}, "phone", "13812345678"),
    "a formula as text": ({"address_detail": "'=1+1号"}, "address_detail", "'=1+1号"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOME_VALUES)
def test_a_cell_of_a_household_is_taken_as_people_write_it(case, county):
    cells, name, value = HOME_VALUES[case]
    batch = applied(with_home(**cells), county)
    assert counts(batch) == (4, 0, 0, 0)
    assert str(getattr(Household.objects.get(), name)) == value


HEAD_VALUES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a full-width number": ({"id_no": HEAD["id_no"].translate(WIDE)}, "id_no", HEAD["id_no"]),
    "a number with blanks": ({"id_no": f"{HEAD['id_no'][:6]} {HEAD['id_no'][6:]}"}, "id_no", HEAD["id_no"]),
    "an apostrophe": ({"id_no": f"'{HEAD['id_no']}"}, "id_no", HEAD["id_no"]),
    "a synonym of head": ({"relation": "本人"}, "relation", "02"),
    "a blank in the name": ({"name": " 王建国 "}, "name", "王建国"),
    "several with a Chinese comma": ({"health": "残疾、长期慢性病"}, "health", ["disabled", "chronic"]),
    "the same twice": ({"health": "残疾,残疾"}, "health", ["disabled"]),
    "months as text": ({"work_months": "６"}, "work_months", 6),
}  # fmt: skip


@pytest.mark.parametrize("case", HEAD_VALUES)
def test_a_cell_of_a_person_is_taken_as_people_write_it(case, county):
    cells, name, value = HEAD_VALUES[case]
    batch = applied(with_head(**cells), county)
    assert counts(batch) == (4, 0, 0, 0)
    assert getattr(Member.objects.get(relation="02"), name) == value


def test_a_lower_case_x_is_the_same_person(county):
    ends_in_x = next(
        row
        for _ in range(400)
        if (row := person("王小", "之子", HEAD["id_no"], born="2009-01-01"))["id_no"].endswith("X")
    )
    rows = [*PEOPLE, {**ends_in_x, "id_no": ends_in_x["id_no"].lower()}]
    applied(workbook([home(HEAD)], rows), county)
    assert Member.objects.get(name="王小").id_no == ends_in_x["id_no"]


def broken_formula(content: bytes, name: str, value: str, kind: str) -> bytes:
    def put(book: Any) -> None:
        cell = book["户"][name]
        cell.value = value
        cell.data_type = kind

    return edited(content, put)


WRONG: dict[str, tuple[Callable[[], bytes], tuple[str, str, str, str]]] = {
    "an unknown village": (lambda: with_home(village="火星村"), ("户", "B2", *VILLAGE_WRONG)),
    "a foreign county": (lambda: with_home(township="会师镇", village="南嘴村"), ("户", "B2", *VILLAGE_WRONG)),
    "no village": (lambda: with_home(village=None), ("户", "B2", "新登记的户须填写行政村", "请填写乡(镇)和行政村")),
    "an unknown natural village": (
        lambda: with_home(natural_village="不存在社"),
        ("户", "E2", "该行政村下没有这个自然村", "请先在“区划”中登记自然村，或改正名称"),
    ),
    "a household number of nobody": (
        lambda: with_home(hh_code="62042110020199999"),
        ("户", "C2", "系统里没有这个户号", "新登记的户请留空；已登记的户请照系统导出的表填写"),
    ),
    "a number in words": (lambda: with_home(house_area="八十"), ("户", "F2", "应为数字", NUMBER)),
    "a number with its unit": (lambda: with_home(house_area="80平"), ("户", "F2", "应为数字", NUMBER)),
    "infinite": (lambda: with_home(house_area="inf"), ("户", "F2", "应为数字", NUMBER)),
    "not a number": (lambda: with_home(house_area="nan"), ("户", "F2", "应为数字", NUMBER)),
    "a negative area": (lambda: with_home(house_area=-1), ("户", "F2", "应在0至1000平方米之间", "请核对单位和小数点")),
    "a number beyond everything": (lambda: with_home(house_area="9" * 40), ("户", "F2", "应为数字", NUMBER)),
    "February 30": (lambda: with_home(filled_on="2021-02-30"), ("户", "E2", *NO_DATE)),
    "a two-digit year": (lambda: with_home(filled_on="21.9.1"), ("户", "E2", *NO_DATE)),
    "an American date": (lambda: with_home(filled_on="9/1/2021"), ("户", "E2", *NO_DATE)),
    "month 13": (lambda: with_home(first_identified_ym="201513"), ("户", "F2", "不是年月", "请写成六位年月，如202109")),
    "maybe": (lambda: with_home(has_tv="可能"), ("户", "F2", "只能填“是”或“否”", "请从下拉列表中选择")),
    "a type unheard of": (
        lambda: with_home(hh_type="特困大户"),
        ("户", "E2", "不在可选项中", "可填：脱贫户、普通农户(一般农户)"),
    ),
    "a phone too short": (
        lambda: with_home(phone="1381234"),
        ("户", "E2", "电话号码不对", "手机号为11位，座机写成0931-1234567"),
    ),
    "a bank card that cannot be": (
        lambda: with_home(bank_card_no="6228480402564890019"),
        ("户", "E2", "银行卡号校验位不符", "请对照一卡通逐位核对"),
    ),
    "a card typed as a number": (
        lambda: with_home(bank_card_no=6228480402564890018),
        ("户", "E2", "号码按数字存放，第16位以后已丢失", "请把这一列设为“文本”格式后重新填写号码，不能只改格式"),
    ),
    "a huge text": (lambda: with_home(address_detail="长" * 32767), ("户", "E2", "超过120个字", "请缩短")),
    "a longitude without latitude": (
        lambda: with_home(longitude=104.7), ("户", "E2", "经度和纬度须同时填写", "请补上另一项")
    ),
    "an error of a formula": (
        lambda: broken_formula(with_home(), "F2", "#N/A", "e"), ("户", "F2", *FORMULA)
    ),
    "an error in the village": (
        lambda: broken_formula(with_home(), "B2", "#REF!", "e"), ("户", "B2", *FORMULA)
    ),
    "a formula without a value": (
        lambda: broken_formula(with_home(), "F2", "=40+40.5", "f"), ("户", "F2", *FORMULA)
    ),
    "an error written as text": (lambda: with_home(address_detail="#VALUE!"), ("户", "E2", *FORMULA)),
    "totals that do not add up": (
        lambda: with_home(inc_business=100, inc_crop=50),
        ("户", "F2", "与分项之和50.00不一致", "请核对分项，或清空生产经营性收入由系统计算"),
    ),
    "no name": (lambda: with_son(name=None), ("成员", "B4", "必须填写", "请填写姓名")),
    "a name with digits": (
        lambda: with_son(name="王2明"), ("成员", "B4", "姓名应为2至40个汉字", "少数民族姓名中的间隔点用“·”")
    ),
    "no number": (
        lambda: with_son(id_no=None),
        ("成员", "C4", *NO_NUMBER),
    ),
    "a wrong check digit": (
        lambda: with_son(id_no=SON["id_no"][:17] + ("1" if SON["id_no"][17] != "1" else "2")),
        ("成员", "C4", f"身份证号校验码不符，末位应为{SON['id_no'][17]}，请逐位核对",
         "请对照身份证、户口簿或残疾人证逐位核对"),
    ),
    "a number typed as a number": (
        lambda: with_son(id_no=int(SON["id_no"][:17] + "0")),
        ("成员", "C4", "号码按数字存放，第16位以后已丢失", "请把这一列设为“文本”格式后重新填写号码，不能只改格式"),
    ),
    "no relation": (lambda: with_son(relation=None), ("成员", "D4", "必须填写", "请填写与户主关系")),
    "13 months of work": (lambda: with_son(work_months=13), ("成员", "G4", "应在0至12月之间", "请核对单位和小数点")),
    "six and a half months": (lambda: with_son(work_months=6.5), ("成员", "G4", "应为整数", NUMBER)),
    "a sex that disagrees": (lambda: with_son(sex="女"), ("成员", "C4", *SEX)),
    "the same person twice": (
        lambda: workbook([home(HEAD)], [*PEOPLE, SON]),
        ("成员", "C5", "与第4行是同一人", "一个人只能在一户，请删去一行"),
    ),
    "a doubled household": (
        lambda: workbook([home(HEAD), home(HEAD)], list(PEOPLE)),
        ("户", "C3", "与第2行重复", "同一户只保留一行"),
    ),
    "two heads": (lambda: with_son(relation="户主"), ("成员", "D4", "一户只能有一名户主", "请核对“与户主关系”")),
    "no head": (
        lambda: workbook([home(HEAD)], [WIFE, SON]),
        ("户", "D2", "“成员”表里没有这一户的户主，或户主那一行有误", "请补上户主，“与户主关系”填“户主”"),
    ),
    "a person of no household": (
        lambda: workbook([home(HEAD)], [*PEOPLE, {**person("赵六", "之子", born="2001-01-01")}]),
        ("成员", "A5", "找不到这个人的户", "请在“户”表中加上这一户，或核对户编号、户主证件号码"),
    ),
}  # fmt: skip


def lines(batch: ImportBatch) -> list[tuple[str, str, str, str]]:
    found = batch.errors.order_by("sheet", "number", "pk")
    return [(each.sheet, each.cell, each.message, each.remedy) for each in found]


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_cell_is_named_with_place_reason_and_remedy(case, county):
    make, line = WRONG[case]
    content = make()
    batch = checked(content, county)
    assert batch.state == ImportBatch.State.CHECKED, batch.message
    assert line in lines(batch)
    assert len({(sheet, cell) for sheet, cell, *_ in lines(batch)}) >= 1
    in_file = sum(len(grid) - 1 for grid in grids(content).values())
    assert (batch.rows, sum(counts(batch))) == (in_file, in_file)
    assert batch.staged.filter(kind="wrong").count() == batch.wrong


def test_somebody_active_elsewhere_is_named(county, household):
    there = household.members.get(relation="10").id_no
    batch = checked(workbook([home(HEAD)], [HEAD, {**WIFE, "id_no": there}]), county)
    assert lines(batch) == [
        (
            "成员",
            "C3",
            "该人员已在另一户在册",
            "须先在原户办理“成员减少”；号码填错的请改正；确在本户生活的，可提请两村核对",
        )
    ]


@pytest.mark.parametrize(("write", "name"), [(xls, "农户.xls"), (ods, "农户.ods")])
def test_the_same_workbook_from_another_program_gives_the_same_rows(write, name, county):
    content = workbook([home(HEAD)], [{**row, "work_months": 3} for row in PEOPLE])
    batch = applied(write(grids(content)), county, name=name)
    assert counts(batch) == (4, 0, 0, 0)
    assert str(Household.objects.get().house_area) == "80.50"


def test_a_file_of_heads_only_is_no_success(county):
    content = edited(with_home(), lambda book: [page.delete_rows(2, 9) for page in book])
    batch = checked(content, county)
    assert (batch.state, batch.message) == ("failed", "表里只有表头，没有数据，请填写后再上传")


def test_sheets_and_columns_that_are_left_aside_are_said(county):
    def more(book: Any) -> None:
        book.create_sheet("备份").append(["甲", "乙"])
        book["户"]["Z1"] = "村干部意见"

    batch = checked(edited(with_home(), more), county)
    assert batch.message.splitlines() == [
        "以下列系统不采集，没有读取：村干部意见",
        "以下工作表不是农户表，没有读取：备份",
    ]


def test_a_sheet_named_as_ours_without_its_head_is_not_passed_over(county):
    content = edited(with_home(), lambda book: book["成员"].delete_rows(1))
    batch = checked(content, county)
    assert batch.message == (
        "【成员】前5行里没有找到表头，请使用系统下载的模板，或国家系统导出的原表"
    )


def test_control_characters_do_not_break_the_import(county):
    people = [{**HEAD, "employer": "甲厂"}, WIFE, {**SON, "work_months": "x"}]
    sheets = grids(workbook([home(HEAD)], people))
    frame = pl.DataFrame(sheets["成员"][1:], schema=sheets["成员"][0], orient="row", strict=False)
    text = frame.with_columns(pl.all().cast(pl.String)).write_csv()
    text = text.replace("甲厂", "甲\x07厂\x00").replace(",x", ",x\x00")
    batch = checked(text.encode(), county, name="成员.csv")
    assert batch.rows == 3
    applied(workbook([home(HEAD)], [HEAD, WIFE]), county)
    batch = checked(text.encode() + b"\n", county, name="成员.csv")
    merging.apply_next(batch, by=county)
    assert Member.objects.get(relation="02").employer == "甲厂"


def test_merged_cells_below_the_head_are_explained(county):
    other = family()
    content = workbook([home(HEAD), home(other[0])], [*PEOPLE, *other])
    batch = checked(edited(content, lambda book: book["户"].merge_cells("B2:B3")), county)
    assert ("户", "B3", "新登记的户须填写行政村", "请填写乡(镇)和行政村") in lines(batch)
    assert batch.new == 4


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("农户.docx", b"x", "“农户.docx”不是表格，请上传XLSX、XLS、ODS或CSV文件"),
        ("农户.xlsx", b"", "“农户.xlsx”是空文件，请重新选择"),
        ("农户", b"x", "“农户”不是表格，请上传XLSX、XLS、ODS或CSV文件"),
    ],
)
def test_an_upload_is_refused_before_it_is_kept(name, content, words, county):
    with pytest.raises(ValidationError) as caught:
        received(content, county, name=name)
    assert caught.value.messages == [words]
