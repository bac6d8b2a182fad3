"""One person, two villages: a task both see, the level above decides, the increase goes on once the person is free."""

import datetime
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from households.models import Dispute, Member, MemberChange
from households.selectors import disputes as selectors
from households.selectors.todos import waiting
from households.services import changes, deciding, disputes, members
from tests.factories import register
from tests.factories.monitoring import day
from tests.households import workbooks

DAY = datetime.date(2021, 11, 1)
WIFE = register.person("李秀英", "10", born=datetime.date(1972, 8, 25), sex="2")


@pytest.fixture
def other(tree):
    """The village next door, in which the wife stands."""
    return register.user("village_caseworker", register.OTHER_VILLAGE, name="邻村官")


@pytest.fixture
def holder(other):
    people = [register.person("孙大山"), WIFE, register.person("孙小山", "20")]
    return register.household(other, village=register.OTHER_VILLAGE, members=people)


def join(household, by, *, dispute=True, reason="inc_hukou_in", **fields):
    return changes.increase(
        household, reason=reason, changed_on=DAY, fields={**WIFE, "relation": "10"} | fields,
        documents=register.papers(), dispute=dispute, note="在本户生活一年", by=by,
    )  # fmt: skip


@pytest.fixture
def home(caseworker):
    return register.household(caseworker, members=[register.person("王建国")])


@pytest.fixture
def asked(home, holder, caseworker):
    return join(home, caseworker).dispute


def leave(holder, by, township):
    change = changes.decrease(
        holder.members.get(name="李秀英"), reason="dec_hukou_out", changed_on=DAY,
        documents=register.papers(), by=by,
    )  # fmt: skip
    return deciding.pass_on(change, by=township)


def test_the_refusal_says_no_more_than_the_scope_allows_and_offers_the_check(
    home, holder, caseworker, county
):
    with pytest.raises(Refused, match="李某") as refusal:
        join(home, caseworker, dispute=False)
    words = " ".join(refusal.value.messages)
    assert "可提请两村核对" in words
    assert holder.hh_code not in words
    assert "富坪村" not in words
    assert not Dispute.objects.exists()


def test_one_task_for_both_villages_with_a_day(home, holder, caseworker, other):
    change = join(home, caseworker)
    row = change.dispute
    assert (change.state, change.member.status) == ("checking", "pending_in")
    assert (row.state, row.due_on) == ("asked", datetime.date(2021, 11, 18))
    assert (row.holder, row.member.name, row.is_of_one_township) == (holder, "李秀英", True)
    assert list(selectors.listed(caseworker)) == [row]
    assert list(selectors.listed(other)) == [row]
    todo = next(t for t in waiting(other) if t.key == "disputes")
    assert (todo.count, todo.due_on, todo.label) == (1, row.due_on, "待答复的两村核对")
    assert not [t for t in waiting(caseworker) if t.key == "disputes"]
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    assert not selectors.listed(stranger).exists()
    assert holder.members.get(name="李秀英").status == "active"


def test_the_increase_goes_on_when_the_other_village_has_let_go(
    asked, home, holder, other, township
):
    with pytest.raises(Refused, match="待两村核对"):
        deciding.pass_on(asked.change, by=township)
    disputes.answer(asked, answer="leaves", note="已随丈夫去邻村生活", by=other)
    asked.refresh_from_db()
    assert asked.state == "leaving"
    leave(holder, other, township)
    asked.refresh_from_db()
    change = MemberChange.objects.get(pk=asked.change_id)
    assert (asked.state, change.state) == ("released", "township")
    deciding.pass_on(change, by=township)
    assert home.members.get(name="李秀英").status == "active"
    assert holder.members.get(name="李秀英").status == "decreased"
    verbs = AuditEntry.objects.filter(verb__startswith="dispute").values_list("verb", flat=True)
    assert set(verbs) == {"dispute.opened", "dispute.answered", "dispute.released"}


