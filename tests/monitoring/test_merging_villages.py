"""Two households of different villages become one: filed by either village, decided by the level above both."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from fanpin.accounts.verdicts import Refused
from households.choices import HEAD
from households.models import Member, Reorganisation
from monitoring.selectors import reorganising as selectors
from monitoring.services import reorganising
from tests.factories import monitoring, register

DAY = datetime.date(2021, 11, 1)
NEAR_VILLAGE, FAR_TOWNSHIP_VILLAGE = register.OTHER_VILLAGE, "620421101201"


def elsewhere(village, *names):
    by = register.user("village_caseworker", village)
    people = [register.person(n, HEAD if i == 0 else "99") for i, n in enumerate(names)]
    return register.household(by, village=village, members=people), by


def unite(a, b, by, head):
    relations = {
        m.pk: HEAD if m.name == head else "99"
        for home in (a, b)
        for m in home.members.filter(status="active")
    }
    return reorganising.file_merge(
        a, b, relations=relations, changed_on=DAY, documents=register.papers("合并后的户口簿页"),
        by=by,
    )  # fmt: skip


def test_two_villages_of_one_township_are_decided_by_township_and_county(people):
    home = monitoring.monitored_household(people)
    away, neighbour = elsewhere(NEAR_VILLAGE, "赵孤老", "赵小孤")
    row = unite(home, away, people.village, "王建国")
    assert (row.state, row.household, row.other) == ("township", home, away)
    assert list(Reorganisation.objects.within(neighbour.scope)) == [row]
    assert list(selectors.waiting_for(people.township)) == [row]
    with pytest.raises(PermissionDenied):
        reorganising.pass_on(row, by=people.county)
    row = reorganising.pass_on(row, by=people.township)
    row = reorganising.pass_on(row, by=people.county)
    home.refresh_from_db()
    away.refresh_from_db()
    assert (row.state, home.family_size, home.monitoring_state) == ("done", 6, "monitored")
    assert (away.ended_on, away.ended_reason) == (DAY, f"并户：并入{home.hh_code}")
    moved = Member.objects.get(name="赵孤老", status="active")
    assert (moved.household, moved.county_code) == (home, home.county_code)


def test_the_monitored_household_keeps_its_number_though_it_lies_in_the_other_village(people):
    monitored = monitoring.monitored_household(people)
    away, neighbour = elsewhere(NEAR_VILLAGE, "赵孤老")
    row = unite(away, monitored, neighbour, "赵孤老")
    assert (row.household, row.other) == (monitored, away)
    reorganising.pass_on(reorganising.pass_on(row, by=people.township), by=people.county)
    monitored.refresh_from_db()
    assert (monitored.monitoring_state, monitored.head_name) == ("monitored", "赵孤老")
    assert monitored.village_id == register.VILLAGE


def test_two_townships_are_decided_by_the_county_at_once(people):
    home = monitoring.household(people.village)
    away, _ = elsewhere(FAR_TOWNSHIP_VILLAGE, "赵孤老")
    row = unite(home, away, people.village, "王建国")
    assert row.state == "county"
    assert not selectors.waiting_for(people.township).exists()
    with pytest.raises(PermissionDenied):
        reorganising.pass_on(row, by=people.township)
    assert reorganising.pass_on(row, by=people.county).state == "done"


def test_another_county_is_refused(people):
    home = monitoring.household(people.village)
    away, _ = elsewhere(register.FAR_VILLAGE, "赵孤老")
    with pytest.raises(Refused, match="跨县不能直接并户"):
        unite(home, away, people.village, "王建国")


def test_a_third_village_may_not_file_it(people):
    home = monitoring.household(people.village)
    away, _ = elsewhere(NEAR_VILLAGE, "赵孤老")
    stranger = register.user("village_caseworker", FAR_TOWNSHIP_VILLAGE)
    with pytest.raises(PermissionDenied):
        unite(home, away, stranger, "王建国")


def test_a_case_in_the_other_village_stops_it(people):
    home = monitoring.household(people.village)
    away, neighbour = elsewhere(NEAR_VILLAGE, "赵孤老")
    monitoring.identification(people, home)
    with pytest.raises(Refused, match="正在办理"):
        unite(away, home, neighbour, "赵孤老")


def test_the_page_finds_the_household_of_another_village_by_number_and_head_only(client, people):
    home = monitoring.household(people.village)
    away, neighbour = elsewhere(NEAR_VILLAGE, "赵孤老")
    client.force_login(people.village)
    url = reverse("monitoring:merge", args=[home.pk])
    for wrong in ({"code": away.hh_code}, {"code": away.hh_code, "head": "赵"}, {"head": "赵孤老"}):
        page = client.get(url, wrong).content.decode()
        assert "两项都须完整填写" in page
        assert "赵孤老户" not in page
    assert client.get(url, {"with": away.pk}).status_code == 404
    found = f"{url}?code={away.hh_code}&head=赵孤老"
    text = client.get(found).content.decode()
    assert "赵孤老" in text
    assert away.members.get().id_no not in text
    data = {"changed_on": "2021-11-01", "note": "两家已合住", "act": "preview"}
    data |= {f"relation_{m.pk}": m.relation for m in home.members.all()}
    data |= {f"relation_{away.members.get().pk}": "99"}
    preview = client.post(found, data)
    assert "富坪村，合并后成员计入" in preview.content.decode()
    filed = client.post(
        found, data | {"act": "file", "kind_1": "其他佐证", "file_1": register.paper()}
    )
    assert filed.status_code == 302
    row = Reorganisation.objects.get()
    client.force_login(neighbour)
    page = client.get(reverse("monitoring:reorganisation", args=[row.pk])).content.decode()
    assert reverse("households:members", args=[away.pk]) in page
    assert reverse("households:members", args=[home.pk]) not in page
    paper = row.documents.get()
    answer = client.get(reverse("monitoring:reorganisation_document", args=[paper.pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    answer.close()
