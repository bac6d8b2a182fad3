"""The coverage rules see what the services wrote."""

import datetime

import pytest

from assistance.rules import registered
from assistance.selectors import facts
from assistance.services import measures, plans
from fanpin.rules import evaluate
from households.selectors.parameters import current_campaign
from tests.factories import assistance as made
from tests.factories import register

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2021, 11, 8)


def hit(household):
    frames = facts.frames(current_campaign(), household_ids=[household.pk])
    found = evaluate(frames, registered, on=TODAY, parameters={"today": TODAY})
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
    assert set(hit(monitored)) == {"R-MON-36"}


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


def test_twenty_three_coverage_rules_are_registered():
    assert len(registered) == 23
