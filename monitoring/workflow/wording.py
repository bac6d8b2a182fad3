"""The text of a notice, made from the case: what may be read by everybody in the village (policy.md Appendix B)."""

from collections import Counter

from assistance.selectors import coverage
from monitoring.choices import CaseKind
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow.transitions import Transition

# Its words alone would tell of an illness.
UNSAID = ("health",)


def notice_text(facts: CaseFacts, t: Transition) -> str:
    """What is put up at a step that posts a notice; the village may reword it. "" for every other step."""
    if t.name == "announce":
        return f"经县级审定，{_who(facts)}{_purpose(facts, '已')}，现予公告。"
    if t.name != "post_notice":
        return ""
    held = f"{facts.deliberation.held_on:%Y年%-m月%-d日}" if facts.deliberation else ""
    said = f"经入户核查和{held}村级民主评议，拟将{_who(facts)}{_purpose(facts, '')}。"
    if facts.case.kind == CaseKind.ELIMINATE:
        said += _help(facts)
    return f"{said}现予公示，接受群众监督。"


def _who(facts: CaseFacts) -> str:
    return f"{facts.household.head_name}户（{len(facts.members)}人）"


def _purpose(facts: CaseFacts, done: str) -> str:
    case = facts.case
    kind = CaseKind(case.kind)
    if kind == CaseKind.ELIMINATE:
        return f"{done}标注风险消除（{case.get_method_display()}）"
    if kind == CaseKind.ROLLBACK:
        return f"{done}标注风险消除回退，恢复监测帮扶"
    again = "再次" if kind == CaseKind.RELABEL else ""
    return f"{done}{again}纳入防返贫监测对象，类别为{case.get_category_display()}"


def _help(facts: CaseFacts) -> str:
    """The measures carried out, counted by kind (policy.md §5.2)."""
    found = coverage.help_of([facts.household.pk]).get(facts.household.pk)
    delivered = found.delivered if found else ()
    kinds = Counter(m.get_category_display() for m in delivered if m.category not in UNSAID)
    if not kinds:
        return ""
    return "已落实帮扶措施：" + "、".join(f"{name}{n}项" for name, n in kinds.items()) + "。"
