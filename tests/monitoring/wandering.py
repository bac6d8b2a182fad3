"""Random walks over the tables of the procedure, held after every step against policy.md §5.6 as written down here.

The reference below is a second hand: it reads nothing from the workflow but the names and columns of its lines, so that
a mistake in a table, a guard or a service shows as a difference. One step is one attempt: it succeeds and leaves an
audit entry, or it is refused and leaves no trace at all.
"""

import datetime
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fanpin import clock
from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import GRANTS, Role
from fanpin.audit.models import AuditEntry
from fanpin.audit.recording import broken_chains, broken_entries
from households.models import Household
from households.selectors.parameters import policy_items
from households.services import changes
from households.services import deciding as deciding_changes
from monitoring.choices import ENDED, Finding, FlagAction
from monitoring.models import Case, CaseStep, MonitoringObject, RiskFlag
from monitoring.selectors.case_facts import case_facts, paper_facts
from monitoring.services import cases, comparisons, objections, objects, opening
from monitoring.workflow import inputs as i
from monitoring.workflow.papers import of_step
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import Transition
from tests.factories import monitoring, register

# policy.md §5.6, edge by edge: where one act may lead from each state.
MAY_BECOME = {
    "not_monitored": {"identifying"},
    "identifying": {"not_monitored", "approved"},
    "approved": {"monitored", "not_monitored"},
    "monitored": {"eliminating", "closed", "voided"},
    "eliminating": {"monitored", "eliminated"},
    "eliminated": {"rolling_back", "relabelling", "closed"},
    "rolling_back": {"monitored", "eliminated"},
    "relabelling": {"monitored", "eliminated"},
    "closed": {"monitored", "eliminated"},
    "voided": set(),
}
# The state in which each status of a case leaves the object; any other status of the kind: the first word.
FAILED = ("dismissed", "not_admitted", "withdrawn", "cancelled")
LEAVES: dict[str, tuple[str, dict[str, str]]] = {
    "identify": (
        "identifying",
        dict.fromkeys(FAILED, "not_monitored")
        | {"county_approved": "approved", "announced": "approved", "registered": "monitored"},
    ),
    "eliminate": ("eliminating", {"stopped": "monitored", "eliminated": "eliminated"}),
    "rollback": ("rolling_back", {"stopped": "eliminated", "restored": "monitored"}),
    "relabel": (
        "relabelling",
        dict.fromkeys((*FAILED, "redirected"), "eliminated") | {"registered": "monitored"},
    ),
}
HANDED_IN = ("submit", "submit_without_notice")
CHECKS = ("township_pass", "government_pass", "county_approve", "county_file")
SOURCES = ("cadre_visit", "self_apply", "dept_warning", "hotline")
FIRST_DAY, LAST_DAY = datetime.date(2021, 2, 1), datetime.date(2021, 12, 30)
STARTS = ("not_monitored", "not_monitored", "monitored", "eliminated", "eliminated")
NUMBERS = itertools.count(1)


