"""One rule is one object: the catalogue, the check of one household, of a county and of staged
rows all use it.

Pure: polars and the standard library, no Django. Apps declare rules in their own `rules` package
and register them here.
"""

from fanpin.rules.evaluating import HITS, evaluate, missing_parameters
from fanpin.rules.registry import Registry, frame_of, registry
from fanpin.rules.rule import Rule, blank, has, lit_in, parameter

__all__ = [
    "HITS",
    "Registry",
    "Rule",
    "blank",
    "evaluate",
    "frame_of",
    "has",
    "lit_in",
    "missing_parameters",
    "parameter",
    "registry",
]
