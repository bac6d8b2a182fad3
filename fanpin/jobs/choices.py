"""The states of a job, their labels and tones."""

from django.db import models


class Status(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    CANCELLING = "cancelling", "正在取消"
    CANCELLED = "cancelled", "已取消"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.CANCELLING)
TONES = {
    Status.QUEUED: "grey",
    Status.RUNNING: "blue",
    Status.CANCELLING: "amber",
    Status.CANCELLED: "grey",
    Status.DONE: "green",
    Status.FAILED: "red",
}
