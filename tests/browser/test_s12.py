"""S12 in the browser: nine ledgers, comparison, findings mended in three ways, signature, lock, city summary."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from counties.closure import signing
from counties.comparison import COMPARED, receiving
from counties.services import ledgers
from fanpin.accounts.models import User
from fanpin.demo.accounts import LEDGER_DEPARTMENTS, user
from fanpin.demo.ledgers import write_true_ledgers
from households.models import Household, Member
from households.selectors.parameters import current_campaign
from tests.browser.desk import PHONE, Desk
from tests.factories import register

OFFICERS = {spec.key: LEDGER_DEPARTMENTS[spec.department] for spec in COMPARED.values()}


class Books:
    """The true ledgers as workbooks, and three places in which a department writes something else."""

    def __init__(self, folder: Path):
        made = write_true_ledgers(register.COUNTY, folder)
        self.files = {key: Path(path) for key, path in made.items()}
        self.amended = folder / "民政低保特困（更正）.xlsx"
        self.amended.write_bytes(self.files["dibao_tekun"].read_bytes())
        people = Member.objects.filter(county_code=register.COUNTY).order_by("pk")
        self.poor = people.filter(relation="02").exclude(dibao_status="none")[0]
        self.unknown, self.misspelt = people.filter(relation="10", school_status="")[:2]
        with _sheet(self.files["police"]) as sheet:
            sheet.cell(_row(sheet, self.misspelt), 2).value += "生"
            sheet.delete_rows(_row(sheet, self.unknown))
        with _sheet(self.files["dibao_tekun"]) as sheet:
            column = next(c.column for c in sheet[1] if "发放合计" in c.value)
            total = sheet.cell(_row(sheet, self.poor), column)
            total.value = str(float(total.value) / 2)


@contextmanager
def _sheet(path: Path) -> Iterator[Any]:
    book = openpyxl.load_workbook(path)
    yield book.active
    book.save(path)


def _row(sheet: Any, member: Member) -> int:
    return next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == member.id18)


@pytest.fixture
def books(demo, tmp_path) -> Books:
    return Books(tmp_path / "ledgers")


@pytest.fixture
def neighbour_signed(demo, tmp_path) -> None:
    """会宁县, the city's other county, has closed already."""
    county, reviewer, campaign = demo["620422"], user("xian2"), current_campaign()
    for key, path in write_true_ledgers(county.code, tmp_path / "far").items():
        upload = SimpleUploadedFile(Path(path).name, Path(path).read_bytes())
        batch = ledgers.receive(
            ledger=COMPARED[key], county=county, campaign=campaign, period="202110", upload=upload,
            by=reviewer, wait=True,
        )  # fmt: skip
        receiving.load(batch)
    signing.sign(county=county, campaign=campaign, leader_name="牛县长", by=reviewer)


def test_s12_a_county_is_closed_and_the_city_reports(
    demo, books, neighbour_signed, turn_to, worker, desk, tmp_path
):
    turn_to("2021-11-13")
    worker.start()
    for key, username in OFFICERS.items():
        hand_in(desk(username), key, books.files[key])
    county = desk("xian")
    compare(county, found=3)
    signing_is_refused(county, books)
    village = desk("cun")
    the_village_explains_and_corrects(village, books, tmp_path)
    hand_in(desk("minzheng"), "dibao_tekun", books.amended)
    the_county_accepts(county, books)
    # What was explained is still found, and stays settled; the corrected ledger closes its own.
    compare(county, found=1)
    county.sees("新增疑点0条，销号1条", county.section("民政低保特困"))
    city = desk("shi")
    only_a_draft(city)
    turn_to("2021-11-14")
    half_filled = the_village_begins_an_edit(village, books)
    the_county_signs(county)
    the_edit_is_refused(village, half_filled)
    turn_to("2021-11-15")
    the_city_reports(city, tmp_path)
    the_city_returns(city)
    another_city_finds_nothing(desk)
    the_same_on_a_phone(desk, books)


