"""What assistance stores as codes of its own, with label and tone. The national lists are in households.choices."""

from django.db import models

from households.choices import lists


class PlanState(models.TextChoices):
    DRAFT = "draft", "制定中"
    SUBMITTED = "submitted", "待乡镇审核"
    RETURNED = "returned", "已退回修改"
    APPROVED = "approved", "执行中"
    CLOSED = "closed", "历史版本"


PLAN_TONES = {
    PlanState.DRAFT: "grey",
    PlanState.SUBMITTED: "blue",
    PlanState.RETURNED: "amber",
    PlanState.APPROVED: "green",
    PlanState.CLOSED: "grey",
}
OPEN_STATES = (PlanState.DRAFT, PlanState.SUBMITTED, PlanState.RETURNED)
EDITABLE_STATES = (PlanState.DRAFT, PlanState.RETURNED)


class Conclusion(models.TextChoices):
    CONTINUE = "continue", "继续执行"
    ADJUST = "adjust", "调整措施"
    ELIMINATE = "eliminate", "拟申请风险消除"


class Effect(models.TextChoices):
    RESOLVED = "resolved", "已消除"
    EASED = "eased", "有缓解"
    UNCHANGED = "unchanged", "无变化"
    WORSE = "worse", "加重"


EFFECT_TONES = {
    Effect.RESOLVED: "green",
    Effect.EASED: "blue",
    Effect.UNCHANGED: "amber",
    Effect.WORSE: "red",
}


class LookBackResult(models.TextChoices):
    KEEP = "keep", "不调整"
    ADJUST = "adjust", "微调"
    REDO = "redo", "重新制定"


class DocumentKind(models.TextChoices):
    SIGNATURE = "signature", "户主签字确认"
    OTHER = "other", "其他附件"


class EventType(models.TextChoices):
    DISASTER = "disaster", "灾害"
    ACCIDENT = "accident", "意外事故"
    ILLNESS = "illness", "突发重病"


class AdvanceOutcome(models.TextChoices):
    ADMITTED = "admitted", "已纳入监测"
    NOT_ADMITTED = "not_admitted", "先行帮扶—未纳入"
    TERMINATED = "terminated", "线索终止"


PLANNED, ONGOING, DONE, VERIFIED, CANCELLED = (
    "planned",
    "ongoing",
    "done",
    "verified",
    "cancelled",
)
MEASURE_TONES = {
    PLANNED: "grey",
    ONGOING: "blue",
    DONE: "green",
    VERIFIED: "green",
    CANCELLED: "grey",
}
PENDING = (PLANNED, ONGOING)
DELIVERED = (DONE, VERIFIED)

# 开发式帮扶 (policy.md §9): what a household with labour must have at least one of.
DEVELOPMENT = ("industry", "employment", "finance", "public_post")
# Which categories answer a risk (policy.md §8.1, rules R-MON-40…44); a risk not named here is answered by any measure.
ANSWERS: dict[str, tuple[str, ...]] = {
    "illness": ("health", "social", "comprehensive"),
    "schooling": ("compulsory_edu", "other_edu", "social"),
    "disability": ("comprehensive", "social"),
    "unsafe_house": ("house_safety", "relocation"),
    "unsafe_water": ("water_safety",),
}


def categories_for(risk: str) -> tuple[str, ...]:
    """The measure categories that answer a risk."""
    return ANSWERS.get(risk, tuple(lists()["measure_category"]))
