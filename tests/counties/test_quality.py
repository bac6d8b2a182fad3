"""Rules over the database: facts → hits → findings, on a real household of a real county."""

import datetime
import json
from decimal import Decimal

import pytest
import time_machine
from django.contrib.postgres.fields import ArrayField
from django.core.management import CommandError, call_command

from counties.models import Finding
from counties.quality import check_county, check_households
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Campaign, Household, IncomeStatement, Member, Parameter
from households.models.campaigns import Collection
from households.rules.schema import HOUSEHOLD, MEMBER, SPOUSE, defaults
from households.selectors import facts
from households.services.reference import load_reference
from households.services.telling import tell

NOW = datetime.datetime(2021, 11, 8, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
PLACES = (
    ("62", "甘肃省", "province"),
    ("6204", "白银市", "city"),
    ("620421", "靖远县", "county"),
    ("620421100", "北湾镇", "township"),
    ("620421100201", "中堡村", "village"),
    ("620421100201001", "三社", "hamlet"),
)


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def county(db):
    path = "/"
    parent = None
    for code, name, level in PLACES:
        path += f"{code}/"
        parent = Division.objects.create(
            code=code, name=name, full_name=name, level=level, parent=parent, path=path
        )
    load_reference()
    return Division.objects.get(pk="620421")


def columns(model, values):
    names = {field.name for field in model._meta.get_fields() if field.concrete}
    kept = {name: value for name, value in values.items() if name in names and name != "id"}
    for name in kept:
        if isinstance(model._meta.get_field(name), ArrayField):
            kept[name] = kept[name].split(",") if kept[name] else []
        elif kept[name] is None and not model._meta.get_field(name).null:
            kept[name] = ""
    return kept


def register(number: int = 1, **changes) -> Household:
    """A household that is right in every respect, as the examples start from it."""
    values = columns(Household, defaults(HOUSEHOLD)) | {
        "hh_code": f"620421100201{number:05d}",
        "village_id": "620421100201",
        "natural_village_id": "620421100201001",
        "division_path": "/62/6204/620421/620421100/620421100201/",
        "longitude": Decimal("104.68") + Decimal(number) / 1000,
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    for derived in ("income_from", "income_to"):
        values.pop(derived)
    household = Household.objects.create(**(values | changes))
    for person in ({}, SPOUSE):
        facts_of_member = defaults(MEMBER) | dict(person)
        if number > 1:
            facts_of_member |= {"id18": None}
        Member.objects.create(
            **columns(Member, {k: v for k, v in facts_of_member.items() if k != "household_id"}),
            household=household,
            county_code="620421",
            updated_at=clock.now(),
        )
    campaign = Campaign.objects.get(year=2021)
    Collection.objects.create(household=household, campaign=campaign, state="collected")
    lines = columns(IncomeStatement, defaults(HOUSEHOLD))
    IncomeStatement.objects.create(
        **lines | {"campaign": campaign},
        household=household,
        purpose="annual",
        window_from=campaign.income_from,
        window_to=campaign.income_to,
        members_count=2,
        roster=[],
        made_at=clock.now(),
    )
    return household


def found(household):
    return set(Finding.objects.filter(household=household).live().values_list("code", flat=True))


def test_facts_from_the_database_have_the_columns_and_kinds_of_the_schema(county):
    household = register()
    frames = facts.frames(Campaign.objects.get(), household_ids=[household.pk])
    row = frames["household"].row(0, named=True)
    for name, fact in HOUSEHOLD.items():
        expected = {"id": household.pk, "longitude": 104.681}.get(name, fact.good)
        assert row[name] == expected, name
    head = frames["member"].sort("id").row(0, named=True)
    for name, fact in MEMBER.items():
        if name not in ("id", "household_id"):
            assert head[name] == fact.good, name


def test_a_right_household_has_no_findings(county):
    household = register()
    checked = check_households([household.pk])
    assert not checked.hits
    assert (checked.households, checked.members) == (1, 2)
    assert not checked.skipped
    assert found(household) == set()


def test_a_wrong_field_becomes_a_finding_with_the_households_own_figures(county):
    household = register(house_area=None, land_cultivated=180)
    check_households([household.pk])
    finding = Finding.objects.get(code="R-FMT-07")
    assert finding.detail == "耕地面积 180 亩"
    assert finding.fields == ["land_cultivated"]
    assert finding.severity == "warn"
    assert found(household) == {"R-COM-13", "R-FMT-07"}
    household.refresh_from_db()
    assert (household.open_errors, household.open_warnings) == (1, 1)


def test_codes_are_shown_in_words(county):
    household = register()
    household.members.filter(relation="02").update(labour="lost", work_months=3)
    check_households([household.pk])
    assert "劳动技能 丧失劳动力" in Finding.objects.get(code="R-MEM-29").detail


def test_a_mended_field_closes_its_finding_and_a_second_run_changes_nothing(county):
    household = register(house_area=None)
    check_households([household.pk])
    again = check_households([household.pk])
    assert (again.opened, again.closed) == (0, 0)
    assert Finding.objects.count() == 1
    Household.objects.filter(pk=household.pk).update(house_area=90)
    mended = check_households([household.pk])
    assert mended.closed == 1
    finding = Finding.objects.get()
    assert finding.state == "closed"
    assert finding.closed_at is not None
    household.refresh_from_db()
    assert household.open_errors == 0


def test_what_was_waived_stays_waived(county):
    household = register(land_cultivated=180)
    check_households([household.pk])
    Finding.objects.update(state="waived")
    check_households([household.pk])
    assert Finding.objects.get().state == "waived"
    household.refresh_from_db()
    assert household.open_warnings == 0


def test_a_saved_household_is_judged_at_once(county, django_capture_on_commit_callbacks):
    household = register(has_safe_water=None)
    with django_capture_on_commit_callbacks(execute=True):
        tell([household.pk], "household")
    assert found(household) == {"R-COM-10"}


def test_shared_coordinates_are_seen_over_the_village_and_kept_by_a_single_check(county):
    place = {"longitude": Decimal("104.7"), "latitude": Decimal("36.6")}
    households = [register(n, **place) for n in (1, 2, 3)]
    check_households([households[0].pk])
    assert "R-FMT-04" not in found(households[0])
    check_county("620421")
    assert "R-FMT-04" in found(households[0])
    check_households([households[0].pk])
    assert "R-FMT-04" in found(households[0])


def test_a_rule_whose_value_nobody_set_is_left_out_and_named(county):
    household = register(land_pasture=900)
    Parameter.objects.filter(key="pasture_max").delete()
    checked = check_households([household.pk])
    assert checked.skipped == {"R-FMT-09": ["pasture_max"]}
    assert "R-FMT-09" not in found(household)


def test_the_command_prints_the_counts_of_the_issue(county, capsys):
    register(house_area=None)
    call_command("check_quality", county="620421", json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed["households"] == 1
    assert printed["members"] == 2
    assert printed["rules"] >= 90
    assert printed["hits"] == {"R-COM-13": 1}
    assert printed["seconds"] > 0


def test_the_command_refuses_an_unknown_county_or_household(county):
    with pytest.raises(CommandError, match="没有代码为629999的县"):
        call_command("check_quality", county="629999")
    with pytest.raises(CommandError, match="没有编号为1的农户"):
        call_command("check_quality", county="620421", household="1")
