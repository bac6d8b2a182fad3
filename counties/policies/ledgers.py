"""Who may hand in a ledger and who may compare."""

from django.urls import reverse

from counties.selectors.ledgers import in_use
from counties.selectors.places import departments_of
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division, Level
from households.choices import label
from households.models import Campaign
from households.policies.locks import unlocked


def may_upload(user: User, department: str, county: Division) -> Verdict:
    """A department hands in its own ledgers in its own county; the county may do it for any of them."""
    if not user.may(Permission.UPLOAD_LEDGERS, county.path):
        return Verdict.denied("您的岗位不能在本县报送部门台账")
    own = departments_of(user, county)
    if own is not None and department not in own:
        name = label("department", department)
        return Verdict.denied(f"这个台账由{name}报送，您的岗位不属于该部门")
    return Verdict.yes()


def may_compare(user: User, county: Division, campaign: Campaign) -> Verdict:
    """The county compares, for a campaign it has not signed."""
    if county.level != Level.COUNTY:
        return Verdict.no("请选择一个县")
    if not user.may(Permission.RUN_COMPARISON, county.path):
        return Verdict.denied("您的岗位不能发起比对")
    verdict = unlocked(county.path, campaign)
    if not in_use(county, campaign):
        verdict &= Verdict.no(
            Reason("还没有可比对的部门台账，请先由各部门报送", reverse("counties:ledgers"))
        )
    return verdict
