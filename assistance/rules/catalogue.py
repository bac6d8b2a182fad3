"""Puts the rules of assistance into the one registry, after the household rules whose counts they use."""

from assistance.rules.coverage import RULES
from assistance.rules.labels import LABELS
from assistance.rules.schema import example_frames, polars_schema, prepare
from fanpin.rules import Rule, registry
from households.rules import registered as household_rules

registered: tuple[Rule, ...] = tuple(RULES)
# Imported for the order: the household rules prepare their frame first.
assert household_rules

registry.add(*registered)
for subject in ("support", "measure"):
    registry.subject(subject, schema=polars_schema(subject), example=example_frames, labels=LABELS)
registry.prepared_by(prepare)
