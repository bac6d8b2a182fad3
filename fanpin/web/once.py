"""What a page asks more than once it reads once: policy in force, the county's lock.

Only while a page is shown (GET): whoever writes reads afresh, so a service never sees what was true a moment ago.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_kept: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("kept", default=None)


@contextmanager
def showing() -> Iterator[None]:
    """Inside the block every `once` asks its question once."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def is_showing() -> bool:
    return _kept.get() is not None


def once(key: tuple[Any, ...], read: Callable[[], T]) -> T:
    """What `read` gives; kept under `key` while a page is shown. The caller must not change it."""
    kept = _kept.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    return kept[key]
