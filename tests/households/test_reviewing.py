"""Several lines of several persons, accepted or refused one by one; two reviewers; fifty writers at once."""

import datetime
import threading

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from fanpin.accounts.verdicts import Refused
from households.models import Collection, Household, Member, MemberChange
from households.services import changes, deciding, members, requesting, reviewing
from households.services import households as household_service
from households.services.reviewing import Word
from households.services.writing import Conflict
from tests.factories import register

DAY = datetime.date(2021, 11, 1)
YES = Word(True)


@pytest.fixture
def second(tree):
    return register.user("township_reviewer", register.TOWNSHIP, name="钱审核")


def filed(household, caseworker):
    """The son is ill and speaks Mandarin, the house moved, the wife is dead: four lines in three changes."""
    son, wife = household.members.get(name="王小明"), household.members.get(name="李秀英")
    one = requesting.request_edit(
        son, fields={"health": ["chronic"], "speaks_mandarin": True}, by=caseworker
    )
    two = requesting.request_edit(
        household, fields={"address_detail": "二社3号", "house_area": 80}, by=caseworker
    )
    three = changes.decrease(
        wife, reason="dec_death", changed_on=DAY, documents=register.papers(), by=caseworker
    )
    return one, two, three


def test_each_line_is_accepted_or_refused_and_only_accepted_ones_take_effect(
    household, caseworker, township
):
    Collection.objects.update(state="reviewed")
    one, two, three = filed(household, caseworker)
    assert household.members.get(name="王小明").health == []
    words = {
        (one.pk, "health"): YES,
        (one.pk, "speaks_mandarin"): Word(False, "请当面核实"),
        (two.pk, "address_detail"): Word(False, "地址与位置不符"),
        (two.pk, "house_area"): Word(False, "请附测量照片"),
        (three.pk, ""): YES,
    }
    assert reviewing.decide(household, words=words, by=township) == (2, 3)
    son = household.members.get(name="王小明")
    assert (son.health, son.speaks_mandarin) == (["chronic"], None)
    home = Household.objects.get()
    assert (home.address_detail, home.house_area, home.family_size) == ("一社12号", None, 2)
    one.refresh_from_db()
    assert (one.state, one.fields, one.after) == ("done", ["health"], {"health": ["chronic"]})
    back = MemberChange.objects.get(state="returned", member=son)
    assert (back.fields, back.after, back.decision_note) == (
        ["speaks_mandarin"], {"speaks_mandarin": True}, "请当面核实",
    )  # fmt: skip
    two.refresh_from_db()
    assert two.state == "returned"
    assert "请附测量照片" in two.decision_note
    assert household.members.get(name="李秀英").status == "decreased"


def test_every_line_needs_a_word_and_every_refusal_a_reason(household, caseworker, township):
    one, _two, _three = filed(household, caseworker)
    with pytest.raises(Refused) as refusal:
        reviewing.decide(household, words={(one.pk, "health"): Word(False, " ")}, by=township)
    texts = " ".join(refusal.value.messages)
    assert "退回王小明“健康状况”须写明原因" in texts
    assert "王小明“是否会讲普通话”还没有选择" in texts
    one.refresh_from_db()
    assert one.state == "township"


def test_of_two_reviewers_the_second_is_told_and_decides_nothing(
    household, caseworker, township, second
):
    one, two, _three = filed(household, caseworker)
    mine = {(one.pk, "health"): YES, (one.pk, "speaks_mandarin"): YES}
    reviewing.decide(household, words=mine, by=township)
    late = mine | {(two.pk, "address_detail"): YES, (two.pk, "house_area"): YES}
    with pytest.raises(Refused, match="刚刚已由赵审核审核（已生效）"):
        reviewing.decide(household, words=late, by=second)
    two.refresh_from_db()
    assert two.state == "township"


