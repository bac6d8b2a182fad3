"""Rules on plans and measures: coverage of risks, agreement with the people of the household."""

from assistance.rules.catalogue import registered

__all__ = ["registered"]
