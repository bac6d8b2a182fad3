"""May this person take this step now, and if not, for which reasons: one answer for page, API and service."""

from dataclasses import dataclass

from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import GRANTS, Permission
from fanpin.accounts.verdicts import Reason, Verdict
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import papers
from monitoring.workflow.inputs import Inputs
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import FORWARD, Guard, Transition

SEPARATION = "业务规程 §2.2"
FOUR_HAVES_SIGNED = ("government_pass", "county_file")
SUBMISSIONS = ("submit", "submit_without_notice")


def may_take(facts: CaseFacts, t: Transition, by: User | None) -> Verdict:
    """Without inputs: permission, lock, maker ≠ checker, every guard, the papers. `by` None is the system itself."""
    verdict = may_begin(facts, t, by)
    if facts.case.status in t.source:
        verdict &= Verdict(papers.reasons(facts, t))
    return verdict


def may_begin(facts: CaseFacts, t: Transition, by: User | None) -> Verdict:
    """Everything but the papers: the step's own form takes them in."""
    return _permitted(facts, t, by) & _standing(facts, t, by)


def _standing(facts: CaseFacts, t: Transition, by: User | None) -> Verdict:
    case = facts.case
    if case.status not in t.source:
        return Verdict.no(f"办件现为“{case.get_status_display()}”，不能办理“{t.label}”")
    verdict = facts.lock
    if t.is_check and by is not None:
        verdict &= _not_the_maker(facts, t, by) & _not_a_signer(facts, t, by)
    return verdict & Verdict(tuple(reason for guard in t.guards for reason in guard.reasons(facts)))


def may_submit(facts: CaseFacts, t: Transition, by: User | None, given: Inputs) -> Verdict:
    """With inputs: every reason at once, of the case and of what was handed in."""
    wrong = tuple(reason for rule in t.requires for reason in rule.reasons(facts, given))
    return may_take(facts, t, by) & Verdict(wrong)


def _permitted(facts: CaseFacts, t: Transition, by: User | None) -> Verdict:
    if by is None and not t.permission:
        return Verdict.yes()
    if by is not None and any(by.may(p, facts.case.division_path) for p in t.permission):
        return Verdict.yes()
    labels = "或".join(Permission(p).label for p in t.permission) or "系统"
    return Verdict.denied(f"“{t.label}”须由有“{labels}”权限的岗位办理")


def _not_the_maker(facts: CaseFacts, t: Transition, by: User) -> Verdict:
    """Who made any step since the village handed in, the handing-in included, does not check the case.

    One's own earlier answer at the same gate is no making: what the county returned is passed again by the same person.
    """
    makers = set()
    for step in reversed(facts.steps):
        if step.transition != t.name:
            makers.add(step.done_by_id)
        if step.transition in SUBMISSIONS:
            break
    if by.pk in makers:
        return Verdict.no(
            Reason("您办理了本办件的上一环节，不能再审核，请由其他账号办理", clause=SEPARATION)
        )
    return Verdict.yes()


def _not_a_signer(facts: CaseFacts, t: Transition, by: User) -> Verdict:
    """The three signatures of a four-haves case come from three accounts, whatever happened in between (§4.7)."""
    meeting = facts.deliberation
    if t.name not in FOUR_HAVES_SIGNED or meeting is None or meeting.made_by_id != by.pk:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            "您已登记本户的村级评议确认，四有人员的三级确认须由三个不同账号签署",
            clause="业务规程 §4.7",
        )
    )


def posting_for(by: User | None, t: Transition, path: str) -> Posting | None:
    """The post in which somebody takes a step: the narrowest that covers the place and carries the permission."""
    if by is None:
        return None
    able = [
        p
        for p in by.postings_today
        if path.startswith(p.division.path) and set(t.permission) & GRANTS[p.role]
    ]
    return max(able, key=lambda p: len(p.division.path), default=None)


@dataclass(frozen=True)
class Option:
    """A transition out of the present status with the answer for one person; `begin`: papers apart."""

    transition: Transition
    verdict: Verdict
    begin: Verdict
    is_mine: bool


def options(facts: CaseFacts, by: User) -> list[Option]:
    """Every step out of the present status, those of this person first."""
    found = []
    for t in PROCEDURES[facts.case.kind].leaving(facts.case.status):
        if not t.permission:
            continue
        mine = _permitted(facts, t, by).ok
        found.append(Option(t, may_take(facts, t, by), may_begin(facts, t, by), mine))
    return sorted(found, key=lambda o: not o.is_mine)


@dataclass(frozen=True)
class Need:
    """One line of the ticked list: what a step needs, and what is still missing."""

    label: str
    reasons: tuple[Reason, ...]

    @property
    def is_met(self) -> bool:
        return not self.reasons


def needs(facts: CaseFacts) -> list[Need]:
    """What the forward steps out of the present status need, missing items first."""
    guards: dict[str, Guard] = {}
    asked: dict[str, papers.Paper] = {}
    for t in PROCEDURES[facts.case.kind].leaving(facts.case.status):
        if t.way == FORWARD:
            guards |= {
                guard.label: guard for guard in t.guards if not guard.label.startswith("不涉及")
            }
            asked |= {paper.code: paper for paper in papers.of_step(facts, t)}
    found = [Need(guard.label, tuple(guard.reasons(facts))) for guard in guards.values()]
    found += [
        Need(f"材料：{p.label}（{p.wanted}份）", papers.missing(facts, [p])) for p in asked.values()
    ]
    return sorted(found, key=lambda n: n.is_met)
