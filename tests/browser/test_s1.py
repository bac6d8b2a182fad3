"""S1 in the browser: a household of four becomes a 边缘易致贫户, by the demonstration's accounts, on its nine days.

The village works on a phone in the courtyard, township and county at their desks.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from fanpin.demo.accounts import user
from households.models import Household
from monitoring.models import Case
from tests.browser.desk import PHONE, Desk
from tests.factories import monitoring, register

OFFICERS = ("gongan", "yibao")
ADULTS = ("王建国", "李秀英", "王德福")


class Case1:
    """The people of the story at their windows, and the case they all look at."""

    def __init__(self, desk: Any, household: Household):
        self.village = desk("cun", PHONE)
        self.township = desk("xiang")
        self.county = desk("xian")
        self.officers = {name: desk(name) for name in OFFICERS}
        self.household = household
        self.address = ""

    def open(self, person: Desk) -> Any:
        """The case, as somebody comes to it; returns the card of what comes next."""
        person.open(self.address)
        return person.page.locator("#next")

    def step(self, person: Desk, label: str) -> None:
        """Open the form of a step."""
        person.follow(label, self.open(person))

    def directly(self, person: Desk, label: str) -> None:
        """Take a step that asks for nothing."""
        person.press(label, self.open(person))
        person.sees(f"已办理：{label}")

    def done(self, person: Desk, label: str) -> None:
        person.press(label, person.page.locator(".fp-footbar"))
        person.sees(f"已办理：{label}")


@pytest.fixture
def story(demo, desk) -> Case1:
    return Case1(desk, monitoring.household(user("cun"), address_detail="二社7号"))


def test_s1_a_new_marginal_household_by_clicking(story):
    a_clue_is_filed(story)
    it_is_listed_and_the_adults_sign(story)
    on_day(story.village, "2021-11-08")
    the_visit_suggests_the_category(story)
    on_day(story.village, "2021-11-10")
    the_departments_answer(story)
    on_day(story.village, "2021-11-11")
    the_village_deliberates_and_posts(story)
    on_day(story.village, "2021-11-14")
    it_is_too_early_to_submit(story)
    on_day(story.village, "2021-11-17")
    story.directly(story.village, "提交乡镇审核")
    on_day(story.township, "2021-11-18")
    the_township_passes(story)
    on_day(story.county, "2021-11-19")
    the_county_decides(story)
    the_township_announces_and_enters(story)
    everybody_sees_the_result(story)


def on_day(person: Desk, day: str) -> None:
    """The demonstration's date, moved on its page as a newcomer does."""
    person.open("/accounts/demo-clock/")
    person.fill("演示日期", day)
    person.press("调整")
    person.sees(f"演示日期已调整为 {day}")


def a_clue_is_filed(story: Case1) -> None:
    village = story.village
    village.menu("线索")
    village.follow("登记线索")
    village.fill("查找农户", "王建国")
    village.press("查找")
    village.follow("登记线索")
    village.choose("线索来源", "村组干部/驻村工作队排查")
    village.fill("家庭情况和困难", "父亲中风卧床，妻子在家照料，家庭收入减少")
    village.press("登记线索", village.page.locator(".fp-footbar"))
    village.sees("已登记线索")
    case = Case.objects.get(household=story.household)
    story.address = f"/monitoring/cases/{case.pk}/"


def papers(person: Desk, *names: str) -> None:
    """Two pages into the file field of each paper, as photographed on the spot."""
    pages = [
        {"name": f"第{n}页.jpg", "mimeType": "image/jpeg", "buffer": register.photo().read()}
        for n in (1, 2)
    ]
    for name in names:
        field = person.page.get_by_label(re.compile(rf"^{name}（\d份）"))
        field.set_input_files(pages)  # type: ignore[arg-type]


def it_is_listed_and_the_adults_sign(story: Case1) -> None:
    village = story.village
    story.step(village, "分析研判")
    village.fill("参加人员（村两委、驻村工作队等）", "张支书、李主任、周队员")
    village.fill("研判意见", "因病负担重，收入下降，建议核查")
    story.done(village, "分析研判")
    story.directly(village, "列入重点核查户")
    story.step(village, "登记承诺授权")
    for name in ADULTS:
        village.page.get_by_label(f"{name}（").select_option(label="本人签字")
    papers(village, "承诺授权书")
    story.done(village, "登记承诺授权")


