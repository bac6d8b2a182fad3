"""What can happen to a household, as the audit says it."""

from fanpin.audit.verbs import register

HOUSEHOLD_REGISTERED = register("household.registered", "登记农户{subject}")
HOUSEHOLD_EDITED = register("household.edited", "修改农户{subject}的信息")
HOUSEHOLD_ENDED = register("household.ended", "{subject}整户减少")
MEMBER_REGISTERED = register("member.registered", "登记家庭成员{subject}")
MEMBER_EDITED = register("member.edited", "修改家庭成员{subject}的信息")
CHANGE_FILED = register("change.filed", "申报人口变更：{subject}")
CHANGE_PASSED = register("change.passed", "通过人口变更：{subject}")
CHANGE_RETURNED = register("change.returned", "退回人口变更：{subject}")
CHANGE_EFFECTED = register("change.effected", "人口变更生效：{subject}")
HEAD_CHANGED = register("household.head_changed", "变更{subject}的户主")
INCOME_SAVED = register("income.saved", "填写{subject}的收入测算表")
INCOME_CONFIRMED = register("income.confirmed", "确认{subject}的收入测算表")
INCOME_REOPENED = register("income.reopened", "重新填写{subject}的收入测算表")
COLLECTION_COLLECTED = register("collection.collected", "完成{subject}的年度采集")
COLLECTION_SUBMITTED = register("collection.submitted", "提交{subject}的年度采集")
COLLECTION_REVIEWED = register("collection.reviewed", "审核通过{subject}的年度采集")
COLLECTION_RETURNED = register("collection.returned", "退回{subject}的年度采集")
NUMBER_SHOWN = register("member.number_shown", "查看{subject}的完整证件号码")
DOCUMENT_OPENED = register("change.document_opened", "查看人口变更佐证材料：{subject}")
