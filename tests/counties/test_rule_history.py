"""A rule's hits by division, week by week, and what is newly broken this week."""

import datetime

import pytest
from django.urls import reverse

from counties.models import Finding
from counties.quality import check_households
from counties.selectors import rule_history as history
from fanpin import clock
from households.models import Household
from tests.factories import register

pytestmark = pytest.mark.django_db
CODE = "R-FMT-07"


@pytest.fixture
def county(tree):
    return register.user("county_reviewer", register.COUNTY)


@pytest.fixture
def broken(caseworker):
    """Two households of one village and one of another in the same township break the rule."""
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    homes = [register.household(caseworker), register.household(caseworker)]
    homes.append(register.household(other, village=register.OTHER_VILLAGE))
    Household.objects.filter(pk__in=[home.pk for home in homes]).update(land_cultivated=180)
    check_households([home.pk for home in homes])
    return homes


def ago(home, weeks, **more):
    """Found that many weeks ago."""
    day = clock.now() - datetime.timedelta(weeks=weeks)
    Finding.objects.filter(household=home, code=CODE).update(first_seen_at=day, **more)


def test_hits_are_told_one_level_down_with_what_is_new(broken, county):
    ago(broken[0], 3)
    (township,) = history.by_place(county, CODE, history.home(county))
    assert (township.division.code, township.live, township.new) == (register.TOWNSHIP, 3, 2)
    villages = history.by_place(county, CODE, township.division.path)
    told = [(v.division.code, v.live, v.new, v.leads_down) for v in villages]
    assert told == [(register.VILLAGE, 2, 1, False), (register.OTHER_VILLAGE, 1, 1, False)]


def test_somebody_elses_hits_are_not_counted(broken):
    stranger = register.user("county_reviewer", "620422")
    assert history.by_place(stranger, CODE, history.home(stranger)) == []
    own = register.user("village_caseworker", register.OTHER_VILLAGE)
    assert sum(week.opened for week in history.weeks(own, CODE, history.home(own))) == 1


def test_a_week_tells_what_came_what_went_and_what_stood_at_its_end(broken, county):
    ago(broken[0], 2)
    ago(broken[1], 2, state="closed", closed_at=clock.now() - datetime.timedelta(weeks=1))
    ago(broken[2], 2, state="waived")
    *_, two, one, now = history.weeks(county, CODE, history.home(county))
    assert (two.opened, two.closed, two.standing) == (3, 0, 2)
    assert (one.opened, one.closed, one.standing) == (0, 1, 1)
    assert (now.opened, now.closed, now.standing) == (0, 0, 1)


def test_the_page_leads_down_and_every_number_to_its_list(client, broken, county):
    client.force_login(county)
    ago(broken[0], 3)
    page = client.get(reverse("counties:rule", args=[CODE]))
    (line,) = page.context["places"]
    down = client.get(line["url"])
    assert [each["live"] for each in down.context["places"]] == [2, 1]
    for each in (line, *down.context["places"]):
        assert client.get(each["live_url"]).context["page"].count == each["live"]
        assert client.get(each["new_url"]).context["page"].count == each["new"]
    assert "近12周" in page.content.decode()


def test_the_catalogue_tells_what_is_new_this_week(client, broken, county):
    client.force_login(county)
    for home in broken[1:]:
        ago(home, 3)
    rows = client.get(reverse("counties:rules"), {"live": "new"}).context["page"].rows
    assert [row.new for row in rows if row.rule.code == CODE] == [1]
    row = next(row for row in rows if row.rule.code == CODE)
    assert row.live == 3


def test_a_place_outside_the_scope_is_not_found(client, broken, county):
    client.force_login(county)
    url = reverse("counties:rule", args=[CODE])
    assert client.get(url, {"division": "620422"}).status_code == 404
