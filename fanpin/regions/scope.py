"""Which part of the tree somebody may see: a set of path prefixes. The default is nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

LEVELS = ("province", "city", "county", "township", "village", "hamlet")


@dataclass(frozen=True)
class Scope:
    """The subtrees somebody may see, as path prefixes ("/62/6204/"). Empty means nothing at all."""

    paths: tuple[str, ...] = ()

    @classmethod
    def none(cls) -> Scope:
        return cls()

    @classmethod
    def of(cls, paths: Iterable[str]) -> Scope:
        """The smallest set of prefixes that covers the given ones."""
        kept: list[str] = []
        for path in sorted(set(paths)):
            if not any(path.startswith(upper) for upper in kept):
                kept.append(path)
        return cls(tuple(kept))

    def covers(self, path: str) -> bool:
        """Whether a thing that lies at this path is inside."""
        return any(path.startswith(prefix) for prefix in self.paths)

    def narrowed(self, path: str) -> Scope:
        """The part of this scope that also lies below `path`."""
        inside = [p for p in self.paths if p.startswith(path)]
        return Scope.of([*inside, *([path] if self.covers(path) else [])])


class ScopedQuerySet(models.QuerySet):
    """A queryset that can be cut to a scope; the model names its path in `scope_path`."""

    def within(self, scope: Scope) -> Any:
        """Only the rows inside the scope; none at all for an empty scope."""
        if not scope.paths:
            return self.none()
        lookup = getattr(self.model, "scope_path", "division_path")
        condition = Q()
        for path in scope.paths:
            condition |= Q(**{f"{lookup}__startswith": path})
        return self.filter(condition)


def codes(path: str) -> list[str]:
    """The codes on a path, from the province down."""
    return [part for part in path.split("/") if part]


def code_of(path: str, level: str) -> str:
    """The code on a path at the given level ("county"), or "" when the path ends above it."""
    parts = codes(path)
    index = LEVELS.index(level)
    return parts[index] if index < len(parts) else ""


def path_to(path: str, level: str) -> str:
    """The path cut at the given level: path_to(village, "county") is the county's own path."""
    parts = codes(path)[: LEVELS.index(level) + 1]
    return "/" + "/".join(parts) + "/"
