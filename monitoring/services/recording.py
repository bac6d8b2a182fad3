"""Writes what was handed in with a step as the typed record of its kind. Called by services.cases only."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import F

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Household, IncomeStatement
from households.services import income
from monitoring.choices import CaseKind, EndReason, NoticeKind, ReviewKind
from monitoring.models import (
    Analysis,
    Authorization,
    Case,
    CheckPerson,
    CheckRisk,
    ComparisonAnswer,
    Deliberation,
    HouseholdCheck,
    NationalEntry,
    PublicNotice,
    Review,
)
from monitoring.rules import classification
from monitoring.selectors.case_facts import CaseFacts
from monitoring.services.numbering import next_decision_number
from monitoring.workflow import inputs as i
from monitoring.workflow.transitions import END, RETURN, Transition

PURPOSES = {
    CaseKind.IDENTIFY: IncomeStatement.Purpose.IDENTIFY,
    CaseKind.RELABEL: IncomeStatement.Purpose.IDENTIFY,
    CaseKind.ELIMINATE: IncomeStatement.Purpose.ELIMINATE,
}
REVIEW_KINDS = {
    "township_pass": ReviewKind.REVIEW,
    "return_to_notice": ReviewKind.REVIEW,
    "return_to_meeting": ReviewKind.REVIEW,
    "return_to_check": ReviewKind.REVIEW,
    "township_refuse": ReviewKind.REVIEW,
    "government_pass": ReviewKind.GOVERNMENT,
    "county_approve": ReviewKind.DETERMINATION,
    "county_file": ReviewKind.FILING_REVIEW,
    "county_return": ReviewKind.DETERMINATION,
    "county_return_to_check": ReviewKind.DETERMINATION,
    "county_refuse": ReviewKind.DETERMINATION,
}


def write(case: Case, t: Transition, facts: CaseFacts, given: i.Inputs, by: User | None) -> None:
    """The record of a step; a review for every decision above the village."""
    if by is None:
        return
    recorder = RECORDERS.get(type(given))
    if recorder is not None:
        recorder(case, t, facts, given, by)
    if t.name in ("request_comparison", "request_early"):
        _request_comparison(case, facts, by)
    if t.name in REVIEW_KINDS:
        _review(case, t, given, by)


def _made(by: User) -> dict[str, Any]:
    return {"made_at": clock.now(), "made_by": by}


def _analysis(case: Case, t: Transition, f: CaseFacts, given: i.Analyse, by: User) -> None:
    Analysis.objects.create(
        case=case,
        held_on=given.held_on,
        attendees=list(given.attendees),
        reasons=given.reasons,
        **_made(by),
    )


def _authorise(case: Case, t: Transition, f: CaseFacts, given: i.Authorise, by: User) -> None:
    for s in given.signatures:
        Authorization.objects.update_or_create(
            case=case,
            member_id=s.member_id,
            defaults={
                "mode": s.mode,
                "signed_on": s.signed_on,
                "proxy_name": s.proxy_name,
                **_made(by),
            },
        )


def _check(case: Case, t: Transition, f: CaseFacts, given: i.Check, by: User) -> None:
    month = clock.month_of(given.checked_on)
    statement = _statement(case, given, month, by)
    copied = (
        "checked_on", "scope_basis", "situation", "has_shock", "shock_note", "event_on", "house_safe",
        "water_safe", "schooling_ok", "insured", "guarantee_note", "income_stable", "income_months",
        "rigid_expense_open", "household_agrees", "disagreement", "household_signed", "longitude",
        "latitude",
    )  # fmt: skip
    form = HouseholdCheck.objects.create(
        case=case,
        statement=statement,
        roster=f.roster,
        shock_kinds=list(given.shock_kinds),
        **{name: getattr(given, name) for name in copied},
        **_made(by),
    )
    CheckPerson.objects.bulk_create(
        CheckPerson(check_form=form, name=v.name.strip(), unit=v.unit) for v in given.visitors
    )
    CheckRisk.objects.bulk_create(
        CheckRisk(
            check_form=form,
            position=position,
            cause=risk.cause,
            member_id=risk.member_id,
            subtype=risk.subtype,
            note=risk.note,
            first_seen_on=risk.first_seen_on,
            outcome=risk.outcome,
            episode_risk_id=risk.episode_risk_id,
        )
        for position, risk in enumerate(given.risks, start=1)
    )
    case.reference_month = month


def _statement(case: Case, given: i.Check, month: str, by: User) -> IncomeStatement | None:
    """The income of the event window, kept by households' own service (policy.md §7.2)."""
    purpose = PURPOSES.get(CaseKind(case.kind))
    if purpose is None or given.income is None:
        return None
    draft = income.save_statement(
        case.household, purpose=purpose, lines=given.income, reference_month=month, by=by
    )
    return income.confirm(draft, by=by)


