"""The card a household is given: its helper with telephone, its measures, nobody else's."""

import datetime
import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from assistance.services import measures
from households.services import helping
from tests.factories import assistance as made
from tests.factories import register

pytestmark = pytest.mark.django_db
HELPER = {
    "name": "孙帮扶",
    "sex": "1",
    "political_status": "",
    "unit": "县水务局",
    "phone": "13800001111",
}


def test_the_card_names_helper_and_measures(client, village, monitored):
    helping.assign(monitored, helper=HELPER, start_on=datetime.date(2021, 3, 1), by=village)
    measures.plan(
        monitored, by=village, risk="illness", start_on=datetime.date(2021, 11, 8), amount=1200,
        department="medical_insurance", **made.HEALTH,
    )  # fmt: skip
    register.household(village, members=[register.person("马别人")])
    client.force_login(village)
    answer = client.get(reverse("households:paper", args=[monitored.pk, "told", "pdf"]))
    [page] = PdfReader(io.BytesIO(answer.content)).pages
    text = "".join(page.extract_text().split())
    for words in ("帮扶明白卡（2021年度）", "王建国", "孙帮扶", "县水务局", "13800001111", "2021-11-08", "1,200.00",
                  "医疗救助", f"MB-{monitored.hh_code}-20211108"):  # fmt: skip
        assert words in text, words
    assert "马别人" not in text
    assert monitored.head_id_no not in text
