"""The frame's bar of running jobs, and what keeps a session alive: a person's work, not a page that asks by itself."""

import datetime

import pytest
import time_machine
from django.urls import reverse

from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from tests.factories import register

MORNING = datetime.datetime.fromisoformat("2021-11-08T10:00:00+08:00")
POLL = {"HX-Request": "true", "HX-Poll": "1"}


@pytest.fixture
def logged_in(client, caseworker):
    client.force_login(caseworker)
    return client


def running_job(owner, **fields):
    return Job.objects.create(
        kind="tests.count",
        label="导入农户表",
        owner=owner,
        **{"status": Status.RUNNING, "done": 1200, "total": 3000, **fields},
    )


def asked(client, **headers):
    return client.get(reverse("jobs:running"), headers=headers or None)


def test_the_frame_shows_my_running_jobs_as_n_of_m_and_goes_on_asking(logged_in, caseworker):
    job = running_job(caseworker)
    html = asked(logged_in).content.decode()
    assert "导入农户表" in html
    assert "1,200 / 3,000" in html
    assert f'href="{job.get_absolute_url()}"' in html
    assert 'hx-trigger="every' in html
    assert "HX-Poll" in html


def test_nothing_runs_nothing_is_asked_again(logged_in, caseworker):
    running_job(caseworker, status=Status.DONE, finished_at=MORNING)
    assert asked(logged_in).content.strip() == b""


def test_the_jobs_of_others_are_not_in_my_frame(logged_in):
    running_job(register.user("village_caseworker", register.VILLAGE))
    assert asked(logged_in).content.strip() == b""


def test_more_jobs_than_the_frame_holds_lead_to_the_list(logged_in, caseworker):
    for _ in range(4):
        running_job(caseworker)
    html = asked(logged_in).content.decode()
    assert "另有 2 项" in html
    assert reverse("jobs:list") in html


def test_the_page_of_a_running_job_asks_without_counting_as_work(logged_in, caseworker):
    html = logged_in.get(running_job(caseworker).get_absolute_url()).content.decode()
    assert """hx-headers='{"HX-Poll": "1"}'""" in html


def test_polling_does_not_prolong_the_session(logged_in, settings):
    logged_in.get(reverse("accounts:profile"))
    for minutes in (20, 40, 59):
        with time_machine.travel(MORNING + datetime.timedelta(minutes=minutes), tick=False):
            answer = asked(logged_in, **POLL)
            assert answer.status_code == 200
            assert settings.SESSION_COOKIE_NAME not in answer.cookies
    with time_machine.travel(MORNING + datetime.timedelta(minutes=61), tick=False):
        answer = logged_in.get(reverse("accounts:profile"))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("accounts:login"))


def test_a_persons_requests_prolong_the_session(logged_in):
    for minutes in (40, 80, 120):
        with time_machine.travel(MORNING + datetime.timedelta(minutes=minutes), tick=False):
            assert logged_in.get(reverse("accounts:profile")).status_code == 200


def test_reading_on_within_a_minute_writes_nothing_and_the_browser_knows_the_time_left(
    logged_in, settings
):
    url = reverse("accounts:profile")
    with time_machine.travel(MORNING, tick=False):
        assert settings.SESSION_COOKIE_NAME in logged_in.get(url).cookies
    for seconds, is_written in ((45, False), (61, True)):
        with time_machine.travel(MORNING + datetime.timedelta(seconds=seconds), tick=False):
            answer = logged_in.get(url)
        assert (settings.SESSION_COOKIE_NAME in answer.cookies) is is_written
        left = 3600 if is_written else 3600 - seconds
        assert f'name="fp-session-seconds" content="{left}"' in answer.content.decode()


def test_a_polling_page_stops_when_the_session_has_ended_and_keeps_what_it_shows(client, tree):
    answer = asked(client, **POLL)
    assert answer.status_code == 286
    assert answer.headers["HX-Reswap"] == "none"
    assert answer.content == b""
