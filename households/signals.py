"""The only arrow that points up: services tell the apps above which households changed, after commit."""

from django.dispatch import Signal

household_changed = Signal()
"""Sent with household_ids: list[int], kinds: set[str] ("registered", "household", "member", "head", "income",
"collection", "measure", "monitoring") and changes: list[int], the changes of people that took effect.
"registered": the household is new, there is no past that could have changed."""
