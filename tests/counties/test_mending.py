"""What is wrong stands beside the field that mends it, and "去改正" leads to that field."""

import re
from datetime import date

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from counties.models import Finding
from counties.quality import check_households
from counties.views.mending import mend_url
from households.forms.households import HouseholdForm
from tests.factories import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def wrong(insured_family):
    """No telephone, too much land, and a member of unknown ethnicity."""
    family = insured_family
    type(family).objects.filter(pk=family.pk).update(phone="", land_cultivated=260)
    son = family.members.get(name="王小明")
    type(son).objects.filter(pk=son.pk).update(ethnicity="")
    check_households([family.pk])
    return family


def field(client, url, name):
    """The block of one field as the page shows it."""
    html = client.get(url).content.decode()
    blocks = re.split(r'(?=<div class="fp-field )', html)
    return next(block for block in blocks if f'id="id_{name}"' in block)


def open_finding(code):
    return Finding.objects.live().get(code=code)


def test_the_form_shows_beside_each_field_what_is_open_about_it(wrong, caseworker):
    client = Client()
    client.force_login(caseworker)
    url = reverse("households:edit", args=[wrong.pk])
    assert "请填写户主或常住成员的11位手机号" in field(client, url, "phone")
    assert "耕地面积 260 亩" in field(client, url, "land_cultivated")
    assert "fp-found" not in field(client, url, "bank_name")
    son = wrong.members.get(name="王小明")
    assert "民族为空" in field(
        client, reverse("households:member_edit", args=[son.pk]), "ethnicity"
    )


@pytest.mark.parametrize(
    ("code", "at"), [("R-COM-01", "#id_phone"), ("R-FMT-07", "#id_land_cultivated")]
)
def test_the_way_to_mend_is_the_field_of_the_household(wrong, caseworker, code, at):
    assert mend_url(caseworker, open_finding(code)) == f"/households/{wrong.pk}/edit/{at}"


def test_a_finding_of_a_person_is_mended_on_the_persons_sheet(wrong, caseworker):
    found = open_finding("R-COM-22")
    assert mend_url(caseworker, found) == f"/households/members/{found.member_id}/#id_ethnicity"


def test_who_may_not_edit_is_shown_no_way_to_mend(wrong):
    other = register.user("village_caseworker", register.OTHER_VILLAGE, name="李村官")
    assert mend_url(other, open_finding("R-COM-01")) == ""


def test_last_years_date_and_year_stand_as_the_control_holds_them(insured_family):
    """Else the page marks an unchanged date as changed, and writes the year as an amount."""
    type(insured_family).objects.filter(pk=insured_family.pk).update(
        filled_on=date(2021, 11, 4), lift_year=2015
    )
    insured_family.refresh_from_db()
    form = HouseholdForm(
        row=insured_family, path=insured_family.division_path, village=insured_family.village
    )
    form.previous = {"filled_on": date(2021, 11, 4), "lift_year": 2015}
    shown = Template("{% load ui %}{% field form.filled_on %}{% field form.lift_year %}")
    html = shown.render(Context({"form": form}))
    assert 'value="2021-11-04"' in html
    assert 'data-previous="2021-11-04"' in html
    assert "上年：2015" in html
