"""Department warnings: a batch goes down as work orders and ends with the last accepted answer."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from counties.models import Finding, LedgerBatch
from counties.selectors import todos
from counties.selectors.warnings import progress
from counties.services import findings, warnings
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.models import Household, Parameter
from monitoring.models import Clue
from tests.counties.books import as_csv, hand_in
from tests.factories import register


@pytest.fixture
def home(caseworker):
    return register.household(caseworker, hh_type="general")


def bill(household: Household, amount: int, **more) -> dict:
    member = household.members.order_by("pk").first()
    return {"id_no": member.id_no, "name": member.name, "amount": amount, **more}


def warned(by, household, amount=30_000) -> Finding:
    hand_in("warn_medical", [bill(household, amount)], by=by)
    return Finding.objects.get(origin="warning", household=household)


def test_rows_that_reach_the_threshold_go_to_the_village_with_a_due_date(
    tree, caseworker, reviewer, home
):
    other = register.household(caseworker, hh_type="general")
    batch = hand_in("warn_medical", [bill(home, 20_000), bill(other, 19_999)], by=reviewer)
    order = Finding.objects.get(origin="warning")
    assert (order.household, order.state, order.owner_level) == (home, "dispatched", "village")
    assert (order.code, order.department) == ("YJ-01", "medical_insurance")
    assert "本年住院自付20000元" in order.detail
    assert (order.due_on - order.dispatched_at.date()).days == 10
    assert order.ledger_row.batch == batch


def test_the_threshold_is_the_one_in_force(tree, reviewer, home):
    Parameter.objects.filter(key="medical_warning_general").update(value="40000")
    hand_in("warn_medical", [bill(home, 30_000)], by=reviewer)
    assert not Finding.objects.filter(origin="warning").exists()


def test_a_later_batch_leaves_what_the_earlier_one_asked(tree, reviewer, home):
    warned(reviewer, home)
    hand_in("warn_medical", [bill(home, 35_000)], by=reviewer)
    orders = Finding.objects.filter(origin="warning")
    assert [order.state for order in orders] == ["dispatched", "dispatched"]
    assert [len(progress(batch)) for batch in LedgerBatch.objects.all()] == [2, 2]


def test_an_answer_waits_for_the_township_which_accepts_or_returns(
    tree, caseworker, township, reviewer, home
):
    order = warned(reviewer, home)
    order = warnings.answer(
        order, answer="no_risk", text="已落实医疗救助，自付已报销", by=caseworker
    )
    assert (order.state, order.answer) == ("explained", "no_risk")
    with pytest.raises(PermissionDenied):
        findings.accept(order, by=caseworker)
    order = findings.reject(order, reason="请附报销凭证", by=township)
    assert order.state == "dispatched"
    order = warnings.answer(order, answer="untrue", text="费用属另一同名人员", by=caseworker)
    order = findings.accept(order, by=township)
    assert order.state == "waived"
    assert [a.verb for a in order.actions.order_by("pk")][-4:] == [
        "explained",
        "rejected",
        "explained",
        "accepted",
    ]


def test_a_true_warning_starts_the_check_as_a_clue(tree, caseworker, reviewer, home):
    order = warnings.answer(
        warned(reviewer, home), answer="check", text="家庭确有困难，启动核查", by=caseworker
    )
    clue = Clue.objects.get()
    assert (clue.household, clue.source, clue.department) == (
        home,
        "dept_warning",
        "medical_insurance",
    )
    assert clue.case is not None
    assert order.state == "explained"


@pytest.mark.parametrize(
    ("given", "words"),
    [("monitored", "没有在监测"), ("", "请选择答复"), ("whatever", "请选择答复")],
)
def test_an_answer_that_cannot_be_true_is_refused(tree, caseworker, reviewer, home, given, words):
    order = warned(reviewer, home)
    with pytest.raises(ValidationError, match=words):
        warnings.answer(order, answer=given, text="已经核实了", by=caseworker)
    order.refresh_from_db()
    assert (order.state, order.answer) == ("dispatched", "")


def test_a_warning_is_neither_explained_without_answer_nor_corrected(
    tree, caseworker, reviewer, home
):
    order = warned(reviewer, home)
    with pytest.raises(ValidationError, match="请选择答复"):
        findings.explain(order, text="情况属实已核查", by=caseworker)
    with pytest.raises(ValidationError, match="选择答复"):
        findings.report_corrected(order, by=caseworker)


def test_somebody_nobody_knows_is_the_countys_to_answer(tree, caseworker, reviewer):
    stranger = {
        "id_no": register.id_number(register.datetime.date(1980, 1, 1)),
        "name": "无此人",
        "amount": 50_000,
    }
    hand_in("warn_medical", [stranger], by=reviewer)
    order = Finding.objects.get(origin="warning")
    assert (order.owner_level, order.household) == ("county", None)
    assert "查无此人" in order.detail
    assert [t.count for t in todos.waiting(reviewer) if t.key == "warnings"] == [1]
    with pytest.raises(PermissionDenied):
        warnings.answer(order, answer="unknown", text="不是本县人员", by=caseworker)
    with pytest.raises(ValidationError, match="先登记农户"):
        warnings.answer(order, answer="check", text="不是本县人员", by=reviewer)
    order = warnings.answer(order, answer="unknown", text="不是本县人员", by=reviewer)
    assert order.state == "waived"


def test_a_batch_is_done_with_the_last_accepted_answer(tree, caseworker, township, reviewer, home):
    other = register.household(caseworker, hh_type="general")
    batch = hand_in("warn_medical", [bill(home, 30_000), bill(other, 40_000)], by=reviewer)
    orders = list(Finding.objects.filter(origin="warning").order_by("pk"))
    for order in orders:
        warnings.answer(order, answer="no_risk", text="已落实医疗救助", by=caseworker)
    findings.accept(orders[0], by=township)
    whole, place = progress(batch)
    assert (whole.sent, whole.waiting, whole.answered, whole.accepted) == (2, 0, 1, 1)
    assert (place.name, place.sent, whole.is_done) == ("北湾镇", 2, False)
    findings.accept(orders[1], by=township)
    assert progress(batch)[0].is_done


def test_an_unanswered_warning_is_late_after_its_day(tree, reviewer, home):
    order = warned(reviewer, home)
    with time_machine.travel("2021-11-19T10:00:00+08:00", tick=False):
        assert progress(order.ledger_row.batch)[0].late == 1


def test_the_pages_answer_and_show_the_progress(tree, caseworker, reviewer, home, client):
    order = warned(reviewer, home)
    client.force_login(caseworker)
    url = reverse("counties:finding_answer", args=[order.pk])
    assert "答复预警" in client.get(reverse("counties:finding", args=[order.pk])).content.decode()
    refused = client.post(url, {"answer": "", "text": "已经核实了"})
    assert refused.status_code == 422
    assert "已经核实了" in refused.content.decode()
    assert client.post(url, {"answer": "untrue", "text": "已经核实了"}).status_code == 302
    client.force_login(reviewer)
    page = client.get(reverse("counties:ledger", args=[order.ledger_row.batch_id])).content.decode()
    assert "预警办理进度" in page
    listed = client.get(
        reverse("counties:findings") + f"?batch={order.ledger_row.batch_id}&state=explained"
    )
    assert order.title in listed.content.decode()


def test_the_api_answers(tree, caseworker, reviewer, home, client):
    order = warned(reviewer, home)
    client.force_login(caseworker)
    url = f"/api/v1/findings/{order.pk}/answer/"
    answer = client.post(
        url, {"answer": "untrue", "text": "已经核实了"}, content_type="application/json"
    )
    assert (answer.json()["state"], answer.json()["answer"]) == ("explained", "untrue")


@pytest.mark.django_db(transaction=True)
def test_a_handed_in_warning_is_screened(tree, reviewer, home, client):
    officer = register.user("department_officer", register.COUNTY, department="medical_insurance")
    client.force_login(officer)
    client.post(
        reverse("counties:ledger_upload"),
        {"county": register.COUNTY, "ledger": "warn_medical", "period": "202110",
         "file": as_csv("warn_medical", [bill(home, 30_000)])},
    )  # fmt: skip
    for kind in ("counties.ledger", "counties.screen"):
        execute(Job.objects.get(kind=kind).pk)
    assert home.key_check.reasons.filter(code="medical_bill").exists()
    assert Finding.objects.get(origin="warning").household == home
