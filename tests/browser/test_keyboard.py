"""Typing as a clerk types: no mouse, nothing lost, nothing twice, and two people at one household."""

import datetime

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from households.models import Household, Member
from tests.browser.desk import Desk
from tests.factories import register

BORN = datetime.date(1970, 5, 20)


@pytest.fixture
def village(demo, desk) -> Desk:
    return desk("cun")


def keys(person: Desk, *pressed: str) -> None:
    """Keys by name; anything that is no key's name is typed letter by letter."""
    for key in pressed:
        if key in ("Tab", "Enter", "Control+s", "Alt+n"):
            person.page.keyboard.press(key)
        else:
            person.page.keyboard.type(key)


def focused(person: Desk) -> str:
    return person.page.evaluate("document.activeElement.name || document.activeElement.id")


def tab_to(person: Desk, name: str) -> None:
    for _ in range(40):
        if focused(person) == name:
            return
        keys(person, "Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def a_person(person: Desk, name: str, number: str, relation: str) -> None:
    """One line of the form: Enter goes on, a select opens by letters of pinyin, the number fills the rest."""
    keys(person, name, "Enter", "Enter", number, "Enter", relation)


def test_a_household_with_three_members_by_keyboard_only(village):
    village.open("/households/new/")
    keys(village, "Tab", "Enter")
    tab_to(village, "people-0-name")
    a_person(village, "马建军", register.id_number(BORN), "hz")
    line = village.page.locator("[data-id-scope]").first
    expect(line.locator(".fp-derived")).to_have_text("男　1970-05-20　51岁")
    expect(line.locator("[name=people-0-sex]")).to_have_value("1")
    expect(line.locator("[name=people-0-birth_date]")).to_have_value("1970-05-20")
    tab_to(village, "people-1-name")
    wife = register.id_number(datetime.date(1972, 8, 25), "2")
    a_person(village, "李梅", wife, "po")
    keys(village, "Alt+n")
    assert focused(village) == "people-4-name"
    a_person(village, "马小红", register.id_number(datetime.date(2008, 3, 1), "2"), "zn")
    before = Household.objects.count()
    with village.page.expect_navigation():
        keys(village, "Control+s")
    the_problem_list_jumps_to_its_field(village)
    with village.page.expect_navigation():
        keys(village, "Control+s")
    village.judge()
    village.sees("已登记马建军户")
    assert Household.objects.count() == before + 1
    made = Household.objects.get(head_name="马建军")
    assert list(made.members.order_by("relation").values_list("name", "sex")) == [
        ("马建军", "1"), ("李梅", "2"), ("马小红", "2")
    ]  # fmt: skip


def test_a_household_of_four_from_paper_in_under_six_minutes(village):
    """Counted, not timed: a beginner presses a key a second, so 360 keys are six minutes."""
    village.page.add_init_script(
        "addEventListener('keydown', () => sessionStorage.keys = Number(sessionStorage.keys || 0) + 1, true)"
    )
    village.open("/households/new/")
    people = (
        ("马建军", datetime.date(1970, 5, 20), "1", "hz"),
        ("李梅", datetime.date(1972, 8, 25), "2", "po"),
        ("马小红", datetime.date(2008, 3, 1), "2", "zn"),
        ("马小军", datetime.date(2010, 9, 12), "1", "zn"),
    )
    keys(village, "Tab", "Enter")
    fields = 1
    for number, (name, born, sex, relation) in enumerate(people):
        tab_to(village, f"people-{number}-name")
        a_person(village, name, register.id_number(born, sex), relation)
        fields += 3
    with village.page.expect_navigation():
        keys(village, "Control+s")
    # What was forgotten is one jump away.
    keys(village, "Tab", "Enter")
    assert focused(village) == "hh_type"
    keys(village, "tp")
    with village.page.expect_navigation():
        keys(village, "Control+s")
    village.sees("已登记马建军户")
    made = Household.objects.get(head_name="马建军")
    born = list(made.members.order_by("birth_date").values_list("birth_date", "sex"))
    assert born == [(day, sex) for _name, day, sex, _relation in people]
    # Three fields for a person and the type of the household; name and number once, the rest follows.
    assert fields == 13
    count = int(village.page.evaluate("sessionStorage.keys"))
    assert count <= 360, f"{count} keys"


def the_problem_list_jumps_to_its_field(village: Desk) -> None:
    """户类型 was left out: everything typed stands, and the list at the top leads to the field."""
    expect(village.page.locator("[name=people-0-name]")).to_have_value("马建军")
    problems = village.page.locator(".fp-problems.tone-red")
    expect(problems).to_be_focused()
    keys(village, "Tab", "Enter")
    assert focused(village) == "hh_type"
    keys(village, "tp")
    expect(village.page.locator("[name=hh_type]")).to_have_value("lifted")
    village.judge()


def test_an_expired_session_loses_nothing(village, settings):
    household = Household.objects.filter(village_id=register.VILLAGE)[0]
    village.open(f"/households/{household.pk}/edit/")
    village.fill("家庭住址(门牌/详细)", "沟口二社3号")
    village.sees("草稿已存在本机")
    village.context.clear_cookies(name="sessionid")
    village.press("保存")
    village.fill("用户名", "cun")
    village.fill("密码", settings.DEMO_PASSWORD)
    village.press("登录")
    assert village.page.url.endswith(f"/households/{household.pk}/edit/")
    village.page.get_by_role("button", name="恢复草稿").click()
    expect(village.field("家庭住址(门牌/详细)")).to_have_value("沟口二社3号")
    village.press("保存")
    village.sees("已保存。")
    household.refresh_from_db()
    assert household.address_detail == "沟口二社3号"


def test_the_warning_before_the_session_ends_keeps_the_form_and_lets_one_stay(village, settings):
    """Also on a page that answers nothing but GET."""
    settings.SESSION_COOKIE_AGE = 290
    household = Household.objects.filter(village_id=register.VILLAGE)[0]
    warning = village.page.get_by_role("alertdialog", name="登录将到期")
    for address in (f"/households/{household.pk}/edit/", reverse("counties:findings")):
        village.open(address)
        expect(warning).to_be_visible(timeout=15_000)
        village.sees("填写的内容已在本机存为草稿")
        warning.get_by_role("button", name="继续使用").click()
        expect(warning).to_be_hidden()


def test_leaving_with_unsaved_input_asks(village):
    village.open("/households/new/")
    village.page.locator("[name=people-0-name]").press_sequentially("马建军")
    village.agrees = False
    with village.page.expect_event("dialog"):
        village.page.get_by_role("link", name="农户名册").first.click()
    assert village.asked == ["beforeunload"]
    assert village.page.url.endswith("/households/new/")
    village.agrees = True
    village.menu("农户名册")
    assert village.asked == ["beforeunload", "beforeunload"]


def test_a_double_click_makes_one_household(village):
    village.open("/households/new/")
    village.page.locator("[name=people-0-name]").fill("马建军")
    village.page.locator("[name=people-0-id_no]").fill(register.id_number(BORN))
    village.page.locator("[name=people-0-relation]").select_option(label="户主")
    village.choose("户类型", "脱贫户")
    with village.page.expect_navigation():
        village.page.get_by_role("button", name="登记").dblclick()
    village.sees("已登记马建军户")
    assert Household.objects.filter(head_name="马建军").count() == 1
    assert Member.objects.filter(name="马建军").count() == 1


def test_two_people_at_one_household_see_both_values(village, desk):
    household = Household.objects.filter(village_id=register.VILLAGE)[0]
    colleague = desk("zhucun")
    for person in (village, colleague):
        person.open(f"/households/{household.pk}/edit/")
    village.fill("家庭住址(门牌/详细)", "沟口二社3号")
    village.press("保存")
    village.sees("已保存。")
    colleague.fill("家庭住址(门牌/详细)", "沟口五社9号")
    colleague.press("保存")
    colleague.sees("在您填写期间他人已保存本表")
    colleague.sees("他人已保存为“沟口二社3号”")
    expect(colleague.field("家庭住址(门牌/详细)")).to_have_value("沟口五社9号")
    colleague.press("保存")
    colleague.sees("已保存。")
    household.refresh_from_db()
    assert household.address_detail == "沟口五社9号"


def test_a_chosen_file_stays_when_the_reason_changes(village, tmp_path):
    home = Household.objects.filter(village_id=register.VILLAGE).order_by("pk").first()
    village.open(reverse("households:member_create", args=[home.pk]))
    paper = tmp_path / "户口簿.pdf"
    paper.write_bytes(register.PDF)
    village.choose("变更原因", "户籍迁入")
    village.sees("户口簿页")
    village.choose("材料2", "其他佐证")
    village.attach("文件2", paper)
    village.choose("变更原因", "婚入(嫁入/入赘)")
    expect(village.page.locator("#papers")).to_contain_text("结婚证")
    chosen = village.page.evaluate("document.querySelector('[name=file_2]').files[0]?.name")
    assert chosen == "户口簿.pdf"
    expect(village.field("材料2")).to_have_value("其他佐证")
    village.judge()
