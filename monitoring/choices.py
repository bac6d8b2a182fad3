"""What monitoring stores as codes of its own, with labels and tones. National lists are in households.choices."""

from django.db import models


class CaseKind(models.TextChoices):
    IDENTIFY = "identify", "新识别"
    ELIMINATE = "eliminate", "风险消除"
    ROLLBACK = "rollback", "风险消除回退"
    RELABEL = "relabel", "风险再标注"


NUMBER_MARK = {
    CaseKind.IDENTIFY: "识",
    CaseKind.ELIMINATE: "消",
    CaseKind.ROLLBACK: "退",
    CaseKind.RELABEL: "再",
}


class CaseStatus(models.TextChoices):
    """Where a case stands. The four kinds share the words of the common steps."""

    CLUE = "clue", "已登记线索"
    ANALYSED = "analysed", "已分析研判"
    KEY_LISTED = "key_listed", "已列重点核查户"
    AUTHORISED = "authorised", "已承诺授权"
    PROPOSED = "proposed", "已提出"
    CHECKED = "checked", "已入户核查"
    COMPARED = "compared", "已部门比对"
    DELIBERATED = "deliberated", "已村级评议"
    NOTICED = "noticed", "公示中"
    VILLAGE_SUBMITTED = "village_submitted", "待乡镇审核"
    TOWNSHIP_PASSED = "township_passed", "待县级审定"
    COUNTY_APPROVED = "county_approved", "县级已审定"
    ANNOUNCED = "announced", "已公告待录入"
    REGISTERED = "registered", "已纳入"
    ELIMINATED = "eliminated", "已标注风险消除"
    RESTORED = "restored", "已回退"
    DISMISSED = "dismissed", "未列入核查"
    NOT_ADMITTED = "not_admitted", "不予纳入"
    WITHDRAWN = "withdrawn", "已撤回"
    CANCELLED = "cancelled", "录入前撤销"
    STOPPED = "stopped", "已终止"
    REDIRECTED = "redirected", "转风险消除回退"


END_TONES = {
    CaseStatus.REGISTERED: "green",
    CaseStatus.ELIMINATED: "green",
    CaseStatus.RESTORED: "green",
    CaseStatus.DISMISSED: "grey",
    CaseStatus.NOT_ADMITTED: "grey",
    CaseStatus.WITHDRAWN: "grey",
    CaseStatus.CANCELLED: "grey",
    CaseStatus.STOPPED: "grey",
    CaseStatus.REDIRECTED: "amber",
}
ENDED = tuple(END_TONES)
APPLICANT_SOURCES = ("self_apply", "hotline", "miniapp")


class EndReason(models.TextChoices):
    """Why a case ended without admission (city table T7)."""

    NOT_LISTED = "not_listed", "分析研判未列入"
    REFUSED_AUTHORISATION = "refused_authorisation", "拒绝授权"
    CHECKED_OUT = "checked_out", "核查不纳入"
    ABOVE_LINE = "above_line", "收入超过监测范围且无突发困难"
    NO_RISK = "no_risk", "无返贫致贫风险"
    FOUR_HAVES = "four_haves", "四有人员"
    VOTED_DOWN = "voted_down", "评议未通过"
    OBJECTION = "objection", "公示异议成立"
    TOWNSHIP = "township", "乡镇不予通过"
    COUNTY = "county", "县级不予通过"
    WITHDRAWN = "withdrawn", "农户撤回"
    CANCELLED = "cancelled", "录入前发现错误"
    DISAGREED = "disagreed", "核查未达消除条件"
    AUTOMATIC = "automatic", "出现新情况自动终止"
    OLD_RISK = "old_risk", "属原有风险"


class EventType(models.TextChoices):
    DISASTER = "disaster", "灾害"
    ACCIDENT = "accident", "意外事故"
    ILLNESS = "illness", "突发重病"
    OTHER = "other", "其他"


EMERGENCIES = (EventType.DISASTER, EventType.ACCIDENT, EventType.ILLNESS)


class ClueState(models.TextChoices):
    OPEN = "open", "待处理"
    IN_CASE = "in_case", "办理中"
    HANDLED = "handled", "已处理"


CLUE_TONES = {"open": "orange", "in_case": "blue", "handled": "grey"}


class SignMode(models.TextChoices):
    SIGNED = "signed", "本人签字"
    HANDPRINT = "handprint", "本人按手印"
    PROXY = "proxy", "委托代签"
    ELECTRONIC = "electronic", "电子签名"


class CheckUnit(models.TextChoices):
    VILLAGE = "village", "村两委"
    RESIDENT_TEAM = "resident_team", "驻村工作队"
    TOWNSHIP = "township", "乡镇"
    COUNTY = "county", "县级"


class ScopeBasis(models.TextChoices):
    LIFTED = "lifted", "脱贫户"
    RESIDENT = "resident", "农村常住人口"


class Outcome(models.TextChoices):
    """What became of a recorded risk, as seen at the elimination check."""

    ASSISTED = "assisted", "经帮扶已消除"
    NATURAL = "natural", "已自然消除"
    OPEN = "open", "尚未消除"


class AnswerResult(models.TextChoices):
    PENDING = "pending", "待反馈"
    NONE = "none", "无异常"
    HIT = "hit", "发现四有情形"
    CONFLICT = "conflict", "信息不一致"


