"""The facts the coverage rules speak of: one row for each household helped, one for each measure.

selectors/facts.py fills them. Several codes are one comma-joined text; the `_text` twins are the same in Chinese.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from fanpin.rules import frame_of

# name → (type, a value that is right)
SUPPORT: Mapping[str, tuple[Any, Any]] = {
    "id": (pl.Int64, 1),
    "household_id": (pl.Int64, 1),
    "hh_type": (pl.String, "general"),
    "monitoring_state": (pl.String, "monitored"),
    "labour_count": (pl.Int64, 1),
    "migrant_count": (pl.Int64, 1),
    "public_post_count": (pl.Int64, 0),
    "registered_on": (pl.Date, date(2021, 9, 1)),
    "plan_due_on": (pl.Date, date(2021, 9, 11)),
    "risks": (pl.String, "illness"),
    "risks_text": (pl.String, "因病"),
    "unplanned_text": (pl.String, None),
    "plan_version": (pl.Int64, 1),
    "plan_helper": (pl.String, "李干事"),
    "dev_measure_status": (pl.String, "implemented"),
    "plan_items": (pl.Int64, 1),
    "plan_reviewed_on": (pl.Date, date(2021, 10, 20)),
    "measures": (pl.Int64, 2),
    "delivered": (pl.Int64, 1),
    "categories": (pl.String, "health,employment"),
    "categories_text": (pl.String, "健康帮扶、就业帮扶"),
    "items": (pl.String, "health.aid,employment.training"),
    "dibao_ever": (pl.Int64, 0),
    "dibao_now": (pl.Int64, 0),
    "tekun_ever": (pl.Int64, 0),
    "tekun_now": (pl.Int64, 0),
    "severely_disabled": (pl.Int64, 0),
    "vocational_students": (pl.Int64, 0),
    "working_outside": (pl.Int64, 1),
    "last_visit_on": (pl.Date, date(2021, 10, 30)),
    "after_death": (pl.String, None),
    # filled from the household frame by `prepare`
    "n_dropout": (pl.Int64, 0),
    "n_uninsured": (pl.Int64, 0),
}

MEASURE: Mapping[str, tuple[Any, Any]] = {
    "id": (pl.Int64, 1),
    "household_id": (pl.Int64, 1),
    "hh_type": (pl.String, "general"),
    "monitoring_state": (pl.String, "monitored"),
    "registered_on": (pl.Date, date(2021, 9, 1)),
    "category": (pl.String, "health"),
    "item": (pl.String, "health.aid"),
    "item_text": (pl.String, "健康帮扶:医疗救助"),
    "note": (pl.String, None),
    "start_on": (pl.Date, date(2021, 9, 5)),
    "is_advance": (pl.Boolean, False),
    "member_name": (pl.String, None),
    "member_school": (pl.String, None),
}

FACTS = {"support": SUPPORT, "measure": MEASURE}


def polars_schema(subject: str) -> dict[str, Any]:
    return {name: dtype for name, (dtype, _good) in FACTS[subject].items()}


def example_frames(subject: str, example: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """A well-helped household (or a right measure), changed as the example says."""
    row = {name: good for name, (_dtype, good) in FACTS[subject].items()} | dict(example)
    return {subject: frame_of([row], polars_schema(subject))}


def prepare(frames: dict[str, pl.DataFrame], values: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Dropouts and uninsured are counted once, by the household rules; take them from there."""
    support, households = frames.get("support"), frames.get("household")
    counted = ["n_dropout", "n_uninsured"]
    if support is None or households is None or not set(counted) <= set(households.columns):
        return frames
    sums = households.select("household_id", *counted)
    joined = support.drop(counted).join(sums, on="household_id", how="left")
    return frames | {"support": joined}
