"""Somebody went to see a household (forms.md §1.12)."""

import datetime
from collections.abc import Sequence
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households import verbs
from households.models import Household, Visit, VisitPaper
from households.policies import helping as policies
from households.services import households, telling, writing

HOME = "home"


@transaction.atomic
def record_visit(
    household: Household,
    *,
    visited_on: datetime.date,
    mode: str,
    findings: str = "",
    longitude: Decimal | None = None,
    latitude: Decimal | None = None,
    accuracy_m: int | None = None,
    visitor: User | None = None,
    photos: Sequence[UploadedFile] = (),
    signature: UploadedFile | None = None,
    is_home: bool = False,
    by: User,
) -> Visit:
    """Keep a visit with its photos and signature.

    The position is that of the visitor and only a visit at home has one; with `is_home` it becomes the household's.
    """
    row = Household.objects.select_for_update().get(pk=household.pk)
    policies.may_visit(by, row).require()
    policies.not_later_than_today("走访日期", visited_on, "visited_on").require()
    if mode != HOME and longitude is not None:
        Verdict.no(Reason("只有入户走访才有定位", field="mode")).require()
    visit = Visit(
        household=row, visited_on=visited_on, visitor=visitor or by, mode=mode,
        findings=findings.strip(), longitude=longitude, latitude=latitude, accuracy_m=accuracy_m,
        recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip
    writing.save(visit, exclude=("household", "visitor", "recorded_by"))
    for photo in photos:
        store(VisitPaper, photo, by=by, visit=visit, kind=VisitPaper.Kind.PHOTO)
    if signature:
        store(VisitPaper, signature, by=by, visit=visit, kind=VisitPaper.Kind.SIGNATURE)
    if is_home and longitude is not None:
        place = {"longitude": longitude, "latitude": latitude, "coord_system": "wgs84"}
        households.edit(row, fields={**place, "location_at": clock.now()}, by=by)
    record(verbs.VISIT_RECORDED, by=by, on=visit, path=row.division_path, subject=str(row),
           after={"visited_on": visited_on, "mode": mode})  # fmt: skip
    telling.tell([row.pk], "visit")
    return visit


def open_paper(paper: VisitPaper, *, by: User) -> VisitPaper:
    """Showing somebody's yard or hand is an act that is kept."""
    household = paper.visit.household
    record(verbs.VISIT_PAPER_OPENED, by=by, on=paper, path=household.division_path,
           subject=f"{household}{paper.get_kind_display()}")  # fmt: skip
    return paper
