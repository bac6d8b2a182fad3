"""The check of a county as it is used: facts read from the database, all rules, findings written.

limit  the same two tables copied out of the database and nothing else
peer   the same check household by household, over a sample, extrapolated
ours   `check_county`, first on a county never checked (every finding is new), then again
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from statistics import median
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from counties.models import Finding
from counties.quality import check_county, check_households, judge
from counties.quality.checking import facts_of
from fanpin import clock
from fanpin.regions.models import Division, Level
from households.models import Campaign, Collection, Household, IncomeStatement, Member
from households.rules.schema import HOUSEHOLD, MEMBER, SPOUSE, defaults
from households.services.campaigns import open_county
from households.services.reference import load_reference

COUNTY = "629998"
HOUSEHOLDS = {"village": 500, "county": 100_000, "province": 100_000}
TOWNSHIPS, VILLAGES = 15, 20
SINGLE, PEER_HOUSEHOLDS = 60, 60
# One in so many rows is wrong in this column, so that there are findings to write.
WRONG_HOMES = {"has_tv": 41, "house_area": 73}
NOT_YET = {"income_from": None, "income_to": None}
# What says where a row lies is given beside the other facts.
PLACED = ("household", "county_code", "division_path")
WRONG_PEOPLE = {"ethnicity": 97, "labour": 53}


def measure(size: str) -> list[dict[str, Any]]:
    """One line for the county, one for a household that was saved."""
    campaign = make_county(HOUSEHOLDS[size])
    first, first_cpu = clocked(lambda: check_county(COUNTY, campaign=campaign))
    parts = _parts(campaign)
    again, again_cpu = clocked(lambda: check_county(COUNTY, campaign=campaign))
    limit = min(clocked(copied_out)[0] for _ in range(3))
    ids = list(Household.objects.filter(county_code=COUNTY).values_list("pk", flat=True)[:SINGLE])
    single = sorted(clocked(partial(check_households, [pk], campaign=campaign)) for pk in ids)
    peer = sum(seconds for seconds, _ in single) / len(single) * HOUSEHOLDS[size]
    return [
        {
            "name": "check_county",
            "size": size,
            "rows": Member.objects.filter(county_code=COUNTY).count(),
            "findings": Finding.objects.filter(county_code=COUNTY).live().count(),
            "limit": round(limit, 3),
            "peer": round(peer, 1),
            "ours": round(first, 3),
            "ratio_to_limit": round(first / limit, 2),
            "times_peer": round(peer / first, 1),
            "again": round(again, 3),
            "cpu": {"first": round(first_cpu, 2), "again": round(again_cpu, 2)},
            "parts": parts,
        },
        {
            "name": "check_household",
            "size": "household",
            "rows": 4,
            "ours": round(median(seconds for seconds, _ in single), 4),
            "fastest": round(single[0][0], 4),
            "cpu": round(median(cpu for _, cpu in single), 4),
        },
    ]


def _parts(campaign: Campaign) -> dict[str, float]:
    """Seconds of reading and of judging, all at once; what the check takes beyond them is writing."""
    path = Division.objects.get(pk=COUNTY).path
    start = time.perf_counter()
    with transaction.atomic():
        frames = facts_of(campaign, paths=[path])
    read = time.perf_counter()
    judge(frames, campaign, path, reach=("household", "village"))
    judged = time.perf_counter()
    return {"reading": round(read - start, 3), "judging": round(judged - read, 3)}


def copied_out() -> None:
    with connection.cursor() as cursor:
        for model in (Household, Member):
            table = model._meta.db_table
            cursor.copy_expert(
                f"COPY (SELECT * FROM {table} WHERE county_code = '{COUNTY}') TO STDOUT", BytesIO()
            )


def clocked(run: Callable[[], object]) -> tuple[float, float]:
    """Elapsed and this process's CPU seconds; the database's own CPU is in the elapsed time only."""
    start, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - cpu


def make_county(count: int) -> Campaign:
    """A county of right households of four, cloned in the database, with some answers missing."""
    villages = _divisions()
    load_reference()
    campaign = Campaign.objects.get(is_current=True)
    now = {"updated_at": clock.now()}
    home = Household.objects.create(
        **_columns(Household, defaults(HOUSEHOLD) | NOT_YET | {"family_size": 4}),
        hh_code="0" * 17, village_id=villages[0], county_code=COUNTY,
        division_path="/", created_at=clock.now(), **now,
    )  # fmt: skip
    people = [{}, SPOUSE, {"relation": "20", "birth_date": "1995-01-01"},
              {"relation": "30", "sex": "2", "birth_date": "1999-01-01"}]  # fmt: skip
    for person in people:
        Member.objects.create(
            **_columns(Member, defaults(MEMBER) | dict(person) | {"id18": None}),
            household=home, county_code=COUNTY, **now,
        )  # fmt: skip
    Collection.objects.create(household=home, campaign=campaign, state="collected")
    IncomeStatement.objects.create(
        **_columns(IncomeStatement, _earned_by(4)) | {"campaign": campaign},
        household=home, purpose="annual", window_from=campaign.income_from,
        window_to=campaign.income_to, members_count=4, made_at=clock.now(),
    )  # fmt: skip
    _cloned(home.pk, count - 1)
    open_county(campaign, COUNTY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign


def _earned_by(people: int) -> dict[str, Any]:
    """The income of the rules' right household, which has two people, so that each of so many has as much."""
    right = defaults(HOUSEHOLD)
    times = people // right["family_size_year"]
    return right | {
        name: value * times
        for name, value in right.items()
        if name.startswith(("inc_", "exp_")) and name != "inc_net_pc" and isinstance(value, float)
    }


