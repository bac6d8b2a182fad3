"""Indicators of later sheets: nowhere while off, everywhere the same once a place is switched on."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from rest_framework.test import APIClient

from households.models import Campaign, Household, Member, Parameter
from households.services import households, income, members
from tests.factories import register
from tests.households.workbooks import applied, family, home, workbook

pytestmark = pytest.mark.django_db
OFF = "尚未启用"


@pytest.fixture
def in_use(tree):
    """The county uses the later indicators; its neighbour does not."""
    Parameter.objects.create(
        key="later_fields", division_id=register.COUNTY, value="是", effective_from="2021-01-01"
    )


def annual(household, by, **lines):
    return income.save_statement(
        household, purpose="annual", campaign=Campaign.objects.get(), lines=lines, by=by
    )


def test_while_off_the_services_refuse_by_field(household, caseworker):
    head = household.members.get(relation="02")
    with pytest.raises(ValidationError, match=OFF):
        households.edit(household, fields={"road_hardened": True}, by=caseworker)
    with pytest.raises(ValidationError, match=OFF):
        members.edit(head, fields={"work_monthly_income": 3000}, by=caseworker)
    with pytest.raises(ValidationError, match=OFF):
        annual(household, caseworker, inc_wage=100, inc_wage_other=100)


@pytest.mark.usefixtures("in_use")
def test_once_on_the_services_take_them_and_wages_are_the_sum_of_their_parts(household, caseworker):
    households.edit(household, fields={"road_hardened": True}, by=caseworker)
    parts = {"inc_wage_migrant": 9000, "inc_wage_public_post": 6000, "inc_job_bonus": 300}
    statement = annual(household, caseworker, **parts)
    assert (statement.inc_wage, statement.inc_transfer) == (Decimal(15000), Decimal(300))
    assert Household.objects.get(pk=household.pk).road_hardened is True


@pytest.mark.parametrize("on", [False, True])
def test_the_printed_card_has_them_only_where_they_are_in_use(
    client, household, caseworker, on, request
):
    if on:
        request.getfixturevalue("in_use")
    client.force_login(caseworker)
    answer = client.get(reverse("households:paper", args=[household.pk, "card", "xlsx"]))
    book = openpyxl.load_workbook(BytesIO(answer.content))
    cells = {str(cell.value) for page in book for row in page.iter_rows() for cell in row}
    for label in ("入户道路是否硬化", "产业奖励（元）", "务工月收入(元)"):
        assert (label in cells) is on, label


def test_without_later_parts_the_migrants_wages_are_not_the_whole(household, caseworker):
    statement = annual(household, caseworker, inc_wage=12000, inc_wage_migrant=9000)
    assert statement.inc_wage == Decimal(12000)


@pytest.mark.parametrize("on", [False, True])
def test_the_forms_show_them_only_where_they_are_in_use(client, household, caseworker, on, request):
    if on:
        request.getfixturevalue("in_use")
    client.force_login(caseworker)
    head = household.members.get(relation="02")
    for name, pk, field in (
        ("edit", household.pk, "road_hardened"),
        ("member_edit", head.pk, "work_monthly_income"),
        ("income_annual", household.pk, "inc_wage_public_post"),
    ):
        text = client.get(reverse(f"households:{name}", args=[pk])).content.decode()
        assert (f'name="{field}"' in text) is on, name


@pytest.mark.parametrize("on", [False, True])
def test_the_template_and_the_import_know_them_only_where_they_are_in_use(
    client, county, on, request
):
    if on:
        request.getfixturevalue("in_use")
    client.force_login(county)
    answer = client.get(reverse("households:import_template", args=[register.COUNTY]))
    heads = [cell.value for cell in openpyxl.load_workbook(BytesIO(answer.content))["成员"][1]]
    assert any("务工月收入" in str(head) for head in heads) is on
    people = family(work_monthly_income=3200, work_months=6, work_county="620421")
    applied(workbook([home(people[0])], people), county)
    assert Member.objects.get(relation="02").work_monthly_income == (Decimal(3200) if on else None)


@pytest.mark.parametrize("on", [False, True])
def test_the_api_shows_and_takes_them_only_where_they_are_in_use(
    household, caseworker, on, request
):
    if on:
        request.getfixturevalue("in_use")
    api = APIClient()
    api.force_authenticate(caseworker)
    url = f"/api/v1/households/{household.pk}/"
    read = api.get(url).json()
    assert ("road_hardened" in read) is on
    answer = api.patch(url, {"version": read["version"], "road_hardened": True}, format="json")
    assert answer.status_code == (200 if on else 400)
    people = api.get(f"{url}members/").json()
    assert all(("work_start_ym" in person) is on for person in people)


def test_a_field_is_explained_and_the_explanation_belongs_to_it(client, household, caseworker):
    client.force_login(caseworker)
    text = client.get(reverse("households:edit", args=[household.pk])).content.decode()
    assert 'aria-describedby="id_house_area-notes id_house_area-explained"' in text
    assert '<p class="fp-explained" id="id_house_area-explained">现住房的建筑面积' in text
