"""Who sets and opens the year's round, and when it may still change."""

import itertools

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Campaign, IncomeStatement
from households.policies.households import permitted
from households.selectors.campaigns import LINKS, WINDOW

PROVINCE = "/62/"


def may_plan(user: User, campaign: Campaign, changed: set[str]) -> Verdict:
    """`changed`: the dates that would move. The income window stands once a statement was filled in it."""
    verdict = _permitted(user)
    if not changed.intersection(name for _label, name in WINDOW) or campaign.opened_at is None:
        return verdict
    filled = IncomeStatement.objects.filter(campaign=campaign, is_carried=False).count()
    if filled:
        verdict &= Verdict.no(
            Reason(f"已有{filled}户按原收入计算周期填报，周期不能再改", field="income_from")
        )
    return verdict


def may_open(user: User, campaign: Campaign) -> Verdict:
    """Open the round: the one before it is not opened again by mistake."""
    verdict = _permitted(user)
    newer = Campaign.objects.filter(year__gt=campaign.year, opened_at__isnull=False).first()
    if newer is not None:
        verdict &= Verdict.no(f"{newer}已经开展，不能再退回{campaign}")
    return verdict


def dates_in_order(campaign: Campaign) -> Verdict:
    """Every pair of dates that stands in the wrong order, at its field."""
    verdict = Verdict.yes()
    for group in (WINDOW, LINKS):
        for (first, name), (then, later) in itertools.pairwise(group):
            if getattr(campaign, name) > getattr(campaign, later):
                verdict &= Verdict.no(Reason(f"“{then}”不能早于“{first}”", field=later))
    return verdict


def _permitted(user: User) -> Verdict:
    return permitted(user, Permission.OPEN_CAMPAIGN, PROVINCE)
