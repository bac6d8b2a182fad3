"""Tells the apps above, after commit, which households changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from households.signals import household_changed

_gathered: ContextVar[tuple[set[int], set[str]] | None] = ContextVar("gathered", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Many acts in one transaction tell once, so that what judges households does it in one go."""
    outer = _gathered.get()
    if outer is not None:
        yield
        return
    ids: set[int] = set()
    kinds: set[str] = set()
    token = _gathered.set((ids, kinds))
    try:
        yield
    finally:
        _gathered.reset(token)
    tell(ids, *kinds)


def tell(household_ids: Iterable[int], *kinds: str) -> None:
    """Send `household_changed` once the surrounding transaction is committed."""
    ids = sorted(set(household_ids))
    gathered = _gathered.get()
    if gathered is not None:
        gathered[0].update(ids)
        gathered[1].update(kinds)
        return

    def send() -> None:
        household_changed.send(sender="households", household_ids=ids, kinds=set(kinds))

    if ids:
        transaction.on_commit(send)
