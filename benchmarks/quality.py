"""All rules over 400,000 members, and over one household as after a save.

limit  the conditions alone, on facts already prepared: nothing put into words
peer   the same rules household by household, over a sample, extrapolated
ours   `fanpin.rules.evaluate`: prepare the facts, judge every rule, put every hit into words
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import polars as pl

from fanpin.rules import Rule, evaluate
from households.rules import registered
from households.rules.catalogue import EXAMPLE_VALUES
from households.rules.preparing import prepare
from households.rules.schema import example_frames

HOUSEHOLDS = {"village": 500, "county": 100_000, "province": 400_000}
PEER_HOUSEHOLDS = 40
REPEATS = 5
PEOPLE = (
    {},
    {},
    {"relation": "20", "birth_date": "1995-01-01", "id18": None},
    {"relation": "30", "sex": "2", "birth_date": "1999-01-01", "id18": None},
)
# One in so many rows is wrong in this column, so that there is something to put into words.
WRONG_EVERY = {"ethnicity": 97, "health": 211, "labour": 53, "member_phone": 31}

Frames = dict[str, pl.DataFrame]


def measure(size: str) -> list[dict[str, Any]]:
    """One line for a county at once, one for a single household."""
    return [_line(size, HOUSEHOLDS[size]), _line("household", 1)]


def _line(size: str, households: int) -> dict[str, Any]:
    frames = facts(households)
    hits = judged(frames)
    prepared = prepare(frames, EXAMPLE_VALUES)
    ours = _timed(lambda: judged(frames))
    limit = _timed(lambda: conditions(prepared))
    peer = one_by_one(facts(PEER_HOUSEHOLDS)) * households
    return {
        "name": "all_rules",
        "size": size,
        "rows": frames["member"].height,
        "rules": len(registered),
        "hits": hits.height,
        "limit": round(limit, 4),
        "peer": round(peer, 3),
        "ours": round(ours, 4),
        "ratio_to_limit": round(ours / limit, 2),
        "times_peer": round(peer / ours, 1),
    }


def facts(households: int) -> Frames:
    """Households of head, spouse and two grown children, with some answers missing."""
    frames = example_frames("household", {"members": PEOPLE})
    numbers = pl.DataFrame({"n": pl.int_range(households, eager=True)})
    own = frames["household"].join(numbers, how="cross")
    place = (pl.col("n") % 300 + 200).cast(pl.String).str.zfill(3)
    own = own.with_columns(
        id=pl.col("n") + 1,
        village_code=pl.lit("620421100") + place,
        natural_village_code=pl.lit("620421100") + place + "001",
        longitude=104 + pl.col("n") / 1e6,
    ).drop("n")
    people = frames["member"].join(numbers, how="cross")
    row = pl.int_range(pl.len())
    people = people.with_columns(
        pl.col("id") + pl.col("n") * len(PEOPLE),
        *(
            pl.when(row % every != 1).then(pl.col(name)).alias(name)
            for name, every in WRONG_EVERY.items()
        ),
        household_id=pl.col("n") + 1,
    ).drop("n")
    return {"household": own, "member": people}


def judged(frames: Frames) -> pl.DataFrame:
    return evaluate(frames, registered, on=EXAMPLE_VALUES["today"], parameters=EXAMPLE_VALUES)


def conditions(prepared: Frames) -> None:
    for subject, frame in _with_values(prepared).items():
        frame.lazy().select(rule.when.alias(rule.code) for rule in _of(subject)).collect()


def one_by_one(frames: Frames) -> float:
    """Seconds for one household when a county is walked household by household."""
    start = time.perf_counter()
    for number in range(1, PEER_HOUSEHOLDS + 1):
        own = frames["household"].filter(pl.col("id") == number)
        people = frames["member"].filter(pl.col("household_id") == number)
        judged({"household": own, "member": people})
    return (time.perf_counter() - start) / PEER_HOUSEHOLDS


def _of(subject: str) -> list[Rule]:
    return [rule for rule in registered if rule.subject == subject]


def _with_values(frames: Frames) -> Frames:
    values = [pl.lit(value).alias(f"p_{name}") for name, value in EXAMPLE_VALUES.items()]
    return {name: frame.with_columns(values) for name, frame in frames.items()}


def _timed(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return median(taken)
