"""Runs the registered rules over one household, a list of them or a county, and keeps the
findings.
"""

from counties.quality.checking import Checked, check_households
from counties.quality.judging import judge
from counties.quality.sheets import check_county, check_county_sheet, check_villages

__all__ = [
    "Checked",
    "check_county",
    "check_county_sheet",
    "check_households",
    "check_villages",
    "judge",
]
