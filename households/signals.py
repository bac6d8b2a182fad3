"""The only arrows that point up: what happened to households, told to the apps above."""

from django.dispatch import Signal

household_changed = Signal()
"""Sent with household_ids: list[int], kinds: set[str] ("registered", "household", "member", "head", "income",
"collection", "measure", "monitoring") and changes: list[int], the changes of people that took effect.
"registered": the household is new, there is no past that could have changed."""

form_moved = Signal()
"""Sent inside the transaction, so that what answers it stands or falls with it: form: Collection, state: str
("collected", "checked", "reviewed", "returned"), by: User."""
