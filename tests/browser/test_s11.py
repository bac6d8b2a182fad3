"""S11 in the browser: the head dies, a child is born, the wife comes from another village's household.

The village works on a phone in the courtyard; the other village and the reviewers at their desks.
"""

import datetime
from pathlib import Path
from typing import Any

import pytest

from counties.reports import figures
from fanpin.accounts.roles import Role
from fanpin.clock.days import set_demo_day
from fanpin.demo.accounts import user
from fanpin.regions.models import Division
from households.models import Dispute, Household
from households.selectors.parameters import current_campaign
from monitoring.models import EpisodeRisk
from tests.browser.desk import PHONE, Desk
from tests.factories import monitoring, register

WIFE = register.person("赵春梅", "10", born=datetime.date(1996, 4, 12), sex="2")


class Story:
    """A monitored household of five, the household the wife stands in, and everybody at their windows."""

    def __init__(self, desk: Any, home: Household, other: Household, papers: Path):
        self.village, self.township = desk("cun", PHONE), desk("xiang")
        self.county, self.neighbour = desk("xian"), desk("lincun")
        self.home, self.other = home, other
        self.paper = papers / "证明.pdf"
        self.paper.write_bytes(register.PDF)

    def members(self, person: Desk, household: Household) -> None:
        person.open(f"/households/{household.pk}/members/")

    def proved(self, person: Desk, reason: str, day: str) -> None:
        """Reason, day and a paper of a change."""
        with person.page.expect_response(lambda answer: "/members/papers/" in answer.url):
            person.choose("变更原因", reason)
        person.fill("变更日期", day)
        person.choose("材料1", "其他佐证")
        person.attach("文件1", self.paper)

    def passes(self, person: Desk, who: str) -> None:
        person.menu("人口变更审核")
        person.follow(who)
        person.press("通过", person.page.locator(".fp-footbar"))
        person.sees("已通过")


@pytest.fixture
def story(demo, desk, turn_to, settings, tmp_path) -> Story:
    neighbour = register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE, name="林村官")
    neighbour.username = "lincun"
    neighbour.set_password(settings.DEMO_PASSWORD)
    neighbour.save()
    set_demo_day(None)
    people = monitoring.Staff(
        village=user("cun"), team=user("zhucun"), township=user("xiang"),
        leader=user("xiangling"), county=user("xian"),
    )  # fmt: skip
    family = [
        register.person("张德福", "02", born=datetime.date(1948, 2, 11), labour="lost", health=["major"]),
        register.person("李秀英", "10", born=datetime.date(1950, 8, 25), sex="2", labour="lost"),
        register.person("张建国", "20", born=datetime.date(1975, 5, 20), labour="ordinary"),
        register.person("张小明", "41", born=datetime.date(2008, 3, 1), labour="none"),
        register.person("张小山", "41", born=datetime.date(2011, 3, 1), labour="none"),
    ]  # fmt: skip
    home = monitoring.monitored_household(people, members=family)
    EpisodeRisk.objects.update(member=home.members.get(name="张德福"))
    with monitoring.day("2021-10-20"):
        other = register.household(
            neighbour, village=register.OTHER_VILLAGE, members=[register.person("赵大山"), WIFE]
        )
    turn_to("2021-11-08")
    return Story(desk, home, other, tmp_path)


def test_s11_members_come_and_go(story):
    the_head_does_not_leave_before_a_new_head(story)
    the_son_becomes_head_and_the_old_one_leaves(story)
    a_child_is_born(story)
    the_wife_stands_in_another_village(story)
    the_township_passes_what_is_clear(story)
    the_other_village_lets_her_go(story)
    the_wife_arrives(story)
    nothing_changed_by_itself(story)
    the_roster_and_the_table_agree(story)


def the_head_does_not_leave_before_a_new_head(story: Story) -> None:
    village = story.village
    story.members(village, story.home)
    head = story.home.members.get(name="张德福")
    village.open(f"/households/members/{head.pk}/decrease/")
    story.proved(village, "死亡", "2021-10-30")
    village.press("申报减少", village.page.locator(".fp-footbar"))
    village.sees("张德福是户主，须先变更户主再申报减少")


