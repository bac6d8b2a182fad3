import datetime

import pytest

from counties.comparison import SPECS
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


@pytest.mark.parametrize(
    ("ledger", "department", "given", "line", "in_window"),
    [
        ("pension", "hr_social", {"kind": "resident", "status": "receiving", "total": 1356}, "inc_pension", 1356),
        ("pension", "hr_social", {"kind": "employee", "status": "receiving", "amount": 2000,
                                   "from_on": "2021-07-01"}, "inc_pension", 6000),
        ("eco_comp", "forestry", {"kind": "returned_forest", "total": 900}, "inc_eco_comp", 900),
        ("forest_guard", "forestry", {"kind": "forest", "status": "on_duty", "amount": 800,
                                      "from_on": "2021-06-01"}, "inc_wage", 3200),
        ("farmland", "agriculture", {"kind": "farmland", "total": 588}, "inc_agri_subsidy", 588),
    ],
)  # fmt: skip
def test_every_department_that_pays_offers_its_sums_with_their_source(
    household, head, caseworker, ledger, department, given, line, in_window
):
    by = register.user("department_officer", register.COUNTY, department=department)
    hand_in(ledger, [{"id_no": head.id_no, "name": head.name, **given}], by=by)
    (offer,) = figures.offers(household, WINDOW)
    assert offer.line == line
    assert SPECS[ledger].title in offer.source
    receipts.take_offers(household, [offer.key], window=WINDOW, by=caseworker)
    assert figures.sums(figures.counted(household, WINDOW))[line] == in_window


def test_who_is_only_insured_is_offered_nothing(household, head, tree):
    by = register.user("department_officer", register.COUNTY, department="hr_social")
    insured = {"id_no": head.id_no, "name": head.name, "kind": "resident", "status": "insured"}
    hand_in("pension", [insured], by=by)
    assert figures.offers(household, WINDOW) == []
