import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from fanpin.accounts.verdicts import Refused
from households.models import (
    Campaign,
    Collection,
    Household,
    HouseholdBaseline,
    IncomeStatement,
    MemberBaseline,
)
from households.selectors.baselines import differences
from households.services import campaigns, collection, households, income, members
from tests.factories import register

DAY = datetime.date
DATES = {
    "income_from": DAY(2021, 10, 1),
    "income_to": DAY(2022, 9, 30),
    "starts_on": DAY(2022, 10, 10),
    "training_due_on": DAY(2022, 10, 20),
    "collection_due_on": DAY(2022, 11, 8),
    "entry_due_on": DAY(2022, 11, 15),
    "comparison_due_on": DAY(2022, 11, 20),
    "summary_due_on": DAY(2022, 11, 20),
    "report_due_on": DAY(2022, 12, 15),
}
LINES = {"inc_wage": 24000, "inc_crop": 3000, "inc_dibao": 1200}


@pytest.fixture
def province(tree):
    return register.user("province", "62", name="钱省级")


@pytest.fixture
def earned(household, caseworker):
    """The household with its confirmed statement of 2021."""
    statement = income.save_statement(
        household, purpose="annual", campaign=Campaign.objects.get(), lines=LINES, by=caseworker
    )
    income.confirm(statement, by=caseworker)
    return household


@pytest.fixture
def next_year(province):
    return campaigns.plan(year=2022, dates=DATES, by=province)


def test_opening_carries_the_data_forward_once(earned, next_year):
    first = campaigns.open_county(next_year, "620421")
    assert (first.households, first.members, first.forms, first.statements) == (1, 3, 1, 1)
    again = campaigns.open_county(next_year, "620421")
    assert (again.households, again.members, again.forms, again.statements) == (0, 0, 0, 0)
    assert Collection.objects.get(campaign=next_year).state == "todo"
    draft = IncomeStatement.objects.get(campaign=next_year)
    assert (draft.state, draft.is_carried, draft.inc_net) == ("draft", True, 28200)
    assert (draft.window_from, draft.window_to) == (DAY(2021, 10, 1), DAY(2022, 9, 30))
    assert draft.members_count == len(draft.roster) == 3


def test_the_carried_draft_is_divided_by_the_people_of_today(earned, next_year):
    earned.members.filter(relation="10").update(status="decreased")
    campaigns.open_county(next_year, "620421")
    draft = IncomeStatement.objects.get(campaign=next_year)
    standing = earned.members.filter(status="active").count()
    assert draft.members_count == standing
    assert draft.inc_net_pc == round(draft.inc_net / standing, 2)


def test_an_unconfirmed_statement_is_not_carried(household, caseworker, next_year):
    income.save_statement(
        household,
        purpose="annual",
        campaign=Campaign.objects.get(year=2021),
        lines=LINES,
        by=caseworker,
    )
    assert campaigns.open_county(next_year, "620421").statements == 0


def test_other_counties_and_ended_households_stay_out(earned, next_year, tree):
    Household.objects.update(ended_on=DAY(2022, 1, 1))
    assert campaigns.open_county(next_year, "620421").households == 0
    Household.objects.update(ended_on=None)
    assert campaigns.open_county(next_year, "620422").households == 0


def test_what_changed_since_last_year_is_told_with_both_values(
    earned, caseworker, next_year, province
):
    campaigns.open_campaign(next_year, by=province)
    campaigns.open_county(next_year, "620421")
    assert differences(earned, next_year) == []
    households.edit(earned, fields={"phone": "13800000001", "house_area": 90}, by=caseworker)
    head = earned.members.get(relation="02")
    members.edit(head, fields={"work_months": 8}, by=caseworker)
    income.save_statement(
        earned,
        purpose="annual",
        campaign=next_year,
        lines={**LINES, "inc_wage": 30000},
        by=caseworker,
    )
    earned.refresh_from_db()
    told = {
        (row.subject, row.label): (row.before, row.after) for row in differences(earned, next_year)
    }
    assert told["本户", "住房面积"] == ("（空）", "90")
    assert told[head.name, "务工时间"] == ("（空）", "8")
    assert told["收入", "工资性收入"] == ("24,000.00元", "30,000.00元")
    assert ("收入", "最低生活保障金") not in told
    assert not IncomeStatement.objects.get(campaign=next_year).is_carried


def test_a_household_that_the_round_did_not_find_has_no_last_year(household):
    assert differences(household, Campaign.objects.get()) is None


