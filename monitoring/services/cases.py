"""Takes a case through its table. `apply` is the only writer of a case's status; opening is next door in `opening`."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record
from households.models import Household
from households.services import standing, telling
from monitoring import verbs
from monitoring.choices import ENDED, CaseKind, CaseStatus, ClueState, EndReason
from monitoring.models import Case, CaseStep, MonitoringObject
from monitoring.selectors.case_facts import CaseFacts, case_facts
from monitoring.services import objects, outcomes, recording
from monitoring.services.snapshots import seal
from monitoring.workflow import papers
from monitoring.workflow.deciding import may_submit, posting_for
from monitoring.workflow.inputs import Inputs
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import END, Limit, Transition

END_REASONS = {
    "dismiss": EndReason.NOT_LISTED,
    "refuse_authorisation": EndReason.REFUSED_AUTHORISATION,
    "vote_down": EndReason.VOTED_DOWN,
    "uphold_objection": EndReason.OBJECTION,
    "township_refuse": EndReason.TOWNSHIP,
    "county_refuse": EndReason.COUNTY,
    "withdraw": EndReason.WITHDRAWN,
    "cancel": EndReason.CANCELLED,
    "county_cancel": EndReason.CANCELLED,
    "redirect": EndReason.OLD_RISK,
    "auto_stop": EndReason.AUTOMATIC,
    "stop": EndReason.DISAGREED,
}
REPLIERS = ("village_case", "township_case")
TOLD = (CaseStatus.DISMISSED, CaseStatus.NOT_ADMITTED)
# Policy values a gate decides by; each step keeps those in force (design.md decision 13).
KEPT = ("village_notice_days", "check_group_min", "deliberation_min_attendees",
        "reference_month_max_lag", "min_months_monitored", "income_sustained_months")  # fmt: skip


@transaction.atomic
def apply(
    case: Case,
    name: str,
    *,
    by: User | None,
    inputs: Inputs | None = None,
    version: int | None = None,
) -> Case:
    """Take one step. Raises PermissionDenied, or Refused with every reason of the case and of the inputs at once.

    `version`: what the person saw; a case that moved since refuses and says who moved it.
    """
    case = lock(case)
    t = PROCEDURES[case.kind].by_name.get(name)
    if t is None:
        raise Refused((Reason(f"{case.get_kind_display()}没有这一步骤"),))
    _unmoved(case, version).require()
    given = inputs if inputs is not None else t.takes()
    facts = case_facts(case)
    may_submit(facts, t, by, given).require()
    filed = [paper.label for paper in papers.of_step(facts, t)]
    recording.write(case, t, facts, given, by)
    _advance(case, t, given)
    facts = case_facts(case)
    _keep_policy(case, t, facts)
    _suggest(case, facts)
    _move_object(case, t, facts, by)
    case.due_on = due_on(case, facts)
    case.version += 1
    case.save()
    outcomes.file_papers(case, t.name, by)
    step = append_step(case, t, facts, given, by)
    case.documents.filter(step=None, kind__in=filed).update(step=step)
    _record(case, t, given, by)
    _stop_when_hit(case, t, facts, by)
    return case


def lock(case: Case) -> Case:
    """The case with its household and object, each row held until the transaction ends."""
    Household.objects.select_for_update().values_list("pk").get(pk=case.household_id)
    MonitoringObject.objects.select_for_update().values_list("pk").get(pk=case.object_id)
    rows = Case.objects.select_for_update(of=("self",))
    held = rows.select_related(
        "household", "household__village", "object", "episode", "opened_by"
    ).get(pk=case.pk)
    if held.object.household_id == held.household_id:
        held.object.household = held.household  # the same wide row, not read twice
    return held


def _unmoved(case: Case, version: int | None) -> Verdict:
    if version is None or version == case.version:
        return Verdict.yes()
    last = case.steps.select_related("done_by").last()
    who = last.done_by.name if last and last.done_by else "系统"
    what = last.label if last else ""
    when = f"于{timezone.localtime(last.done_at):%m-%d %H:%M}" if last else ""
    return Verdict.no(
        f"本办件已由{who}{when}办理“{what}”，现为“{case.get_status_display()}”，请刷新后再办理"
    )


def _advance(case: Case, t: Transition, given: Inputs) -> None:
    today = clock.today()
    if case.status != t.target:
        case.entered_on = today
    case.status = t.target
    if t.target in ENDED:
        case.ended_on = today
        if t.way == END:
            case.end_reason = END_REASONS.get(t.name) or case.end_reason
            case.end_note = given.note
    elif case.ended_on is not None:
        case.ended_on, case.end_reason, case.end_note = None, "", ""
        case.reply_due_on = case.replied_on = None


def _keep_policy(case: Case, t: Transition, facts: CaseFacts) -> None:
    kept: dict[str, Any] = {k: str(facts.parameters[k]) for k in KEPT if k in facts.parameters}
    if facts.line is not None:
        kept["monitoring_line"] = str(facts.line)
    if facts.check and facts.check.statement:
        s = facts.check.statement
        kept["window"] = [s.window_from.isoformat(), s.window_to.isoformat()]
    case.parameters_used = {**case.parameters_used, t.name: kept}


def _suggest(case: Case, facts: CaseFacts) -> None:
    """Until the meeting the suggestion follows the newest visit."""
    if facts.is_marking and not case.is_flagged and (found := facts.suggestion()):
        case.category_suggested = found.category
    if facts.is_marking:
        case.is_four_haves = facts.has_four_haves


def _move_object(case: Case, t: Transition, facts: CaseFacts, by: User | None) -> None:
    if not t.moves:
        if case.ended_on is None:
            return
    elif t.moves in outcomes.OUTCOMES:
        outcomes.OUTCOMES[t.moves](case, facts, by)
    else:
        objects.move(case.object, t.moves)
    _settle_clues(case)
    if case.ended_on is not None and case.status in TOLD:
        days = int(facts.param("reply_days"))
        case.reply_due_on = clock.add_working_days(clock.today(), days)


def _settle_clues(case: Case) -> None:
    """Clues end with their case and live again with it."""
    if case.ended_on is not None:
        case.clues.filter(state=ClueState.IN_CASE).update(
            state=ClueState.HANDLED,
            handling=f"{case.get_status_display()}",
            handled_at=clock.now(),
        )
    else:
        case.clues.update(state=ClueState.IN_CASE, handled_at=None, handled_by=None, handling="")


def due_on(case: Case, facts: CaseFacts) -> datetime.date | None:
    """The earliest day on which a forward step out of this status is due; the notice's own days where it hangs."""
    found: datetime.date | None = None
    if case.ended_on is None:
        days = [_day(case, limit, facts) for limit in PROCEDURES[case.kind].limits(case.status)]
        if case.status == CaseStatus.NOTICED and facts.notice:
            days.append(facts.notice.complete_on + datetime.timedelta(days=1))
        found = min((d for d in days if d), default=None)
        standing.set_due(case.household_id, due_on=found, text=case.get_status_display())
    elif case.status != CaseStatus.REGISTERED:
        standing.set_due(case.household_id, due_on=None)
    return found


