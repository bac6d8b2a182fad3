"""Objections during a public notice: received, enquired into, answered (policy.md §4.3 T9)."""

import datetime

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households.policies.locks import unlocked
from households.services import telling
from monitoring import verbs
from monitoring.choices import CaseStatus, Finding
from monitoring.models import Case, Objection
from monitoring.selectors.case_facts import case_facts
from monitoring.services.cases import lock

RECEIVERS = (Permission.VILLAGE_CASE, Permission.TOWNSHIP_CASE, Permission.COUNTY_CASE)


def may_receive(user: User, case: Case) -> Verdict:
    """Whoever hears it writes it down, as long as the notice hangs or the case is under review."""
    if not any(user.may(p, case.division_path) for p in RECEIVERS):
        return Verdict.denied("公示异议由村级、乡镇或县级登记")
    verdict = unlocked(case.division_path)
    if case.status not in (
        CaseStatus.NOTICED,
        CaseStatus.VILLAGE_SUBMITTED,
        CaseStatus.TOWNSHIP_PASSED,
    ):
        verdict &= Verdict.no(f"办件现为“{case.get_status_display()}”，没有进行中的公示")
    return verdict


@transaction.atomic
def receive(
    case: Case, *, raised_on: datetime.date, content: str, by: User, objector: str = ""
) -> Objection:
    """Write down an objection; while it is open the case cannot be handed in or passed."""
    case = lock(case)
    notice = case_facts(case).notice
    verdict = may_receive(by, case)
    if notice is None:
        verdict &= Verdict.no("尚未公示")
    elif raised_on < notice.posted_on or raised_on > clock.today():
        verdict &= Verdict.no(Reason("提出日期须在公示之后且不晚于今天", field="raised_on"))
    if len(content.strip()) < 2:
        verdict &= Verdict.no(Reason("请填写异议内容", field="content"))
    verdict.require()
    assert notice is not None
    row = Objection.objects.create(
        notice=notice,
        raised_on=raised_on,
        objector=objector,
        content=content,
        made_at=clock.now(),
        made_by=by,
    )
    record(verbs.OBJECTION_RAISED, by=by, on=row, subject=str(case), path=case.division_path)
    telling.tell([case.household_id], "monitoring")
    return row


@transaction.atomic
def answer(
    row: Objection,
    *,
    finding: str,
    enquiry: str,
    reply: str,
    replied_on: datetime.date | None,
    by: User,
) -> Objection:
    """What the enquiry found and what the objector was told."""
    case = lock(row.notice.case)
    row = Objection.objects.select_for_update().get(pk=row.pk)
    verdict = Verdict.yes()
    if not any(by.may(p, case.division_path) for p in RECEIVERS):
        verdict = Verdict.denied("公示异议由村级、乡镇或县级核实")
    verdict &= unlocked(case.division_path)
    if row.finding != Finding.OPEN:
        verdict &= Verdict.no("该异议已办结")
    if finding not in (Finding.UPHELD, Finding.PARTLY, Finding.UNFOUNDED):
        verdict &= Verdict.no(Reason("请选择核实结论", field="finding"))
    if len(enquiry.strip()) < 4:
        verdict &= Verdict.no(Reason("请写明核实情况", field="enquiry"))
    if len(reply.strip()) < 2 or replied_on is None or replied_on > clock.today():
        verdict &= Verdict.no(Reason("请填写答复内容和答复日期（不晚于今天）", field="reply"))
    verdict.require()
    row.finding, row.enquiry, row.reply, row.replied_on = finding, enquiry, reply, replied_on
    row.answered_at, row.answered_by = clock.now(), by
    row.save()
    record(verbs.OBJECTION_ANSWERED, by=by, on=row, subject=str(case), path=case.division_path,
           after={"finding": finding})  # fmt: skip
    telling.tell([case.household_id], "monitoring")
    return row
