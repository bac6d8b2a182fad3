"""The coverage rules see what the services wrote."""

import datetime
from decimal import Decimal

import pytest

from assistance.models import PlanDuty
from assistance.rules import registered
from assistance.selectors import facts
from assistance.services import measures, plans
from fanpin.rules import evaluate
from households.models import Member
from households.selectors.parameters import current_campaign
from households.services import heads, helping, receipts, visits
from tests.factories import assistance as made
from tests.factories import register

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2021, 11, 8)


def hit(household):
    frames = facts.frames(current_campaign(), household_ids=[household.pk])
    found = evaluate(frames, registered, on=TODAY, parameters={"today": TODAY, "visit_days": 30.0})
    return dict(zip(found["code"], found["detail"], strict=True))


def test_a_household_without_plan_or_measure_is_named(monitored):
    plans.open_due(
        monitored, datetime.date(2021, 9, 11), risks=["illness", "schooling"],
        registered_on=datetime.date(2021, 9, 1),
    )  # fmt: skip
    found = hit(monitored)
    assert {"R-MON-30", "R-MON-33", "R-MON-40", "R-MON-41"} <= set(found)
    assert found["R-MON-40"] == "风险：因病、因学；已登记措施：无"


def test_plan_and_measures_mend_it(monitored, village, township):
    plans.open_due(
        monitored, datetime.date(2021, 9, 11), risks=["illness"],
        registered_on=datetime.date(2021, 9, 1),
    )  # fmt: skip
    made.approved_plan(monitored, by=village, checker=township)
    made.delivered_measure(monitored, by=village)
    assert set(hit(monitored)) == {"R-MON-35", "R-MON-36"}
    visits.record_visit(monitored, visited_on=TODAY, mode="home", by=village)
    assert set(hit(monitored)) == {"R-MON-36"}


def test_a_helper_of_the_household_answers_for_the_plan_that_names_none(
    monitored, village, township
):
    plans.open_due(monitored, datetime.date(2021, 11, 11), registered_on=datetime.date(2021, 11, 1))
    plan = made.approved_plan(monitored, by=village, checker=township)
    plan.helper, plan.dev_measure_status = "", "not_yet"
    plan.save()
    measures.plan(
        monitored, by=village, category="employment", item="employment.training",
        domain="employment", start_on=TODAY, department="hr_social",
    )  # fmt: skip
    assert {"R-MON-34", "R-MON-49"} <= set(hit(monitored))
    person = {"name": "孙帮扶", "sex": "1", "unit": "县教育局", "phone": "13900000000"}
    helping.assign(monitored, helper=person, start_on=TODAY, by=village)
    assert "R-MON-34" not in hit(monitored)


def test_yulu_for_somebody_who_is_at_no_vocational_school_is_named(monitored, village):
    plans.open_due(monitored, datetime.date(2021, 11, 11), registered_on=datetime.date(2021, 11, 1))
    child = monitored.members.exclude(relation="02").last()
    measures.plan(
        monitored, by=village, member=child, category="other_edu", item="other_edu.yulu",
        domain="guarantee", start_on=TODAY, department="education",
    )  # fmt: skip
    assert child.name in hit(monitored)["R-MEM-40"]


def died(member, on="2021-10-01"):
    Member.objects.filter(pk=member.pk).update(
        status="decreased", left_reason="dec_death", left_on=on
    )


def test_what_is_on_record_of_somebody_dead_is_named(monitored, village):
    """Also of a household that nobody monitors: work, a measure, wages, the head's signature (R-TIM-15)."""
    son = monitored.members.exclude(relation="02").last()
    died(son)
    assert "R-TIM-15" not in hit(monitored)
    Member.objects.filter(pk=son.pk).update(work_end_ym="202111")
    assert f"{son.name}于2021-10-01死亡，务工至202111" in hit(monitored)["R-TIM-15"]
    Member.objects.filter(pk=son.pk).update(work_end_ym="202110")
    assert "R-TIM-15" not in hit(monitored)
    measures.plan(
        monitored, by=village, member=son, category="health", item="health.aid",
        domain="guarantee", start_on=TODAY, department="medical_insurance",
    )  # fmt: skip
    assert "帮扶措施于2021-11-" in hit(monitored)["R-TIM-15"]
    plain = register.household(
        village, members=[register.person("周大"), register.person("周二", "20")]
    )
    brother = plain.members.get(name="周二")
    receipts.book(
        plain, by=village, fields={"line": "inc_wage", "amount": Decimal(900), "member": brother,
                                   "received_on": datetime.date(2021, 10, 20)},
    )  # fmt: skip
    died(brother)
    assert "收入明细登记到2021-10-20" in hit(plain)["R-TIM-15"]


def test_the_signature_of_a_head_after_death_is_named(village):
    home = register.household(
        village, members=[register.person("周大"), register.person("周二", "20")]
    )
    old, new = home.members.get(name="周大"), home.members.get(name="周二")
    visits.record_visit(
        home, visited_on=datetime.date(2021, 10, 20), mode="home", signature=register.photo(),
        by=village,
    )  # fmt: skip
    heads.change_head(home, new_head=new, relations={old.pk: "99"}, by=village)
    died(old)
    assert "以户主身份在走访记录签字（2021-10-20）" in hit(home)["R-TIM-15"]
    died(old, on="2021-10-20")
    assert "R-TIM-15" not in hit(home)


def test_a_dibao_member_without_the_measure_is_named(village):
    poor = register.household(
        village, hh_type="general", members=[register.person(dibao_status="rural")]
    )
    made.put_under_monitoring(poor)
    assert "R-MON-51" in hit(poor)
    measures.plan(
        poor, by=village, category="comprehensive", item="comprehensive.dibao", domain="guarantee",
        start_on=TODAY, department="civil_affairs",
    )  # fmt: skip
    assert "R-MON-51" not in hit(poor)


def test_a_measure_older_than_the_identification_is_named(monitored, village):
    plans.open_due(monitored, datetime.date(2021, 11, 11), registered_on=datetime.date(2021, 11, 1))
    measures.plan(
        monitored, by=village, risk="illness", start_on=datetime.date(2021, 10, 1),
        department="medical_insurance", **made.HEALTH,
    )  # fmt: skip
    assert "R-MON-57" in hit(monitored)


def test_a_measure_of_the_first_time_is_right_when_the_household_is_marked_again(
    monitored, village
):
    """R-MON-57 asks for the first registration; the duty of the second one has a later day."""
    plans.open_due(monitored, datetime.date(2021, 9, 11), registered_on=datetime.date(2021, 9, 1))
    made_then = PlanDuty.objects.filter(household=monitored)
    made_then.update(opened_at=datetime.datetime(2021, 9, 2, 10, tzinfo=datetime.UTC))
    measures.plan(
        monitored, by=village, risk="illness", start_on=datetime.date(2021, 10, 1),
        department="medical_insurance", **made.HEALTH,
    )  # fmt: skip
    plans.open_due(monitored, datetime.date(2021, 11, 21), registered_on=datetime.date(2021, 11, 8))
    assert "R-MON-57" not in hit(monitored)


def test_twenty_seven_coverage_rules_are_registered():
    assert len(registered) == 27
