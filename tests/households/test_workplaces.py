"""Where people work: any county of the country by its code, shown by its name, refused when there is no such place."""

import pytest
from django.test import Client
from django.urls import reverse

from households.selectors import workplaces
from tests.factories import register
from tests.households import workbooks
from tests.households.test_pages import posted


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("620102", "甘肃省兰州市城关区"), ("320505", "江苏省苏州市虎丘区"),
        ("650100", "新疆维吾尔自治区乌鲁木齐市"), ("110105", "北京市朝阳区"), ("429004", "湖北省仙桃市"),
        ("999999", ""), ("620999", ""), ("6201", ""), ("", ""), ("苏州市虎丘", ""),
    ],
)  # fmt: skip
def test_a_code_has_its_full_name_or_none(tree, code, name):
    assert workplaces.name_of(code) == name


def test_the_form_offers_our_counties_and_the_prefectures_of_every_province(tree):
    offered = dict(workplaces.offered())
    assert offered[register.COUNTY] == tree[register.COUNTY].full_name
    assert offered["320500"] == "江苏省苏州市"
    assert offered["810000"] == "香港特别行政区"
    assert {code[:2] for code in offered} == set(workplaces.provinces())
    assert len(workplaces.provinces()) == 34
    assert "" not in offered.values()


@pytest.fixture
def page(caseworker, household):
    client = Client()
    client.force_login(caseworker)
    worker = household.members.get(relation="02")
    url = reverse("households:member_edit", args=[worker.pk])
    return client, url, worker


def test_a_place_that_does_not_exist_is_refused_and_nothing_typed_is_lost(page):
    client, url, worker = page
    form = client.get(url).context["form"]
    answer = client.post(
        url, posted(form, work_county="999999", work_months="6", employer="电子厂")
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "没有“999999”这个区划代码" in text
    assert "电子厂" in text
    worker.refresh_from_db()
    assert worker.work_county == ""


def test_a_place_outside_gansu_is_saved_and_shown_by_its_name(page):
    client, url, worker = page
    form = client.get(url).context["form"]
    data = posted(form, work_county="320505", work_months="6")
    assert client.post(url, data).status_code == 302
    worker.refresh_from_db()
    assert (worker.work_province, worker.work_city, worker.work_region) == ("32", "3205", "outside")
    assert "江苏省苏州市虎丘区" in client.get(url).content.decode()
    changes = reverse("households:changes", args=[worker.household_id])
    assert "江苏省苏州市虎丘区" in client.get(changes).content.decode()


def test_an_import_refuses_a_province_that_does_not_exist(county):
    people = workbooks.family(work_county="990102", work_months=6)
    batch = workbooks.checked(workbooks.workbook([workbooks.home(people[0])], people), county)
    assert any("没有这个省份" in message for _sheet, _cell, message in workbooks.reasons(batch))
