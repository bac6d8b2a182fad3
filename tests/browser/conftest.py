"""Chromium, a live server, a real worker; a small demonstration county on a date that the test moves."""

import datetime
import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from fanpin.clock.days import set_demo_day
from fanpin.demo.accounts import make_accounts
from fanpin.demo.bulk import load
from fanpin.demo.people import Draft, Maker, Place
from fanpin.regions.models import Division
from households.selectors.parameters import current_campaign
from tests.browser.desk import OFFICE, Desk
from tests.factories import register

# Playwright keeps an event loop running in this thread; the tests still use the database from it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = "/usr/bin/chromium"
COUNTIES = ("620421", "620422")
LOADED_AT = datetime.datetime.fromisoformat("2021-10-19T09:00:00+08:00")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": args}


@pytest.fixture(scope="session")
def judged() -> set[str]:
    """Pages already held against axe in this run."""
    return set()


@pytest.fixture
def turn_to(settings, monkeypatch, live_server) -> Iterator[Callable[[str], None]]:
    """Moves the business date for the server's threads, the worker and the test alike."""
    settings.DEMO = True
    monkeypatch.setenv("FANPIN_DEMO", "1")
    yield lambda day: set_demo_day(datetime.date.fromisoformat(day))
    set_demo_day(None)


@pytest.fixture
def demo(turn_to) -> dict[str, Division]:
    """Two counties of generated households that satisfy every rule, and the demonstration's accounts."""
    tree = register.places()
    turn_to("2021-11-01")
    make_accounts("6204", list(COUNTIES), [register.VILLAGE, register.FAR_VILLAGE])
    maker = Maker(Random(12), list(COUNTIES))
    serials: dict[str, int] = {}
    for village, count in ((register.VILLAGE, 5), (register.FAR_VILLAGE, 2)):
        drafts = _draw(maker, tree[village], count)
        load(drafts, campaign=current_campaign(), at=LOADED_AT, serials=serials)
    return tree


def _draw(maker: Maker, village: Division, count: int) -> list[Draft]:
    hamlet = register.hamlet(village)
    place = Place(village.code, village.path, village.name, (hamlet.code,))
    drafts = [maker.household(place) for _ in range(count)]
    for draft in drafts:
        draft.household["collection_state"] = "reviewed"
    return drafts


@pytest.fixture
def desk(browser, live_server, judged, settings) -> Iterator[Callable[..., Desk]]:
    """`desk("cun")` is a window in which that account of the demonstration has logged in."""
    opened: list[Desk] = []

    def sit_down(username: str, size: dict[str, int] = OFFICE) -> Desk:
        made = Desk(browser, live_server.url, judged, size)
        opened.append(made)
        return made.log_in(username, settings.DEMO_PASSWORD) if username else made

    yield sit_down
    for each in opened:
        each.context.close()
