"""一户一策 through its services: complete before submission, maker is not checker, versions."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assistance.choices import PlanState
from assistance.models import Plan
from assistance.policies import plans as policies
from assistance.selectors import coverage
from assistance.services import plan_lines, plans
from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from households.models import CountyLock
from households.selectors.parameters import current_campaign
from households.services import standing
from tests.factories import assistance as made
from tests.factories import register

pytestmark = pytest.mark.django_db


def test_registration_opens_a_draft_with_the_risks_known(monitored):
    due = datetime.date(2021, 11, 18)
    plan = plans.open_due(monitored, due, risks=["illness", "schooling"])
    assert (plan.version, plan.state, plan.due_on) == (1, "draft", due)
    assert [r.cause for r in plan.risks.all()] == ["illness", "schooling"]
    again = plans.open_due(monitored, due, risks=["illness", "schooling"])
    assert again.pk == plan.pk
    assert again.risks.count() == 2


def test_a_household_that_is_not_monitored_gets_no_plan(household, village):
    with pytest.raises(Refused, match="未纳入"):
        plans.draft(household, by=village)


def test_an_incomplete_plan_is_refused_with_every_reason_at_once(monitored, village):
    plans.open_due(monitored, datetime.date(2021, 11, 18), risks=["illness", "schooling"])
    plan = plans.draft(monitored, by=village)
    with pytest.raises(Refused) as refusal:
        plans.submit(plan, by=village)
    said = " ".join(refusal.value.messages)
    for words in (
        "制定日期",
        "帮扶责任人",
        "户主签字页",
        "“因病”没有对应措施",
        "“因学”没有对应措施",
    ):
        assert words in said
    assert all(reason.url for reason in refusal.value.reasons)


def test_a_risk_of_the_identification_may_not_be_left_out(monitored, village):
    plans.open_due(monitored, datetime.date(2021, 11, 18), risks=["illness"])
    plan = made.complete_plan(monitored, by=village)
    plan_lines.remove_item(plan.items.get(), by=village)
    plan_lines.remove_risk(plan.risks.get(), by=village)
    said = [r.text for r in policies.may_submit(village, plan).reasons]
    assert "未登记任何返贫致贫风险" in said


def test_the_township_approves_and_the_version_is_read_only(monitored, village, township):
    plan = made.approved_plan(monitored, by=village, checker=township)
    assert plan.state == PlanState.APPROVED
    assert coverage.has_plan_in_force(monitored.pk)
    with pytest.raises(Refused, match="开立新版本"):
        plans.edit(plan, by=village, helper="别人")
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"plan.drafted", "plan.submitted", "plan.approved"} <= verbs


def test_who_submitted_may_not_approve(monitored, village):
    both = register.user("township_reviewer", register.TOWNSHIP)
    register.Posting.objects.create(
        user=both, role="village_caseworker", division_id=register.VILLAGE,
        from_on=datetime.date(2021, 1, 1),
    )  # fmt: skip
    plan = plans.submit(made.complete_plan(monitored, by=both), by=both)
    with pytest.raises(PermissionDenied, match="提交人不能审核"):
        plans.approve(plan, by=both)


def test_a_village_account_may_not_approve_and_a_neighbour_may_not_draft(
    monitored, village, elsewhere
):
    plan = plans.submit(made.complete_plan(monitored, by=village), by=village)
    with pytest.raises(PermissionDenied):
        plans.approve(plan, by=village)
    with pytest.raises(PermissionDenied):
        plans.draft(monitored, by=elsewhere)


def test_a_return_needs_a_reason_and_opens_the_draft_again(monitored, village, township):
    plan = plans.submit(made.complete_plan(monitored, by=village), by=village)
    with pytest.raises(ValidationError, match="退回原因"):
        plans.return_(plan, by=township, reason=" ")
    plan = plans.return_(plan, by=township, reason="时限过长")
    assert plan.is_editable
    assert plans.submit(plan, by=village).state == PlanState.SUBMITTED


def test_the_next_version_replaces_the_first_and_its_measures_go_on(monitored, village, township):
    first = made.approved_plan(monitored, by=village, checker=township)
    measure = made.delivered_measure(monitored, by=village, plan_item=first.items.get())
    second = plans.new_version(monitored, by=village, reason="增加就业措施")
    assert second.items.get().status == "done"
    with pytest.raises(Refused, match="在该版本上修改"):
        plans.new_version(monitored, by=village, reason="再来")
    second = plans.submit(made.complete_plan(monitored, by=village), by=village)
    plans.approve(second, by=township)
    measure.refresh_from_db()
    assert measure.plan_item.plan_id == second.pk
    assert Plan.objects.get(pk=first.pk).state == PlanState.CLOSED


def shown(household):
    household.refresh_from_db()
    return household.next_due_on, household.next_due_text


def test_the_households_next_day_goes_on_from_the_plan_to_its_measures(
    monitored, village, township
):
    standing.set_due(monitored.pk, due_on=datetime.date(2021, 11, 18), text="制定一户一策")
    plan = made.approved_plan(monitored, by=village, checker=township)
    assert shown(monitored) == (datetime.date(2021, 12, 8), "落实帮扶措施")
    made.delivered_measure(monitored, by=village, plan_item=plan.items.get())
    assert shown(monitored) == (None, "")


def test_a_day_of_the_households_case_is_not_overwritten_by_its_plan(monitored, village, township):
    day = datetime.date(2021, 11, 10)
    standing.set_due(monitored.pk, due_on=day, text="公示")
    made.approved_plan(monitored, by=village, checker=township)
    assert shown(monitored) == (day, "公示")


def test_a_rollback_opens_a_version_due_in_the_days_set(monitored, village, township):
    made.approved_plan(monitored, by=village, checker=township)
    plan = plans.reopen_for_rollback(monitored)
    assert (plan.version, plan.state) == (2, "draft")
    assert plan.due_on == datetime.date(2021, 11, 18)
    assert plans.reopen_for_rollback(monitored).pk == plan.pk


def test_effects_and_look_back_are_written_on_the_version_in_force(monitored, village, township):
    plan = made.complete_plan(monitored, by=village)
    with pytest.raises(Refused, match="执行中的版本"):
        plan_lines.record_result(plan.risks.get(), by=village, effect="resolved")
    plan = plans.approve(plans.submit(plan, by=village), by=township)
    plan_lines.record_result(plan.risks.get(), by=village, effect="resolved", note="痊愈")
    assert coverage.unresolved_risks(monitored.pk) == []
    plan = plan_lines.look_back(plan, by=village, result="keep", note="风险准确，措施落实")
    assert plan.reviewed_on == datetime.date(2021, 11, 8)


def test_a_measure_of_the_plan_must_lie_in_its_category(monitored, village):
    plan = plans.draft(monitored, by=village)
    with pytest.raises(ValidationError) as refusal:
        plan_lines.add_item(plan, by=village, **made.item_fields(item="social.donation"))
    assert "item" in refusal.value.message_dict


def test_a_signed_closure_locks_plans(monitored, village, township):
    CountyLock.objects.create(
        county_code="620421", campaign=current_campaign(), locked_by=township,
        locked_at=datetime.datetime(2021, 11, 8, tzinfo=datetime.UTC),
    )  # fmt: skip
    with pytest.raises(Refused, match="更正令"):
        plans.draft(monitored, by=village)