def _request_comparison(case: Case, f: CaseFacts, by: User) -> None:
    due_on = f.today + datetime.timedelta(days=int(f.param("comparison_days")))
    departments = str(f.param("comparison_departments")).split("|")
    ComparisonAnswer.objects.bulk_create(
        ComparisonAnswer(
            case=case,
            department=code,
            requested_at=clock.now(),
            requested_by=by,
            due_on=due_on,
        )
        for code in departments
        if code
    )


def _deliberate(case: Case, t: Transition, f: CaseFacts, given: i.Deliberate, by: User) -> None:
    passed = t.way != END
    Deliberation.objects.create(
        case=case,
        check_form=f.check,
        held_on=given.held_on,
        place=given.place,
        chair=given.chair,
        attendees=list(given.attendees),
        votes_for=given.votes_for,
        votes_against=given.votes_against,
        votes_abstain=given.votes_abstain,
        is_passed=passed,
        has_hardship=given.has_hardship,
        category=given.category if f.is_marking else "",
        category_reason=given.category_reason,
        confirms_four_haves=given.confirms_four_haves,
        needs=given.needs,
        minutes=given.minutes,
        absentees=list(given.absentees),
        dissent=given.dissent,
        meeting_id=given.meeting_id,
        **_made(by),
    )
    if passed and f.is_marking:
        _choose_category(case, f, given)


def _choose_category(case: Case, f: CaseFacts, given: i.Deliberate) -> None:
    """The category of the meeting; another than suggested is flagged for the county (policy.md §3.2)."""
    situation = f.situation(hard=given.has_hardship)
    suggested = classification.classify(situation) if situation else None
    case.category = given.category
    case.category_reason = given.category_reason
    case.category_suggested = suggested.category if suggested else ""
    case.is_flagged = case.category != case.category_suggested


def _post(case: Case, t: Transition, f: CaseFacts, given: i.Post, by: User) -> None:
    is_final = t.name == "announce"
    PublicNotice.objects.create(
        case=case,
        kind=NoticeKind.FINAL if is_final else NoticeKind.DRAFT,
        deliberation=f.deliberation,
        posted_on=given.posted_on,
        days=0 if is_final else int(f.param("village_notice_days")),
        place=given.place,
        text=given.text,
        **_made(by),
    )


def _review(case: Case, t: Transition, given: i.Inputs, by: User) -> None:
    decision = Review.Decision.PASS
    if t.way == RETURN:
        decision = Review.Decision.RETURN
    elif t.way == END:
        decision = Review.Decision.REFUSE
    kind = REVIEW_KINDS[t.name]
    number = ""
    if t.name in ("county_approve", "county_file"):
        number = next_decision_number(case.county_code, clock.today().year, kind)
    decided = given if isinstance(given, i.Decide) else i.Decide(note=given.note)
    Review.objects.create(
        case=case,
        kind=kind,
        decision=decision,
        number=number,
        opinion=given.note,
        visited_on=decided.visited_on,
        is_sealed=decided.is_sealed,
        returned_to=t.target if t.way == RETURN else "",
        reviewed_on=clock.today(),
        **_made(by),
    )
    if decided.category_reason:
        case.category_reason = decided.category_reason


def _enter(case: Case, t: Transition, f: CaseFacts, given: i.Enter, by: User) -> None:
    number = given.national_hh_no.strip()
    taken = Household.objects.filter(national_hh_no=number).exclude(pk=case.household_id).first()
    if taken is not None:
        Verdict.no(
            Reason(
                f"户编号{number}已被另一户（{taken.hh_code}）使用，请核对", field="national_hh_no"
            )
        ).require()
    NationalEntry.objects.create(
        case=case,
        national_hh_no=number,
        month=given.month,
        entered_on=given.entered_on,
        operator=given.operator,
        method=case.method,
        contact_name=given.contact_name,
        contact_phone=given.contact_phone,
        post_income_pc=given.post_income_pc,
        post_house_safe=given.post_house_safe,
        post_water_safe=given.post_water_safe,
        post_schooling_ok=given.post_schooling_ok,
        post_insured=given.post_insured,
        **_made(by),
    )
    if given.announced_on:
        PublicNotice.objects.create(
            case=case,
            kind=NoticeKind.FINAL,
            deliberation=f.deliberation,
            posted_on=given.announced_on,
            place=given.announce_place,
            text=f"{t.label}公告",
            **_made(by),
        )
    if not case.household.national_hh_no:
        Household.objects.filter(pk=case.household_id).update(
            national_hh_no=number, version=F("version") + 1, updated_at=clock.now()
        )


def _end(case: Case, t: Transition, f: CaseFacts, given: i.End, by: User) -> None:
    case.end_reason = EndReason(given.reason)


RECORDERS: dict[type, Callable[..., None]] = {
    i.Analyse: _analysis,
    i.Authorise: _authorise,
    i.Check: _check,
    i.Deliberate: _deliberate,
    i.Post: _post,
    i.Enter: _enter,
    i.End: _end,
}
