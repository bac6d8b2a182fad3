"""What we expect of households and members: rules by subject, identity numbers, income windows.
Pure.
"""

from households.rules.catalogue import registered

__all__ = ["registered"]
