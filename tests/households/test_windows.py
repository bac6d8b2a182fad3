"""The nine worked examples of policy.md §7.5, and what they leave open."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from households.rules.windows import (
    Income,
    income_is_stale,
    is_below,
    months_between,
    per_capita,
    received_in,
    shift_month,
    shown,
    window_annual,
    window_event,
)

LINE_2021 = Decimal("6000")


def test_example_1_the_annual_form_counts_what_was_received_from_october_to_september():
    window = window_annual(2021)
    assert window == (date(2020, 10, 1), date(2021, 9, 30))
    assert not received_in(date(2021, 10, 5), window)
    assert received_in(date(2020, 10, 1), window)
    assert not received_in(date(2020, 9, 30), window)


def test_example_2_a_household_checked_in_november_is_below_the_line():
    income = Income(
        inc_wage=14_000,
        inc_business=11_200,
        inc_transfer=3_600,
        exp_business=7_200,
        members_count=4,
    )
    assert window_event("202111") == (date(2020, 11, 1), date(2021, 10, 31))
    assert income.net == 21_600
    assert income.net_pc == 5_400
    assert is_below(income.net_pc, LINE_2021)


def test_example_3_checked_in_october_the_event_window_is_the_annual_one():
    assert window_event("202110") == window_annual(2021)


def test_example_4_elimination_in_march_2022_with_own_payments():
    income = Income(
        inc_wage=36_000,
        inc_business=4_000,
        inc_property=600,
        inc_transfer=2_400,
        exp_business=1_600,
        self_pay=5_200,
        members_count=3,
    )
    assert window_event("202203") == (date(2021, 3, 1), date(2022, 2, 28))
    assert income.net == 41_400
    assert income.net_pc == 13_800
    assert shown(income.reference_pc) == Decimal("12066.67")


def test_example_5_a_leap_day_is_inside():
    assert window_event("202403") == (date(2023, 3, 1), date(2024, 2, 29))


def test_example_6_a_january_window_is_the_calendar_year():
    assert window_event("202201") == (date(2021, 1, 1), date(2021, 12, 31))


def test_example_7_heart_surgery_pulls_the_reference_income_below_the_line():
    income = Income(inc_wage=41_000, self_pay=38_000, claim_income=6_000, members_count=5)
    assert window_event("202111") == (date(2020, 11, 1), date(2021, 10, 31))
    assert not is_below(income.net_pc, LINE_2021)
    assert income.reference_pc == 1_800
    assert is_below(income.reference_pc, LINE_2021)


def test_example_8_a_decision_two_months_after_the_check_is_stale():
    assert income_is_stale("202110", "202112", max_lag=1)
    assert not income_is_stale("202110", "202111", max_lag=1)
    assert window_event("202112") == (date(2020, 12, 1), date(2021, 11, 30))


def test_example_9_exactly_the_line_is_not_below():
    assert not is_below(Fraction(6000), LINE_2021)
    assert is_below(per_capita(Decimal("17999.99"), 3), LINE_2021)


def test_the_unrounded_figure_decides_although_it_is_shown_as_the_line():
    nearly = per_capita(Decimal("17999.99"), 3)
    assert shown(nearly) == Decimal("6000.00")
    assert is_below(nearly, LINE_2021)


def test_a_negative_net_income_is_kept():
    assert Income(inc_business=1_000, exp_business=4_000, members_count=2).net_pc == -1_500


def test_a_campaign_may_have_its_own_window():
    @dataclass
    class Campaign:
        income_from: date
        income_to: date

    assert window_annual(Campaign(date(2021, 1, 1), date(2021, 12, 31))) == (
        date(2021, 1, 1),
        date(2021, 12, 31),
    )


@pytest.mark.parametrize(
    ("month", "by", "expected"),
    [("202101", -1, "202012"), ("202012", 1, "202101"), ("202111", -12, "202011")],
)
def test_months_shift_across_years(month, by, expected):
    assert shift_month(month, by) == expected
    assert months_between(month, expected) == by


def test_half_a_cent_is_shown_rounded_up():
    assert shown(Fraction(1, 200)) == Decimal("0.01")
