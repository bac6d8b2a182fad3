"""The police's book proposes, the village accepts in bulk or says who really lives there (notice 一(一))."""

import datetime

import pytest
from django.urls import reverse

from counties.comparison import SPECS, running
from counties.models import Finding, LedgerBatch
from counties.models.findings import State
from counties.selectors import proposals as selectors
from counties.services import findings, proposals
from fanpin.audit.models import AuditEntry
from households.models import Dispute, Household, Member, MemberChange
from households.services import changes, deciding
from tests.counties.books import agreeing_rows, hand_in
from tests.factories import register

BABY = datetime.date(2021, 6, 1)


@pytest.fixture
def neighbour(tree, caseworker, insured_family):
    return register.household(
        caseworker, members=[register.person("赵大"), register.person("赵小", "20")]
    )


def changed(rows, who, **values):
    return [row | values if row["name"] == who else row for row in rows]


def added(rows, beside, **values):
    return [*rows, next(row for row in rows if row["name"] == beside) | values]


def compare(rows, by):
    batch = hand_in("police", rows, by=by)
    running.compare(SPECS["police"], batch, dispatch=findings.at_once(batch.division, by))
    return batch


def again():
    return running.compare(SPECS["police"], LedgerBatch.objects.get(state="in_use"))[1]


def from_the_book():
    return Finding.objects.live().filter(origin="comparison")


def live():
    return sorted(from_the_book().values_list("code", flat=True))


def book():
    """王小明 moved out, 赵小 is dead, 李秀英 is called 李秀荣, a baby was born into 王建国's household."""
    rows = changed(agreeing_rows("police"), "王小明", status="moved_out", status_on="2021-09-01")
    rows = changed(rows, "赵小", status="dead", status_on="2021-10-03")
    rows = changed(rows, "李秀英", name="李秀荣")
    return added(
        rows, "王建国", id_no=register.id_number(BABY, "2"), name="王小宝", sex="2", relation="30"
    )


def test_a_village_accepts_four_proposals_without_typing_anything(
    neighbour, insured_family, caseworker, township, reviewer, django_capture_on_commit_callbacks
):
    compare(book(), reviewer)
    assert live() == ["R-XDP-02", "R-XDP-03", "R-XDP-05", "R-XDP-06"]
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        done = proposals.accept(ids=ids, by=caseworker)
    assert (done.filed, done.refused) == (4, [])
    filed = {
        (c.member.name, c.reason, str(c.changed_on), c.police_match)
        for c in MemberChange.objects.filter(state="township").select_related("member")
    }
    assert filed == {
        ("王小明", "dec_hukou_out", "2021-09-01", "match"),
        ("赵小", "dec_death", "2021-10-03", "match"),
        ("王小宝", "inc_newborn", "2021-06-01", "match"),
    }
    line = MemberChange.objects.get(reason="dec_death").ledger_line
    assert "公安户籍202110" in line
    assert "死亡（2021-10-03）" in line
    assert Member.objects.filter(name="李秀荣").count() == 1
    assert live() == ["R-XDP-03", "R-XDP-05", "R-XDP-06"]
    assert {f.state for f in from_the_book()} == {State.CORRECTED}
    assert AuditEntry.objects.filter(verb="proposals.accepted").count() == 1


def test_accepting_and_comparing_twice_changes_nothing(
    neighbour, caseworker, reviewer, django_capture_on_commit_callbacks
):
    compare(book(), reviewer)
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        proposals.accept(ids=ids, by=caseworker)
    before = list(MemberChange.objects.order_by("pk").values_list("pk", "state"))
    standing = list(Finding.objects.order_by("pk").values_list("pk", "state"))
    with django_capture_on_commit_callbacks(execute=True):
        second = proposals.accept(ids=ids, by=caseworker)
    assert second.filed == 0
    assert all(
        any("已办理" in r.text or "不需要" in r.text for r in reasons)
        for _f, reasons in second.refused
    )
    change = again()
    assert (change.opened, change.closed) == (0, 0)
    assert list(MemberChange.objects.order_by("pk").values_list("pk", "state")) == before
    assert list(Finding.objects.order_by("pk").values_list("pk", "state")) == standing


def test_findings_close_when_the_township_passes_and_come_back_when_it_returns(
    neighbour, insured_family, caseworker, township, reviewer, django_capture_on_commit_callbacks
):
    compare(book(), reviewer)
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        proposals.accept(ids=ids, by=caseworker)
        for reason in ("dec_hukou_out", "inc_newborn"):
            deciding.pass_on(MemberChange.objects.get(reason=reason), by=township)
        deciding.send_back(
            MemberChange.objects.get(reason="dec_death"), note="人还健在", by=township
        )
    assert live() == ["R-XDP-03"]
    assert from_the_book().get().state == State.DISPATCHED
    assert Household.objects.get(pk=insured_family.pk).family_size == 3
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    assert proposals.accept(ids=ids, by=caseworker).filed == 1


def test_a_dead_head_is_refused_with_the_way_out_and_the_rest_is_filed(
    neighbour, insured_family, caseworker, reviewer
):
    rows = changed(agreeing_rows("police"), "王建国", status="dead", status_on="2021-10-01")
    compare(changed(rows, "赵小", status="cancelled", status_on="2021-10-02"), reviewer)
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    done = proposals.accept(ids=ids, by=caseworker)
    assert done.filed == 1
    ((_finding, reasons),) = done.refused
    assert "须先变更户主" in reasons[0].text
    assert reasons[0].url == reverse("households:change_head", args=[insured_family.pk])


