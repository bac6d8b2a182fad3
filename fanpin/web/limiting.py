"""How often somebody unknown may ask: a counter of the cache that forgets by itself."""

import hashlib

from django.core.cache import cache


def key_of(what: str, who: str) -> str:
    """Under which name the cache counts."""
    return f"limit.{what}.{hashlib.sha256(who.encode()).hexdigest()[:32]}"


def within_limit(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Count one more and say whether it is still one of the first `most` of its time. No address is kept in clear."""
    key = key_of(what, who)
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) <= most)
    except ValueError:
        # It was forgotten between the two.
        cache.set(key, 1, seconds)
        return most >= 1
