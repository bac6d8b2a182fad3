"""The only arrow that points up: services tell the apps above which households changed, after commit."""

from django.dispatch import Signal

household_changed = Signal()
"""Sent with household_ids: list[int] and kinds: set[str] ("household", "member", "head", "income", "collection",
"measure", "monitoring")."""
