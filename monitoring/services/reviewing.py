"""Passing several cases at once: those where nothing is open go on, every other one is named with its reasons."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError

from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from monitoring.models import Case
from monitoring.selectors.case_facts import CaseFacts, case_facts
from monitoring.services import cases
from monitoring.workflow.deciding import options
from monitoring.workflow.inputs import Decide
from monitoring.workflow.transitions import Transition

# The gates of a four-haves case; such a case is never passed in bulk (policy.md §4.7).
EXCEPTIONAL = ("government_pass", "county_file")


@dataclass
class Passed:
    """What became of the chosen cases."""

    done: list[Case] = field(default_factory=list)
    left: list[tuple[Case, str]] = field(default_factory=list)


def checks_of(facts: CaseFacts, by: User) -> list[Transition]:
    """The decisions this person may take now: pass where nothing stands against it, return, refuse."""
    found = [o for o in options(facts, by) if o.is_mine]
    return [o.transition for o in found if not o.transition.is_check or o.begin.ok]


def blocked(facts: CaseFacts, by: User) -> list[tuple[str, tuple[Reason, ...]]]:
    """Why it may not be passed, papers apart: the page takes those in."""
    checks = [o for o in options(facts, by) if o.is_mine and o.transition.is_check]
    if any(o.begin.ok for o in checks):
        return []
    own = [o for o in checks if (o.transition.name in EXCEPTIONAL) == facts.has_four_haves]
    return [(o.transition.label, o.begin.all_reasons) for o in own or checks]


def open_matters(facts: CaseFacts) -> Verdict:
    """What somebody should look at first, although the table would let it pass."""
    found = []
    if facts.case.is_flagged:
        found.append("类别与系统建议不同，须逐户审核")
    if facts.has_four_haves:
        found.append("涉及四有人员，须逐户审核")
    if facts.household.open_errors:
        found.append(f"有{facts.household.open_errors}条未处理的数据错误")
    if facts.objections:
        found.append(f"公示期间有{len(facts.objections)}条异议，须逐户审核")
    if facts.check and facts.check.household_agrees is False:
        found.append("农户不认可核查结果，须逐户审核")
    if any(answer.needs_explanation for answer in facts.answers):
        found.append("部门反馈有不一致信息")
    return Verdict(tuple(Reason(text) for text in found))


def pass_many(rows: Iterable[Case], *, opinion: str, by: User) -> Passed:
    """Each case by itself, through its own table: one that may not pass keeps no other back."""
    passed = Passed()
    for case in rows:
        facts = case_facts(case)
        checks = [
            o.transition
            for o in options(facts, by)
            if o.is_mine and o.transition.is_check and o.transition.name not in EXCEPTIONAL
        ]
        matters = open_matters(facts)
        if not checks:
            passed.left.append((case, f"现为“{case.get_status_display()}”，不由您审核"))
            continue
        if not matters.ok:
            passed.left.append((case, "；".join(r.text for r in matters.reasons)))
            continue
        try:
            given = Decide(note=opinion)
            done = cases.apply(case, checks[0].name, by=by, inputs=given, version=case.version)
            passed.done.append(done)
        except ValidationError as refusal:
            passed.left.append((case, "；".join(refusal.messages)))
        except PermissionDenied as refusal:
            passed.left.append((case, str(refusal)))
    return passed
