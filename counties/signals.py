"""Services tell the checks above them, after commit, which places' sheets changed."""

from django.dispatch import Signal

sheets_changed = Signal()
"""Sent with kind ("village" for villages and their natural villages, "county") and codes: list[str]."""
