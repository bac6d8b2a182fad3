import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from fanpin.accounts.verdicts import Refused
from households.models import Campaign, Receipt
from households.rules import windows
from households.selectors import receipts as figures
from households.services import income, receipts
from tests.factories import register

DAY = datetime.date
WINDOW = (DAY(2020, 10, 1), DAY(2021, 9, 30))


def book(household, by, line="inc_crop", amount=1000, **fields):
    return receipts.book(
        household, fields={"line": line, "amount": Decimal(amount), **fields}, by=by
    )


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({"received_on": DAY(2020, 10, 1)}, 1),
        ({"received_on": DAY(2021, 9, 30)}, 1),
        ({"received_on": DAY(2020, 9, 30)}, 0),
        ({"received_on": DAY(2021, 10, 1)}, 0),
        ({"first_month": "202010", "last_month": "202109"}, 12),
        ({"first_month": "201901"}, 12),
        ({"first_month": "202103", "last_month": "202105"}, 3),
        ({"first_month": "202109"}, 1),
        ({"first_month": "202110"}, 0),
        ({"first_month": "201901", "last_month": "202009"}, 0),
        ({"first_month": "202008", "last_month": "202011"}, 2),
    ],
)
def test_the_system_sorts_dates_into_the_window(household, caseworker, fields, times):
    book(household, caseworker, amount=300, **fields)
    (row,) = figures.counted(household, WINDOW)
    assert (row.times, row.amount) == (times, 300 * times)


def test_the_same_receipts_serve_the_year_and_an_event(household, caseworker):
    book(household, caseworker, "inc_wage_migrant", 3000, first_month="202101")
    book(household, caseworker, "inc_wage", 500, received_on=DAY(2020, 10, 5))
    year = figures.sums(figures.counted(household, WINDOW))
    assert (year["inc_wage_migrant"], year["inc_wage"]) == (27000, 27500)
    event = figures.sums(figures.counted(household, windows.window_event("202111")))
    assert (event["inc_wage_migrant"], event["inc_wage"]) == (30000, 30000)


def test_a_wrong_receipt_is_taken_back_and_kept(household, caseworker):
    row = book(household, caseworker, received_on=DAY(2021, 5, 1))
    receipts.withdraw(row, by=caseworker)
    assert figures.counted(household, WINDOW) == []
    assert Receipt.objects.get(pk=row.pk).withdrawn_by == caseworker


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "二者填一种"),
        ({"received_on": DAY(2021, 5, 1), "first_month": "202101"}, "二者填一种"),
        ({"first_month": "202105", "last_month": "202101"}, "终止月份不能早于"),
        ({"received_on": DAY(2021, 11, 9)}, "不能晚于今天"),
        ({"first_month": "202112"}, "不能晚于本月"),
        ({"received_on": DAY(2021, 5, 1), "amount": Decimal(0)}, "金额须大于0"),
        ({"received_on": DAY(2021, 5, 1), "line": "inc_business"}, "请选择收支项目"),
    ],
)
def test_what_cannot_be_is_refused_in_words(household, caseworker, fields, words):
    with pytest.raises(ValidationError) as refusal:
        receipts.book(
            household, fields={"line": "inc_crop", "amount": Decimal(100), **fields}, by=caseworker
        )
    told = refusal.value
    texts = [r.text for r in told.reasons] if isinstance(told, Refused) else told.messages
    assert any(words in text for text in texts), texts
    assert not Receipt.objects.exists()


def test_the_next_village_books_nothing_here(household, tree):
    stranger = register.user("village_caseworker", register.OTHER_VILLAGE)
    with pytest.raises(PermissionDenied):
        book(household, stranger, received_on=DAY(2021, 5, 1))


def test_the_form_is_filled_from_the_receipts(client, household, caseworker):
    book(household, caseworker, "inc_crop", 4200, received_on=DAY(2021, 8, 20))
    book(household, caseworker, "inc_wage_migrant", 2500, first_month="202104", last_month="202109")
    client.force_login(caseworker)
    page = client.get(reverse("households:income_annual", args=[household.pk]) + "?receipts=1")
    text = page.content.decode()
    assert 'value="4200.00"' in text
    assert text.count('value="15000.00"') == 2  # the migrant part and the wage total
    assert "已按收支明细填入" in text


def test_the_page_books_refuses_and_keeps_what_was_typed(client, household, caseworker):
    client.force_login(caseworker)
    url = reverse("households:receipts", args=[household.pk])
    wrong = client.post(url, {"line": "inc_crop", "amount": "1200", "note": "卖玉米"})
    assert wrong.status_code == 422
    assert "二者填一种" in wrong.content.decode()
    assert "卖玉米" in wrong.content.decode()
    client.post(url, {"line": "inc_crop", "amount": "1200", "received_on": "2020-09-01"})
    assert "不在本期" in client.get(url).content.decode()


def test_an_event_with_the_dates_of_the_year_takes_its_statement(client, household, caseworker):
    statement = income.save_statement(
        household, purpose="annual", campaign=Campaign.objects.get(),
        lines={"inc_wage": 24000, "inc_dibao": 1200}, by=caseworker,
    )  # fmt: skip
    client.force_login(caseworker)
    form = reverse("households:income_form", args=[household.pk, "identify", "202110"])
    assert "采用同周期" not in client.get(form).content.decode()
    with pytest.raises(Refused, match="没有已确认的"):
        income.adopt(household, purpose="identify", reference_month="202110", by=caseworker)
    income.confirm(statement, by=caseworker)
    assert "采用同周期" in client.get(form).content.decode()
    client.post(reverse("households:income_adopt", args=[household.pk, "identify", "202110"]))
    taken = household.statements.get(purpose="identify")
    assert (taken.inc_wage, taken.inc_dibao, taken.state) == (24000, 1200, "draft")
    assert (taken.window_from, taken.window_to) == WINDOW
    # The month after has other dates: it is asked anew.
    with pytest.raises(Refused):
        income.adopt(household, purpose="identify", reference_month="202111", by=caseworker)