ANSWER_TONES = {"pending": "amber", "none": "green", "hit": "red", "conflict": "orange"}


class NoticeKind(models.TextChoices):
    DRAFT = "draft", "公示"
    FINAL = "final", "公告"


class Finding(models.TextChoices):
    """What the enquiry into an objection found."""

    OPEN = "open", "待核实"
    UPHELD = "upheld", "成立"
    PARTLY = "partly", "部分成立"
    UNFOUNDED = "unfounded", "不成立"


FINDING_TONES = {"open": "orange", "upheld": "red", "partly": "amber", "unfounded": "green"}


class ReviewKind(models.TextChoices):
    REVIEW = "review", "乡镇审核"
    GOVERNMENT = "government", "乡镇政府核实"
    DETERMINATION = "determination", "县级审定"
    FILING_REVIEW = "filing_review", "县级备案审查"


REVIEW_MARK = {ReviewKind.DETERMINATION: "审", ReviewKind.FILING_REVIEW: "备"}


class RiskState(models.TextChoices):
    PROPOSED = "proposed", "待乡镇确认新增"
    OPEN = "open", "未消除"
    RESOLVING = "resolving", "待乡镇确认消除"
    RESOLVED = "resolved", "已消除"
    REJECTED = "rejected", "未确认"


RISK_TONES = {
    "proposed": "amber",
    "open": "orange",
    "resolving": "amber",
    "resolved": "green",
    "rejected": "grey",
}
LIVE_RISKS = (RiskState.OPEN, RiskState.RESOLVING)


class FlagAction(models.TextChoices):
    """What was marked on the object, in the national system's words."""

    IDENTIFY = "identify", "风险标注"
    RELABEL = "relabel", "风险再标注"
    ELIMINATE = "eliminate", "风险消除"
    ROLLBACK = "rollback", "风险消除回退"
    CATEGORY = "category", "类别变更"
    CLOSE = "close", "整户减少"
    REOPEN = "reopen", "恢复"
    VOID = "void", "识别不准退出"
    MERGE = "merge", "并户"


FLAG_TONES = {
    "identify": "orange",
    "relabel": "orange",
    "eliminate": "green",
    "rollback": "amber",
    "category": "blue",
    "close": "grey",
    "reopen": "blue",
    "void": "grey",
    "merge": "grey",
}


class PromptKind(models.TextChoices):
    """What a change of people asks of a monitored household (policy.md §6.5)."""

    LINE = "line", "人均纯收入跨过监测范围"
    RISK = "risk", "风险可能自然消除"
    LOOK_BACK = "look_back", "减少劳动力，回头看一户一策"
    SECURED = "secured", "新增成员参保、入学核实"
    DECREASE = "decrease", "未共同生活减员后拟消除"


class PromptAnswer(models.TextChoices):
    """What a person decided about a prompt; nothing follows by itself."""

    RECKONED = "reckoned", "已按变更后的人口核对，监测不变"
    MEASURED = "measured", "已重新测算收入"
    NATURAL = "natural", "风险已自然消除，提请乡镇确认"
    STAYS = "stays", "风险仍存在"
    LOOKED_BACK = "looked_back", "已回头看一户一策"
    SECURED = "secured", "已参保，应入学的已入学"
    CLUE = "clue", "未落实，已列入帮扶"
    SOUND = "sound", "减员属实"
    UNSOUND = "unsound", "减员不实，已退回核实"


PROMPT_ANSWERS: dict[str, tuple[PromptAnswer, ...]] = {
    PromptKind.LINE: (PromptAnswer.RECKONED, PromptAnswer.MEASURED),
    PromptKind.RISK: (PromptAnswer.NATURAL, PromptAnswer.STAYS),
    PromptKind.LOOK_BACK: (PromptAnswer.LOOKED_BACK,),
    PromptKind.SECURED: (PromptAnswer.SECURED, PromptAnswer.CLUE),
    PromptKind.DECREASE: (PromptAnswer.SOUND, PromptAnswer.UNSOUND),
}


class EvaluationState(models.TextChoices):
    SUBMITTED = "submitted", "待乡镇审核"
    RETURNED = "returned", "已退回"
    PASSED = "passed", "已审核"


EVALUATION_TONES = {"submitted": "orange", "returned": "red", "passed": "green"}


class EvaluationResult(models.TextChoices):
    """What became of a risk in the year."""

    GONE = "gone", "已消除"
    EASED = "eased", "明显缓解"
    SAME = "same", "没有变化"
    WORSE = "worse", "加重"


class EvaluationConclusion(models.TextChoices):
    READY = "ready", "建议拟消除"
    CONTINUE = "continue", "继续帮扶"
    STRENGTHEN = "strengthen", "调整加强帮扶"


class Channel(models.TextChoices):
    """How an application of a household reached us (policy.md §4.1)."""

    SCAN = "scan", "扫码申报"
    HOTLINE = "hotline", "12317热线"
    PHONE = "phone", "电话"
    SPOKEN = "spoken", "口述"
    WRITTEN = "written", "书面"


class ApplicationState(models.TextChoices):
    WAITING = "waiting", "待受理"
    FILED = "filed", "已登记线索"
    DECLINED = "declined", "不予受理"
