"""T1, T2, T4 and T5 of a small county to the digit, on the tables as they leave the house."""

import datetime
import json

import pytest

from counties.reports import figures
from counties.reports.as_json import report_as_json
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Collection, Household, Member, MemberChange
from households.selectors.parameters import current_campaign
from tests.counties.test_summary import marked, objects  # noqa: F401
from tests.factories import register
from tests.recording import agreed

CHINA = datetime.timezone(datetime.timedelta(hours=8))


@pytest.fixture
def county(objects, caseworker):  # noqa: F811
    """Besides one household for each way through the year: a birth, a death, a move, forms and places."""
    marked(register.household(caseworker), ("identify", "2020-05-01"), ("eliminate", "2021-09-01"))
    general = register.household(caseworker, hh_type="general")
    monitored = Household.objects.filter(monitoring_state="monitored").order_by("pk").first()
    add(monitored, caseworker, "王小小", "inc_newborn", "2021-10-20")
    leave(Member.objects.filter(household=general).last(), caseworker, "dec_death", "2021-06-01")
    leave(Member.objects.filter(household__monitoring_state="eliminated").last(), caseworker,
          "dec_hukou_out", "2021-10-02")  # fmt: skip
    homes = Household.objects.order_by("pk")[:3]
    for state, home in zip(("reviewed", "checked", "collected"), homes, strict=True):
        Collection.objects.update_or_create(
            household=home, campaign=current_campaign(), defaults={"state": state}
        )
    Household.objects.filter(pk=monitored.pk).update(
        longitude=104.68, latitude=36.56, location_at=clock.now()
    )


def change(household, member, by, kind, reason, day):
    MemberChange.objects.create(
        household=household, member=member, kind=kind, reason=reason, changed_on=day, state="done",
        made_at=datetime.datetime.fromisoformat(day).replace(tzinfo=CHINA, hour=12), made_by=by,
    )  # fmt: skip
    Household.objects.filter(pk=household.pk).update(
        family_size=household.members.filter(status="active").count()
    )


def add(household, by, name, reason, day):
    member = Member.objects.create(
        household=household, county_code=household.county_code, name=name, relation="42",
        id_type="birth_cert", status="active", joined_on=day, updated_at=clock.now(),
    )  # fmt: skip
    change(household, member, by, "increase", reason, day)


def leave(member, by, reason, day):
    Member.objects.filter(pk=member.pk).update(status="decreased", left_on=day, left_reason=reason)
    change(member.household, member, by, "decrease", reason, day)


def test_the_tables_of_a_small_county(county):
    found = figures.compute(Division.objects.get(pk="6204"), current_campaign())
    shown = report_as_json(found)
    assert shown["broken"] == []
    agreed("reports.json", json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
