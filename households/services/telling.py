"""Tells the apps above, after commit, which households changed."""

from collections.abc import Iterable

from django.db import transaction

from households.signals import household_changed


def tell(household_ids: Iterable[int], *kinds: str) -> None:
    """Send `household_changed` once the surrounding transaction is committed."""
    ids = sorted(set(household_ids))

    def send() -> None:
        household_changed.send(sender="households", household_ids=ids, kinds=set(kinds))

    if ids:
        transaction.on_commit(send)
