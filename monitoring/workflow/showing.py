"""How a case is shown: its stepper, its history, the window and figures its steps rest on."""

from fanpin import clock
from fanpin.web.components import Entry, Fact, Step
from households.rules import windows
from monitoring.choices import CaseStatus
from monitoring.models import Case, CaseStep
from monitoring.selectors.case_facts import CaseFacts
from monitoring.selectors.pages import page
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import END, RETURN


def stepper(facts: CaseFacts) -> list[Step]:
    """The main line: done with date and person, the present with its days left, what is still to come."""
    case = facts.case
    line = PROCEDURES[case.kind].main_line
    reached = {step.target: step for step in facts.steps}
    here = line.index(case.status) if case.status in line else _last_reached(line, reached)
    found = []
    for position, status in enumerate(line):
        step = reached.get(status) if position <= here else None
        found.append(_step(case, status, step, position, here))
    return found


def _last_reached(line: tuple[str, ...], reached: dict[str, CaseStep]) -> int:
    return max((n for n, status in enumerate(line) if status in reached), default=0)


def _step(case: Case, status: str, step: CaseStep | None, position: int, here: int) -> Step:
    label = CaseStatus(status).label
    if step is None:
        return Step(label)
    current = position == here and case.is_open
    left = (case.due_on - clock.today()).days if current and case.due_on else None
    who = step.done_by.name if step.done_by else "系统"
    return Step(label, "current" if current else "done", step.done_on, who, left)


def history(facts: CaseFacts) -> list[Entry]:
    """Every step, newest first, with role and reason."""
    by_name = PROCEDURES[facts.case.kind].by_name
    found = []
    for step in reversed(facts.steps):
        t = by_name.get(step.transition)
        tone = {RETURN: "orange", END: "red"}.get(t.way, "") if t else ""
        who = f"{step.done_by.name if step.done_by else '系统'}（{step.role}）"
        found.append(Entry(step.done_at, who, step.label, step.reason, tone))
    return found


def summary(facts: CaseFacts) -> list[Fact]:
    """What the case is about, at the top of its page."""
    case, h = facts.case, facts.household
    tab = page("monitoring:household", h.pk)
    found = [
        Fact("农户", str(h), tab),
        Fact("户号", h.hh_code),
        Fact("行政村", h.village.full_name),
        Fact("户类型", h.get_hh_type_display()),
        Fact("家庭人口", len(facts.members), page("households:members", h.pk), unit="人"),
        Fact("受理日期", case.opened_on),
        Fact("全程期限", case.total_due_on, tone=_due_tone(case)),
        Fact("本步期限", case.due_on),
    ]
    if case.event_type:
        found.append(Fact("突发事件", f"{case.get_event_type_display()} {case.event_on or ''}"))
    if case.category:
        found.append(Fact("评议类别", case.get_category_display(), tone="blue"))
    if case.is_four_haves:
        found.append(Fact("四有人员", "涉及", tone="red"))
    if case.is_flagged:
        found.append(Fact("类别", "提请县级关注", tone="amber"))
    if case.end_reason:
        found.append(Fact("终止原因", case.get_end_reason_display()))
    return found


def _due_tone(case: Case) -> str:
    late = case.is_open and case.total_due_on and case.total_due_on < clock.today()
    return "red" if late else ""


def figures(facts: CaseFacts) -> list[Fact]:
    """Income of the visit against the line, with its window."""
    check = facts.check
    if check is None or check.statement is None:
        return []
    s = check.statement
    below = facts.line is not None and windows.is_below(s.per_capita, facts.line)
    found = [
        Fact("收入计算周期", f"{s.window_from} 至 {s.window_to}"),
        Fact("年纯收入", s.inc_net, unit="元"),
        Fact("计算人口", s.members_count, unit="人"),
        Fact("人均纯收入", s.inc_net_pc, unit="元"),
        Fact("监测范围", facts.line, unit="元"),
    ]
    if facts.line is not None:
        found.append(
            Fact("与监测范围比", "低于" if below else "不低于", tone="orange" if below else "green")
        )
    found.append(Fact("扣除自付后人均", s.ref_income_pc, unit="元"))
    if suggestion := facts.suggestion():
        found.append(Fact("系统建议", f"{suggestion.label}：{suggestion.text}"))
    return found