def _day(case: Case, limit: Limit, facts: CaseFacts) -> datetime.date | None:
    if limit.parameter not in facts.parameters:
        return None
    start = case.opened_on if limit.from_opening else case.entered_on
    days = int(facts.parameters[limit.parameter])
    if limit.working:
        return clock.add_working_days(start, days)
    return start + datetime.timedelta(days=days)


def append_step(
    case: Case, t: Transition, facts: CaseFacts, given: Inputs, by: User | None
) -> CaseStep:
    """One more line of the case's history, sealed."""
    posting = posting_for(by, t, case.division_path)
    last = facts.steps[-1] if facts.steps else None
    return CaseStep.objects.create(
        case=case,
        seq=last.seq + 1 if last else 1,
        transition=t.name,
        label=t.label,
        source=last.target if last else "",
        target=t.target,
        done_on=clock.today(),
        done_at=clock.now(),
        done_by=by,
        role=posting.get_role_display() if posting else "系统",
        unit=posting.division.full_name if posting else "",
        reason=given.note,
        snapshot_hash=seal(case, facts),
    )


def _record(case: Case, t: Transition, given: Inputs, by: User | None) -> None:
    record(
        t.verb,
        by=by,
        on=case,
        path=case.division_path,
        after={"status": case.status, "category": case.category},
        note=given.note,
    )
    telling.tell([case.household_id], "monitoring")


def _stop_when_hit(case: Case, t: Transition, facts: CaseFacts, by: User | None) -> None:
    """Edge 15: a visit that finds a 不消 condition ends the elimination by itself."""
    if case.kind != CaseKind.ELIMINATE or t.takes.__name__ != "Check":
        return
    if texts := [finding.text for light in facts.seven for finding in light.findings]:
        auto_stop(case, reason="；".join(texts))


def auto_stop(case: Case, *, reason: str) -> Case:
    """The system ends an elimination because something new came up; whoever works on it sees why."""
    return apply(case, "auto_stop", by=None, inputs=Inputs(note=reason))


@transaction.atomic
def tell_applicant(case: Case, *, note: str, by: User) -> Case:
    """Record the written answer to the applicant after a refusal (policy.md §4.3 T3b, T10c)."""
    case = lock(case)
    verdict = Verdict.yes()
    if case.reply_due_on is None or case.replied_on is not None:
        verdict &= Verdict.no("本办件没有待答复事项")
    if len(note.strip()) < 4:
        verdict &= Verdict.no(Reason("请填写答复方式和内容", field="note"))
    facts = case_facts(case)
    verdict &= Verdict(papers.missing(facts, papers.of_reply(facts)))
    if not any(by.may(p, case.division_path) for p in REPLIERS):
        verdict = Verdict.denied("答复申请人由村级或乡镇办理")
    verdict.require()
    case.replied_on, case.reply_note = clock.today(), note
    case.version += 1
    case.save()
    record(verbs.APPLICANT_TOLD, by=by, on=case, path=case.division_path, note=note)
    return case


@transaction.atomic
def note_head(case: Case) -> CaseStep:
    """The household has a new head: from here on the papers of the case name the new one (policy.md §6.4)."""
    case = lock(case)
    t = Transition(name="note_head", label="户主变更", source=(), target=case.status, permission=())
    note = f"新户主{case.household.head_name}，后续办件文书按新户主办理"
    step = append_step(case, t, case_facts(case), Inputs(note=note), None)
    record(verbs.HEAD_NOTED, by=None, on=case, path=case.division_path)
    return step