def the_son_becomes_head_and_the_old_one_leaves(story: Story) -> None:
    village = story.village
    story.members(village, story.home)
    village.follow("变更户主")
    village.choose("新户主", "张建国")
    village.fill("变更原因", "原户主去世，由儿子任户主")
    for name, relation in (
        ("张德福", "之父"),
        ("李秀英", "之母"),
        ("张小明", "之子"),
        ("张小山", "之子"),
    ):
        village.choose(f"{name}与新户主关系", relation)
    village.press("变更户主", village.page.locator(".fp-footbar"))
    village.sees("户主已变更为张建国，户号不变")
    old = story.home.members.get(name="张德福")
    village.open(f"/households/members/{old.pk}/decrease/")
    story.proved(village, "死亡", "2021-10-30")
    village.press("申报减少", village.page.locator(".fp-footbar"))
    village.sees("已申报减少张德福，等待乡镇审核")


def a_child_is_born(story: Story) -> None:
    village = story.village
    village.follow("增加成员")
    story.proved(village, "新生儿", "2021-10-20")
    village.fill("姓名", "张小满")
    village.choose("证件类型", "出生医学证明(未落户新生儿)")
    village.choose("与户主关系", "之女")
    village.choose("性别", "女")
    village.fill("出生日期", "2021-10-20")
    village.choose("民族", "汉族")
    village.press("申报增加", village.page.locator(".fp-footbar"))
    village.sees("已申报增加张小满，等待乡镇审核")


def the_wife_stands_in_another_village(story: Story) -> None:
    village = story.village
    village.follow("增加成员")
    _wife(story)
    village.press("申报增加", village.page.locator(".fp-footbar"))
    village.sees("该人员已在另一户在册")
    assert story.other.hh_code not in village.page.content()
    village.page.get_by_role("checkbox", name="是").first.check()
    story.proved(village, "共同生活(户籍不在一起)", "2021-09-01")
    village.press("申报增加", village.page.locator(".fp-footbar"))
    village.sees("已申报增加赵春梅并提请两村核对")


def _wife(story: Story) -> None:
    village = story.village
    story.proved(village, "共同生活(户籍不在一起)", "2021-09-01")
    village.fill("情况说明", "婚后一直在本户生活，户籍未迁")
    village.fill("姓名", "赵春梅")
    village.choose("证件类型", "居民身份证")
    village.fill("证件号码", WIFE["id_no"])
    village.choose("与户主关系", "配偶")
    village.choose("民族", "汉族")


def the_township_passes_what_is_clear(story: Story) -> None:
    story.passes(story.township, "张德福")
    story.passes(story.township, "张小满")
    story.township.menu("人口变更审核")
    assert "赵春梅" not in story.township.page.content()


def the_other_village_lets_her_go(story: Story) -> None:
    neighbour = story.neighbour
    neighbour.menu("两村核对")
    neighbour.follow("赵春梅")
    neighbour.sees("泰和村")
    assert story.home.hh_code not in neighbour.page.content()
    neighbour.page.get_by_role("radio", name="已不在本户生活，办理减少").check()
    neighbour.fill("情况说明", "去年已嫁到泰和村")
    neighbour.press("答复", neighbour.page.locator(".fp-footbar"))
    neighbour.sees("已认可，待原户办理")
    neighbour.follow("办理成员减少")
    story.proved(neighbour, "不共同生活(户籍在一起)", "2021-09-01")
    neighbour.press("申报减少", neighbour.page.locator(".fp-footbar"))
    neighbour.sees("已申报减少赵春梅")
    story.passes(story.township, "赵春梅")
    story.passes(story.county, "赵春梅")
    assert Dispute.objects.get().state == "released"


def the_wife_arrives(story: Story) -> None:
    story.passes(story.township, "赵春梅")
    story.passes(story.county, "赵春梅")


def nothing_changed_by_itself(story: Story) -> None:
    village = story.village
    village.menu("人口变动提示")
    village.follow("风险可能自然消除")
    village.sees("减少张德福（死亡，2021-10-30）是“因病”的承担人")
    story.home.refresh_from_db()
    assert (story.home.monitoring_state, EpisodeRisk.objects.get().state) == ("monitored", "open")
    village.page.get_by_role("radio", name="风险已自然消除，提请乡镇确认").check()
    village.fill("情况说明", "患者去世，再无大额医疗支出")
    village.press("保存", village.page.locator(".fp-footbar"))
    village.sees("待乡镇确认消除")
    village.sees("监测中")


def the_roster_and_the_table_agree(story: Story) -> None:
    story.home.refresh_from_db()
    assert (story.home.family_size, story.home.head_name) == (6, "张建国")
    report = figures.compute(Division.objects.get(pk="6204"), current_campaign())
    counted = report.numbers["T4"][register.COUNTY]
    for key, number in (("death", 1), ("newborn", 1), ("living", 1)):
        assert counted[f"monitored.{key}.persons"] == number
    assert figures.broken_identities(report) == []
