"""Puts the rules of village and county sheets into the one registry."""

from counties.rules import county, village
from counties.rules.schema import FACTS, example_frames
from fanpin.rules import Rule, registry
from households.rules.schema import polars_schema

registered: tuple[Rule, ...] = (*village.RULES, *county.RULES)

registry.add(*registered)
for subject, facts in FACTS.items():
    registry.subject(
        subject,
        schema=polars_schema(facts),
        example=example_frames,
        labels={
            # A name the household's facts have too keeps its label: the lines of both mean the same.
            name: fact.label
            for name, fact in facts.items()
            if name not in registry.labels
        },
    )
