"""Opens cases: a clue becomes an identification, an object an elimination, rollback or re-label (policy.md §4.1)."""

import datetime
from typing import Any

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households.choices import choices
from households.models import Household
from households.selectors.parameters import parameters
from households.services import telling
from monitoring import verbs
from monitoring.choices import CaseKind, CaseStatus, ClueState
from monitoring.models import Case, Clue
from monitoring.policies import opening as policies
from monitoring.selectors import cases as found
from monitoring.selectors.case_facts import case_facts
from monitoring.services import cases, objects, prompts
from monitoring.services.numbering import next_case_number
from monitoring.workflow.inputs import Inputs, Propose, Relabel
from monitoring.workflow.transitions import Transition

FIRST = {
    CaseKind.IDENTIFY: ("file_clue", "登记线索", CaseStatus.CLUE, "open_case"),
    CaseKind.RELABEL: ("propose_relabel", "提出再标注", CaseStatus.CLUE, "propose_relabel"),
    CaseKind.ELIMINATE: ("propose", "拟消除", CaseStatus.PROPOSED, "start_elimination"),
    CaseKind.ROLLBACK: ("propose", "提出回退", CaseStatus.PROPOSED, "propose_rollback"),
}
PERMISSIONS = {
    CaseKind.IDENTIFY: policies.FILERS,
    CaseKind.RELABEL: policies.FILERS,
    CaseKind.ELIMINATE: policies.PROPOSERS,
    CaseKind.ROLLBACK: policies.PROPOSERS,
}


@transaction.atomic
def file_clue(
    household: Household,
    *,
    source: str,
    received_on: datetime.date,
    facts: str,
    by: User,
    event_type: str = "",
    event_on: datetime.date | None = None,
    applicant: str = "",
    channel: str = "",
    department: str = "",
    key_group: str = "",
) -> Clue:
    """T1. Opens an identification, or joins the case under way; stops an elimination; waits on an eliminated object."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    verdict = policies.may_file_clue(by, household)
    (verdict & _clue_holds(source, received_on, facts, event_type, event_on)).require()
    clue = Clue.objects.create(
        household=household, source=source, received_on=received_on, facts=facts,
        event_type=event_type, event_on=event_on, applicant=applicant, channel=channel,
        department=department, key_group=key_group, filed_at=clock.now(), filed_by=by,
    )  # fmt: skip
    record(verbs.CLUE_FILED, by=by, on=clue, subject=f"{household}{clue}",
           path=household.division_path, after={"source": source})  # fmt: skip
    _dispose(clue, household, by)
    telling.tell([household.pk], "monitoring")
    return clue


def _clue_holds(
    source: str,
    received_on: datetime.date | None,
    facts: str,
    event_type: str,
    event_on: datetime.date | None,
) -> Verdict:
    reasons = []
    today = clock.today()
    if source not in dict(choices("clue_source")):
        reasons.append(Reason("请选择线索来源", field="source"))
    if received_on is None or received_on > today:
        reasons.append(Reason("收到日期不能为空或晚于今天", field="received_on"))
    if len(facts.strip()) < 4:
        reasons.append(Reason("请写明家庭情况和困难", field="facts"))
    if event_type and event_on is None:
        reasons.append(Reason("请填写事件日期", field="event_on"))
    if event_on is not None and event_on > today:
        reasons.append(Reason("事件日期不能晚于今天", field="event_on"))
    return Verdict(tuple(reasons))


def _dispose(clue: Clue, household: Household, by: User) -> None:
    state = policies.state_of(household)
    case = found.open_case(household.pk)
    if state == "not_monitored":
        _open(household, CaseKind.IDENTIFY, by=by, clues=[clue])
    elif state == "eliminating" and case is not None:
        cases.auto_stop(case, reason=f"新线索：{clue.facts[:100]}")
    elif case is not None:
        _join(clue, case, by)


def _join(clue: Clue, case: Case, by: User) -> None:
    """A clue about a household in procedure joins its case (policy.md §4.1)."""
    clue.case, clue.state = case, ClueState.IN_CASE
    clue.save(update_fields=["case", "state"])
    if clue.event_type and not case.event_type:
        case.event_type, case.event_on, case.event_note = clue.event_type, clue.event_on, clue.facts
        case.save(update_fields=["event_type", "event_on", "event_note"])
    record(verbs.CLUE_MERGED, by=by, on=clue, subject=f"{case}", path=case.division_path)


@transaction.atomic
def handle_clue(clue: Clue, *, handling: str, by: User) -> Clue:
    """Close a clue that needs no case, with what was done about it."""
    clue = Clue.objects.select_for_update(of=("self",)).select_related("household").get(pk=clue.pk)
    verdict = Verdict.yes()
    if not any(by.may(p, clue.household.division_path) for p in policies.PROPOSERS):
        verdict = Verdict.denied("线索由村级、乡镇或县级处理")
    if clue.state != ClueState.OPEN:
        verdict &= Verdict.no(f"该线索{clue.get_state_display()}")
    if len(handling.strip()) < 4:
        verdict &= Verdict.no(Reason("请写明处理情况", field="handling"))
    verdict.require()
    clue.state, clue.handling = ClueState.HANDLED, handling
    clue.handled_at, clue.handled_by = clock.now(), by
    clue.save()
    record(verbs.CLUE_HANDLED, by=by, on=clue, subject=f"{clue.household}{clue}",
           path=clue.household.division_path, note=handling)  # fmt: skip
    return clue


@transaction.atomic
def propose_elimination(household: Household, *, inputs: Propose, by: User) -> Case:
    """V1: refused with every E criterion and 不消 condition that does not hold."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    method = inputs.method
    if method not in dict(choices("elim_method")):
        Verdict.no(Reason("请选择风险消除方式", field="method")).require()
    policies.may_propose_elimination(by, household, method).require()
    case = _open(household, CaseKind.ELIMINATE, by=by, given=inputs, method=method)
    prompts.alert(case)
    return case