def test_a_field_edited_after_the_filing_is_not_overwritten(household, caseworker, township):
    one, _two, _three = filed(household, caseworker)
    son = household.members.get(name="王小明")
    members.edit(son, fields={"health": ["major"]}, by=caseworker)
    words = {(one.pk, "health"): YES, (one.pk, "speaks_mandarin"): YES}
    with pytest.raises(Refused, match="在申报后已改为“患有大病”"):
        reviewing.decide(household, words=words, by=township)
    words[one.pk, "health"] = Word(False, "以后来填写的为准")
    assert reviewing.decide(household, words=words, by=township) == (1, 1)


def test_a_correction_cannot_be_passed_as_a_whole_and_waits_once(household, caseworker, township):
    one, _two, _three = filed(household, caseworker)
    with pytest.raises(Refused, match="逐项审核"):
        deciding.pass_on(one, by=township)
    with pytest.raises(Refused, match="已有一份信息变更待审核"):
        requesting.request_edit(
            household.members.get(name="王小明"), fields={"labour": "none"}, by=caseworker
        )


def test_the_page_shows_both_sides_and_a_returned_line_comes_back_as_typed(
    client, household, caseworker, township, second
):
    one, two, three = filed(household, caseworker)
    url = reverse("households:review", args=[household.pk])
    client.force_login(township)
    text = client.get(url).content.decode()
    for words in ("一社12号", "二社3号", "长期慢性病", "减少：死亡"):
        assert words in text
    data = {"change": [one.pk, two.pk, three.pk]}
    for key in (
        f"{one.pk}_health",
        f"{one.pk}_speaks_mandarin",
        f"{two.pk}_house_area",
        f"{three.pk}_",
    ):
        data[f"line_{key}"] = "pass"
    data |= {f"line_{two.pk}_address_detail": "return"}
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert "须写明原因" in refused.content.decode()
    data[f"reason_{two.pk}_address_detail"] = "门牌不对"
    assert client.post(url, data).status_code == 302
    client.force_login(second)
    late = client.post(url, data)
    assert late.status_code == 422
    assert "刚刚已由赵审核审核" in late.content.decode()
    client.force_login(caseworker)
    history = client.get(reverse("households:changes", args=[household.pk])).content.decode()
    back = MemberChange.objects.get(state="returned")
    again = f"{reverse('households:edit', args=[household.pk])}?again={back.pk}"
    assert again in history
    assert 'value="二社3号"' in client.get(again).content.decode()


@pytest.mark.django_db(transaction=True)
def test_fifty_people_editing_one_household_at_once_lose_nothing(settings, tmp_path):
    """Everybody starts from what they read; who comes late is shown both values and saves again."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2021-11-08T10:00:00+08:00", tick=False):
        register.places()
        clerk = register.user("village_caseworker", register.VILLAGE)
        home = register.household(clerk)
        start, lost, conflicts = threading.Barrier(50), [], []

        def write(number: int) -> None:
            try:
                version = Household.objects.get(pk=home.pk).version
                start.wait(60)
                while True:
                    try:
                        household_service.edit(
                            home,
                            fields={"address_detail": f"{number}号"},
                            version=version,
                            by=clerk,
                        )
                        return
                    except Conflict as late:
                        conflicts.append((number, late.messages[0]))
                        version = late.version
            except Exception as wrong:
                lost.append(wrong)
            finally:
                connection.close()

        threads = [threading.Thread(target=write, args=(n,)) for n in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert lost == []
        rows = list(MemberChange.objects.filter(household=home, kind="update").order_by("pk"))
        assert {row.after["address_detail"] for row in rows} == {f"{n}号" for n in range(50)}
        before = ["一社12号", *(row.after["address_detail"] for row in rows)]
        assert [row.before["address_detail"] for row in rows] == before[:-1]
        home.refresh_from_db()
        assert (home.address_detail, home.version) == (before[-1], 51)
        assert len(conflicts) >= 49
        assert all(f"您填写“{number}号”" in said for number, said in conflicts)
        assert Member.objects.filter(household=home, status="active").count() == 3
