"""Who may register and deliver a measure, and for which household (policy.md §4.6, §9)."""

import datetime
from decimal import Decimal

from django.urls import reverse

from assistance.choices import VERIFIED
from assistance.models import Measure
from assistance.selectors import coverage
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Household
from households.policies.locks import unlocked

ADMITTED = ("approved", "monitored", "eliminating", "eliminated", "rolling_back", "relabelling")
LIFTED = "lifted"


def _may(user: User, household: Household) -> Verdict:
    if not user.may(Permission.RECORD_MEASURES, household.division_path):
        return Verdict.denied("您的岗位没有“登记帮扶措施”权限，或该户不在您的辖区")
    if household.ended_on:
        return Verdict.no(f"该户已于{household.ended_on:%Y-%m-%d}销户，不能再登记帮扶措施")
    return unlocked(household.division_path)


def is_entitled(household: Household) -> bool:
    """A 脱贫户 or somebody admitted to monitoring: measures need no emergency."""
    return household.hh_type == LIFTED or household.monitoring_state in ADMITTED


def may_plan(user: User, household: Household) -> Verdict:
    """Register a measure; before admission only on the township's 先行帮扶."""
    verdict = _may(user, household)
    if not is_entitled(household) and coverage.open_advance_help(household.pk) is None:
        verdict &= Verdict.no(
            Reason(
                f"该户为“{household.get_hh_type_display() or '未分类农户'}”且“{household.monitoring_label}”，"
                "审定纳入前登记措施须先由乡镇确认先行帮扶（灾害、意外事故、突发重病）",
                url=reverse("assistance:household", args=[household.pk]),
                clause="通知一(三)",
            )
        )
    return verdict


def may_deliver(user: User, measure: Measure) -> Verdict:
    """Mark as delivered; a measure is delivered once."""
    verdict = _may(user, measure.household)
    if not measure.is_pending:
        verdict &= Verdict.no(f"该措施{measure.get_status_display()}，不能再登记落实")
    return verdict


def is_plausible_delivery(
    measure: Measure, delivered_on: datetime.date, amount: Decimal | None, files: int
) -> Verdict:
    """What a delivery must hold: a day not in the future nor before the start, and proof."""
    reasons = []
    if delivered_on > clock.today():
        reasons.append(Reason("落实日期不能晚于今天", field="delivered_on"))
    if delivered_on < measure.start_on:
        reasons.append(
            Reason(f"落实日期不能早于开始日期{measure.start_on:%Y-%m-%d}", field="delivered_on")
        )
    if amount is not None and amount < 0:
        reasons.append(Reason("金额不能为负数", field="amount"))
    if not files and not measure.evidence.exists():
        reasons.append(
            Reason(
                "须上传至少一份落实凭证（照片、收据或打款凭证）",
                field="evidence",
                clause="通知一(六)",
            )
        )
    return Verdict(tuple(reasons))


def may_cancel(user: User, measure: Measure) -> Verdict:
    verdict = _may(user, measure.household)
    if measure.status == VERIFIED:
        verdict &= Verdict.no("该措施已与部门台账核验一致，不能取消；台账有误请由部门更正")
    elif not measure.is_pending and not measure.is_delivered:
        verdict &= Verdict.no("该措施已取消")
    return verdict
