"""Which kinds of job exist and which function runs each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Runner:
    kind: str
    label: str
    function: Callable[..., None]


_runners: dict[str, Runner] = {}


def runner(kind: str, *, label: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers `run(progress, **params)`. Safe to run twice: a worker may die at any line."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        known = _runners.get(kind)
        if known and known.function.__module__ != function.__module__:
            raise ValueError(f"two runners for {kind!r}")
        _runners[kind] = Runner(kind, label, function)
        return function

    return register


_daily: list[Callable[[], None]] = []


def every_day(function: Callable[[], None]) -> Callable[[], None]:
    """Runs shortly after midnight, by the clock of China. Safe to run twice."""
    _daily.append(function)
    return function


def daily() -> list[Callable[[], None]]:
    return list(_daily)


def runner_for(kind: str) -> Runner:
    """KeyError when no app registered this kind."""
    return _runners[kind]


def kinds() -> dict[str, Any]:
    return {kind: entry.label for kind, entry in sorted(_runners.items())}
