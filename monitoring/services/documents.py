"""Files papers with a case."""

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households.models import PolicyItem
from households.policies.locks import unlocked
from households.selectors.parameters import policy_items
from monitoring import verbs
from monitoring.models import Case, CaseDocument
from monitoring.workflow import papers

FILERS = (
    Permission.VILLAGE_CASE,
    Permission.CHECK_HOUSEHOLD,
    Permission.TOWNSHIP_CASE,
    Permission.TOWNSHIP_GOVERNMENT,
    Permission.COUNTY_CASE,
)


def may_attach(user: User, case: Case) -> Verdict:
    """Everybody who works on the case; to an ended one only the answer to its applicant is added."""
    if not any(user.may(p, case.division_path) for p in FILERS):
        return Verdict.denied("您的岗位不能为本办件上传材料")
    verdict = unlocked(case.division_path)
    if not case.is_open and (case.reply_due_on is None or case.replied_on is not None):
        verdict &= Verdict.no("办件已办结，不能再上传材料")
    return verdict


def kinds_of(case: Case) -> list[PolicyItem]:
    """The entries of the list of papers for this kind of case, as in force today."""
    rows = policy_items("case_paper", case.division_path, clock.today())
    return papers.of_procedure(case.kind, rows)


@transaction.atomic
def attach(case: Case, upload: UploadedFile, *, kind: str, by: User) -> CaseDocument:
    """Keep a scan or photo under its kind of paper."""
    verdict = may_attach(by, case)
    if kind not in {row.label for row in kinds_of(case)}:
        verdict &= Verdict.no(Reason("请选择材料名称", field="kind"))
    verdict.require()
    row = store(CaseDocument, upload, by=by, case=case, kind=kind, status_at=case.status)
    record(verbs.DOCUMENT_ADDED, by=by, on=row, subject=f"{case}{kind}", path=case.division_path,
           after={"kind": kind, "sha256": row.sha256})  # fmt: skip
    return row


@transaction.atomic
def attach_all(
    case: Case, uploads: Iterable[UploadedFile], *, kind: str, by: User
) -> list[CaseDocument]:
    """Several pages of one paper: all of them or none."""
    return [attach(case, upload, kind=kind, by=by) for upload in uploads]
