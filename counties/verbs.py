"""What can be done with ledgers, findings, closures and summaries, as the audit says it."""

from fanpin.audit.verbs import register

LEDGER_RECEIVED = register("ledger.received", "报送部门台账：{subject}")
COMPARISON_STARTED = register("comparison.started", "发起部门比对：{subject}")
COMPARISON_FINISHED = register("comparison.finished", "完成部门比对：{subject}")
FINDINGS_DISPATCHED = register("findings.dispatched", "派发疑点：{subject}")
FINDING_EXPLAINED = register("finding.explained", "说明疑点：{subject}")
FINDING_ACCEPTED = register("finding.accepted", "认可疑点说明：{subject}")
FINDING_REJECTED = register("finding.rejected", "退回疑点说明：{subject}")
FINDING_WAIVED = register("finding.waived", "豁免疑点：{subject}")
FINDING_CORRECTED = register("finding.corrected", "疑点已整改待核：{subject}")
CLOSURE_RUN = register("closure.run", "运行县级闭合检查：{subject}")
CLOSURE_SIGNED = register("closure.signed", "签署县级闭合：{subject}")
CORRECTION_ORDERED = register("closure.correction_ordered", "下达更正令：{subject}")
SUMMARY_SUBMITTED = register("summary.submitted", "上报市级汇总：{subject}")
SUMMARY_RETURNED = register("summary.returned", "退回市级汇总要求更正：{subject}")
SHEET_SAVED = register("sheet.saved", "填写采集表：{subject}")
SHEET_SUBMITTED = register("sheet.submitted", "提交采集表：{subject}")
SHEET_REVIEWED = register("sheet.reviewed", "审核通过采集表：{subject}")
SHEET_RETURNED = register("sheet.returned", "退回采集表：{subject}")
SHEETS_IMPORTED = register("sheets.imported", "导入采集表：{subject}")
SHEETS_UNDONE = register("sheets.undone", "撤销导入采集表：{subject}")
