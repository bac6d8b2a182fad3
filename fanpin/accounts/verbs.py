"""Acts on accounts and posts, with their sentences."""

from fanpin.audit.verbs import register

CREATED = register("user.created", "新建用户{subject}")
DISABLED = register("user.disabled", "停用用户{subject}")
ENABLED = register("user.enabled", "启用用户{subject}")
RESET = register("user.password_reset", "重置{subject}的密码")
CHANGED = register("user.password_changed", "{subject}修改了密码")
POSTED = register("posting.added", "为用户增加岗位：{subject}")
ENDED = register("posting.ended", "结束岗位：{subject}")
CLOCK = register("clock.moved", "调整演示日期为{subject}")
HAMLET = register("division.hamlet_added", "新增自然村{subject}")
