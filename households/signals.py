"""The only arrow that points up: services tell the apps above which households changed, after commit."""

from django.dispatch import Signal

household_changed = Signal()
"""Sent with household_ids: list[int] and kinds: set[str] ("registered", "household", "member", "head", "income",
"collection", "measure", "monitoring"). "registered": the household is new, there is no past that could
have changed."""