def test_a_decrease_without_an_answer_releases_too(asked, holder, other, township):
    leave(holder, other, township)
    asked.refresh_from_db()
    assert asked.state == "released"


def test_a_corrected_number_releases(asked, holder, other):
    disputes.answer(asked, answer="mistaken", note="本户抄错一位", by=other)
    wife = holder.members.get(name="李秀英")
    right = register.id_number(datetime.date(1972, 8, 26), "2")
    members.edit(wife, fields={"id_no": right}, by=other)
    asked.refresh_from_db()
    assert (asked.state, asked.change.state) == ("released", "township")


def test_not_the_same_person_sends_the_increase_back(asked, home, other, caseworker):
    disputes.answer(asked, answer="other", note="本户李秀英一直在村里生活", by=other)
    asked.refresh_from_db()
    change = asked.change
    assert (asked.state, change.state) == ("kept", "returned")
    assert change.decision_note == "对方村核实不是同一人，请核对证件号码：本户李秀英一直在村里生活"
    assert home.members.get(name="李秀英").status == "decreased"
    right = register.id_number(datetime.date(1972, 8, 27), "2")
    assert join(home, caseworker, dispute=False, id_no=right).state == "township"


@pytest.mark.parametrize(
    ("moves", "state", "change"), [(True, "leaving", "checking"), (False, "kept", "returned")]
)
def test_the_township_decides_when_the_villages_disagree(
    asked, other, township, county, moves, state, change
):
    with pytest.raises(Refused, match="再裁定"):
        disputes.decide(asked, moves=moves, note="先不裁定看看", by=township)
    disputes.answer(asked, answer="stays", note="一直在本户生活，有邻居证明", by=other)
    assert [t.label for t in waiting(township) if t.key == "disputes"] == ["待裁定的两村核对"]
    with pytest.raises(PermissionDenied):
        disputes.decide(asked, moves=moves, note="由县里裁定", by=county)
    with pytest.raises(Refused, match="请写明裁定意见"):
        disputes.decide(asked, moves=moves, note="", by=township)
    done = disputes.decide(asked, moves=moves, note="入户核实，以实际居住为准", by=township)
    assert (done.state, MemberChange.objects.get(pk=asked.change_id).state) == (state, change)
    if moves:
        with pytest.raises(Refused, match="赵审核已裁定转出"):
            disputes.answer(asked, answer="stays", note="还是不同意转出", by=other)


def test_a_day_that_passes_goes_up(asked, township):
    with day("2021-11-19"):
        assert [t.overdue for t in waiting(township) if t.key == "disputes"] == [1]
        disputes.decide(asked, moves=True, note="对方村逾期未答复，按实际居住转出", by=township)
    asked.refresh_from_db()
    assert asked.due_on == datetime.date(2021, 11, 29)


def test_across_counties_the_county_that_has_the_person_decides_and_both_see_it(
    home, caseworker, county
):
    far = register.user("village_caseworker", register.FAR_VILLAGE, name="远村官")
    far_county = register.user("county_reviewer", "620422", name="远县审定")
    register.household(far, village=register.FAR_VILLAGE, members=[register.person("孙大山"), WIFE])
    row = join(home, caseworker).dispute
    assert not row.is_of_one_township
    assert list(selectors.listed(county)) == list(selectors.listed(far_county)) == [row]
    disputes.answer(row, answer="stays", note="一直在本户生活", by=far)
    with pytest.raises(PermissionDenied):
        disputes.decide(row, moves=True, note="我县认为应转入", by=county)
    assert disputes.decide(row, moves=True, note="经核实应转出", by=far_county).state == "leaving"


def test_the_second_village_that_asks_is_told(asked, holder, tree):
    third = register.user("village_caseworker", "620421101201", name="三合村官")
    house = register.household(third, village="620421101201", members=[register.person("赵大")])
    with pytest.raises(Exception, match="正在另一户申报增加"):
        join(house, third)
    assert Dispute.objects.count() == 1


