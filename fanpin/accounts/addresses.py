"""Where a request comes from: what the login log keeps and the lock-out counts by."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest | None) -> str | None:
    """The visitor's address. Behind settings.PROXIES trusted proxies it is the entry that the outermost of them wrote.

    Each proxy adds at the right of X-Forwarded-For whom it heard; what stands further left the visitor may have
    written, and is never believed. Without the entry, or with a wrong one, it is whoever speaks to us.
    """
    if request is None:
        return None
    nearest = request.META.get("REMOTE_ADDR") or None
    if not settings.PROXIES:
        return nearest
    heard = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if len(heard) < settings.PROXIES:
        return nearest
    return _plain(heard[-settings.PROXIES]) or nearest


def _plain(text: str) -> str | None:
    """The address without a port; None when it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
