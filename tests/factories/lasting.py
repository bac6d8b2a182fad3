"""Rows that many tests read and none keeps: made once, rolled back at the end of the module or package."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def lasting(blocker: Any) -> Iterator[None]:
    """A transaction around a fixture of wider scope; each test then runs in a savepoint inside it."""
    with blocker.unblock():
        around = transaction.atomic()
        # As Django's own TestCase does: code under test may ask for a durable transaction.
        around._from_testcase = True  # type: ignore[attr-defined]
        with around:
            yield
            transaction.set_rollback(True)
