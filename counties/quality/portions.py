"""Many households judged in portions, two at a time: what is written for one is none of the other's."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from django.db import connection

SIDES = 2
Item = TypeVar("Item")
Done = TypeVar("Done")


def side_by_side(work: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """Do each item on a connection and in transactions of its own, in the order given.

    Inside a transaction they are done one after the other: another connection would not see what it has written.
    """
    if connection.in_atomic_block or len(items) < SIDES:
        return [work(item) for item in items]

    def apart(item: Item) -> Done:
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(SIDES) as pool:
        futures = [pool.submit(copy_context().run, apart, item) for item in items]
        return [future.result() for future in futures]
