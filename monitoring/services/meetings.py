"""Registers a meeting that judges several households: all of them or, with every refusal named, none."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from households.policies.locks import unlocked
from households.selectors.parameters import parameter
from monitoring import verbs
from monitoring.models import Case, Meeting
from monitoring.services import cases, documents
from monitoring.workflow.inputs import Deliberate
from monitoring.workflow.requirements import has_majority

HEAD = ("held_on", "place", "chair", "attendees", "absentees")


@dataclass(frozen=True)
class Line:
    """One household at the meeting: its votes and conclusion, its own papers, the version of the case that was seen."""

    case: Case
    given: Deliberate
    version: int | None = None
    papers: Mapping[str, Sequence[UploadedFile]] = field(default_factory=dict)

    def place(self, name: str) -> str:
        """Where a reason of this household stands on the meeting's form."""
        return name if name in HEAD else f"c{self.case.pk}_{name}"


def may_hold(user: User, village: Division) -> Verdict:
    if not user.may(Permission.VILLAGE_CASE, village.path):
        return Verdict.denied(f"评议会须由有“{Permission.VILLAGE_CASE.label}”权限的岗位登记")
    return unlocked(village.path)


@transaction.atomic
def hold(
    village: Division,
    *,
    held_on: datetime.date,
    place: str,
    chair: str,
    attendees: Sequence[str],
    absentees: Sequence[str],
    minutes: str,
    lines: Sequence[Line],
    papers: Mapping[str, Sequence[UploadedFile]],
    by: User,
) -> Meeting:
    """One meeting; each household takes its own step. `papers`: by kind, filed with every case that asks for them."""
    verdict = may_hold(by, village)
    if not lines:
        verdict &= Verdict.no(Reason("请至少选择一户", field="households"))
    verdict.require()
    meeting = Meeting.objects.create(
        village=village, held_on=held_on, place=place, chair=chair, attendees=list(attendees),
        absentees=list(absentees), minutes=minutes, made_at=clock.now(), made_by=by,
        quorum=int(parameter("deliberation_quorum_percent", village.path, held_on)),
    )  # fmt: skip
    head = {"held_on": held_on, "place": place, "chair": chair, "attendees": tuple(attendees),
            "absentees": tuple(absentees), "meeting_id": meeting.pk}  # fmt: skip
    refused: list[Reason] = []
    for line in sorted(lines, key=lambda one: one.case.household_id):
        given = replace(line.given, **head, minutes=line.given.minutes.strip() or minutes)  # type: ignore[arg-type]
        refused += _judge(replace(line, given=given), papers, by)
    Verdict(_once(refused)).require()
    record(verbs.MEETING_HELD, by=by, on=meeting, path=village.path, subject=f"{village}{meeting}",
           after={"households": len(lines), "present": len(attendees)})  # fmt: skip
    return meeting


def _judge(line: Line, papers: Mapping[str, Sequence[UploadedFile]], by: User) -> list[Reason]:
    """The step of one household; its refusals with the household's name."""
    case, name = line.case, "deliberate" if has_majority(line.given) else "vote_down"
    try:
        with transaction.atomic():
            asked = {row.label for row in documents.kinds_of(case)}
            for kind, uploads in [*papers.items(), *line.papers.items()]:
                for upload in uploads if kind in asked else ():
                    upload.seek(0)
                    documents.attach(case, upload, kind=kind, by=by)
            cases.apply(case, name, by=by, inputs=line.given, version=line.version)
    except Refused as refusal:
        return [
            Reason(
                r.text if r.field in HEAD else f"{case.household}：{r.text}",
                r.url, r.clause, line.place(r.field) if r.field else "",
            )
            for r in refusal.reasons
        ]  # fmt: skip
    return []


def _once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """What concerns the meeting itself is said once, however many households were judged."""
    return tuple({(r.text, r.field): r for r in reasons}.values())
