"""Who a household was on any day: roster and fields from the change rows, on the page as history."""

import datetime

import time_machine
from django.urls import reverse

from households.models import Household
from households.selectors.history import as_of
from households.services import changes, deciding, heads, households, members
from tests.factories import register


def on(day):
    return time_machine.travel(f"{day}T10:00:00+08:00", tick=False)


def date(text):
    return datetime.date.fromisoformat(text)


def lived_through(caseworker, township):
    """Registered on 09-01; moved house 09-10; the son leaves school 09-20; mother head 10-05; father dead 10-12,
    passed 11-02; a daughter in law since 10-20.
    """
    with on("2021-09-01"):
        home = register.household(caseworker)
    father, mother, son = home.members.order_by("pk")
    with on("2021-09-10"):
        households.edit(home, fields={"address_detail": "二社3号", "house_area": 80}, by=caseworker)
    with on("2021-09-20"):
        members.edit(son, fields={"health": ["chronic"], "name": "王晓明"}, by=caseworker)
    with on("2021-10-05"):
        heads.change_head(
            home, new_head=mother, relations={father.pk: "10", son.pk: "20"}, by=caseworker
        )
    with on("2021-11-01"):
        gone = changes.decrease(
            father, reason="dec_death", changed_on=date("2021-10-12"), by=caseworker,
            documents=register.papers(),
        )  # fmt: skip
        bride = register.person("陈小红", "38", born=datetime.date(2001, 2, 3), sex="2")
        came = changes.increase(
            home, reason="inc_marriage", changed_on=date("2021-10-20"), fields=bride,
            by=caseworker, documents=register.papers(),
        )  # fmt: skip
    with on("2021-11-02"):
        deciding.pass_on(gone, by=township)
        deciding.pass_on(came, by=township)
    return Household.objects.select_related("village", "natural_village").get(pk=home.pk)


def test_each_day_shows_the_roster_and_the_fields_of_that_day(caseworker, township):
    home = lived_through(caseworker, township)

    def then(day):
        past = as_of(home, date(day))
        people = {p.member.name: p.member.get_relation_display() for p in past.people}
        return past.household.address_detail, people

    trio = {"王建国": "户主", "李秀英": "配偶", "王小明": "之子"}
    assert then("2021-09-01") == ("一社12号", trio)
    assert then("2021-09-10") == ("二社3号", trio)
    renamed = {"王建国": "户主", "李秀英": "配偶", "王晓明": "之子"}
    assert then("2021-09-20") == ("二社3号", renamed)
    assert then("2021-10-05")[1] == {"李秀英": "户主", "王建国": "配偶", "王晓明": "之子"}
    assert then("2021-10-12")[1] == {"李秀英": "户主", "王晓明": "之子"}
    assert then("2021-10-20")[1] == {"李秀英": "户主", "王晓明": "之子", "陈小红": "之儿媳"}
    assert then("2021-08-31")[1] == {}


def test_what_is_different_today_is_told_and_nothing_is_written(caseworker, township):
    home = lived_through(caseworker, township)
    past = as_of(home, date("2021-09-01"))
    assert past.changed == {"address_detail": "二社3号", "house_area": home.house_area}
    by_name = {p.member.name: p for p in past.people}
    assert by_name["王建国"].gone_since
    assert by_name["王小明"].changed == {"health": ["chronic"], "name": "王晓明"}
    assert by_name["李秀英"].changed == {"relation": "02"}
    assert [m.name for m in past.came_since] == ["陈小红"]
    fresh = Household.objects.get(pk=home.pk)
    assert (fresh.address_detail, fresh.members.get(name="王晓明").health) == (
        "二社3号", ["chronic"],
    )  # fmt: skip
    assert not as_of(home, date("2021-11-02")).differs


def test_the_page_shows_the_day_as_history_and_offers_no_form(client, caseworker, township):
    home = lived_through(caseworker, township)
    client.force_login(caseworker)
    url = reverse("households:detail", args=[home.pk])
    text = client.get(url, {"on": "2021-09-15"}).content.decode()
    assert "2021-09-15 的情况（历史，只能查看）" in text
    assert "王小明 → 王晓明" in text
    assert "后来减少" in text
    assert "后来增加" in text
    assert reverse("households:edit", args=[home.pk]) not in text
    assert home.members.get(name="王晓明").id_no not in text


def test_a_day_that_cannot_be_shown_says_why(client, caseworker, township):
    home = lived_through(caseworker, township)
    client.force_login(caseworker)
    url = reverse("households:detail", args=[home.pk])
    for asked, words in (
        ("2021-08-31", "2021-09-01建档"), ("2022-01-01", "还没有到"), ("昨天", "不是日期"),
    ):  # fmt: skip
        answer = client.get(url, {"on": asked})
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert reverse("households:edit", args=[home.pk]) in answer.content.decode()
