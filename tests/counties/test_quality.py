"""Rules over the database: facts → hits → findings, on a real household of a real county."""

import datetime
import json
from decimal import Decimal

import pytest
import time_machine
from django.contrib.postgres.fields import ArrayField
from django.core.management import CommandError, call_command

from counties.models import Finding
from counties.quality import check_county, check_households, checking
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Campaign, Household, IncomeStatement, Member, MemberChange, Parameter
from households.models.campaigns import Collection
from households.rules.schema import HOUSEHOLD, MEMBER, SPOUSE, defaults
from households.selectors import facts
from households.services.campaigns import open_county
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


def test_a_household_far_from_its_village_is_told_its_distance(county):
    near = [register(n) for n in range(1, 7)]
    far = register(7, longitude=Decimal("105.4"))
    check_households([near[0].pk, far.pk])
    assert "R-FMT-03" not in found(near[0])
    assert "公里" in Finding.objects.get(household=far, code="R-FMT-03").detail


def test_a_code_that_is_in_no_list_is_named(county):
    household = register()
    household.members.filter(relation="02").update(labour="strong", health=["healthy", "odd"])
    check_households([household.pk])
    detail = Finding.objects.get(code="R-FMT-26").detail
    assert "健康状况、劳动技能" in detail


def test_indicators_of_later_years_are_judged_only_where_they_are_switched_on(county):
    household = register()
    household.members.filter(relation="02").update(labour="skilled", work_months=0, work_county="")
    check_households([household.pk])
    assert "R-MEM-38" not in found(household)
    Parameter.objects.filter(key="later_fields").update(value="是")
    check_households([household.pk])
    assert "R-MEM-38" in found(household)


@pytest.fixture
def last_year(county):
    """A right household whose round has been opened: what it is now is last year's."""
    household = register()
    open_county(Campaign.objects.get(), "620421")
    return household


def test_a_person_who_came_or_went_without_a_change_is_counted(last_year):
    check_households([last_year.pk])
    assert "R-TIM-03" not in found(last_year)
    wife = last_year.members.get(relation="10")
    Member.objects.filter(pk=wife.pk).update(status="decreased", left_reason="dec_death")
    check_households([last_year.pk])
    assert "没有变更记录的成员增减 1 人" in Finding.objects.get(code="R-TIM-03").detail
    MemberChange.objects.create(
        household=last_year, member=wife, kind="decrease", reason="dec_death",
        changed_on="2021-11-01", made_at=clock.now(),
    )  # fmt: skip
    check_households([last_year.pk])
    assert "R-TIM-03" not in found(last_year)


def test_what_differs_from_last_year_is_told_with_both_values(last_year):
    Household.objects.update(lift_year=2019, land_cultivated=3)
    last_year.members.filter(relation="02").update(
        education="primary", id_no="620421196803129930", id18="620421196803129930"
    )
    check_households([last_year.pk])
    told = dict(Finding.objects.values_list("code", "detail"))
    assert told["R-TIM-08"].startswith("脱贫年度 2019，上年脱贫年度 2018")
    assert told["R-TIM-05"] == "耕地面积 3 亩，上年耕地面积 8 亩"
    assert told["R-TIM-11"] == "文化程度 小学，上年文化程度 初中"
    assert "R-TIM-10" in told
    MemberChange.objects.create(
        household=last_year, member=last_year.members.get(relation="02"), kind="update",
        fields=["id_no"], police_match="match", changed_on="2021-11-01", made_at=clock.now(),
    )  # fmt: skip
    check_households([last_year.pk])
    assert "R-TIM-10" not in found(last_year)


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


def _three_townships(county, monkeypatch):
    """A wrong household in each of three townships, each a portion of its own."""
    monkeypatch.setattr(checking, "PORTION", 1)
    path = "/62/6204/620421/"
    for code in ("620421101", "620421102"):
        Division.objects.create(
            code=code, name=code, full_name=code, level="township", parent=county,
            path=f"{path}{code}/",
        )  # fmt: skip
    for number in (1, 2, 3):
        home = register(number, house_area=None)
        moved = f"{path}62042110{number - 1}/62042110{number - 1}201/"
        Household.objects.filter(pk=home.pk).update(division_path=moved)


def test_a_county_is_judged_in_portions_and_goes_on_where_it_stopped(county, monkeypatch):
    _three_townships(county, monkeypatch)
    seen = []
    first = check_county("620421", advance=lambda *step: seen.append(step[:2]))
    assert (first.households, first.hits["R-COM-13"]) == (3, 3)
    assert seen == [(2, 3), (3, 3)]
    assert check_county("620421", start=2).households == 1


@pytest.mark.django_db(transaction=True)
def test_portions_are_judged_two_at_a_time_on_connections_of_their_own(county, monkeypatch):
    _three_townships(county, monkeypatch)
    first = check_county("620421")
    assert (first.households, first.hits["R-COM-13"]) == (3, 3)
    assert Finding.objects.filter(code="R-COM-13", state="open").count() == 3
    assert Household.objects.filter(open_errors=0).count() == 0
    again = check_county("620421")
    assert (again.opened, again.closed) == (0, 0)
    monkeypatch.setattr(checking, "FEW", 1)
    Household.objects.update(house_area=90)
    listed = check_households(Household.objects.values_list("pk", flat=True))
    assert (listed.households, listed.hits["R-COM-13"], listed.closed) == (3, 0, 3)
    assert sorted(Household.objects.values_list("open_errors", flat=True)) == [0, 1, 1]
