"""Short forms in which the rule modules are written; each call makes one fanpin.rules.Rule."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from fanpin.rules import Rule
from fanpin.rules.rule import Reach
from households.rules.schema import Fact, fact_of

DATA_QUALITY = "通知一(七) 信息数据比对清洗"


class Group:
    """Rules of one subject and chapter share subject, group name and clause; `fact` names its facts."""

    def __init__(
        self,
        subject: str,
        name: str,
        *,
        clause: str = DATA_QUALITY,
        fact: Callable[[str, str], Fact] = fact_of,
    ) -> None:
        self.subject = subject
        self.name = name
        self.clause = clause
        self.fact = fact
        self.rules: list[Rule] = []

    def error(self, code: str, title: str, when: pl.Expr, condition: str, **rest: Any) -> None:
        """Blocks submission and closure until mended."""
        self._add("error", code, title, when, condition, **rest)

    def warn(self, code: str, title: str, when: pl.Expr, condition: str, **rest: Any) -> None:
        """May stand with a written explanation."""
        self._add("warn", code, title, when, condition, **rest)

    def _add(
        self,
        severity: Any,
        code: str,
        title: str,
        when: pl.Expr,
        condition: str,
        *,
        fields: str,
        remedy: str,
        failing: Mapping[str, Any],
        passing: Mapping[str, Any] | None = None,
        shows: str = "",
        departments: str = "",
        needs: str = "",
        clause: str = "",
        reach: Reach = "household",
    ) -> None:
        self.rules.append(
            Rule(
                code=code,
                title=title,
                severity=severity,
                subject=self.subject,
                group=self.name,
                when=when,
                condition=condition,
                detail=figures(self.subject, (shows or fields).split(), self.fact),
                remedy=remedy,
                fields=tuple(fields.split()),
                departments=tuple(departments.split()),
                clause=clause or self.clause,
                needs=tuple(needs.split()),
                reach=reach,
                passing=passing or {},
                failing=failing,
            )
        )


def figures(subject: str, columns: list[str], fact_of: Callable[[str, str], Fact] = fact_of) -> str:
    """「住房面积 {house_area} 平方米，家庭人口数 {family_size} 人」: the subject's own figures
    beside the rule.
    """
    words = []
    for column in columns:
        fact = fact_of(subject, column)
        words.append(f"{fact.label} {{{column}}}" + (f" {fact.unit}" if fact.unit else ""))
    return "，".join(words)
