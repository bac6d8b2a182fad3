"""Draws the tables for docs/states.md: a mermaid state diagram and the list of steps for each kind of case."""

from fanpin.accounts.roles import Permission
from households.choices import MONITORING_STATES
from monitoring.choices import CaseKind, CaseStatus
from monitoring.workflow.objects import ANY, EDGES, PREVIOUS
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import END, Procedure, Transition

HEAD = """# 状态图

本文件由 `monitoring/workflow` 的转换表生成，测试逐字比对；修改转换表后运行
`python manage.py state_diagrams` 重新生成。
"""


def as_markdown() -> str:
    """The whole file."""
    parts = [HEAD, _objects(), *(_procedure(p) for p in PROCEDURES.values())]
    return "\n".join(parts)


def _objects() -> str:
    lines = ["## 监测对象", "", "```mermaid", "stateDiagram-v2"]
    lines += [
        f'    state "{label}" as {code}' for code, (label, _tone) in MONITORING_STATES.items()
    ]
    for e in EDGES:
        if e.writes:
            target = "[*]" if e.target == PREVIOUS else e.target
            lines.append(f"    {e.source} --> {target}: {e.number} {e.label}")
    lines += [
        "```",
        "",
        "| 序号 | 原状态 | 事件 | 新状态 | 办理层级 | 条件 |",
        "|---|---|---|---|---|---|",
    ]
    for e in EDGES:
        lines.append(
            f"| {e.number} | {_state(e.source)} | {e.label} | {_state(e.target)} | {e.who} | {e.guard} |"
        )
    return "\n".join([*lines, ""])


def _state(code: str) -> str:
    if code == ANY:
        return "任意"
    return "原状态" if code == PREVIOUS else MONITORING_STATES[code][0]


def _procedure(procedure: Procedure) -> str:
    used = {s for t in procedure.transitions for s in (*t.source, t.target)}
    lines = [f"## {CaseKind(procedure.kind).label}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{s.label}" as {s.value}' for s in CaseStatus if s.value in used]
    lines.append(f"    [*] --> {procedure.main_line[0]}")
    for t in procedure.transitions:
        if len(t.source) <= 2:
            lines += [f"    {source} --> {t.target}: {t.label}" for source in t.source]
    lines += [
        "```",
        "",
        "| 步骤 | 原状态 | 新状态 | 权限 | 前提 | 时限参数 | 依据 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(t) for t in procedure.transitions]
    return "\n".join([*lines, ""])


def _row(t: Transition) -> str:
    source = "、".join(CaseStatus(s).label for s in t.source)
    permission = "、".join(Permission(p).label for p in t.permission) or "系统"
    guards = "；".join(guard.label for guard in t.guards) or ("写明原因" if t.way == END else "—")
    limit = t.limit.parameter if t.limit else "—"
    return (
        f"| {t.label} | {source} | {CaseStatus(t.target).label} | {permission} "
        f"| {guards} | {limit} | {t.clause} |"
    )
