"""Counting notice days (policy.md §4.3) and what a notice may not carry (Appendix B)."""

import datetime

import pytest

from monitoring.rules import notices

DAY = datetime.date


@pytest.mark.parametrize(
    ("posted", "days", "first"),
    [
        (DAY(2021, 11, 11), 5, DAY(2021, 11, 17)),
        (DAY(2021, 11, 11), 7, DAY(2021, 11, 19)),
        (DAY(2021, 12, 28), 5, DAY(2022, 1, 3)),
        (DAY(2024, 2, 26), 5, DAY(2024, 3, 3)),
        (DAY(2021, 11, 11), 0, DAY(2021, 11, 12)),
    ],
)
def test_a_notice_is_complete_at_the_end_of_its_last_day(posted, days, first):
    assert notices.earliest_submission(posted, days) == first
    assert notices.too_short(posted, days, first) == ""
    before = first - datetime.timedelta(days=1)
    assert notices.too_short(posted, days, before) == f"公示未满{days}天，最早可提交 {first}"


@pytest.mark.parametrize(
    ("today", "served"),
    [
        (DAY(2021, 11, 11), 0),
        (DAY(2021, 11, 12), 0),
        (DAY(2021, 11, 13), 1),
        (DAY(2021, 11, 17), 5),
    ],
)
def test_days_served_before_today(today, served):
    assert notices.days_served(DAY(2021, 11, 11), today) == served


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("身份证62042119700520991X", "18位身份证号码"),
        ("身份证 620421 19700520 9915", "18位身份证号码"),
        ("旧证620421700520991", "15位身份证号码"),
        ("联系电话13912345678", "手机号码"),
        ("固话0943-1234567", "电话号码"),
        ("账号6228480402564890018", "银行账号"),
    ],
)
def test_a_notice_text_with_personal_data_is_refused(text, what):
    assert notices.personal_data(f"拟纳入王某户，{text}") == [f"公示内容含有{what}，请删去"]


def test_a_notice_may_carry_dates_and_amounts_but_no_named_illness():
    assert notices.personal_data("2021年11月11日至11月16日公示，4人，人均5400元") == []
    assert notices.personal_data("因肺癌致困", names_of_health=("肺癌",))
