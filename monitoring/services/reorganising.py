"""分户 and 并户: filed by the village, passed by the township, confirmed by the county; then people and object follow.

The household row that keeps the monitoring object keeps its number, so that episodes, plans, measures and marks stay
where they are (policy.md §6.4).
"""

import datetime
from collections.abc import Mapping, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households import verbs
from households.choices import HEAD
from households.models import (
    Household,
    Member,
    Reorganisation,
    ReorganisationDocument,
    ReorganisedPerson,
    SplitCheck,
)
from households.selectors.changes import papers_for
from households.selectors.members import COUNTED, roster
from households.selectors.parameters import parameter
from households.services import disputes, moving, standing, telling
from households.services.reopening import reopen_collection
from monitoring.policies import reorganising as policies
from monitoring.selectors.reorganising import Place, survivor_of
from monitoring.services import uniting

Kind = Reorganisation.Kind
Papers = Sequence[tuple[str, UploadedFile]]
UNDER_WAY = "该户刚刚由他人申报了分户或并户，请刷新后查看"


@transaction.atomic
def file_split(
    household: Household,
    *,
    places: Mapping[int, Place],
    other_type: str = "",
    changed_on: datetime.date,
    documents: Papers,
    note: str = "",
    by: User,
) -> Reorganisation:
    """Report that a household has divided. `places`: member id → where and as what, for everybody on the roster."""
    household = _locked(household.pk)[0]
    verdict = policies.may_reorganise(by, household)
    verdict &= policies.split_is_sound(household, dict(places), changed_on=changed_on)
    kinds = [kind for kind, _ in documents]
    (verdict & policies.papers(household, Kind.SPLIT, changed_on, kinds)).require()
    row = Reorganisation(
        kind=Kind.SPLIT, household=household, changed_on=changed_on, note=note,
        other_type=other_type or household.hh_type,
    )  # fmt: skip
    people = [(m, places[m.pk]) for m in roster(household)]
    return _file(row, people, documents, by)


@transaction.atomic
def file_merge(
    household: Household,
    other: Household,
    *,
    relations: Mapping[int, str],
    changed_on: datetime.date,
    documents: Papers,
    note: str = "",
    by: User,
) -> Reorganisation:
    """Report that two households live as one. `relations`: member id → kinship to the one head, for everybody.

    Of two villages the level above both decides first (policy.md §6.4).
    """
    a, b = _both(household, other)
    verdict = policies.may_merge(by, a, b)
    verdict &= policies.merge_is_sound(a, b, dict(relations), changed_on=changed_on)
    kinds = [kind for kind, _ in documents]
    (verdict & policies.papers(a, Kind.MERGE, changed_on, kinds)).require()
    keeps, ends = survivor_of(a, b)
    row = Reorganisation(
        kind=Kind.MERGE, household=keeps, other=ends, changed_on=changed_on, note=note
    )
    people = [
        (m, Place(m.household_id == ends.pk, relations[m.pk])) for m in (*roster(a), *roster(b))
    ]
    return _file(row, people, documents, by)


def _both(household: Household, other: Household) -> tuple[Household, Household]:
    rows = {row.pk: row for row in _locked(household.pk, other.pk)}
    return rows[household.pk], rows[other.pk]


def _locked(*pks: int) -> list[Household]:
    """The households, locked in one order so that two filings never wait for each other."""
    rows = Household.objects.select_for_update(of=("self",)).select_related(
        "village", "natural_village"
    )
    return list(rows.filter(pk__in=pks).order_by("pk"))