@transaction.atomic
def propose_rollback(household: Household, *, inputs: Propose, by: User) -> Case:
    """The elimination does not hold: ≥1 of the seven with evidence, there before the elimination."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    verdict = policies.may_propose_rollback(by, household)
    if verdict.ok:
        verdict &= policies.rollback_holds(
            household, codes=inputs.rule_codes, since=inputs.problem_since, evidence=inputs.note
        )
    verdict.require()
    return _open(
        household, CaseKind.ROLLBACK, by=by, given=inputs, rule_codes=list(inputs.rule_codes),
        event_on=inputs.problem_since, event_note=inputs.note,
    )  # fmt: skip


@transaction.atomic
def propose_relabel(household: Household, *, inputs: Relabel, by: User) -> Case:
    """A new risk after the elimination: the full identification begins again."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    verdict = policies.may_propose_relabel(by, household)
    verdict &= policies.relabel_holds(
        household,
        first_seen_on=inputs.first_seen_on,
        old_problem_persists=inputs.old_problem_persists,
    )
    verdict.require()
    clues = found.open_clues(household.pk)
    return _open(
        household, CaseKind.RELABEL, by=by, given=inputs, clues=clues,
        event_on=inputs.first_seen_on, event_type=inputs.event_type or clues[0].event_type,
        event_note=inputs.note or clues[0].facts,
    )  # fmt: skip


def _open(
    household: Household,
    kind: CaseKind,
    *,
    by: User,
    given: Inputs | None = None,
    clues: list[Clue] | None = None,
    **more: Any,
) -> Case:
    name, label, status, event = FIRST[kind]
    obj = objects.of(household)
    objects.move(obj, event)
    first = clues[0] if clues else None
    opened_on = min([clue.received_on for clue in clues or []], default=clock.today())
    if first is not None and kind == CaseKind.IDENTIFY:
        more |= {"event_type": first.event_type, "event_on": first.event_on}
        more["event_note"] = first.facts if first.event_type else ""
    year = clock.today().year
    case = Case.objects.create(
        kind=kind,
        number=next_case_number(household.county_code, year, kind),
        status=status,
        household=household,
        object=obj,
        episode=found.last_episode(obj.pk) if kind != CaseKind.RELABEL else None,
        division_path=household.division_path,
        county_code=household.county_code,
        source=first.source if first else "",
        opened_on=opened_on,
        opened_at=clock.now(),
        opened_by=by,
        entered_on=clock.today(),
        total_due_on=_total_due(household, opened_on),
        **more,
    )
    for clue in clues or []:
        clue.case, clue.state = case, ClueState.IN_CASE
        clue.save(update_fields=["case", "state"])
    facts = case_facts(case)
    case.due_on = cases.due_on(case, facts)
    case.save(update_fields=["due_on"])
    t = Transition(name=name, label=label, source=(), target=status, permission=PERMISSIONS[kind])
    cases.append_step(case, t, facts, given or Inputs(), by)
    record(verbs.CASE_OPENED, by=by, on=case, path=case.division_path, note=(given or Inputs()).note,
           after={"kind": kind, "status": status})  # fmt: skip
    telling.tell([household.pk], "monitoring")
    return case


def _total_due(household: Household, opened_on: datetime.date) -> datetime.date | None:
    """The whole procedure's last day: 25 working days in 2021, 15 days from 2023 (policy.md §4.3). A warning only."""
    known = parameters(household.division_path, opened_on)
    days = known.get("identification_total_days")
    if days is None:
        return None
    if known.get("identification_in_working_days"):
        return clock.add_working_days(opened_on, int(days))
    return opened_on + datetime.timedelta(days=int(days))