def test_only_the_province_sets_and_opens_a_round(tree, county, caseworker):
    for user in (county, caseworker):
        with pytest.raises(PermissionDenied):
            campaigns.plan(year=2022, dates=DATES, by=user)
        with pytest.raises(PermissionDenied):
            campaigns.open_campaign(Campaign.objects.get(), by=user)


def test_dates_out_of_order_are_refused_at_their_field(province):
    wrong = {**DATES, "entry_due_on": DAY(2022, 11, 1), "income_to": DAY(2021, 9, 30)}
    with pytest.raises(Refused) as refusal:
        campaigns.plan(year=2022, dates=wrong, by=province)
    assert {reason.field for reason in refusal.value.reasons} == {"entry_due_on", "income_to"}
    assert not Campaign.objects.filter(year=2022).exists()


def test_the_window_stands_once_incomes_were_filled_in_it(earned, province):
    campaigns.open_campaign(Campaign.objects.get(year=2021), by=province)
    dates = {name: getattr(Campaign.objects.get(year=2021), name) for name in DATES}
    with pytest.raises(Refused, match="周期不能再改"):
        campaigns.plan(year=2021, dates={**dates, "income_to": DAY(2021, 10, 31)}, by=province)
    later = {**dates, "entry_due_on": DAY(2021, 11, 15), "report_due_on": DAY(2021, 12, 31)}
    assert campaigns.plan(year=2021, dates=later, by=province).report_due_on == DAY(2021, 12, 31)


def test_an_older_round_is_not_opened_again(next_year, province):
    campaigns.open_campaign(next_year, by=province)
    with pytest.raises(Refused, match="2022年度已经开展"):
        campaigns.open_campaign(Campaign.objects.get(year=2021), by=province)
    assert Campaign.objects.get(is_current=True) == next_year


def test_warnings_want_an_explanation_before_submission(earned, caseworker):
    Household.objects.update(open_warnings=2)
    form = collection.of(earned, Campaign.objects.get())
    with pytest.raises(Refused, match="还有2条提示"):
        collection.submit(form, by=caseworker)
    sent = collection.submit(form, explanation="户主住院，务工减少", by=caseworker)
    assert (sent.state, sent.explanation) == ("checked", "户主住院，务工减少")


def test_the_pages_of_the_round(client, province, earned, caseworker):
    client.force_login(province)
    page = client.get(reverse("households:campaigns")).content.decode()
    assert "当前年度" in page
    assert "制定下一年度" in page
    form = client.get(reverse("households:campaign_create")).content.decode()
    assert 'value="2021-10-01"' in form
    assert 'value="2022-09-30"' in form
    answer = client.post(
        reverse("households:campaign_create"),
        {
            "year": 2022,
            **{k: v.isoformat() for k, v in DATES.items()},
            "entry_due_on": "2022-11-01",
        },
    )
    assert answer.status_code == 422
    assert "“信息录入”不能早于“信息采集”" in answer.content.decode()
    client.force_login(caseworker)
    assert "制定下一年度" not in client.get(reverse("households:campaigns")).content.decode()
    assert client.get(reverse("households:campaign_create")).status_code == 403


def test_last_years_value_stands_beneath_the_field(client, earned, caseworker, next_year, province):
    campaigns.open_campaign(next_year, by=province)
    households.edit(earned, fields={"house_area": 80}, by=caseworker)
    campaigns.open_county(next_year, "620421")
    HouseholdBaseline.objects.update(house_area=75)
    MemberBaseline.objects.update(work_months=5)
    client.force_login(caseworker)
    page = client.get(reverse("households:edit", args=[earned.pk])).content.decode()
    assert "上年：75㎡" in page.replace(".00", "")
    head = earned.members.get(relation="02")
    page = client.get(reverse("households:member_edit", args=[head.pk])).content.decode()
    assert "上年：5月" in page
    tab = client.get(reverse("households:collection", args=[earned.pk])).content.decode()
    assert "与上年相比" in tab
    assert "住房面积" in tab


def test_a_value_like_last_years_is_not_marked_as_changed(
    client, earned, caseworker, next_year, province
):
    campaigns.open_campaign(next_year, by=province)
    place = {"longitude": "104.745976", "latitude": "36.522042", "is_martyr_family": False}
    households.edit(earned, fields={**place, "coord_system": "wgs84"}, by=caseworker)
    campaigns.open_county(next_year, "620421")
    client.force_login(caseworker)
    page = client.get(reverse("households:edit", args=[earned.pk])).content.decode()
    for name, value in (("longitude", "104.745976"), ("is_martyr_family", "0")):
        control = page[page.index(f'name="{name}"') :]
        assert f'data-previous="{value}"' in control[: control.index(">")]
    assert "上年：104.745976度" in page
    assert "上年：否" in page
