"""The words in which the rules on marks are written."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from fanpin.rules import Rule, lit_in

c = pl.col
LOGIC, ELIMINATION = "监测·逻辑", "监测·风险消除"
MARKED = lit_in(
    "mark_state", ("monitored", "eliminating", "rolling_back", "relabelling", "eliminated")
)
UNDER = lit_in("mark_state", ("monitored", "eliminating"))
GONE = lit_in("mark_state", ("eliminated",))
ASSISTED = GONE & lit_in("method", ("assisted",))


def declared(rules: list[Rule], group: str, usual_clause: str) -> Any:
    """`rule(severity, code, title, when, condition, …)` that adds to a list."""

    def rule(
        severity: Any,
        code: str,
        title: str,
        when: pl.Expr,
        condition: str,
        *,
        detail: str,
        remedy: str,
        fields: str,
        failing: Mapping[str, Any],
        passing: Mapping[str, Any] | None = None,
        departments: str = "rural_revitalization",
        clause: str = usual_clause,
        needs: str = "",
    ) -> None:
        rules.append(
            Rule(
                code=code,
                title=title,
                severity=severity,
                subject="mark",
                group=group,
                when=when.fill_null(False),
                condition=condition,
                detail=detail,
                remedy=remedy,
                fields=tuple(fields.split()),
                departments=tuple(departments.split()),
                clause=clause,
                needs=tuple(needs.split()),
                passing=passing or {},
                failing=failing,
            )
        )

    return rule