def hand_in(officer: Desk, ledger: str, path: Path) -> None:
    officer.menu("部门台账")
    officer.follow("报送台账")
    officer.choose("台账", COMPARED[ledger].title)
    officer.fill("数据月份", "202110")
    officer.attach("台账文件", path)
    officer.press("报送", officer.page.locator("#main"))
    officer.sees("已收到文件，正在检查。")
    expect(officer.page.get_by_text("使用中", exact=True)).to_be_visible()
    officer.judge()


def compare(county: Desk, *, found: int) -> None:
    """Start a comparison of all ledgers, watch n of m, and read what it gave."""
    county.menu("比对")
    county.press("开始比对")
    expect(county.page.get_by_text("9 / 9（100%）")).to_be_visible()
    for spec in COMPARED.values():
        county.sees(spec.title, county.section(spec.title))
    numbers = county.page.locator("td[data-label=处数] a").all_inner_texts()
    assert sum(map(int, numbers)) == found, numbers


def signing_is_refused(county: Desk, books: Books) -> None:
    county.menu("县级闭合")
    county.press("运行闭合检查")
    county.sees("阻断项2条。")
    card = county.section("签署")
    expect(card.get_by_role("button", name="签署县级闭合")).to_be_disabled()
    county.sees("阻断项2条未闭合", card)
    county.follow("CC-08：1条", card)
    county.sees(books.poor.household.head_name)
    county.page.go_back()
    county.follow("CC-02：1条", county.section("签署"))
    county.sees(books.unknown.name)


def the_village_explains_and_corrects(village: Desk, books: Books, folder: Path) -> None:
    proof = folder / "居住证明.pdf"
    proof.write_bytes(register.PDF)
    village.menu("疑点处置")
    village.follow("证件号码不在公安户籍库")
    village.sees("台账中没有对应的行")
    village.fill("情况说明", "户籍在兰州市，随丈夫共同生活三年，有居住证明")
    village.attach("佐证材料", proof)
    village.press("提交说明")
    village.sees("居住证明.pdf")
    village.menu("疑点处置")
    village.follow("姓名、性别或民族与公安户籍不一致")
    village.follow("去改正")
    village.fill("姓名", f"{books.misspelt.name}生")
    village.press("保存")
    village.sees(f"已保存{books.misspelt.name}生的信息。")
    village.menu("疑点处置")
    village.follow("全部清除")
    village.follow("姓名、性别或民族与公安户籍不一致")
    expect(village.page.locator("h1 .fp-chip").last).to_have_text("已销号")


def the_county_accepts(county: Desk, books: Books) -> None:
    county.menu("疑点处置")
    county.follow("证件号码不在公安户籍库")
    county.sees("随丈夫共同生活三年")
    county.press("认可说明")
    county.sees("已认可说明。")


def only_a_draft(city: Desk) -> None:
    city.menu("动态调整汇总")
    city.sees("未签署1个：靖远县")
    city.sees("已签署1个：会宁县")
    expect(city.page.get_by_role("button", name="上报汇总")).to_be_disabled()
    city.sees("靖远县尚未签署县级闭合，只能生成草稿")


def the_county_signs(county: Desk, edition: int = 1) -> None:
    county.menu("县级闭合")
    county.press("运行闭合检查")
    county.sees("阻断项0条。")
    county.fill("签署领导姓名", "马县长")
    county.press("签署县级闭合")
    county.sees(f"第{edition}版", county.section("签署记录"))
    county.sees("马县长")
    expect(county.page.get_by_role("button", name="下达更正令")).to_be_visible()


def the_village_begins_an_edit(village: Desk, books: Books) -> Household:
    household = books.poor.household
    village.open(f"/households/{household.pk}/")
    village.follow("修改", exact=True)
    village.fill("家庭住址(门牌/详细)", "二社9号")
    return household


