"""Who may fill, submit, take over and return a key county's sheet."""

from collections.abc import Iterable

from django.urls import reverse

from counties.models import CountySheet, Indicator
from counties.models.sheets import COUNTY_STATES, OPEN_STATES, SheetState
from counties.selectors import county_sheets as selectors
from counties.selectors.places import departments_of
from counties.selectors.sheets import open_errors
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division
from households.policies.locks import unlocked

CLAUSE = "通知一(五)"
# These speak of the county's other data, not of its sheet; they block the closure.
ELSEWHERE = ("R-CTY-05", "R-CTY-11")


def is_due(county: Division) -> Verdict:
    """Only 国家级 and 省级 key counties have the sheet (dated policy list)."""
    if selectors.key_level(county):
        return Verdict.yes()
    return Verdict.no(Reason("非重点帮扶县无需填报", clause=CLAUSE))


def may_fill(user: User, sheet: CountySheet) -> Verdict:
    """The county and its departments fill it, until the city has it."""
    county = sheet.division
    if not user.may(Permission.FILL_COUNTY_SHEET, county.path):
        return Verdict.denied("县表由县级和县直部门填写")
    verdict = is_due(county) & unlocked(county.path, sheet.campaign)
    if sheet.state not in OPEN_STATES:
        verdict &= Verdict.no(f"县表{COUNTY_STATES[sheet.state]}，须由市州退回后才能修改")
    return verdict


def own(user: User, county: Division, asked: Iterable[Indicator]) -> list[Indicator]:
    """The indicators a user fills: a department its own block, the county all of them."""
    departments = departments_of(user, county)
    return [
        row
        for row in asked
        if not row.from_system and (departments is None or row.department in departments)
    ]


def may_submit(user: User, sheet: CountySheet) -> Verdict:
    """The county reports a complete sheet to the city."""
    county = sheet.division
    if not user.may(Permission.SUBMIT_COUNTY_SHEET, county.path):
        return Verdict.denied("县表由县级上报")
    verdict = may_fill(user, sheet)
    if sheet.pk is None:
        return verdict & Verdict.no("本年度还没有填写，请核对上年数据后保存")
    edit = reverse("counties:county_sheet_edit", args=[county.pk])
    missing = selectors.blank(selectors.answers(sheet), selectors.indicators(county))
    verdict &= Verdict.no(
        *(Reason(f"“{row.name}”未填写", f"{edit}#id_{row.code}", CLAUSE) for row in missing)
    )
    wrong = open_errors(county, sheet.campaign).exclude(code__in=ELSEWHERE)
    return verdict & Verdict.no(
        *(
            Reason(f"{row.code} {row.title}", reverse("counties:finding", args=[row.pk]))
            for row in wrong
        )
    )


def may_accept(user: User, sheet: CountySheet) -> Verdict:
    """The city takes over what a county reported; not one's own."""
    if not user.may(Permission.REVIEW_COUNTY_SHEET, sheet.division.path):
        return Verdict.denied("县表由市州接收")
    verdict = Verdict.yes()
    if sheet.state != SheetState.CHECKED:
        verdict &= Verdict.no("只有已上报的县表才能接收")
    if user.pk in (sheet.submitted_by_id, sheet.changed_by_id):
        verdict &= Verdict.no("填写人、上报人不能接收自己经办的县表")
    return verdict


def may_return(user: User, sheet: CountySheet) -> Verdict:
    """The city sends back, also what it had taken over, unless the county has signed."""
    if not user.may(Permission.REVIEW_COUNTY_SHEET, sheet.division.path):
        return Verdict.denied("县表由市州退回")
    verdict = unlocked(sheet.division.path, sheet.campaign)
    if sheet.state not in (SheetState.CHECKED, SheetState.REVIEWED):
        verdict &= Verdict.no("县表没有上报，不需要退回")
    return verdict
