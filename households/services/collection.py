"""This year's form of one household: filled, submitted by the village, reviewed or returned by the township."""

from collections.abc import Callable

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households import verbs
from households.models import Campaign, Collection, Household
from households.policies import collection as policy
from households.services import telling
from households.signals import form_moved


def of(household: Household, campaign: Campaign) -> Collection:
    """The household's form of a campaign; a household that has none yet is 待采集."""
    row, _made = Collection.objects.get_or_create(household=household, campaign=campaign)
    return row


@transaction.atomic
def collect(collection: Collection, *, by: User) -> Collection:
    """The form is filled. Needs the confirmed annual statement and a head."""
    return _move(collection, "collected", policy.may_collect, verbs.COLLECTION_COLLECTED, by)


@transaction.atomic
def submit(collection: Collection, *, explanation: str = "", by: User) -> Collection:
    """The village hands the form to the township; open errors block it, open warnings want an explanation."""
    now = Collection.objects.select_related("household", "campaign").get(pk=collection.pk)
    (policy.explained(now, explanation) & policy.may_submit(by, now)).require()
    return _move(now, "checked", policy.may_submit, verbs.COLLECTION_SUBMITTED, by,
                 explanation=explanation)  # fmt: skip


@transaction.atomic
def review(collection: Collection, *, note: str = "", by: User) -> Collection:
    """The township passes the form."""
    return _move(collection, "reviewed", policy.may_review, verbs.COLLECTION_REVIEWED, by, note)


@transaction.atomic
def send_back(collection: Collection, *, note: str, by: User) -> Collection:
    """The township returns the form with a reason."""
    if not note.strip():
        Verdict.no(Reason("退回须写明原因", field="note")).require()
    return _move(collection, "returned", policy.may_return, verbs.COLLECTION_RETURNED, by, note)


def _move(
    collection: Collection,
    state: str,
    may: Callable[[User, Collection], Verdict],
    verb: str,
    by: User,
    note: str = "",
    explanation: str = "",
) -> Collection:
    Household.objects.select_for_update().get(pk=collection.household_id)
    rows = Collection.objects.select_for_update(of=("self",)).select_related(
        "household", "campaign"
    )
    row = rows.get(pk=collection.pk)
    may(by, row).require()
    before = row.state
    row.state, row.note = state, note.strip()
    row.explanation = explanation.strip() or row.explanation
    row.changed_at, row.changed_by = clock.now(), by
    row.save()
    household = row.household
    record(verb, by=by, on=row, path=household.division_path, subject=str(household),
           before={"state": before}, after={"state": state}, note=note or explanation)  # fmt: skip
    form_moved.send(sender="households", form=row, state=state, by=by)
    telling.tell([household.pk], "collection")
    return row
