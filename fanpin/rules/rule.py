"""What a rule is, and the few words its condition is written in.

Facts are frames in which an empty answer is null, a multiple choice is one comma-joined text,
money and areas are floats.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

Severity = Literal["error", "warn"]
Reach = Literal["household", "village"]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule:
    """A condition that is true when violated, with everything a caseworker needs to mend it.

    `when` speaks of the columns of the subject's prepared frame. `reach` says what must be in the
    frame for the answer to be right: one household, or its whole village. `needs` names the
    parameters, which are columns `p_<name>`. `detail` is a sentence with the subject's own
    figures, `{column}` filled with the column's value in plain words.
    """

    code: str
    title: str
    severity: Severity
    subject: str
    group: str
    when: pl.Expr
    condition: str
    detail: str
    remedy: str
    fields: tuple[str, ...]
    departments: tuple[str, ...] = ()
    clause: str = ""
    needs: tuple[str, ...] = ()
    reach: Reach = "household"
    effective_from: date | None = None
    effective_to: date | None = None
    passing: Mapping[str, Any] = field(default_factory=dict)
    failing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    @property
    def detail_columns(self) -> tuple[str, ...]:
        return tuple(PLACEHOLDER.findall(self.detail))

    def applies_on(self, day: date) -> bool:
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )


def blank(*columns: str) -> pl.Expr:
    """Any of the columns is unanswered."""
    return pl.any_horizontal([pl.col(c).is_null() for c in columns])


def has(column: str, *codes: str) -> pl.Expr:
    """The multiple choice contains one of the codes; false when unanswered."""
    if len(codes) == 1:
        return pl.col(column).str.contains(codes[0], literal=True).fill_null(False)
    return pl.col(column).str.contains_any(list(codes)).fill_null(False)


def lit_in(column: str, codes: Iterable[str]) -> pl.Expr:
    """The single choice is one of the codes; false when unanswered."""
    return pl.col(column).is_in(list(codes)).fill_null(False)


def parameter(name: str) -> pl.Expr:
    """A dated policy value, put into the frame as a column by `evaluate`."""
    return pl.col(f"p_{name}")
