"""What a finished case does to the object: marks, episodes, risks, plan due, folder. Called by services.cases only."""

import datetime
from collections.abc import Callable

from assistance.selectors import coverage
from assistance.services import advance, filing, plans
from fanpin import clock
from fanpin.accounts.models import User
from households.selectors.parameters import parameter
from households.services import standing
from monitoring.choices import FlagAction, Outcome, RiskState
from monitoring.models import Case, Episode, EpisodeRisk, NationalEntry
from monitoring.selectors.case_facts import CaseFacts
from monitoring.selectors.pages import page
from monitoring.services import objects

# The papers each step leaves in the household's folder (policy.md §8.3).
PAPERS = {
    "analyse": ("f01",),
    "authorise": ("f02",),
    "check": ("f04", "f05"),
    "complete_comparison": ("f06",),
    "deliberate": ("f07",),
    "post_notice": ("f08",),
    "county_approve": ("f09",),
    "county_file": ("f09",),
    "announce": ("f10",),
    "eliminate": ("f17", "f18"),
    "restore": ("f19",),
}
MARKING_PAPERS = ("f01", "f02", "f04", "f05", "f06", "f07", "f08", "f09", "f10")


def file_papers(case: Case, step: str, by: User | None) -> None:
    """Tick the papers that a step produced; those of an identification count only for a mark."""
    marking = case.kind in ("identify", "relabel")
    for code in PAPERS.get(step, ()):
        if marking or code not in MARKING_PAPERS:
            filing.note_produced(
                case.household, by=by, code=code, link=page("monitoring:case", case.pk)
            )


def approve(case: Case, facts: CaseFacts, by: User | None) -> None:
    """The county has decided: the category stands on the object until the entry confirms it."""
    case.object.category = case.category
    case.object.is_four_haves = facts.has_four_haves
    objects.move(case.object, "approve")


def cancel(case: Case, facts: CaseFacts, by: User | None) -> None:
    case.object.category, case.object.is_four_haves = "", False
    objects.move(case.object, "cancel")


def register(case: Case, facts: CaseFacts, by: User | None) -> None:
    """新识别: the first episode with its risks; a plan is due."""
    _mark(case, facts, by, event="register", action=FlagAction.IDENTIFY)


def mark_again(case: Case, facts: CaseFacts, by: User | None) -> None:
    """再标注: a new episode, the category decided anew; a new plan is due."""
    _mark(case, facts, by, event="mark_again", action=FlagAction.RELABEL)
    plans.reopen_for_rollback(case.household, by=by, reason="风险再标注，重新制定")


def _mark(case: Case, facts: CaseFacts, by: User | None, *, event: str, action: FlagAction) -> None:
    obj, entry = case.object, _entry(case)
    before = obj.category if action == FlagAction.RELABEL else ""
    obj.category = case.category
    obj.is_four_haves = facts.has_four_haves
    objects.move(obj, event)
    last = obj.episodes.order_by("-seq").first()
    episode = Episode.objects.create(
        object=obj,
        seq=last.seq + 1 if last else 1,
        opened_by_action=action,
        identified_month=entry.month,
        category=case.category,
    )
    for found in facts.check_risks:
        _open_risk(episode, found, by or case.opened_by)
    objects.flag(
        obj, action, by=by, month=entry.month, episode=episode, case=case, category_before=before
    )
    case.episode = episode
    _plan_due(case, [r.cause for r in facts.check_risks], entry.entered_on, by)
    helped = coverage.open_advance_help(case.household_id)
    if helped is not None and by is not None:
        advance.settle(helped, by=by, outcome="admitted")


def _open_risk(episode: Episode, found: object, by: User, *, is_new: bool = False) -> None:
    copied = ("cause", "member_id", "subtype", "note", "first_seen_on")
    EpisodeRisk.objects.create(
        episode=episode,
        position=episode.risks.count() + 1,
        is_new=is_new,
        proposed_at=clock.now(),
        proposed_by=by,
        **{name: getattr(found, name) for name in copied},
    )


def _plan_due(case: Case, causes: list[str], on: datetime.date, by: User | None) -> None:
    days = parameter("plan_due_days", case.division_path, clock.today())
    due_on = clock.today() + datetime.timedelta(days=days)
    plans.open_due(case.household, due_on, risks=causes, registered_on=on, by=by)
    standing.set_due(case.household_id, due_on=due_on, text="制定一户一策")


def eliminate(case: Case, facts: CaseFacts, by: User | None) -> None:
    """风险消除: the episode closes with month and method, its risks with what the visit found."""
    obj, entry, episode = case.object, _entry(case), case.episode
    assert episode is not None
    found = {r.episode_risk_id: r.outcome for r in facts.check_risks if r.episode_risk_id}
    for risk in facts.episode_risks:
        if risk.is_live:
            risk.state = RiskState.RESOLVED
            risk.outcome = found.get(risk.pk) or Outcome.ASSISTED
            risk.resolved_on = clock.today()
            risk.save()
    episode.closed_month, episode.closed_on = entry.month, clock.today()
    episode.method = case.method
    episode.save()
    obj.contact_name, obj.contact_phone = entry.contact_name, entry.contact_phone
    objects.move(obj, "eliminate")
    objects.flag(
        obj,
        FlagAction.ELIMINATE,
        by=by,
        month=entry.month,
        episode=episode,
        case=case,
        method=case.method,
    )


def restore(case: Case, facts: CaseFacts, by: User | None) -> None:
    """回退: the same episode goes on with its month and category; its risks reopen, history stays."""
    obj, episode = case.object, case.episode
    assert episode is not None
    episode.closed_month, episode.closed_on, episode.method = "", None, ""
    episode.save()
    episode.risks.filter(state=RiskState.RESOLVED).update(
        state=RiskState.OPEN, outcome="", resolved_on=None
    )
    held = {(r.cause, r.member_id) for r in facts.episode_risks}
    for found in facts.check_risks:
        if (found.cause, found.member_id) not in held:
            _open_risk(episode, found, by or case.opened_by, is_new=True)
    objects.move(obj, "restore")
    objects.flag(
        obj,
        FlagAction.ROLLBACK,
        by=by,
        month=_entry(case).month,
        episode=episode,
        case=case,
        reason=case.event_note,
    )
    plans.reopen_for_rollback(case.household, by=by)


def _entry(case: Case) -> NationalEntry:
    return NationalEntry.objects.get(case=case)


OUTCOMES: dict[str, Callable[[Case, CaseFacts, User | None], None]] = {
    "approve": approve,
    "cancel": cancel,
    "register": register,
    "mark_again": mark_again,
    "eliminate": eliminate,
    "restore": restore,
}
