"""The list 可消除对象: judged as facts change, by the evaluator of the gate."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.roles import Role
from monitoring.models import MonitoringObject, Outlook
from monitoring.policies.opening import elimination_precheck
from monitoring.rules.elimination import refusals
from monitoring.selectors import criteria
from monitoring.services import outlooks
from tests.factories import monitoring, register


@pytest.fixture
def household(people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return monitoring.monitored_household(people)


def rows(user, **query) -> str:
    browser = Client()
    browser.force_login(user)
    answer = browser.get(reverse("monitoring:outlooks"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_newly_monitored_household_is_judged_at_once(people, household):
    found = Outlook.objects.get(object__household=household)
    lights = criteria.of(household)
    assert found.red == [c.code for c in lights if c.state == "red"]
    assert found.lacking == len([c for c in lights if c.findings]) > 0
    assert all(f.text in found.words for _c, f in refusals(lights))


def test_a_new_risk_turns_its_light_when_it_is_filed(
    people, household, django_capture_on_commit_callbacks
):
    obj = MonitoringObject.objects.get(household=household)
    before = Outlook.objects.get(object=obj)
    assert "N6" not in before.red
    risk = {"cause": "accident", "note": "车祸", "evidence": "交警出具的事故认定书"}
    from_page = Client()
    from_page.force_login(people.village)
    url = reverse("monitoring:risk_create", args=[household.pk])
    with django_capture_on_commit_callbacks(execute=True):
        answer = from_page.post(url, {**risk, "first_seen_on": clock.today()})
    assert answer.status_code == 302
    assert "N6" in Outlook.objects.get(object=obj).red


def test_the_list_filters_by_distance_and_by_light(people, household):
    lacking = Outlook.objects.get(object__household=household).lacking
    name = str(household)
    assert name in rows(people.county)
    assert name not in rows(people.county, far="ready")
    assert name in rows(people.county, far="one" if lacking == 1 else "more")
    assert name in rows(people.county, red="N5")
    assert name not in rows(people.county, red="N4")
    assert name in rows(people.county, grey="E5")


def test_the_line_of_a_new_year_is_noticed_by_the_daily_run(people, household):
    Outlook.objects.update(lacking=0, red=[], words="")
    outlooks.refresh_all()
    found = Outlook.objects.get(object__household=household)
    assert found.lacking == len(
        {r.text.split(" ")[0] for r in elimination_precheck(household, "assisted").all_reasons}
    )
    assert found.judged_on == clock.today()


def test_judging_asks_the_database_as_often_for_three_as_for_one(people, household):
    with CaptureQueriesContext(connection) as one:
        outlooks.refresh([household.pk])
    others = [monitoring.monitored_household(people, number=f"62000000{n}") for n in (11, 12)]
    with CaptureQueriesContext(connection) as three:
        assert outlooks.refresh([household.pk, *(h.pk for h in others)]) == 3
    assert len(three) == len(one)


def test_other_counties_are_not_listed(people, household):
    stranger = register.user(Role.COUNTY_REVIEWER, "620422", name="外县审定")
    assert str(household) not in rows(stranger)
