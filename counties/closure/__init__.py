"""县级闭合: each check a declared object; a county signs when none blocks (policy.md §11.2)."""

from counties.closure.check import ClosureCheck
from counties.closure.eliminated import CC_11
from counties.closure.income import CC_05, CC_06
from counties.closure.members import CC_02, CC_03, CC_04
from counties.closure.monitoring import CC_07, CC_08
from counties.closure.totals import CC_14

CHECKS: dict[str, ClosureCheck] = {
    check.code: check for check in (CC_02, CC_03, CC_04, CC_05, CC_06, CC_07, CC_08, CC_11, CC_14)
}

__all__ = ["CHECKS", "ClosureCheck"]