def the_visit_suggests_the_category(story: Case1) -> None:
    village = story.village
    story.step(village, "入户核查")
    village.sees("2020-11-01 至 2021-10-31")
    village.fill("核查人1", "张村官")
    village.page.locator("[name=v1_unit]").select_option(label="村两委")
    village.fill("核查人2", "赵审核")
    village.page.locator("[name=v2_unit]").select_option(label="乡镇")
    village.tick("农户已签字确认")
    village.fill("家庭情况", "父亲中风卧床，妻子在家照料，仅户主务工")
    for label in ("住房安全", "饮水安全", "义务教育", "基本医疗"):
        village.choose(f"{label}有保障", "是")
    for label, value in (
        ("工资性收入", 14000), ("生产经营性收入", 11200), ("财产性收入", 0), ("转移性收入", 3600),
        ("生产经营性支出", 7200),
    ):  # fmt: skip
        village.fill(label, value)
    village.choose("纳入范围依据", "农村常住人口")
    village.choose("风险1", "因病")
    village.fill("首次发现日期", "2021-10-20")
    village.fill("经度", "104.683")
    village.fill("纬度", "36.561")
    papers(village, "入户核查表", "入户照片")
    story.done(village, "入户核查")
    visit = village.section("入户核查")
    for text in ("21,600.00", "5,400.00", "2020-11-01 至 2021-10-31"):
        village.sees(text, visit)
    village.sees("边缘易致贫户", visit)


def the_departments_answer(story: Case1) -> None:
    story.directly(story.township, "提请部门比对")
    for officer in story.officers.values():
        answer(officer, 1)
    # Departments without an account of the demonstration answer through the county.
    answer(story.county, len(monitoring.DEPARTMENTS) - len(story.officers))
    story.directly(story.township, "比对完成")


def answer(person: Desk, count: int) -> None:
    """Answer so many requests from one's own list; the list comes back after each."""
    person.menu("识别比对反馈")
    for _ in range(count):
        person.follow("王建国", exact=False)
        person.choose("比对结果", "无异常")
        person.press("反馈", person.page.locator(".fp-footbar"))
        person.sees("比对结果已反馈")
    person.sees("没有需要反馈的比对请求")


def the_village_deliberates_and_posts(story: Case1) -> None:
    village = story.village
    story.step(village, "评议通过")
    village.fill("主持人", "张支书")
    village.fill(
        "参加人员（村两委、驻村队、党员和村民代表）",
        "张支书、李主任、周队员、赵党员、钱代表、孙代表",
    )
    village.fill("同意", 6)
    village.fill("会议记录", "逐户评议，一致同意纳入")
    expect(village.field("监测对象类别")).to_have_value("marginal")
    village.fill("初步帮扶需求", "大病救治、稳定务工")
    papers(village, "评议会议记录", "评议签到表", "评议照片")
    story.done(village, "评议通过")
    story.step(village, "公示")
    expect(village.field("内容")).to_have_value(re.compile("王建国户（4人）纳入防返贫监测对象"))
    papers(village, "公示照片")
    story.done(village, "公示")


def it_is_too_early_to_submit(story: Case1) -> None:
    card = story.open(story.village)
    story.village.sees("公示未满5天，最早可提交 2021-11-17", card)
    expect(card.get_by_role("button", name="提交乡镇审核")).to_be_disabled()


def the_township_passes(story: Case1) -> None:
    township = story.township
    township.menu("识别办理")
    township.follow(Case.objects.get().number)
    township.follow("乡镇审核通过", township.page.locator("#next"))
    township.fill("意见", "情况属实，同意上报")
    story.done(township, "乡镇审核通过")


def the_county_decides(story: Case1) -> None:
    story.step(story.county, "县级审定通过")
    story.county.fill("意见", "同意纳入")
    story.done(story.county, "县级审定通过")


def the_township_announces_and_enters(story: Case1) -> None:
    township = story.township
    story.step(township, "公告")
    story.done(township, "公告")
    story.step(township, "录入国家系统，纳入监测")
    township.fill("国家系统户编号", "6200000001")
    expect(township.field("标注月份")).to_have_value("202111")
    township.fill("录入人", "赵审核")
    story.done(township, "录入国家系统，纳入监测")


def everybody_sees_the_result(story: Case1) -> None:
    village, county = story.village, story.county
    for person in (village, county):
        person.open(f"/monitoring/households/{story.household.pk}/")
        person.sees("监测中", person.page.locator("h1"))
        person.sees("边缘易致贫户", person.page.locator("h1"))
        person.open(story.address)
        person.sees("已纳入", person.page.locator("h1"))
    village.open("/")
    village.sees("一户一策待制定或修改")
    village.sees("2021-11-29")
    county.menu("动态调整汇总")
    line = county.page.locator("#T1 tbody tr").first
    cells = line.locator("td").all_inner_texts()
    heads = county.page.locator("#T1 thead tr").first.locator("th").all_inner_texts()
    at = 2 * (heads.index("新识别") - 1)
    assert cells[at : at + 2] == ["1", "4"]
