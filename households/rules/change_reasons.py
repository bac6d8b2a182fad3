"""Why people join and leave: direction, basis and papers of each reason (policy.md §6.2). Pure."""

import re

INCREASE, DECREASE = "inc_", "dec_"
NEWBORN = "inc_newborn"
MISSING = "dec_missing"
BY_RESIDENCE = ("inc_cohabit", "dec_not_cohabit")
COURT_PAPER = "法院宣告失踪文书"
ELSEWHERE = "该人员已在另一户在册"


def basis_of(reason: str) -> str:
    """Hukou decides in principle; living together decides where the two differ (notice 一(一))."""
    return "residence" if reason in BY_RESIDENCE else "police"


def papers(label: str) -> list[str]:
    """The single papers inside a policy list's wording: “报案回执或法院宣告失踪文书及村证明” →
    three.
    """
    return [part for part in re.split("[、或及]", label) if part]
