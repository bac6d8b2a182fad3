"""Tells the apps above, after commit, which households changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from households.signals import household_changed

_Gathered = tuple[set[int], set[str], set[int]]
_gathered: ContextVar[_Gathered | None] = ContextVar("gathered", default=None)

_later: ContextVar[bool] = ContextVar("later", default=False)


@contextmanager
def judged_later() -> Iterator[None]:
    """For work that touches many households and judges the whole county when it is done."""
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


def is_judged_later() -> bool:
    """Whether whoever judges a changed household leaves it to the run at the end."""
    return _later.get()


@contextmanager
def together() -> Iterator[None]:
    """Many acts in one transaction tell once, so that what judges households does it in one go."""
    outer = _gathered.get()
    if outer is not None:
        yield
        return
    ids: set[int] = set()
    kinds: set[str] = set()
    changes: set[int] = set()
    token = _gathered.set((ids, kinds, changes))
    try:
        yield
    finally:
        _gathered.reset(token)
    tell(ids, *kinds, changes=changes)


def tell(household_ids: Iterable[int], *kinds: str, changes: Iterable[int] = ()) -> None:
    """Send `household_changed` once the surrounding transaction is committed. `changes`: what took effect."""
    ids = sorted(set(household_ids))
    gathered = _gathered.get()
    if gathered is not None:
        gathered[0].update(ids)
        gathered[1].update(kinds)
        gathered[2].update(changes)
        return

    effected = sorted(set(changes))

    def send() -> None:
        household_changed.send(
            sender="households", household_ids=ids, kinds=set(kinds), changes=effected
        )

    if ids:
        transaction.on_commit(send)
