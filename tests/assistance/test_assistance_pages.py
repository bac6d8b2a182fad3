"""The desk in the browser's terms: status, scope, and the fact a caseworker looks for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assistance.models import AdvanceHelp, HouseholdFileItem, Measure, Plan
from assistance.services import plans
from tests.factories import assistance as made
from tests.factories import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_village(client, village):
    client.force_login(village)
    return client


@pytest.fixture
def at_township(client, township):
    client.force_login(township)
    return client


def url(name, *args):
    return reverse(f"assistance:{name}", args=args)


def text(response):
    return response.content.decode()


def test_a_plan_is_made_from_the_household_tab_to_the_township(
    client, monitored, village, township
):
    client.force_login(village)
    assert "制定一户一策" in text(client.get(url("household", monitored.pk)))
    client.post(url("plan_draft", monitored.pk))
    plan = Plan.objects.get()
    page = text(client.get(url("plan", plan.pk)))
    assert "未上传户主签字页" in page
    client.post(url("plan_edit", plan.pk), {
        "made_on": "2021-11-08", "signed_on": "2021-11-08", "village_secretary": "赵书记",
        "township_cadre": "钱干部", "helper": "孙帮扶", "helper_phone": "13900000000",
    })  # fmt: skip
    client.post(url("risk_add", plan.pk), {"cause": "illness", "description": "慢性病"})
    risk = plan.risks.get()
    client.post(url("item_add", plan.pk), {
        "risk": risk.pk, "item": "health.aid", "content": "申请医疗救助", "responsible_name": "李干事",
        "responsible_phone": "13900000001", "responsible_unit": "镇卫生院", "deadline": "2021-12-08",
    })  # fmt: skip
    assert (plan.items.get().category, plan.items.get().domain) == ("health", "guarantee")
    client.post(url("document_add", plan.pk), {"kind": "signature", "upload": register.paper()})
    client.post(url("plan_submit", plan.pk))
    plan.refresh_from_db()
    assert plan.state == "submitted"
    client.force_login(township)
    assert "审核通过" in text(client.get(url("plan", plan.pk)))
    client.post(url("plan_return", plan.pk), {"reason": "时限过长"})
    client.force_login(village)
    assert "乡镇退回：时限过长" in text(client.get(url("plan", plan.pk)))
    client.post(url("plan_submit", plan.pk))
    client.force_login(township)
    client.post(url("plan_approve", plan.pk))
    plan.refresh_from_db()
    assert plan.state == "approved"
    assert "镇卫生院" in text(client.get(url("plan_print", plan.pk)))


def test_a_wrong_form_keeps_what_was_typed(at_village, monitored, village):
    plan = plans.draft(monitored, by=village)
    answer = at_village.post(
        url("item_add", plan.pk), {"item": "health.aid", "content": "只写内容"}
    )
    assert answer.status_code == 422
    assert "只写内容" in text(answer)


def test_a_measure_is_registered_and_delivered_with_two_files(at_village, monitored, village):
    answer = at_village.post(url("measure_create", monitored.pk), {
        "item": "health.aid", "risk": "illness", "department": "medical_insurance",
        "start_on": "2021-11-01", "amount": "3000",
    })  # fmt: skip
    assert answer.status_code == 302
    measure = Measure.objects.get()
    refused = at_village.post(url("measure_deliver", measure.pk), {"delivered_on": "2021-11-08"})
    assert refused.status_code == 422
    files = [register.paper("收据.pdf"), register.paper("照片.pdf")]
    at_village.post(
        url("measure_deliver", measure.pk),
        {"delivered_on": "2021-11-08", "amount": "2800", "evidence": files},
    )
    measure.refresh_from_db()
    assert (measure.status, measure.amount, measure.evidence.count()) == ("done", 2800, 2)
    assert "收据.pdf" in text(at_village.get(url("measure", measure.pk)))
    opened = at_village.get(url("evidence", measure.evidence.first().pk))
    assert opened["Content-Type"] == "application/pdf"
    opened.close()


def test_advance_help_goes_through_the_townships_page(client, household, village, township):
    client.force_login(village)
    assert client.get(url("advance_confirm", household.pk)).status_code == 403
    assert "先行帮扶" in text(client.get(url("measure_create", household.pk)))
    client.force_login(township)
    client.post(url("advance_confirm", household.pk), {
        "event_type": "disaster", "event_on": "2021-11-01", "case_no": "线索1", "description": "暴洪",
        "evidence": [register.paper()],
    })  # fmt: skip
    help_ = AdvanceHelp.objects.get()
    assert "补办期限 2021-12-08" in text(client.get(url("household", household.pk)))
    client.post(url("advance_settle", help_.pk), {"outcome": "admitted"})
    assert AdvanceHelp.objects.get().outcome == "admitted"


def test_a_paper_is_filed_into_the_folder(at_village, monitored):
    at_village.post(
        url("file_note", monitored.pk, "f01"),
        {"is_present": "on", "upload": register.paper("申请.pdf")},
    )
    assert HouseholdFileItem.objects.get().files.count() == 1
    assert "申请.pdf" in text(at_village.get(url("household", monitored.pk)))
    assert at_village.get(url("file_note", monitored.pk, "f99")).status_code == 404


def test_lists_filter_and_stay_within_scope(client, monitored, village, township, elsewhere):
    plan = made.approved_plan(monitored, by=village, checker=township)
    made.delivered_measure(monitored, by=village)
    client.force_login(village)
    assert "王建国" in text(client.get(url("plans")))
    assert "王建国" not in text(client.get(url("plans") + "?state=submitted"))
    assert "王建国" not in text(client.get(url("plans") + "?state=making"))
    assert "王建国" in text(client.get(url("plans") + "?due=look"))
    assert "王建国" in text(client.get(url("measures") + "?category=health&status=done"))
    assert "王建国" not in text(client.get(url("measures") + "?is_advance=true"))
    client.force_login(elsewhere)
    assert "王建国" not in text(client.get(url("plans")))
    for name, pk in (
        ("plan", plan.pk),
        ("household", monitored.pk),
        ("measure_create", monitored.pk),
    ):
        assert client.get(url(name, pk)).status_code == 404
    client.force_login(register.user("department_officer", register.COUNTY, department="education"))
    assert client.get(url("plans")).status_code == 403


def test_the_plan_list_costs_the_same_for_any_number_of_rows(at_village, village):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            at_village.get(url("plans"))
        return len(captured)

    for _ in range(2):
        made.complete_plan(made.put_under_monitoring(register.household(village)), by=village)
    queries()  # fills the caches of calendar and to-dos
    first = queries()
    for _ in range(4):
        made.complete_plan(made.put_under_monitoring(register.household(village)), by=village)
    assert queries() == first


def test_to_dos_count_what_waits_for_each(client, monitored, village, township):
    plans.submit(made.complete_plan(monitored, by=village), by=village)
    client.force_login(township)
    assert "一户一策待审核" in text(client.get("/"))
