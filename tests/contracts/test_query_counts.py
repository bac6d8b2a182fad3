"""A page asks the database as often for six hundred rows as for three."""

import re
from collections import Counter

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fanpin.accounts.roles import Role
from tests.contracts.growing import crowd, grow
from tests.contracts.routes import ABOUT, PLAIN
from tests.contracts.world import TODAY, World
from tests.factories import monitoring

pytestmark = pytest.mark.django_db

SIZES = (0, 60, 600)
CHILDREN = (0, 30)
MOST = 80
COUNTY, TOWNSHIP, OFFICER = Role.COUNTY_REVIEWER, Role.TOWNSHIP_REVIEWER, Role.DEPARTMENT_OFFICER
LISTS = {
    "workbench": COUNTY,
    "households:list": COUNTY,
    "households:change_queue": TOWNSHIP,
    "households:progress": COUNTY,
    "households:imports": COUNTY,
    "monitoring:clues": COUNTY,
    "monitoring:applications": COUNTY,
    "monitoring:cases": COUNTY,
    "monitoring:identification": TOWNSHIP,
    "monitoring:objects": COUNTY,
    "monitoring:outlooks": COUNTY,
    "monitoring:evaluations": COUNTY,
    "monitoring:meetings": COUNTY,
    "evaluation-list": COUNTY,
    "monitoring:comparison_requests": OFFICER,
    "assistance:plans": COUNTY,
    "assistance:measures": COUNTY,
    "counties:findings": COUNTY,
    "counties:key_checks": COUNTY,
    "key-check-list": COUNTY,
    "counties:village_sheets": COUNTY,
    "counties:hamlet_sheets": COUNTY,
    "counties:county_sheets": COUNTY,
    "counties:adjustments": COUNTY,
    "counties:ledgers": COUNTY,
    "counties:reconciliations": COUNTY,
    "counties:closure_of": COUNTY,
    "counties:summary_of": Role.CITY_OFFICIAL,
    "accounts:users": Role.ADMIN,
    "accounts:audit": COUNTY,
    "accounts:switch_division": COUNTY,
    "regions:list": Role.ADMIN,
    "jobs:list": COUNTY,
    "household-list": COUNTY,
    "case-list": COUNTY,
    "finding-list": COUNTY,
    "village-sheet-list": COUNTY,
    "hamlet-sheet-list": COUNTY,
    "county-sheet-list": COUNTY,
    "job-list": COUNTY,
}
OF_ONE = {
    "households:detail": COUNTY,
    "households:members": COUNTY,
    "households:changes": COUNTY,
    "households:income": COUNTY,
    "households:collection": COUNTY,
    "monitoring:household": COUNTY,
    "monitoring:story": COUNTY,
    "monitoring:case": TOWNSHIP,
    "monitoring:evaluation": TOWNSHIP,
    "assistance:household": COUNTY,
    "assistance:plan": COUNTY,
    "assistance:measure": COUNTY,
    "counties:household": COUNTY,
    "counties:finding": COUNTY,
    "counties:place_sheet": COUNTY,
    "counties:place_sheet_print": COUNTY,
    "counties:county_sheet": COUNTY,
    "counties:adjustment": COUNTY,
    "counties:reconciliation": COUNTY,
    "counties:reconciled": COUNTY,
    "household-detail": COUNTY,
    "household-members": COUNTY,
    "case-detail": COUNTY,
}


def address(name: str, world: World) -> str:
    if name not in ABOUT:
        return reverse(name, kwargs=PLAIN[name])
    about = ABOUT[name]
    row = world.rows["monitored" if about.row == "household" else about.row]
    return reverse(name, kwargs=about.more(row))


def asked(world: World, pages: dict[str, str]) -> dict[str, Counter[str]]:
    """The queries of each page, alike ones counted together, without what the cache may have kept."""
    found = {}
    clients: dict[str, Client] = {}
    for name, role in pages.items():
        if role not in clients:
            clients[role] = Client()
            clients[role].force_login(world.inside[role])
        cache.clear()
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            answer = clients[role].get(address(name, world), follow=True)
            transaction.set_rollback(True)
        assert answer.status_code == 200, name
        found[name] = Counter(shape(q["sql"]) for q in queries)
    return found


def shape(sql: str) -> str:
    """A query without its values."""
    sql = re.sub(r"'[^']*'|\b\d+\b", "?", sql)
    return re.sub(r"\((?:\?(?:, )?)+\)", "(?)", sql)


@pytest.fixture(scope="module")
def by_size(world, django_db_blocker):
    """Page → its queries, at every size; the rows go with the module."""
    with django_db_blocker.unblock(), monitoring.day(TODAY), transaction.atomic():
        found = []
        for smaller, size in zip((0, *SIZES), SIZES, strict=False):
            grow(world, smaller, size)
            found.append(asked(world, LISTS | OF_ONE))
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def by_children(world, django_db_blocker):
    with django_db_blocker.unblock(), monitoring.day(TODAY), transaction.atomic():
        found = []
        for smaller, size in zip((0, *CHILDREN), CHILDREN, strict=False):
            crowd(world, range(70_000 + smaller, 70_000 + size))
            found.append(asked(world, OF_ONE))
        transaction.set_rollback(True)
    return found


COUNTED = re.compile(r"SELECT COUNT\(\*\) FROM \(SELECT .* LIMIT \?\) subquery$")


def asked_for(page: Counter[str]) -> int:
    """All but the count of a list's rows: one that ends on its first page needs none."""
    return sum(n for sql, n in page.items() if not COUNTED.match(sql))


def compare(name: str, found: list[dict[str, Counter[str]]], sizes: tuple[int, ...]) -> None:
    counts = [asked_for(page[name]) for page in found]
    more = (found[-1][name] - found[0][name]).most_common(3)
    told = "\n".join(f"+{n} × {sql[:400]}" for sql, n in more)
    assert len(set(counts)) == 1, f"{name}: {dict(zip(sizes, counts, strict=True))} 次查询\n{told}"


@pytest.mark.parametrize("name", [*LISTS, *OF_ONE])
def test_a_page_asks_as_often_whatever_lies_around_it(name, by_size):
    compare(name, by_size, SIZES)


@pytest.mark.parametrize("name", OF_ONE)
def test_a_page_of_one_record_asks_as_often_whatever_lies_below_it(name, by_children):
    compare(name, by_children, CHILDREN)


@pytest.mark.parametrize("name", [*LISTS, *OF_ONE])
def test_no_page_asks_more_than_eighty_times(name, by_size):
    found = by_size[0][name]
    assert found.total() <= MOST, found.most_common(8)
