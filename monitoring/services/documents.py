"""Files papers with a case."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households.policies.locks import unlocked
from monitoring import verbs
from monitoring.models import Case, CaseDocument

KINDS = ("申请书", "承诺授权书", "入户核查表", "入户照片", "部门比对结果", "评议会议记录", "公示照片",
         "乡镇核实意见", "县级审定意见", "公告照片", "成效评估表", "其他佐证")  # fmt: skip
FILERS = (
    Permission.VILLAGE_CASE,
    Permission.CHECK_HOUSEHOLD,
    Permission.TOWNSHIP_CASE,
    Permission.TOWNSHIP_GOVERNMENT,
    Permission.COUNTY_CASE,
)


def may_attach(user: User, case: Case) -> Verdict:
    """Everybody who works on the case; nothing is added to an ended one."""
    if not any(user.may(p, case.division_path) for p in FILERS):
        return Verdict.denied("您的岗位不能为本办件上传材料")
    verdict = unlocked(case.division_path)
    if not case.is_open:
        verdict &= Verdict.no("办件已办结，不能再上传材料")
    return verdict


@transaction.atomic
def attach(case: Case, upload: UploadedFile, *, kind: str, by: User) -> CaseDocument:
    """Keep a scan or photo under its kind of paper."""
    verdict = may_attach(by, case)
    if kind not in KINDS:
        verdict &= Verdict.no(Reason("请选择材料名称", field="kind"))
    verdict.require()
    row = store(CaseDocument, upload, by=by, case=case, kind=kind, status_at=case.status)
    record(verbs.DOCUMENT_ADDED, by=by, on=row, subject=f"{case}{kind}", path=case.division_path,
           after={"kind": kind, "sha256": row.sha256})  # fmt: skip
    return row
