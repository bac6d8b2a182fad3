import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from fanpin.accounts.verdicts import Refused
from households.models import Campaign, Collection, Household
from households.selectors import income as figures
from households.selectors.parameters import MissingParameter
from households.services import collection, households, income, members
from households.services.writing import Conflict
from tests.factories import register

EXAMPLE_2 = {"inc_wage": 14000, "inc_business": 11200, "inc_transfer": 3600, "exp_business": 7200}


@pytest.fixture
def four(caseworker):
    people = [
        *register.family(),
        register.person("王小华", "30", born=datetime.date(2012, 1, 1), sex="2"),
    ]
    return register.household(caseworker, members=people, hh_type="general")


def annual(household, by, lines=EXAMPLE_2, **more):
    campaign = Campaign.objects.get()
    return income.save_statement(
        household, purpose="annual", campaign=campaign, lines=lines, by=by, **more
    )


def test_example_2_of_the_policy(four, caseworker):
    made = income.save_statement(
        four, purpose="identify", reference_month="202111", lines=EXAMPLE_2, by=caseworker
    )
    assert (made.window_from, made.window_to) == (
        datetime.date(2020, 11, 1),
        datetime.date(2021, 10, 31),
    )
    assert (made.inc_net, made.inc_net_pc, made.members_count) == (21600, 5400, 4)
    stand = figures.against_line(made)
    assert stand.line == 6000
    assert stand.below


def test_example_3_the_annual_window_stands_on_its_own(four, caseworker):
    made = annual(four, caseworker)
    event = income.save_statement(
        four, purpose="identify", reference_month="202110", lines=EXAMPLE_2, by=caseworker
    )
    assert (made.window_from, made.window_to) == (event.window_from, event.window_to)
    assert made.pk != event.pk


def test_example_7_reference_income_takes_payouts_in_and_own_payments_out(caseworker):
    people = [
        *register.family(),
        *(register.person(f"王{n}", "20", born=datetime.date(2000 + n, 1, 1)) for n in (1, 2)),
    ]
    five = register.household(caseworker, members=people)
    lines = {"inc_wage": 41000, "self_pay": 38000, "claim_income": 6000}
    stand = figures.against_line(
        income.save_statement(
            five, purpose="identify", reference_month="202111", lines=lines, by=caseworker
        )
    )
    assert not stand.below
    assert stand.reference == 1800
    assert stand.reference_below


def test_example_9_exactly_the_line_is_not_below_and_a_cent_less_is(household, caseworker):
    exact = annual(household, caseworker, {"inc_wage": 18000})
    assert not figures.against_line(exact).below
    less = annual(household, caseworker, {"inc_wage": "17999.99"})
    assert less.inc_net_pc == Decimal("6000.00")
    assert figures.against_line(less).below


def test_a_missing_line_refuses_the_comparison_and_names_what_is_missing(
    household, caseworker, monkeypatch
):
    made = income.save_statement(
        household, purpose="eliminate", reference_month="202111", lines=EXAMPLE_2, by=caseworker
    )
    made.reference_month = "202203"
    with pytest.raises(MissingParameter, match="未设置2022年度“监测范围"):
        figures.against_line(made)


def test_a_total_is_the_sum_of_its_parts(household, caseworker):
    made = annual(
        household, caseworker, {"inc_crop": "1200.50", "inc_livestock": 800, "inc_dibao": 300}
    )
    assert (made.inc_business, made.inc_transfer, made.inc_net) == (
        Decimal("2000.50"),
        300,
        Decimal("2300.50"),
    )


def test_a_total_that_contradicts_its_parts_is_refused_at_its_field(household, caseworker):
    with pytest.raises(ValidationError) as refusal:
        annual(household, caseworker, {"inc_business": 9000, "inc_crop": 8000, "inc_wage": -1})
    assert set(refusal.value.message_dict) == {"inc_business", "inc_wage"}


def test_a_negative_net_income_is_legal(household, caseworker):
    made = annual(household, caseworker, {"inc_business": 1000, "exp_business": 4000})
    assert (made.inc_net, made.inc_net_pc) == (-3000, -1000)


def test_a_confirmed_statement_shows_on_the_household_and_is_edited_only_after_reopening(
    household, caseworker
):
    made = income.confirm(annual(household, caseworker), by=caseworker)
    row = Household.objects.get()
    assert (row.income_pc, row.income_from) == (Decimal("7200.00"), datetime.date(2020, 10, 1))
    with pytest.raises(Refused, match="已确认"):
        annual(household, caseworker)
    income.reopen(made, note="漏记务工收入", by=caseworker)
    assert Household.objects.get().income_pc is None
    assert annual(household, caseworker, {"inc_wage": 30000}).pk == made.pk


def test_the_roster_is_frozen_in_the_statement(household, caseworker, township):
    made = income.confirm(annual(household, caseworker), by=caseworker)
    from_then = list(made.roster)
    assert len(from_then) == 3
    household.members.filter(name="王小明").update(status="decreased")
    made.refresh_from_db()
    assert made.roster == from_then


def test_two_who_fill_the_same_statement_see_both_values(household, caseworker):
    annual(household, caseworker)
    annual(household, caseworker, {"inc_wage": 20000}, version=1)
    with pytest.raises(Conflict, match="工资性收入"):
        annual(household, caseworker, {"inc_wage": 15000}, version=1)


def ready(household, by):
    income.confirm(annual(household, by), by=by)
    return collection.of(household, Campaign.objects.get())


def test_the_form_goes_from_the_village_to_the_township(household, caseworker, township):
    form = ready(household, caseworker)
    for step, by, state in (
        ("collect", caseworker, "collected"),
        ("submit", caseworker, "checked"),
        ("review", township, "reviewed"),
    ):
        form = getattr(collection, step)(form, by=by)
        assert form.state == state


def test_open_errors_and_a_missing_statement_block_the_submission(household, caseworker):
    Household.objects.update(open_errors=2)
    with pytest.raises(Refused) as refusal:
        collection.submit(collection.of(household, Campaign.objects.get()), by=caseworker)
    words = " ".join(reason.text for reason in refusal.value.reasons)
    assert "还有2条错误" in words
    assert "收入测算表尚未填写并确认" in words


def test_a_returned_form_carries_the_reason_and_may_be_submitted_again(
    household, caseworker, township
):
    form = collection.submit(ready(household, caseworker), by=caseworker)
    form = collection.send_back(form, note="电话有误", by=township)
    assert (form.state, form.note) == ("returned", "电话有误")
    assert collection.submit(form, by=caseworker).state == "checked"


def test_the_village_does_not_review_and_the_township_does_not_submit(
    household, caseworker, township
):
    form = ready(household, caseworker)
    with pytest.raises(PermissionDenied):
        collection.submit(form, by=township)
    form = collection.submit(form, by=caseworker)
    with pytest.raises(PermissionDenied):
        collection.review(form, by=caseworker)


def test_a_reviewed_form_comes_back_when_its_facts_change(household, caseworker, township):
    form = collection.review(
        collection.submit(ready(household, caseworker), by=caseworker), by=township
    )
    households.edit(household, fields={"phone": "13800000001"}, by=caseworker)
    assert Collection.objects.get(pk=form.pk).state == "collected"
    collection.submit(form, by=caseworker)
    members.edit(household.members.first(), fields={"member_phone": "13800000001"}, by=caseworker)
    assert Collection.objects.get(pk=form.pk).state == "collected"