class Wanderer(RuleBasedStateMachine):
    """One household after the other, led by whoever happens to come along. `tally` is shared by all walks of a test."""

    people: monitoring.Staff
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.day = FIRST_DAY
        self.steps = self.flags = 0
        self.before_closing = ""
        self.replayed = "not_monitored"

    def teardown(self) -> None:
        try:
            assert not list(broken_entries())
            assert broken_chains() == []
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # who, when, where ---------------------------------------------------------------------------

    def everybody(self) -> list[User]:
        p = self.people
        return [p.village, p.team, p.township, p.leader, p.county, self.hats, self.stranger,
                *p.departments.values()]  # fmt: skip

    @initialize(start=st.sampled_from(STARTS))
    def move_in(self, start: str) -> None:
        """A household at the beginning, or one that was brought further before the walk takes over."""
        self.hats, self.stranger = many_hats(), outsider()
        self.day = datetime.date(2021, 11, 15) if start == "eliminated" else FIRST_DAY
        if start == "not_monitored":
            with self.today():
                self.household = monitoring.household(self.people.village, hh_type="general")
        else:
            self.household = monitoring.monitored_household(
                self.people, at=start, start="2021-01-04", number=f"62{next(NUMBERS):08d}"
            )
        self.audited = AuditEntry.objects.count()
        self.replayed = "not_monitored"
        self.replay()

    def today(self) -> Any:
        return monitoring.day(self.day.isoformat())

    @property
    def monitored(self) -> MonitoringObject | None:
        return MonitoringObject.objects.filter(household=self.household).first()

    @property
    def state(self) -> str:
        found = self.monitored
        return found.state if found else "not_monitored"

    @property
    def is_open(self) -> bool:
        case = self.newest_case()
        return case is not None and case.status not in ENDED

    @property
    def hangs(self) -> bool:
        case = self.newest_case()
        return case is not None and case.status in ("noticed", "village_submitted")

    @property
    def is_over(self) -> bool:
        return self.state in ("voided", "closed") or self.day == LAST_DAY

    def newest_case(self) -> Case | None:
        return Case.objects.filter(household=self.household).order_by("-pk").first()

    def able(self, t: Transition) -> User:
        """Somebody whose post carries the permission."""
        for user in self.everybody():
            if set(t.permission) & {g for p in user.postings_today for g in GRANTS[p.role]}:
                return user
        return self.hats

    # an attempt ---------------------------------------------------------------------------------

    def attempt(self, what: str, act: Callable[[], object]) -> None:
        """Succeeds with a trace in the audit, or is refused and changes nothing."""
        self.tally["attempts"] += 1
        state, trace = self.state, self.trace()
        try:
            with self.today(), transaction.atomic():
                act()
        except (PermissionDenied, ValidationError):
            self.tally["refused"] += 1
            assert self.trace() == trace, f"{what}：被拒绝却留下了改动"
            return
        self.tally[what] += 1
        self.tally["done"] += 1
        assert AuditEntry.objects.count() > trace[0], f"{what}：没有留痕"
        now = self.state
        if now != state:
            assert now in MAY_BECOME[state], f"{what}：{state} → {now}"
            self.tally[f"{state}>{now}"] += 1
        self.replay()

    def trace(self) -> tuple[Any, ...]:
        case = self.newest_case()
        return (
            AuditEntry.objects.count(), CaseStep.objects.count(), RiskFlag.objects.count(), self.state,
            case and (case.pk, case.status, case.version),
        )  # fmt: skip

    def replay(self) -> None:
        """The object's state once more, from the steps and marks that the last attempt appended."""
        for step in (
            CaseStep.objects.filter(pk__gt=self.steps).select_related("case").order_by("pk")
        ):
            self.steps = step.pk
            if step.case.household_id == self.household.pk:
                first, others = LEAVES[step.case.kind]
                self.replayed = others.get(step.target, first)
        for mark in RiskFlag.objects.filter(pk__gt=self.flags).order_by("pk"):
            self.flags = mark.pk
            if mark.action == FlagAction.VOID:
                self.replayed = "voided"
            elif mark.action == FlagAction.CLOSE:
                self.before_closing, self.replayed = self.replayed, "closed"
            elif mark.action == FlagAction.REOPEN:
                self.replayed = self.before_closing

    # what may happen ----------------------------------------------------------------------------

    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        self.time_passes_by(days)

    def time_passes_by(self, days: int) -> None:
        self.day = min(self.day + datetime.timedelta(days=days), LAST_DAY)

    @precondition(lambda self: not self.is_open or self.day.day % 9 == 0)
    @rule(who=st.integers(0, 30), source=st.sampled_from(SOURCES), late=st.booleans())
    def a_clue_comes(self, who: int, source: str, late: bool) -> None:
        by = self.anybody(who)
        self.attempt("clue", lambda: opening.file_clue(
            self.household, source=source, by=by, facts="家中有人住院，花费较大",
            received_on=clock.today() + datetime.timedelta(days=int(late and who % 5 == 0)),
            applicant="王建国",
        ))  # fmt: skip

    @precondition(lambda self: self.is_open)
    @rule(pick=st.integers(0, 9), good=st.integers(0, 9), agree=st.booleans())
    def somebody_goes_on(self, pick: int, good: int, agree: bool) -> None:
        self.go_on(pick, good, agree=agree)

    def go_on(self, pick: int, good: int, *, agree: bool) -> None:
        """A step of the table's own direction by whoever may take it, with its papers; seldom with bad inputs."""
        case = self.newest_case()
        assert case is not None
        self.answers(case)
        if pick < 7:
            self.settle(case, "unfounded")
        procedure = PROCEDURES[case.kind]
        ways = procedure.leaving(case.status)
        line = [t for t in ways if t.target in procedure.main_line and t.way == "forward"]
        t = (line if line and pick < 8 else ways)[pick % len(line if line and pick < 8 else ways)]
        asking = procedure.by_name.get("request_comparison")
        if asking and case.status == "checked" and not case.answers.exists():
            t = asking
        if case.status == "noticed" and pick < 8:
            self.time_passes_by(6)
        self.take(case, t, self.able(t), papers=True, good=good > 0, agree=agree or good > 2)

    @precondition(lambda self: self.is_open)
    @rule(pick=st.integers(0, 9), good=st.integers(1, 9))
    def it_goes_on(self, pick: int, good: int) -> None:
        """The same again, so that walks get far."""
        self.go_on(pick, good, agree=True)

    @precondition(lambda self: self.is_open)
    @rule(pick=st.integers(0, 9), good=st.integers(1, 9))
    def and_further(self, pick: int, good: int) -> None:
        self.go_on(pick, good, agree=True)

    @precondition(lambda self: self.newest_case() is not None)
    @rule(who=st.integers(0, 30), pick=st.integers(0, 99), papers=st.booleans(),
          good=st.booleans(), agree=st.booleans())  # fmt: skip
    def anybody_tries_anything(
        self, who: int, pick: int, papers: bool, good: bool, agree: bool
    ) -> None:
        case = self.newest_case()
        assert case is not None
        lines = PROCEDURES[case.kind].transitions
        t = lines[pick % len(lines)]
        by = self.hats if who % 3 == 0 else self.anybody(who)
        self.take(case, t, by, papers=papers, good=good, agree=agree)

    def answers(self, case: Case) -> None:
        """The departments answer what they were asked; one in some cases knows of a vehicle."""
        for row in case.answers.filter(answered_at=None):
            items = (
                ("vehicle",) if self.day.day == 13 and row.department == "vehicle_police" else ()
            )
            by = monitoring.officer(self.people, row.department)
            self.attempt("answer", lambda row=row, items=items, by=by: comparisons.answer(
                row, result="hit" if items else "none", four_haves=items, by=by,
            ))  # fmt: skip

    @precondition(lambda self: self.state in ("monitored", "eliminated") or self.day.day == 7)
    @rule(who=st.integers(0, 30), kind=st.sampled_from(("eliminate", "rollback", "relabel")))
    def a_case_is_proposed(self, who: int, kind: str) -> None:
        by = self.people.village if who % 2 else self.anybody(who)
        past = self.day - datetime.timedelta(days=150)
        acts: dict[str, Callable[[], object]] = {
            "eliminate": lambda: opening.propose_elimination(
                self.household, inputs=i.Propose(method="assisted"), by=by),
            "rollback": lambda: opening.propose_rollback(self.household, by=by, inputs=i.Propose(
                rule_codes=("n2",), problem_since=past, note="收入核算漏算支出，消除前即不达标")),
            "relabel": lambda: opening.propose_relabel(self.household, by=by, inputs=i.Relabel(
                cause="illness", first_seen_on=clock.today())),
        }  # fmt: skip
        self.attempt(f"propose_{kind}", acts[kind])

    @precondition(lambda self: self.state == "monitored")
    @rule()
    def the_household_prospers(self) -> None:
        """What an elimination asks for, so that walks come that far."""
        for act in (monitoring.well_off, monitoring.evaluated):
            self.attempt("prosper", lambda act=act: act(self.people, self.household))

    @precondition(lambda self: self.is_open and (self.hangs or self.day.day == 8))
    @rule(who=st.integers(0, 30), found=st.sampled_from(("upheld", "partly", "unfounded")))
    def a_neighbour_objects(self, who: int, found: str) -> None:
        case = self.newest_case()
        assert case is not None
        by = self.anybody(who)
        self.attempt("objection", lambda: objections.receive(
            case, raised_on=clock.today(), content="该户有商品房", by=by))  # fmt: skip
        if who % 2:
            self.settle(case, found)

    def settle(self, case: Case, found: str) -> None:
        for row in case_facts(Case.objects.get(pk=case.pk)).objections:
            if row.finding == Finding.OPEN:
                self.attempt("objection_answered", lambda row=row: objections.answer(
                    row, finding=found, enquiry="入户走访邻居核实", reply="已当面答复",
                    replied_on=clock.today(), by=self.people.village))  # fmt: skip

    @precondition(lambda self: self.state not in ("not_monitored", "identifying"))
    @rule(who=st.integers(0, 30), rare=st.integers(0, 30))
    def the_county_puts_right(self, who: int, rare: int) -> None:
        obj = self.monitored
        if obj is None:
            return
        by = self.people.county if who % 3 else self.anybody(who)
        reason = "经复核，识别时收入漏算，不符合监测标准"
        if rare == 0:
            self.attempt("void", lambda: objects.void(
                obj, reason=reason, city_filing_no="市备〔2021〕3号", by=by))  # fmt: skip
        elif rare < 10:
            self.attempt("reopen", lambda: objects.reopen(obj, reason=reason, by=by))
        elif rare < 20:
            self.attempt("category", lambda: objects.change_category(
                obj, category="sudden", deliberated_on=clock.today(), reason=reason, by=by))  # fmt: skip
        else:
            self.attempt("close", lambda: objects.close(obj, reason=reason, by=by))

    @precondition(lambda self: self.state in ("monitored", "eliminated"))
    @rule(rare=st.integers(0, 9))
    def everybody_moves_away(self, rare: int) -> None:
        if rare:
            return

        def gone() -> None:
            listed = policy_items("change_document", self.household.division_path, clock.today())
            kind = next(item.label for item in listed if item.code == "dec_hukou_out")
            change = changes.end_household(
                self.household, reason="dec_hukou_out", changed_on=clock.today(),
                documents=register.papers(kind), note="全家迁往外省", by=self.people.village,
            )  # fmt: skip
            deciding_changes.pass_on(change, by=self.people.township)

        self.attempt("moved_away", gone)
        obj = self.monitored
        assert obj is not None
        self.attempt("propose_close", lambda: objects.propose_close(
            obj, reason="全户户籍已迁出", by=self.people.township))  # fmt: skip

    @precondition(lambda self: self.is_over)
    @rule(start=st.sampled_from(STARTS))
    def another_household(self, start: str) -> None:
        """Nothing more can happen to this one: the next."""
        self.move_in(start)

    # what always holds --------------------------------------------------------------------------

    @invariant()
    def the_state_is_what_the_steps_say(self) -> None:
        assert self.state == self.replayed
        shown = Household.objects.values_list("monitoring_state", flat=True)
        assert shown.get(pk=self.household.pk) == self.state

    @invariant()
    def a_case_stands_where_its_last_step_led(self) -> None:
        case = self.newest_case()
        if case is None:
            return
        steps = list(case.steps.order_by("seq"))
        assert case.status == steps[-1].target
        assert [s.seq for s in steps] == list(range(1, len(steps) + 1))
        for earlier, later in itertools.pairwise(steps):
            assert later.source == earlier.target
        assert not Case.objects.filter(household=self.household).exclude(status__in=ENDED)[1:]

    @invariant()
    def nobody_checks_what_he_made(self) -> None:
        case = self.newest_case()
        if case is None:
            return
        makers: set[tuple[str, int | None]] = set()
        for step in case.steps.order_by("seq"):
            if step.transition in HANDED_IN:
                makers = set()
            if step.transition in CHECKS:
                others = {who for name, who in makers if name != step.transition}
                assert step.done_by_id not in others, step.transition
            makers.add((step.transition, step.done_by_id))

    @invariant()
    def no_entry_of_the_audit_is_lost(self) -> None:
        now = AuditEntry.objects.count()
        assert now >= self.audited
        self.audited = now

    # inputs -------------------------------------------------------------------------------------

    def anybody(self, number: int) -> User:
        people = self.everybody()
        return people[number % len(people)]

    def take(
        self, case: Case, t: Transition, by: User, *, papers: bool, good: bool, agree: bool
    ) -> None:
        walk = monitoring.Walk(self.people, case)
        with self.today():
            if papers and any(p.missing for p in of_step(paper_facts(case), t)):
                self.attempt("papers", lambda: walk.hand_in(t.name, self.people.village))
            given = self.inputs(case, t, agree) if good else emptied(self.inputs(case, t, agree))
        self.attempt(
            f"{case.kind}.{t.name}", lambda: cases.apply(case, t.name, by=by, inputs=given)
        )

    def inputs(self, case: Case, t: Transition, agree: bool) -> i.Inputs:
        note = "情况属实，经核实同意按规定办理"
        made: dict[type, Callable[[], i.Inputs]] = {
            i.Analyse: lambda: i.Analyse(
                held_on=clock.today(), attendees=("张支书", "李主任", "周队员"), reasons="建议核查"),
            i.Authorise: lambda: self._signed(case),
            i.Check: lambda: self._visit(case, agree),
            i.Deliberate: lambda: self._meeting(case, t),
            i.Post: monitoring.notice,
            i.Decide: lambda: i.Decide(note=note, visited_on=clock.today(), is_sealed=True,
                                       category_reason="经集体研究，类别符合家庭实际情况"),
            i.End: lambda: i.End(reason="no_risk", note=note),
            i.Enter: lambda: self._entry(case),
        }  # fmt: skip
        return made.get(t.takes, lambda: i.Inputs(note=note))()

    def _signed(self, case: Case) -> i.Inputs:
        return i.Authorise(signatures=tuple(
            i.Signature(member_id=m.pk, mode="signed", signed_on=clock.today())
            for m in case_facts(case).adults
        ))  # fmt: skip

    def _visit(self, case: Case, agree: bool) -> i.Inputs:
        if case.kind == "eliminate":
            answers = monitoring.elimination_answers(self.household)
            return monitoring.check(**answers, scope_basis="") if agree else monitoring.check()
        lifted = self.household.hh_type == "lifted"
        given = monitoring.check(scope_basis="lifted" if lifted else "resident")
        return given if agree else replace(given, income=monitoring.GOOD_INCOME)

    def _meeting(self, case: Case, t: Transition) -> i.Inputs:
        held = monitoring.meeting(category=case.category_suggested)
        if case.kind in ("eliminate", "rollback"):
            held = replace(held, category="")
        return replace(held, votes_for=2, votes_against=7) if t.name == "vote_down" else held

    def _entry(self, case: Case) -> i.Inputs:
        if case.kind == "eliminate":
            return monitoring.elimination_entry(self.household)
        number = self.household.national_hh_no or f"62{next(NUMBERS):08d}"
        return monitoring.entry(national_hh_no=number, month=case.reference_month or "2021-11",
                                post_income_pc=Decimal(9000))  # fmt: skip


def emptied(given: i.Inputs) -> i.Inputs:
    """What somebody hands in who fills in no word."""
    texts = {f.name: getattr(given, f.name) for f in fields(given)}
    return replace(given, **{n: type(v)() for n, v in texts.items() if isinstance(v, str | tuple)})


def many_hats() -> User:
    """Village caseworker, township reviewer and county reviewer in one: the separation must hold all the same."""
    user = register.user(Role.VILLAGE_CASEWORKER, register.VILLAGE)
    for role, place in (
        (Role.TOWNSHIP_REVIEWER, register.TOWNSHIP),
        (Role.COUNTY_REVIEWER, register.COUNTY),
    ):
        Posting.objects.create(
            user=user, role=role, division_id=place, from_on=datetime.date(2020, 1, 1)
        )
    return user


def outsider() -> User:
    """The reviewer of another county."""
    return register.user(Role.COUNTY_REVIEWER, "620422")