def test_a_mistyped_number_is_offered_as_a_correction_not_as_another_person(
    neighbour, insured_family, caseworker, reviewer, django_capture_on_commit_callbacks
):
    right = register.id_number(datetime.date(2008, 3, 2))
    compare(changed(agreeing_rows("police"), "王小明", id_no=right), reviewer)
    assert live() == ["R-XDP-01", "R-XDP-06A"]
    row = Finding.objects.get(code="R-XDP-06A")
    assert right not in row.detail
    with django_capture_on_commit_callbacks(execute=True):
        assert proposals.accept(ids=[row.pk], by=caseworker).filed == 1
    son = Member.objects.get(name="王小明")
    assert (son.id_no, str(son.birth_date)) == (right, "2008-03-02")
    assert live() == []


@pytest.fixture
def two_villages(tree, caseworker, insured_family):
    """赵小 stands in a household of the next village, and in 王建国's in the police's book."""
    clerk = register.user("village_caseworker", register.OTHER_VILLAGE, name="李村官")
    away = register.household(
        clerk, village=register.OTHER_VILLAGE,
        members=[register.person("赵大"), register.person("赵小", "20")],
    )  # fmt: skip
    return clerk, away


def conflict(by):
    no = agreeing_rows("police")[0]["household_no"]
    return compare(changed(agreeing_rows("police"), "赵小", household_no=no, relation="38"), by)


def test_a_person_of_two_books_is_a_task_for_both_villages_and_shows_each_only_its_own(
    client, two_villages, caseworker, township, reviewer
):
    clerk, away = two_villages
    conflict(reviewer)
    here, there = Finding.objects.get(code="R-XDP-06B"), Finding.objects.get(code="R-XDP-06C")
    assert (here.household.head_name, there.household_id) == ("王建国", away.pk)
    assert selectors.to_answer(caseworker).get() == here
    assert selectors.to_answer(clerk).get() == there
    assert proposals.accept(ids=[there.pk], by=clerk).filed == 0
    client.force_login(caseworker)
    page = client.get(reverse("counties:finding", args=[here.pk])).content.decode()
    assert away.hh_code not in page
    assert "管辖范围之外" in page
    assert client.get(reverse("counties:finding", args=[there.pk])).status_code == 404
    client.force_login(township)
    page = client.get(reverse("counties:finding", args=[here.pk])).content.decode()
    assert away.hh_code in page


def test_accepting_a_conflict_asks_the_other_village_and_the_increase_waits_for_it(
    two_villages, caseworker, township, reviewer
):
    clerk, away = two_villages
    conflict(reviewer)
    here = Finding.objects.get(code="R-XDP-06B")
    assert proposals.accept(ids=[here.pk], by=caseworker).filed == 1
    dispute = Dispute.objects.get()
    assert (dispute.holder, dispute.change.household) == (away, here.household)
    assert (dispute.change.state, here.filed.get().change) == ("checking", dispute.change)
    left = changes.decrease(
        away.members.get(name="赵小"), reason="dec_marriage", by=clerk,
        changed_on=datetime.date(2021, 9, 1), documents=register.papers("结婚证"),
    )  # fmt: skip
    deciding.pass_on(left, by=township)
    dispute.change.refresh_from_db()
    assert dispute.change.state == "township"


def test_when_the_other_village_lets_go_the_proposal_to_add_appears(
    two_villages, caseworker, township, reviewer, django_capture_on_commit_callbacks
):
    clerk, away = two_villages
    conflict(reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        left = changes.decrease(
            away.members.get(name="赵小"), reason="dec_marriage", by=clerk,
            changed_on=datetime.date(2021, 9, 1), documents=register.papers("结婚证"),
        )  # fmt: skip
        deciding.pass_on(left, by=township)
    assert live() == ["R-XDP-06"]
    again()
    assert live() == ["R-XDP-06"]
    assert Member.objects.filter(name="赵小", status="active").count() == 0


def test_who_really_lives_there_is_answered_once_for_several_with_a_paper(
    client, neighbour, caseworker, reviewer
):
    compare(book(), reviewer)
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    client.force_login(caseworker)
    url = reverse("counties:proposals_residence")
    text = client.post(url, {"ids": ids}).content.decode()
    assert "王小明" in text
    missing = client.post(url, {"ids": ids, "text": "一直在本户共同生活"})
    assert missing.status_code == 422
    assert "一直在本户共同生活" in missing.content.decode()
    answer = client.post(
        url, {"ids": ids, "text": "一直在本户共同生活", "evidence": register.paper()}
    )
    assert answer.status_code == 302
    states = Finding.objects.filter(pk__in=ids).values_list("state", flat=True)
    assert set(states) == {State.EXPLAINED}
    assert Finding.objects.get(code="R-XDP-03").evidence.count() == 1
    again()
    assert set(Finding.objects.filter(pk__in=ids).values_list("state", flat=True)) == {
        State.EXPLAINED
    }


def test_the_list_says_what_accepting_does_and_the_button_does_it(
    client, neighbour, caseworker, reviewer
):
    compare(book(), reviewer)
    client.force_login(caseworker)
    page = client.get(reverse("counties:proposals")).content.decode()
    for words in (
        "减少：死亡（2021-10-03）",
        "增加：王小宝　新生儿（2021-06-01）",
        "更正：姓名改为李秀荣",
    ):
        assert words in page
    ids = list(selectors.to_answer(caseworker).values_list("pk", flat=True))
    answer = client.post(reverse("counties:proposals_accept"), {"ids": ids}, follow=True)
    assert "已按台账办理4条" in answer.content.decode()
