"""What a merge does to the monitoring objects of the two households (policy.md §6.4)."""

from assistance.services import plans, stopping
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from households.models import Household
from households.services import standing
from monitoring import verbs
from monitoring.choices import LIVE_RISKS, FlagAction
from monitoring.models import Clue, Episode, EpisodeRisk, MonitoringObject
from monitoring.selectors import cases
from monitoring.services import objects

REASON = "并户"
COPIED = ("cause", "subtype", "note", "evidence", "first_seen_on", "is_new", "state",
          "proposed_at", "proposed_by_id", "decided_at", "decided_by_id")  # fmt: skip


def unite(keeps: Household, ends: Household, arrived: dict[int, int], *, by: User) -> None:
    """Union of risks on the object that stays, the earlier identification month; the other object ends as 并户.

    `arrived`: member id in the ended household → member id in the one that stays. Clues nobody dealt with go along.
    """
    Clue.objects.filter(household=ends, state="open").update(household=keeps)
    gone = _held(ends)
    if gone is None:
        return
    kept = _held(keeps)
    assert kept is not None, "the household with the stronger object survives"
    theirs = cases.last_episode(gone.pk)
    if gone.state == "monitored" and theirs is not None:
        _take_risks(kept, theirs, arrived)
        _take_month(kept, theirs)
        _plan_again(keeps, kept, by)
    _end(gone, theirs, keeps, by)
    record(verbs.MERGED_INTO, by=by, on=kept, path=keeps.division_path,
           after={"from": ends.hh_code})  # fmt: skip


def _held(household: Household) -> MonitoringObject | None:
    """The household's object if it was ever admitted and has not left."""
    rows = MonitoringObject.objects.select_for_update(of=("self",)).select_related("household")
    return rows.filter(household=household, state__in=("monitored", "eliminated")).first()


def _take_risks(kept: MonitoringObject, theirs: Episode, arrived: dict[int, int]) -> None:
    episode = cases.last_episode(kept.pk)
    assert episode is not None
    live = {(r.cause, r.member_id) for r in cases.live_risks(episode.pk)}
    position = episode.risks.count()
    for risk in theirs.risks.filter(state__in=(*LIVE_RISKS, "proposed")):
        member_id = arrived.get(risk.member_id) if risk.member_id else None
        if (risk.cause, member_id) in live:
            continue
        position += 1
        EpisodeRisk.objects.create(
            episode=episode, position=position, member_id=member_id,
            **{name: getattr(risk, name) for name in COPIED},
        )  # fmt: skip


def _take_month(kept: MonitoringObject, theirs: Episode) -> None:
    episode = cases.last_episode(kept.pk)
    assert episode is not None
    earliest = min(episode.identified_month, theirs.identified_month)
    Episode.objects.filter(pk=episode.pk).update(identified_month=earliest)


def _plan_again(keeps: Household, kept: MonitoringObject, by: User) -> None:
    """The plan has to answer the risks that came along."""
    episode = cases.last_episode(kept.pk)
    causes = [r.cause for r in cases.live_risks(episode.pk if episode else None)]
    plan = plans.reopen_for_rollback(keeps, by=by, reason="并户，按合并后的风险调整")
    assert plan.due_on is not None
    plans.open_due(keeps, plan.due_on, risks=causes, by=by)
    standing.set_due(keeps.pk, due_on=plan.due_on, text="调整一户一策")


def _end(gone: MonitoringObject, theirs: Episode | None, keeps: Household, by: User) -> None:
    note = f"{REASON}：并入{keeps.hh_code}"
    Episode.objects.filter(object=gone, closed_month="").update(
        closed_month=clock.month_of(clock.today()), closed_on=clock.today()
    )
    objects.move(gone, "close")
    objects.flag(gone, FlagAction.MERGE, by=by, month=clock.month_of(clock.today()), episode=theirs,
                 reason=note)  # fmt: skip
    stopping.stop(gone.household, reason=note, by=by)
    standing.set_due(gone.household_id, due_on=None)
    record(verbs.MERGED_AWAY, by=by, on=gone, path=gone.household.division_path, note=note)