def the_edit_is_refused(village: Desk, household: Household) -> None:
    """The county has signed meanwhile: neither this save nor a new one goes through, and nothing typed is lost."""
    lock = re.compile("靖远县2021年度已县级闭合锁定（.+），须由县级下达更正令后再修改")
    village.press("保存")
    village.sees(lock)
    expect(village.field("家庭住址(门牌/详细)")).to_have_value("二社9号")
    assert Household.objects.get(pk=household.pk).address_detail == household.address_detail
    village.open(f"/households/{household.pk}/edit/")
    village.sees(lock)


def the_city_reports(city: Desk, folder: Path) -> None:
    city.menu("动态调整汇总")
    city.sees("已签署2个：")
    with city.page.expect_download() as waiting:
        city.page.get_by_role("link", name="下载工作簿").click()
    path = folder / "summary.xlsx"
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename == "白银市2021年动态调整汇总.xlsx"
    the_workbook_looks_official(path)
    number = city.page.locator("#T5 tbody td a").first
    number.click()
    city.judge()
    expect(city.page.locator("tr[data-row]").first).to_be_visible()
    city.menu("动态调整汇总")
    city.press("上报汇总")
    city.sees("已上报第1版")


def the_city_returns(city: Desk) -> None:
    """The province asks for a correction; the report goes back to the county it concerns (policy.md §13 S12)."""
    city.menu("动态调整汇总")
    city.choose("退回的县", "靖远县")
    city.fill("退回原因", "T4人口数据需更正")
    city.press("退回")
    city.sees("已退回，待县级下达更正令并重新签署。")
    city.sees("上一版已退回靖远县更正，须由该县下达更正令、重新闭合并签署后再上报")
    expect(city.page.get_by_role("button", name="上报汇总")).to_be_disabled()


def the_workbook_looks_official(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert [name[:2] for name in book.sheetnames] == ["T1", "T2", "T4", "T5"]
    for sheet in book:
        assert sheet["A1"].value.startswith("白银市2021年")
        assert "草稿" not in sheet["A1"].value
        assert sheet["A2"].value == "填报单位：白银市"
        merged = {str(area) for area in sheet.merged_cells.ranges}
        assert {"A3:A4", "B3:B4"} <= merged
        names = [sheet.cell(row, 2).value for row in (5, 6, 7)]
        assert names == ["靖远县", "会宁县", "合计"]
        for column in range(3, sheet.max_column + 1):
            if sheet.cell(7, column).number_format == "#,##0":
                counts = [sheet.cell(row, column).value for row in (5, 6, 7)]
                assert counts[0] + counts[1] == counts[2]


def another_city_finds_nothing(desk: Any) -> None:
    stranger: User = register.user("city_official", "6205", name="天水市级汇总员")
    stranger.set_password(settings.DEMO_PASSWORD)
    stranger.save()
    window = desk(stranger.username)
    answer = window.open("/counties/summary/6204/")
    assert answer is not None
    assert answer.status == 404
    window.sees("不在您的管辖范围内")


def the_same_on_a_phone(desk: Any, books: Books) -> None:
    """In a courtyard: nothing wider than the phone, no serious finding, and the work gets done.

    The county lifts its signature by an order, the village saves what was refused before, the county signs again.
    """
    county = desk("xian", PHONE)
    county.sees("市州退回汇总，待更正")
    for label in ("部门台账", "比对", "疑点处置", "动态调整汇总", "县级闭合"):
        county.menu(label)
    county.fill("更正令文号", "靖更〔2021〕1号")
    county.fill("更正原因", "一户住址填写有误")
    county.press("下达更正令")
    county.sees("更正令已下达，数据已解除锁定。")
    village = desk("cun", PHONE)
    village.menu("疑点处置")
    village.open(f"/households/{books.poor.household_id}/members/")
    household = the_village_begins_an_edit(village, books)
    village.press("保存")
    village.sees("已保存。")
    household.refresh_from_db()
    assert household.address_detail == "二社9号"
    the_county_signs(county, edition=2)
    city = desk("shi", PHONE)
    city.menu("动态调整汇总")
    city.press("上报汇总")
    city.sees("已上报第2版")
    city.sees("已被新版替换")