def _file(
    row: Reorganisation, people: list[tuple[Member, Place]], documents: Papers, by: User
) -> Reorganisation:
    row.made_at, row.made_by = clock.now(), by
    row.state = policies.first_level(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        Verdict.no(UNDER_WAY).require()
    ReorganisedPerson.objects.bulk_create(
        ReorganisedPerson(
            reorganisation=row, member=member, moves=place.moves, relation=place.relation,
            relation_before=member.relation,
        )
        for member, place in people
    )  # fmt: skip
    for kind, upload in documents:
        store(ReorganisationDocument, upload, by=by, reorganisation=row, kind=kind[:60])
    _record(verbs.REORGANISATION_FILED, row, by, note=row.note)
    telling.tell([home.pk for home in row.sides], "member")
    return row


@transaction.atomic
def pass_on(
    row: Reorganisation, *, note: str = "", other_type: str = "", by: User
) -> Reorganisation:
    """One level on, or it happens. The county may set the new household's type."""
    row = _locked_row(row)
    verdict = policies.may_decide(by, row)
    if verdict.ok:
        verdict &= policies.still_holds(row)
    verdict.require()
    wanted = papers_for(row.kind, row.household.division_path, row.changed_on)
    row.state = "county" if row.state == "township" and wanted.county else "done"
    row.other_type = other_type or row.other_type
    _decided(row, note, by)
    _record(verbs.REORGANISATION_PASSED, row, by, note=note)
    if row.state == "done":
        _take_effect(row, by)
    affected = [pk for pk in (row.household_id, row.other_id) if pk]
    telling.tell(affected, "member", changes=_moved(row) if row.state == "done" else ())
    return row


def _moved(row: Reorganisation) -> list[int]:
    """Who left or joined the household that keeps its number."""
    ids = [
        pk
        for p in row.people.filter(moves=True)
        for pk in (p.member_id, p.arrived_id)
        if pk is not None
    ]
    rows = row.household.changes.filter(member_id__in=ids, kind__in=("increase", "decrease"))
    return list(rows.filter(reason=row.kind).values_list("pk", flat=True))


@transaction.atomic
def send_back(row: Reorganisation, *, note: str, by: User) -> Reorganisation:
    """Back to the village with a reason; nobody moved."""
    row = _locked_row(row)
    verdict = policies.may_decide(by, row)
    if not note.strip():
        verdict &= Verdict.no(Reason("退回须写明原因", field="note"))
    verdict.require()
    row.state = "returned"
    _decided(row, note, by)
    _record(verbs.REORGANISATION_RETURNED, row, by, note=note)
    telling.tell([home.pk for home in row.sides], "member")
    return row


def _locked_row(row: Reorganisation) -> Reorganisation:
    _locked(*(pk for pk in (row.household_id, row.other_id) if pk))
    rows = Reorganisation.objects.select_for_update(of=("self",))
    return rows.select_related("household__village", "other__village", "made_by", "decided_by").get(
        pk=row.pk
    )


def _decided(row: Reorganisation, note: str, by: User) -> None:
    row.decided_at, row.decided_by = clock.now(), by
    row.decision_note = "\n".join(part for part in (row.decision_note, note.strip()) if part)
    row.save()


def _take_effect(row: Reorganisation, by: User) -> None:
    act = moving.Act(row.kind, row.changed_on, row.made_by, row.made_at, by, row.note)
    before = dict(row.household.members.filter(status__in=COUNTED).values_list("pk", "relation"))
    if row.kind == Kind.SPLIT:
        _split(row, act, before)
    else:
        _merge(row, act, before, by)
    assert row.other is not None
    for household, other in ((row.household, row.other), (row.other, row.household)):
        moving.note_on(household, other=other, act=act)
    disputes.settle(row.people.values_list("member__id18", flat=True), by=by)
    reopen_collection(row.household, by=by)
    _record(verbs.REORGANISATION_EFFECTED, row, by, after=_after(row))
    telling.tell([row.household_id, row.other.pk], "member", "household")


def _after(row: Reorganisation) -> dict[str, object]:
    assert row.other is not None
    names = {
        key: list(home.members.filter(status__in=COUNTED).values_list("name", flat=True))
        for key, home in (("household", row.household), ("other", row.other))
    }
    return {"changed_on": row.changed_on, "other": row.other.hh_code, **names}


def _split(row: Reorganisation, act: moving.Act, before: dict[int, str]) -> None:
    row.other = moving.found_household(row.household, hh_type=row.other_type, act=act)
    row.save(update_fields=["other"])
    _move_people(row, act, into=row.other, before=before)
    moving.recount(row.household, row.other)
    days = parameter("split_check_days", row.household.division_path, clock.today())
    due_on = clock.today() + datetime.timedelta(days=days)
    for household in (row.household, row.other):
        SplitCheck.objects.create(reorganisation=row, household=household, due_on=due_on)
        if household.next_due_on is None or household.next_due_on > due_on:
            standing.set_due(household.pk, due_on=due_on, text="分户后核查")


def _merge(row: Reorganisation, act: moving.Act, before: dict[int, str], by: User) -> None:
    assert row.other is not None
    arrived = _move_people(row, act, into=row.household, before=before)
    moving.end_into(row.other, row.household, act=act)
    moving.recount(row.household, row.other)
    record(verbs.HOUSEHOLD_ENDED, by=by, on=row.other, path=row.other.division_path,
           after={"ended_on": row.changed_on, "into": row.household.hh_code})  # fmt: skip
    uniting.unite(row.household, row.other, arrived, by=by)


def _move_people(
    row: Reorganisation, act: moving.Act, *, into: Household, before: dict[int, str]
) -> dict[int, int]:
    """Old member id → new one. First everybody leaves who goes, then the old head steps down, then the rest is told."""
    people = list(row.people.select_related("member__household").order_by("pk"))
    movers = [p for p in people if p.moves]
    for person in movers:
        moving.leave(person.member, to=into, act=act)
    stayers = sorted((p for p in people if not p.moves), key=lambda p: p.relation == HEAD)
    for person in stayers:
        moving.relate(person.member, person.relation)
    arrived = {}
    for person in sorted(movers, key=lambda p: p.relation == HEAD):
        person.arrived = moving.arrive(person.member, at=into, relation=person.relation, act=act)
        person.save(update_fields=["arrived"])
        arrived[person.member_id] = person.arrived.pk
    stayed = {pk: code for pk, code in before.items() if pk not in arrived}
    head = next((p.member for p in stayers if p.relation == HEAD), None)
    moving.tell_kinships(row.household, stayed, new_head=head, act=act)
    return arrived


@transaction.atomic
def note_check(check: SplitCheck, *, finding: str, by: User) -> SplitCheck:
    """The household was looked at after the split, and what was found."""
    Household.objects.select_for_update().get(pk=check.household_id)
    check = (
        SplitCheck.objects.select_for_update(of=("self",))
        .select_related("household")
        .get(pk=check.pk)
    )
    verdict = policies.may_check(by, check)
    if len(finding.strip()) < 4:
        verdict &= Verdict.no(Reason("请写明核查情况（不少于4字）", field="finding"))
    verdict.require()
    check.finding, check.done_at, check.done_by = finding.strip(), clock.now(), by
    check.save()
    home = check.household
    if home.next_due_text == "分户后核查":
        standing.set_due(home.pk, due_on=None)
    record(verbs.SPLIT_CHECKED, by=by, on=check, subject=str(home), path=home.division_path,
           note=finding)  # fmt: skip
    return check


@transaction.atomic
def open_document(document: ReorganisationDocument, *, by: User) -> ReorganisationDocument:
    """Somebody looks at a paper: it names people, so the look is kept."""
    row = document.reorganisation
    _record(verbs.REORGANISATION_DOCUMENT_OPENED, row, by, note=document.kind)
    return document


def _record(verb: str, row: Reorganisation, by: User, **rest: object) -> None:
    record(verb, by=by, on=row, subject=str(row), path=row.household.division_path, **rest)  # type: ignore[arg-type]
