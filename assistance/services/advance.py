"""先行帮扶: the township lets help begin, and later closes the matter (policy.md §4.6)."""

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from assistance import verbs
from assistance.choices import AdvanceOutcome, EventType
from assistance.models import AdvanceEvidence, AdvanceHelp
from assistance.policies import advance as policies
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.files.storing import store, validate_evidence
from households.models import Household
from households.selectors.parameters import parameter
from households.services.telling import tell


@transaction.atomic
def confirm(
    household: Household,
    *,
    by: User,
    event_type: str,
    event_on: datetime.date,
    description: str,
    case_no: str,
    evidence: Iterable[UploadedFile],
) -> AdvanceHelp:
    """The township's one signature; the procedure must end by `due_on`."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    files = list(evidence)
    verdict = policies.may_confirm(by, household)
    (verdict & policies.is_emergency(event_on, case_no, len(files))).require()
    for upload in files:
        validate_evidence(upload)
    days = parameter("advance_max_days", household.division_path, clock.today())
    advance = AdvanceHelp(
        household=household,
        event_type=EventType(event_type),
        event_on=event_on,
        description=description,
        case_no=case_no.strip(),
        confirmed_at=clock.now(),
        confirmed_by=by,
        due_on=clock.today() + datetime.timedelta(days=days),
    )
    advance.full_clean(exclude=["household", "confirmed_by"])
    advance.save(force_insert=True)
    for upload in files:
        store(AdvanceEvidence, upload, by=by, advance=advance)
    after = {"event_type": event_type, "event_on": event_on, "case_no": case_no}
    record(verbs.ADVANCE_CONFIRMED, by=by, on=advance, path=household.division_path, after=after)
    tell([household.pk], "measure")
    return advance


@transaction.atomic
def settle(advance: AdvanceHelp, *, by: User, outcome: str, note: str = "") -> AdvanceHelp:
    """The procedure ended. Not admitted: the measures stay on the books and the township explains."""
    rows = AdvanceHelp.objects.select_for_update(of=("self",)).select_related("household")
    advance = rows.get(pk=advance.pk)
    policies.may_settle(by, advance).require()
    chosen = AdvanceOutcome(outcome)
    if chosen != AdvanceOutcome.ADMITTED and not note.strip():
        raise ValidationError({"note": f"结果为“{chosen.label}”时须填写乡镇说明"})
    advance.outcome, advance.outcome_note = chosen, note
    advance.settled_at, advance.settled_by = clock.now(), by
    advance.save(update_fields=["outcome", "outcome_note", "settled_at", "settled_by"])
    path = advance.household.division_path
    record(
        verbs.ADVANCE_SETTLED, by=by, on=advance, path=path, after={"outcome": outcome}, note=note
    )
    tell([advance.household_id], "measure")
    return advance
