"""Server time of the pages used all day, over a county of generated households: p50, p95, queries."""

import datetime
import statistics
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from counties.quality import check_households
from fanpin.accounts.models import Posting, User
from fanpin.demo.bulk import load
from fanpin.demo.people import CENTRES, Draft, Maker
from fanpin.demo.places import COUNTIES, places
from households.models import Household
from households.selectors.parameters import current_campaign
from households.views.register import COLUMNS

HOUSEHOLDS = {"village": 60, "county": 100_000, "province": 100_000}
ROUNDS = 40
GOAL = 0.050
COUNTY = COUNTIES[0]
CHUNK = 5_000
AT = datetime.datetime.fromisoformat("2021-10-19T09:00:00+08:00")


def measure(size: str) -> list[dict[str, Any]]:
    """One line a page; `ratio_to_limit` is the median over the goal of 50 ms."""
    began = time.perf_counter()
    fill(HOUSEHOLDS[size])
    filled = time.perf_counter() - began
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    client = Client()
    client.force_login(reviewer())
    with override_settings(ALLOWED_HOSTS=["*"]):
        lines = [_timed(client, name, url, size) for name, url in _pages()]
    return [{"name": "demo_bulk", "size": size, "rows": HOUSEHOLDS[size], "seconds": round(filled, 1)},
            *lines, _checked(size)]  # fmt: skip


def fill(households: int) -> None:
    """A county of generated households, its codes and its divisions."""
    call_command("load_divisions", verbosity=0, stdout=_Quiet())
    call_command("load_reference", stdout=_Quiet())
    villages = places(COUNTY, households)
    maker = Maker(Random(2021), list(CENTRES))
    serials: dict[str, int] = {}
    for start in range(0, households, CHUNK):
        size = min(CHUNK, households - start)
        drafts: list[Draft] = []
        for n in range(start, start + size):
            drafts.append(maker.household(villages[n * len(villages) // households]))
        load(drafts, campaign=current_campaign(), at=AT, serials=serials)
    with connection.cursor() as cursor:
        # As autovacuum does on a running system: pages known to be visible are counted from the index alone.
        cursor.execute("VACUUM ANALYZE")


def reviewer(username: str = "bench") -> User:
    """Somebody who may read the whole county."""
    user = User.objects.create_user(
        username, "not-a-login", name="测速", must_change_password=False
    )
    Posting.objects.create(
        user=user, role="county_reviewer", division_id=COUNTY, from_on=datetime.date(2020, 1, 1)
    )
    return user


def _pages() -> Iterator[tuple[str, str]]:
    one = Household.objects.order_by("hh_code")[Household.objects.count() // 2]
    tail = one.head_id_no[14:18]
    yield "list", "/households/"
    yield "list_page_100", "/households/?page=100"
    yield "list_filtered", "/households/?hh_type=lifted&collection=todo"
    yield "list_to_collect", "/households/?collection=todo"
    yield "list_by_name", f"/households/?q={one.head_name}"
    yield "list_by_number", f"/households/?q={one.head_id_no[:18]}"
    yield "list_by_last_four", f"/households/?q={tail}"
    yield "list_by_pinyin", f"/households/?q={one.head_pinyin}"
    for column in COLUMNS:
        if column.sort:
            yield f"sorted_by_{column.key}", f"/households/?sort={column.key}"
            yield f"sorted_back_by_{column.key}", f"/households/?sort=-{column.key}"
    village = f"/households/?division={one.village_id}"
    yield "village", village
    yield "village_by_income", f"{village}&sort=-income_pc"
    township = f"/households/?division={one.village_id[:9]}"
    yield "township", township
    yield "township_by_income", f"{township}&sort=-income_pc"
    yield "household", f"/households/{one.pk}/"
    yield "members", f"/households/{one.pk}/members/"
    yield "workbench", "/"
    yield "work_board", "/households/progress/"


def _checked(size: str) -> dict[str, Any]:
    """Every rule over one household after a save: its facts out of the database, its findings back in."""
    middle = Household.objects.count() // 2
    keys = list(
        Household.objects.order_by("pk").values_list("pk", flat=True)[middle:][: ROUNDS + 1]
    )
    rest = iter(keys)
    check_households([next(rest)])
    return _line("check_of_one", size, lambda: check_households([next(rest, keys[0])]))


def _timed(client: Client, name: str, url: str, size: str) -> dict[str, Any]:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        status = client.get(url).status_code
    # Counted now: the next request forgets them.
    found = {"status": status, "queries": len(captured)}
    return _line(f"page_{name}", size, lambda: client.get(url)) | found


def _line(name: str, size: str, act: Callable[[], object]) -> dict[str, Any]:
    times = []
    processor = time.process_time()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    processor = (time.process_time() - processor) / ROUNDS
    times.sort()
    median = statistics.median(times)
    return {
        "name": name,
        "size": size,
        "p50_ms": round(median * 1000, 1),
        "p95_ms": round(times[int(ROUNDS * 0.95) - 1] * 1000, 1),
        # Python's own share, which other work on the machine disturbs less.
        "cpu_ms": round(processor * 1000, 1),
        "ratio_to_limit": round(median / GOAL, 2),
    }


class _Quiet:
    def write(self, text: str) -> None:
        """Command output is not part of a measure."""
