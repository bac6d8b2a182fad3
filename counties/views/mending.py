"""Where what a finding speaks of is put right: the form, at its field."""

from django.urls import reverse

from assistance.selectors.plans import in_force
from counties.models import Finding
from counties.models.findings import Origin
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from fanpin.rules import registry
from households.forms.households import HouseholdForm
from households.forms.income import IncomeForm
from households.forms.members import MemberForm
from households.models import Household

# What was delivered and planned stands on the household's page of assistance.
ASSISTANCE = {"support", "measure"}


def mend_url(user: User, finding: Finding) -> str:
    """The page and field to correct; "" for a reader who may not write there."""
    if finding.division is not None:
        return _sheet_url(user, finding, finding.division)
    household = finding.household
    if household is None or not user.may(Permission.EDIT_HOUSEHOLDS, finding.division_path):
        return ""
    return _household_url(finding, household)


def _sheet_url(user: User, finding: Finding, division: Division) -> str:
    at = _at(finding.fields[0]) if finding.fields else ""
    if division.level == Level.COUNTY:
        may = user.may(Permission.FILL_COUNTY_SHEET, finding.division_path)
        return reverse("counties:county_sheet", args=[division.pk]) + at if may else ""
    may = user.may(Permission.COLLECT, finding.division_path)
    return reverse("counties:place_sheet_edit", args=[division.pk]) + at if may else ""


def _household_url(finding: Finding, household: Household) -> str:
    if finding.code in registry and registry[finding.code].subject in ASSISTANCE:
        return _assistance_url(finding, household)
    if finding.code in registry and registry[finding.code].subject == "mark":
        return _mark_url(finding, household)
    if finding.member_id:
        name = _first(finding, MemberForm.columns)
        if name:
            return reverse("households:member_edit", args=[finding.member_id]) + _at(name)
        return reverse("households:members", args=[household.pk]) + f"#m{finding.member_id}"
    if name := _first(finding, IncomeForm.columns):
        return reverse("households:income_annual", args=[household.pk]) + _at(name)
    if name := _first(finding, HouseholdForm.columns):
        return reverse("households:edit", args=[household.pk]) + _at(name)
    of_members = finding.origin == Origin.COMPARISON or _first(finding, MemberForm.columns)
    return reverse(f"households:{'members' if of_members else 'edit'}", args=[household.pk])


def _mark_url(finding: Finding, household: Household) -> str:
    """What the register holds is mended there; what was marked, on the household's page of monitoring."""
    if name := _first(finding, HouseholdForm.columns):
        return reverse("households:edit", args=[household.pk]) + _at(name)
    return reverse("monitoring:household", args=[household.pk])


def _assistance_url(finding: Finding, household: Household) -> str:
    """The plan for what the plan lacks, else the household's page of assistance."""
    plan = in_force(household.pk) if "plan_reviewed_on" in finding.fields else None
    if plan is not None:
        return reverse("assistance:plan", args=[plan.pk])
    return reverse("assistance:household", args=[household.pk])


def _first(finding: Finding, columns: tuple[str, ...]) -> str:
    return next((name for name in finding.fields if name in columns), "")


def _at(name: str) -> str:
    return f"#id_{name}"
