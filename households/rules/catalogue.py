"""Puts the rules of households and members into the one registry."""

from datetime import date

from fanpin.rules import Rule, registry
from households.rules import completeness, household_logic, member_logic, timeliness, validity
from households.rules.preparing import prepare
from households.rules.schema import HOUSEHOLD, MEMBER, PREPARED, example_frames, polars_schema

# What a run takes from its campaign and from the dated parameters; these values serve the
# examples only.
EXAMPLE_VALUES = {
    "today": date(2021, 11, 8),
    "survey_on": date(2021, 9, 30),
    "school_on": date(2021, 8, 31),
    "period_from": date(2020, 10, 1),
    "period_to": date(2021, 9, 30),
    "collect_from": date(2021, 10, 19),
    "collect_to": date(2021, 11, 15),
    "poverty_line": 4000.0,
    "pasture_max": 100.0,
    "income_up_percent": 50.0,
    "income_down_percent": 20.0,
    "location_tolerance_km": 15.0,
    "visit_days": 30.0,
    "village_notice_days": 5.0,
    "later_fields": True,
}
MODULES = (completeness, validity, member_logic, household_logic, timeliness)

registered: tuple[Rule, ...] = tuple(rule for module in MODULES for rule in module.RULES)

registry.add(*registered)
for subject, facts in (("household", HOUSEHOLD), ("member", MEMBER)):
    registry.subject(
        subject,
        schema=polars_schema(facts),
        example=example_frames,
        labels={name: fact.label for name, fact in (facts | PREPARED).items()},
    )
registry.prepared_by(prepare)
