"""Sheets of villages and counties leave the system as papers: every print is an act in the audit."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from counties.verbs import SHEET_PRINTED
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.jobs.models import Job
from fanpin.regions.models import Division

JOB = "counties.print"
MOST = 1_000


@transaction.atomic
def print_one(place: Division, *, title: str, kind: str, by: User) -> None:
    """Record that one sheet is printed."""
    record(SHEET_PRINTED, by=by, subject=f"{place.name}《{title}》", path=place.path,
           after={"format": kind})  # fmt: skip


@transaction.atomic
def print_many(
    places: Sequence[str], *, paper: str, title: str, kind: str, name: str, paths: Sequence[str],
    link: str, by: User,
) -> Job:  # fmt: skip
    """Start the job that prints the sheets of these places, one file for each."""
    if not places:
        raise ValidationError("没有符合条件的村，请调整筛选条件")
    if len(places) > MOST:
        raise ValidationError(
            f"一次最多打印{MOST:,}个村，现有{len(places):,}个，请按县、乡镇缩小范围"
        )
    subject = f"{name}{len(places)}个村《{title}》"
    for path in paths:
        record(SHEET_PRINTED, by=by, subject=subject, path=path, after={"format": kind})
    params = {"paper": paper, "kind": kind, "places": list(places), "link": link,
              "at": clock.now().isoformat()}  # fmt: skip
    return enqueue(JOB, by=by, params=params, path=paths[0], label=f"打印{subject}"[:120])
