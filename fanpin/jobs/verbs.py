"""What people do to long work, with its sentence."""

from fanpin.audit.verbs import register

CANCELLED = register("job.cancelled", "取消任务：{subject}")
RESUMED = register("job.resumed", "继续执行任务：{subject}")
