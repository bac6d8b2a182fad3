"""When the township may let help begin before the procedure ends (policy.md §4.6)."""

import datetime

from assistance.models import AdvanceHelp
from assistance.policies.measures import is_entitled
from assistance.selectors import coverage
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Household
from households.policies.locks import unlocked


def _is_township(user: User, household: Household) -> Verdict:
    path = household.division_path
    if user.may(Permission.TOWNSHIP_CASE, path) or user.may(Permission.TOWNSHIP_GOVERNMENT, path):
        return unlocked(path)
    return Verdict.denied("先行帮扶由乡镇确认，请联系乡镇审核员或分管领导")


def may_confirm(user: User, household: Household) -> Verdict:
    """The township's signature; not for who is admitted already, not twice at a time."""
    verdict = _is_township(user, household)
    if household.ended_on:
        verdict &= Verdict.no("该户已销户")
    if is_entitled(household):
        verdict &= Verdict.no("该户已是脱贫户或监测对象，可直接登记帮扶措施，不需要先行帮扶")
    if coverage.open_advance_help(household.pk):
        verdict &= Verdict.no("该户已有一项未办结的先行帮扶")
    return verdict


def is_emergency(event_on: datetime.date, case_no: str, files: int) -> Verdict:
    """A past event, the number of its clue or case, and a photo or department notice."""
    reasons = []
    if event_on > clock.today():
        reasons.append(Reason("发生日期不能晚于今天", field="event_on"))
    if not case_no.strip():
        reasons.append(
            Reason("请填写已登记的线索或办件编号，先行帮扶须同步办理识别程序", field="case_no",
                   clause="通知一(三)")
        )  # fmt: skip
    if not files:
        reasons.append(Reason("须上传现场照片或部门通知", field="evidence", clause="通知一(三)"))
    return Verdict(tuple(reasons))


def may_settle(user: User, advance: AdvanceHelp) -> Verdict:
    verdict = _is_township(user, advance.household)
    if not advance.is_open:
        verdict &= Verdict.no("该先行帮扶已办结")
    return verdict
