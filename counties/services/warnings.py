"""Answers what a department warned of; the township judges the answer like every explanation (policy.md §2.3)."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from counties import verbs
from counties.models import Finding
from counties.models.findings import Origin, OwnerLevel, State, WarningAnswer
from counties.policies import findings as policies
from counties.services import findings
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from monitoring.services import opening

UNDER_WAY = ("not_monitored", "closed", "voided", "")


@transaction.atomic
def answer(
    finding: Finding,
    *,
    answer: str,
    text: str,
    evidence: Sequence[UploadedFile] = (),
    by: User,
) -> Finding:
    """One of the five answers with its note; 启动核查 files the clue at once, the county's own answer settles."""
    rows = Finding.objects.select_for_update(of=("self",)).select_related("household")
    finding = rows.get(pk=finding.pk)
    policies.may_explain(by, finding).require()
    _holds(finding, answer).require()
    finding.answer = answer
    finding.save(update_fields=["answer"])
    if answer == WarningAnswer.CHECK and finding.household is not None:
        opening.file_clue(
            finding.household, source="dept_warning", received_on=clock.today(),
            facts=f"{finding.title}：{finding.detail}。{text}", department=finding.department, by=by,
        )  # fmt: skip
    finding = findings.explain(finding, text=_said(answer, text), evidence=evidence, by=by)
    if finding.owner_level == OwnerLevel.COUNTY:
        return findings.move(
            finding, State.WAIVED, "accepted", verbs.FINDING_ACCEPTED, "县级答复即办结", by
        )
    return finding


def _said(answer: str, text: str) -> str:
    return f"{WarningAnswer(answer).label}。{text.strip()}"


def _holds(finding: Finding, answer: str) -> Verdict:
    """Whether the answer can be true of the household."""
    if finding.origin != Origin.WARNING:
        return Verdict.no("这条疑点不是部门预警")
    if answer not in WarningAnswer.values:
        return Verdict.no(Reason("请选择答复", field="answer"))
    home = finding.household
    if home is None:
        if answer == WarningAnswer.CHECK:
            return Verdict.no(Reason("在册查无此人，请先登记农户", field="answer"))
        return Verdict.yes()
    if answer == WarningAnswer.MONITORED and home.monitoring_state in UNDER_WAY:
        return Verdict.no(
            Reason(f"该户监测状态为“{home.monitoring_label}”，没有在监测", field="answer")
        )
    return Verdict.yes()
