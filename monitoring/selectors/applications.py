"""Applications as clerks see them, and the few words the applicant is told (policy.md §4.1, Appendix B)."""

import secrets

from django.db.models import Q, QuerySet

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from households.models import Household
from monitoring.choices import ApplicationState, CaseStatus, ClueState
from monitoring.models import Application, Case

FEW = 20
TAIL = 4
CHECKING = (CaseStatus.CLUE, CaseStatus.ANALYSED, CaseStatus.KEY_LISTED, CaseStatus.AUTHORISED)
COMPARING = (CaseStatus.CHECKED, CaseStatus.COMPARED)
JUDGING = (CaseStatus.DELIBERATED, CaseStatus.NOTICED)
REVIEWING = (CaseStatus.VILLAGE_SUBMITTED, CaseStatus.TOWNSHIP_PASSED)
DECIDED = (CaseStatus.COUNTY_APPROVED, CaseStatus.ANNOUNCED)
REFUSED = (CaseStatus.DISMISSED, CaseStatus.NOT_ADMITTED)
STEPS: tuple[tuple[tuple[CaseStatus, ...], str], ...] = (
    (CHECKING, "已受理，正在安排入户核查"),
    (COMPARING, "已入户核查，正在核对信息"),
    (JUDGING, "正在村级评议公示"),
    (REVIEWING, "正在乡镇审核、县级审定"),
    (DECIDED, "县级已审定，正在公告"),
    ((CaseStatus.REGISTERED,), "已纳入监测帮扶"),
    (REFUSED, "经核查暂不纳入，村委会将书面告知；有异议可向乡镇政府申请复查"),
    ((CaseStatus.WITHDRAWN,), "已按申请撤回"),
)
RECEIVED = "已收到，等待村委会受理"
DECLINED = "已答复。有异议可向乡镇政府申请复查"
HANDLED = "已处理完毕，请向村委会了解结果"


def open_village(code: str) -> Division | None:
    """A village that exists today; an old code leads nowhere."""
    return Division.objects.filter(pk=code, level=Level.VILLAGE, valid_until__isnull=True).first()


def listed(user: User) -> QuerySet[Application]:
    rows = Application.objects.within(user.scope_for(Permission.VIEW_CASES))
    return rows.select_related("village", "household", "clue__case", "handled_by", "filed_by")


def waiting_for(user: User) -> QuerySet[Application]:
    """What the village has to take up."""
    rows = Application.objects.within(user.scope_for(Permission.VILLAGE_CASE))
    return rows.filter(state=ApplicationState.WAITING)


def candidates(row: Application, text: str = "") -> list[Household]:
    """Households of the village that the application may be about: by name, by telephone, or by what was typed."""
    names = {name for name in (row.head_name, row.applicant, text.strip()) if name}
    match = Q(members__name__in=names) | Q(phone=row.phone) | Q(members__member_phone=row.phone)
    if text.strip():
        match |= Q(hh_code=text.strip()) | Q(members__id18=text.strip().upper())
    rows = Household.objects.filter(match, village=row.village_id, ended_on=None)
    return list(rows.distinct().order_by("hh_code")[:FEW])


def told(receipt: str, tail: str) -> str | None:
    """The public words of where an application stands; None unless number and telephone agree.

    One query whether it exists or not, and a comparison that takes the same time.
    """
    row = (
        Application.objects.filter(receipt=receipt.strip().upper())
        .select_related("clue__case")
        .first()
    )
    known = row.phone[-TAIL:] if row else "-" * TAIL
    if not secrets.compare_digest(known.encode(), tail.encode()) or row is None:
        return None
    return _words(row)


def _words(row: Application) -> str:
    if row.state == ApplicationState.WAITING:
        return RECEIVED
    if row.state == ApplicationState.DECLINED or row.clue is None:
        return DECLINED
    if row.clue.case is not None:
        return _of_case(row.clue.case)
    return HANDLED if row.clue.state == ClueState.HANDLED else STEPS[0][1]


def _of_case(case: Case) -> str:
    return next((words for statuses, words in STEPS if case.status in statuses), HANDLED)
