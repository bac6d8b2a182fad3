"""Business dates in Asia/Shanghai and working days by the State Council's table."""

import datetime
import os

import pytest
import time_machine
from django.core.cache import cache

from fanpin import clock
from fanpin.clock.days import forget_calendar, keep_demo_day, pretend, set_demo_day
from fanpin.clock.models import CalendarDay, DemoClock
from fanpin.embedded.refusing import know_demonstration
from households.services.reference import load_reference
from tests.factories import register

# The National Day holiday of 2021 (1st–7th) is paid for on two weekend days.
OCTOBER_HOLIDAYS = {1, 4, 5, 6, 7}
OCTOBER_WORKED_WEEKENDS = {9}
OCTOBER_2021 = [
    (1, False), (2, False), (3, False), (4, False), (5, False), (6, False), (7, False),
    (8, True), (9, True), (10, False), (11, True), (15, True), (16, False), (17, False),
    (18, True), (23, False), (24, False), (29, True), (30, False), (31, False),
]  # fmt: skip


def october(day: int) -> datetime.date:
    return datetime.date(2021, 10, day)


@pytest.fixture
def calendar(db):
    register.places()


@pytest.fixture
def empty_calendar(db):
    forget_calendar()
    yield
    forget_calendar()


@pytest.mark.parametrize(("day", "works"), OCTOBER_2021)
def test_working_days_of_october_2021(calendar, day, works):
    assert clock.is_working_day(october(day)) is works


def test_the_weekend_before_the_holiday_was_worked(calendar):
    assert clock.is_working_day(datetime.date(2021, 9, 26))
    assert not clock.is_working_day(datetime.date(2021, 9, 25))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (datetime.date(2021, 9, 30), 1, october(8)),
        (datetime.date(2021, 9, 30), 2, october(9)),
        (datetime.date(2021, 9, 30), 3, october(11)),
        (october(8), 5, october(14)),
        (october(16), 1, october(18)),
        (october(15), 0, october(15)),
        (october(16), 0, october(16)),
        (datetime.date(2021, 11, 5), 10, datetime.date(2021, 11, 19)),
    ],
)
def test_the_day_after_so_many_working_days(calendar, start, count, end):
    assert clock.add_working_days(start, count) == end
    assert clock.working_days_between(start, end) == count


def test_between_a_day_and_itself_or_an_earlier_one_lies_no_working_day(calendar):
    assert clock.working_days_between(october(18), october(18)) == 0
    assert clock.working_days_between(october(18), october(8)) == 0


def test_without_a_table_the_plain_week_counts(empty_calendar):
    assert clock.is_working_day(october(1))
    assert not clock.is_working_day(october(9))


def test_a_changed_table_counts_at_once(calendar):
    assert clock.is_working_day(october(11))
    CalendarDay.objects.create(day=october(11), is_working=False, name="临时放假")
    forget_calendar()
    try:
        assert not clock.is_working_day(october(11))
    finally:
        forget_calendar()


def test_loading_the_holidays_again_adds_none(calendar):
    count = CalendarDay.objects.count()
    assert load_reference()["holidays"] == 0
    assert CalendarDay.objects.count() == count


@time_machine.travel("2021-11-07T16:30:00+00:00", tick=False)
def test_the_day_begins_at_midnight_in_china():
    assert clock.today() == datetime.date(2021, 11, 8)
    assert clock.month_of(clock.today()) == "202111"


@time_machine.travel("2021-11-08T10:15:00+08:00", tick=False)
def test_a_pretended_day_keeps_the_time_of_day_and_ends_with_its_block():
    with pretend(october(20)):
        assert clock.today() == october(20)
        assert clock.now().isoformat() == "2021-10-20T10:15:00+08:00"
        with pretend(october(21)):
            assert clock.today() == october(21)
        assert clock.today() == october(20)
    assert clock.today() == datetime.date(2021, 11, 8)


@time_machine.travel("2021-11-08T10:15:00+08:00", tick=False)
def test_the_date_of_a_demonstration_rules_until_it_is_given_back(db, settings):
    settings.DEMO = True
    cache.delete("clock.demo-day")
    try:
        set_demo_day(datetime.date(2021, 12, 1))
        assert clock.today() == datetime.date(2021, 12, 1)
        assert clock.now().isoformat() == "2021-12-01T10:15:00+08:00"
        with pretend(october(20)):
            assert clock.today() == october(20)
        set_demo_day(None)
        assert clock.today() == datetime.date(2021, 11, 8)
    finally:
        set_demo_day(None)


@time_machine.travel("2021-11-08T10:15:00+08:00", tick=False)
def test_outside_a_demonstration_the_date_cannot_be_moved(db, settings):
    settings.DEMO = False
    DemoClock.objects.create(day=datetime.date(2021, 12, 1))
    with pytest.raises(RuntimeError):
        set_demo_day(datetime.date(2021, 12, 1))
    assert clock.today() == datetime.date(2021, 11, 8)


@time_machine.travel("2026-11-08T10:15:00+08:00", tick=False)
def test_a_command_knows_the_demonstration_from_its_data(db, settings, monkeypatch):
    settings.DEMO = False
    monkeypatch.delenv("FANPIN_DEMO", raising=False)
    cache.delete("clock.demo-day")
    know_demonstration()
    assert not settings.DEMO
    assert clock.today() == datetime.date(2026, 11, 8)
    keep_demo_day(datetime.date(2021, 11, 8))
    try:
        monkeypatch.setenv("FANPIN_DEMO", "0")
        know_demonstration()
        assert clock.today() == datetime.date(2026, 11, 8)
        monkeypatch.delenv("FANPIN_DEMO")
        settings.PRODUCTION = True
        know_demonstration()
        assert not settings.DEMO
        settings.PRODUCTION = False
        know_demonstration()
        assert clock.today() == datetime.date(2021, 11, 8)
        assert os.environ["FANPIN_DEMO"] == "1"
    finally:
        monkeypatch.delenv("FANPIN_DEMO", raising=False)
        keep_demo_day(None)
