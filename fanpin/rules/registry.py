"""Which rules there are, and how the facts of each subject are prepared before the rules look at
them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from fanpin.rules.rule import Rule

Frames = dict[str, pl.DataFrame]
Preparation = Callable[[Frames, Mapping[str, Any]], Frames]
Example = Callable[[str, Mapping[str, Any]], Frames]


class Registry:
    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self.preparations: list[Preparation] = []
        self.schemas: dict[str, Mapping[str, Any]] = {}
        self.examples: dict[str, Example] = {}
        self.labels: dict[str, str] = {}

    def add(self, *rules: Rule) -> None:
        for rule in rules:
            if rule.code in self._rules:
                raise ValueError(f"rule {rule.code} is declared twice")
            self._rules[rule.code] = rule

    def subject(
        self,
        name: str,
        *,
        schema: Mapping[str, Any],
        example: Example,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Declare a subject's facts, what they are called on screen, and how an example dict
        becomes frames.
        """
        self.labels.update(labels or {})
        self.schemas[name] = schema
        self.examples[name] = example

    def prepared_by(self, step: Preparation) -> Preparation:
        """Register a pure step that adds columns all rules share; steps run in order of
        registration.
        """
        self.preparations.append(step)
        return step

    def __getitem__(self, code: str) -> Rule:
        return self._rules[code]

    def __contains__(self, code: object) -> bool:
        return code in self._rules

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)

    def get(self, code: str) -> Rule | None:
        return self._rules.get(code)

    def on(self, day: date, *, reach: Iterable[str] = ("household", "village")) -> list[Rule]:
        """The rules in force on the day that can be judged with that much of the county in view."""
        wanted = set(reach)
        return [rule for rule in self if rule.applies_on(day) and rule.reach in wanted]


def frame_of(rows: Iterable[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Example rows as a frame of the schema; a date may be written as ISO text."""
    days = [name for name, dtype in schema.items() if dtype == pl.Date]
    read = [dict(row) | {name: _day(row.get(name)) for name in days} for row in rows]
    return pl.DataFrame(read, schema=dict(schema))


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


registry = Registry()