def _divisions() -> list[str]:
    nodes = [("62", Level.PROVINCE), ("6299", Level.CITY), (COUNTY, Level.COUNTY)]
    nodes += [(f"{COUNTY}{100 + n}", Level.TOWNSHIP) for n in range(TOWNSHIPS)]
    villages = [f"{COUNTY}{100 + n}{200 + v}" for n in range(TOWNSHIPS) for v in range(VILLAGES)]
    nodes += [(code, Level.VILLAGE) for code in villages]
    nodes += [(f"{code}001", Level.HAMLET) for code in villages]
    made: dict[str, Division] = {}
    for code, level in nodes:
        above = next((made[code[:n]] for n in (12, 9, 6, 4, 2) if n < len(code)), None)
        path = f"{above.path if above else '/'}{code}/"
        made[code], _ = Division.objects.get_or_create(
            code=code,
            defaults={
                "name": code,
                "full_name": code,
                "level": level,
                "parent": above,
                "path": path,
            },
        )
    return villages


def _columns(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that are columns of the model, as it stores them."""
    found = {}
    for field in model._meta.concrete_fields:
        if field.name not in values or field.primary_key or field.name in PLACED:
            continue
        value = values[field.name]
        if isinstance(field, ArrayField):
            value = value.split(",") if value else []
        elif value is None and not field.null:
            value = ""
        found[field.name] = value
    return found


def _placed(n: str, count: int) -> dict[str, str]:
    """Where the n-th of so many households lies, as SQL: village by village, as a county is registered."""
    nth = f"({n}::bigint * {TOWNSHIPS * VILLAGES} / {count})"
    township = f"({COUNTY} * 1000::bigint + 100 + {nth} / {VILLAGES})"
    village = f"({township} * 1000 + 200 + {nth} % {VILLAGES})"
    return {
        "hh_code": f"(99999999900000000 + {n})::text",
        "village_id": f"{village}::text",
        "natural_village_id": f"({village} * 1000 + 1)::text",
        "division_path": f"'/62/6299/{COUNTY}/' || {township} || '/' || {village} || '/'",
        "longitude": f"104 + {n} / 1e6",
    }


def _cloned(home: int, count: int) -> None:
    """The household and all that hangs on it, `count` times, by INSERT … SELECT."""
    with connection.cursor() as cursor:
        placed = _placed("n", count + 1) | _sometimes(WRONG_HOMES, "n")
        names = _names(Household)
        chosen = ", ".join(f"{placed.get(name, f't.{name}')}" for name in names)
        cursor.execute(
            f"INSERT INTO {Household._meta.db_table} ({', '.join(names)}) SELECT {chosen}"
            f" FROM {Household._meta.db_table} t, generate_series(1, {count}) n WHERE t.id = {home}"
        )
        for model in (Member, Collection, IncomeStatement):
            names = _names(model)
            wrong = _sometimes(WRONG_PEOPLE, "h.id") if model is Member else {}
            chosen = ", ".join(
                "h.id" if name == "household_id" else wrong.get(name, f"t.{name}") for name in names
            )
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {chosen}"
                f" FROM {model._meta.db_table} t, {Household._meta.db_table} h"
                f" WHERE t.household_id = {home} AND h.county_code = '{COUNTY}' AND h.id <> {home}"
                " ORDER BY h.id, t.id"
            )
        own = ", ".join(f"{name} = {value}" for name, value in _placed("0", count + 1).items())
        cursor.execute(f"UPDATE {Household._meta.db_table} SET {own} WHERE id = {home}")


def _sometimes(wrong: Mapping[str, int], number: str) -> dict[str, str]:
    """A column's own value, and nothing in one of so many rows."""
    blank = {"has_tv": "NULL", "house_area": "NULL"}
    return {
        name: f"CASE WHEN {number} % {every} <> 1 THEN t.{name} ELSE {blank.get(name, chr(39) * 2)} END"
        for name, every in wrong.items()
    }


def _names(model: type[models.Model]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if not field.primary_key]
