"""How long a session still lasts. It is renewed at most once a minute: reading a page writes nothing."""

import time

from django.contrib.sessions.backends.base import SessionBase

RENEWED_AT = "renewed_at"
RENEW_AFTER = 60


def renew(session: SessionBase) -> None:
    """Start the session's time anew, unless that was done within the last minute."""
    now = int(time.time())
    if not 0 <= now - session.get(RENEWED_AT, 0) < RENEW_AFTER:
        session[RENEWED_AT] = now


def seconds_left(session: SessionBase) -> int:
    """Until the session ends when nobody does anything."""
    now = int(time.time())
    return max(0, session.get_expiry_age() - (now - session.get(RENEWED_AT, now)))
