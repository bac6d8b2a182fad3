"""数据字典: every indicator on the page, its own page, and the workbook."""

import io

import polars as pl
import pytest
from django.urls import reverse

from households.choices import lists
from households.indicators import indicators

pytestmark = pytest.mark.django_db


def test_the_page_lists_every_indicator_and_filters_by_block_and_era(client, caseworker):
    client.force_login(caseworker)
    page = client.get(reverse("counties:dictionary"))
    assert page.context["page"].count == len(indicators())
    later = client.get(reverse("counties:dictionary"), {"era": "22+"})
    assert {row.indicator.era for row in later.context["page"].rows} == {"22+"}
    found = client.get(reverse("counties:dictionary"), {"q": "住房面积"})
    assert "现住房的建筑面积" in found.content.decode()


@pytest.mark.parametrize("indicator", indicators(), ids=lambda each: each.code)
def test_every_indicator_has_a_page(client, caseworker, indicator):
    client.force_login(caseworker)
    page = client.get(reverse("counties:dictionary_entry", args=[indicator.code]))
    assert indicator.explanation in page.content.decode()


def test_an_indicator_tells_its_options_and_the_rules_that_ask_for_it(client, caseworker):
    client.force_login(caseworker)
    text = client.get(reverse("counties:dictionary_entry", args=["labour"])).content.decode()
    assert "丧失劳动力" in text
    assert reverse("counties:rule", args=["R-MEM-05"]) in text
    assert "成员表、导入模板、接口" in text


def test_the_workbook_has_the_indicators_and_the_code_lists(client, caseworker):
    client.force_login(caseworker)
    answer = client.get(reverse("counties:dictionary_workbook"))
    sheets = pl.read_excel(
        io.BytesIO(answer.content), sheet_id=0, read_options={"header_row": None}, has_header=False
    )
    first = sheets["指标"]
    assert first.height == len(indicators()) + 2
    labels = first.get_column(first.columns[1]).to_list()
    assert labels[1] == "指标"
    assert "住房面积" in labels
    codes = sheets["代码表"].rows()
    assert ("labour", "ordinary", lists()["labour"]["ordinary"]) in codes
