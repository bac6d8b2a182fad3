"""重点筛查: which households have to be looked at, and why (notice 一(三), policy.md §2.3)."""

from counties.screening.signals import SIGNALS, Reading, Signal

__all__ = ["SIGNALS", "Reading", "Signal"]
