import datetime

import pytest

from households.selectors import receipts as figures
from households.services import receipts
from tests.counties.books import hand_in
from tests.factories import register

WINDOW = (datetime.date(2020, 10, 1), datetime.date(2021, 9, 30))
EVENT = (datetime.date(2020, 11, 1), datetime.date(2021, 10, 31))


def row(member, **more):
    return {
        "id_no": member.id_no, "name": member.name, "kind": "dibao_rural", "status": "normal",
        "amount": 310, "from_on": "2021-03-01", **more,
    }  # fmt: skip


@pytest.fixture
def household(insured_family):
    return insured_family


@pytest.fixture
def head(household):
    return household.members.get(relation="02")


@pytest.fixture
def officer(tree):
    return register.user("department_officer", register.COUNTY, department="civil_affairs")


def test_a_ledger_offers_what_it_pays_and_nobody_types_it(household, head, officer, caseworker):
    hand_in("dibao_tekun", [row(head)], by=officer)
    (offer,) = figures.offers(household, WINDOW)
    assert (offer.line, offer.amount, offer.member_name) == ("inc_dibao", 310, head.name)
    assert (offer.first_month, offer.last_month) == ("202103", "")
    assert "民政低保特困台账" in offer.source
    assert receipts.take_offers(household, [offer.key], window=WINDOW, by=caseworker) == 1
    assert figures.sums(figures.counted(household, WINDOW)) == {"inc_dibao": 310 * 7}
    assert figures.sums(figures.counted(household, EVENT)) == {"inc_dibao": 310 * 8}
    assert figures.offers(household, WINDOW) == []
    assert receipts.take_offers(household, [offer.key], window=WINDOW, by=caseworker) == 0


def test_a_total_stands_for_the_year_only(household, head, officer, caseworker):
    hand_in("dibao_tekun", [row(head, total=3720)], by=officer)
    (offer,) = figures.offers(household, WINDOW)
    assert offer.amount == 3720
    assert figures.offers(household, EVENT) == []


def test_a_changed_ledger_offers_again_and_replaces(household, head, officer, caseworker):
    hand_in("dibao_tekun", [row(head)], by=officer)
    (offer,) = figures.offers(household, WINDOW)
    receipts.take_offers(household, [offer.key], window=WINDOW, by=caseworker)
    hand_in("dibao_tekun", [row(head, amount=350)], by=officer)
    (offer,) = figures.offers(household, WINDOW)
    receipts.take_offers(household, [offer.key], window=WINDOW, by=caseworker)
    assert figures.sums(figures.counted(household, WINDOW)) == {"inc_dibao": 350 * 7}
    assert household.receipts.count() == 2


def test_nothing_is_offered_for_what_ended_before_the_window(household, head, officer):
    ended = row(head, from_on="2019-01-01", until_on="2020-09-30")
    hand_in("dibao_tekun", [ended], by=officer)
    assert figures.offers(household, WINDOW) == []
