"""What is expected of village, natural village and county sheets. Pure."""

from counties.rules.catalogue import registered

__all__ = ["registered"]