def test_the_village_that_asked_takes_it_back(asked, home, caseworker, other):
    with pytest.raises(PermissionDenied):
        disputes.withdraw(asked, by=other)
    disputes.withdraw(asked, by=caseworker)
    asked.refresh_from_db()
    assert (asked.state, asked.change.state) == ("withdrawn", "returned")
    assert join(home, caseworker).dispute.state == "asked"


def test_a_person_who_stands_nowhere_else_needs_no_check(home, caseworker):
    assert join(home, caseworker).state == "township"
    assert not Dispute.objects.exists()


def form(**more):
    return {
        "reason": "inc_hukou_in", "changed_on": "2021-11-01", "kind_1": "户口簿页",
        "name": "李秀英", "id_type": "id_card", "id_no": WIFE["id_no"], "relation": "10",
        "ethnicity": "01", "note": "在本户生活一年",
    } | more  # fmt: skip


def test_the_page_offers_the_check_after_the_refusal_and_both_sides_work_on_it(
    client, home, holder, caseworker, other, township
):
    client.force_login(caseworker)
    url = reverse("households:member_create", args=[home.pk])
    assert "提请两村核对" not in client.get(url).content.decode()
    refused = client.post(url, form(file_1=register.paper()))
    assert refused.status_code == 422
    assert 'name="dispute"' in refused.content.decode()
    assert "在本户生活一年" in refused.content.decode()
    done = client.post(url, form(file_1=register.paper(), dispute="on"))
    assert done.status_code == 302, done.content.decode()[:2000]
    row = Dispute.objects.get()
    page = reverse("households:dispute", args=[row.pk])
    mine = client.get(page).content.decode()
    assert "富坪村" in mine
    assert holder.hh_code not in mine, "the other side's household stays theirs"
    assert 'name="answer"' not in mine
    client.force_login(other)
    theirs = client.get(page).content.decode()
    assert holder.hh_code in theirs
    assert home.hh_code not in theirs
    wrong = client.post(page, {"act": "answer", "answer": "leaves", "note": ""})
    assert wrong.status_code == 422
    assert (
        client.post(page, {"act": "answer", "answer": "stays", "note": "仍在本户"}).status_code
        == 302
    )
    assert client.post(page, {"act": "keep", "note": "我来裁定"}).status_code == 403
    client.force_login(township)
    assert client.post(page, {"act": "keep", "note": "实际居住在原户"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "kept"
    assert "维持原户" in client.get(page).content.decode()


def test_the_api_offers_the_same(client, home, holder, caseworker):
    client.force_login(caseworker)
    url = f"/api/v1/households/{home.pk}/members/"
    given = {
        "reason": "inc_hukou_in", "changed_on": "2021-11-01", "papers": ["户口簿页"],
        "name": "李秀英", "id_type": "id_card", "id_no": WIFE["id_no"], "relation": "10",
    }  # fmt: skip
    refused = client.post(url, given | {"documents": register.paper()})
    assert refused.status_code == 400
    assert "可提请两村核对" in refused.content.decode()
    made = client.post(url, given | {"documents": register.paper(), "dispute": "true"})
    assert (made.status_code, made.json()["state"]) == (201, "checking")


def test_a_row_of_an_import_leads_to_the_same_check(client, home, holder, caseworker):
    head = home.members.get()
    people = [
        {"head_id_no": head.id_no, "name": "李秀英", "relation": "配偶", "id_no": WIFE["id_no"],
         "ethnicity": "汉族"}
    ]  # fmt: skip
    content = workbooks.workbook([], people)
    batch = workbooks.checked(content, caseworker, division=register.VILLAGE)
    row = batch.staged.get(kind="wrong")
    client.force_login(caseworker)
    shown = client.get(reverse("households:import_detail", args=[batch.pk])).content.decode()
    link = reverse("households:import_dispute", args=[row.pk])
    assert link in shown
    form_page = client.get(link, follow=True)
    text = form_page.content.decode()
    assert form_page.redirect_chain[-1][0].endswith(f"/members/new/?row={row.pk}")
    assert WIFE["id_no"] in text
    assert 'name="dispute"' in text
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    client.force_login(stranger)
    assert client.get(link).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_villages_at_once_one_asks_and_the_other_is_told(round_2021, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    register.places()
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    register.household(
        other, village=register.OTHER_VILLAGE, members=[register.person("孙大山"), WIFE]
    )
    homes = []
    for code in (register.VILLAGE, "620421101201"):
        by = register.user("village_caseworker", code)
        house = register.household(by, village=code, members=[register.person("王建国")])
        homes.append((house, by))
    told, start = [], threading.Barrier(2)

    def ask(house, by):
        start.wait()
        try:
            told.append(join(house, by).state)
        except Exception as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=pair) for pair in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text == "checking" for text in told) == [False, True]
    assert any("正在另一户申报增加" in text for text in told)
    assert Dispute.objects.count() == 1
    assert Member.objects.filter(status="pending_in").count() == 1


def api(user):
    client = APIClient()
    client.force_login(user)
    return client


def open_acts(shown):
    return [act["name"] for act in shown["acts"] if act["open"]]


def test_the_api_lists_it_to_both_sides_and_each_learns_its_own_household(
    asked, holder, home, caseworker, other
):
    url = f"/api/v1/disputes/{asked.pk}/"
    mine, theirs = api(caseworker).get(url).json(), api(other).get(url).json()
    assert (mine["claimant"], mine["holder"]) == (home.pk, None)
    assert (theirs["claimant"], theirs["holder"]) == (None, holder.pk)
    assert mine["holder_village"].endswith("富坪村")
    assert WIFE["id_no"] not in str(mine)
    assert (mine["state_label"], theirs["state_label"]) == ("待对方村答复", "待本村答复")
    assert (open_acts(mine), open_acts(theirs)) == (["withdraw"], ["answer"])
    assert api(other).get("/api/v1/disputes/?waiting=mine").json()["count"] == 1
    assert api(caseworker).get("/api/v1/disputes/?waiting=mine").json()["count"] == 0
    assert api(caseworker).get("/api/v1/disputes/?waiting=live").json()["count"] == 1
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    assert api(stranger).get(url).status_code == 404


def test_the_api_answers_and_decides_with_the_words_of_the_page(asked, caseworker, other, township):
    url = f"/api/v1/disputes/{asked.pk}"
    bare = api(other).post(f"{url}/answer/", {"answer": "stays", "note": "在"}, format="json")
    assert (bare.status_code, bare.json()["reasons"][0]["field"]) == (400, "note")
    early = {"moves": True, "note": "应转到申报户"}
    assert api(township).post(f"{url}/decide/", early, format="json").status_code == 400
    given = {"answer": "stays", "note": "一直在本村居住"}
    assert api(caseworker).post(f"{url}/answer/", given, format="json").status_code == 403
    answered = api(other).post(f"{url}/answer/", given, format="json")
    assert (answered.status_code, answered.json()["state"]) == (200, "stays"), answered.json()
    assert open_acts(api(township).get(f"{url}/").json()) == ["decide"]
    decided = api(township).post(f"{url}/decide/", early, format="json")
    assert (decided.status_code, decided.json()["state"]) == (200, "leaving"), decided.json()
    assert AuditEntry.objects.filter(verb="dispute.decided", actor=township).exists()


def test_the_api_takes_an_increase_back(asked, caseworker, other):
    url = f"/api/v1/disputes/{asked.pk}/withdraw/"
    assert api(other).post(url).status_code == 403
    assert api(caseworker).post(url).json()["state"] == "withdrawn"
    assert MemberChange.objects.get(pk=asked.change_id).state == "returned"
