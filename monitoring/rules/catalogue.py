"""Puts the rules on marks into the one registry, after those of assistance whose counts they use."""

from assistance.rules import registered as assistance_rules
from fanpin.rules import Rule, registry
from monitoring.rules.ended import RULES as ENDED
from monitoring.rules.facts import LABELS, example_frames, polars_schema, prepare
from monitoring.rules.marks import RULES as MARKS

registered: tuple[Rule, ...] = (*MARKS, *ENDED)
# Imported for the order: assistance prepares its frame first.
assert assistance_rules

registry.add(*registered)
registry.subject("mark", schema=polars_schema(), example=example_frames, labels=LABELS)
registry.prepared_by(prepare)
