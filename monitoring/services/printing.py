"""Papers of cases leave the system: every print is an act in the audit, one with full numbers has a reason."""

from collections.abc import Sequence

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from households.models import Household
from households.policies import printing as policies
from households.services import printing
from households.verbs import PAPER_PRINTED, PAPER_PRINTED_IN_FULL
from monitoring.models import Case

JOB = "monitoring.print"
FILE_JOB = "monitoring.household_file"
PERMISSION = "view_cases"
MOST = 2_000


def print_one(
    case: Case, *, title: str, kind: str, full: bool = False, reason: str = "", by: User
) -> None:
    """Record that a paper of one case is printed; raises when it may not be."""
    printing.print_one(
        case.household, title=f"{title}（{case.number}）", permission=PERMISSION, kind=kind,
        full=full, reason=reason, by=by,
    )  # fmt: skip


def print_of_household(household: Household, *, title: str, kind: str, by: User) -> None:
    """Record that a paper of a household's monitoring is printed; raises when it may not be."""
    printing.print_one(household, title=title, permission=PERMISSION, kind=kind, by=by)


@transaction.atomic
def print_board(village: Division, *, title: str, count: int, kind: str, by: User) -> None:
    """Record that a village's notice is printed; raises when it may not be."""
    policies.may_print(by, PERMISSION, [village.path]).require()
    record(PAPER_PRINTED, by=by, subject=f"{village.name}{count}户《{title}》", path=village.path,
           after={"format": kind, "cases": count})  # fmt: skip


def may_print_many(count: int) -> Verdict:
    if count == 0:
        return Verdict.no("没有符合条件的办件，请调整筛选条件")
    if count > MOST:
        return Verdict.no(
            f"一次最多打印{MOST:,}件，现有{count:,}件，请按乡镇、行政村或条件缩小范围"
        )
    return Verdict.yes()


@transaction.atomic
def print_many(
    cases: Sequence[int], *, paper: str, title: str, kind: str, paths: Sequence[str], place: str,
    link: str, full: bool = False, reason: str = "", by: User,
) -> Job:  # fmt: skip
    """Start the job that prints a paper of these cases, one file for each village."""
    policies.may_print(by, PERMISSION, paths).require()
    verdict = may_print_many(len(cases)) & policies.reason_given(full, reason)
    if full:
        verdict &= policies.may_print_in_full(by, paths)
    verdict.require()
    subject = f"{place}{len(cases)}件《{title}》"
    for path in paths:
        record(
            PAPER_PRINTED_IN_FULL if full else PAPER_PRINTED,
            by=by, subject=subject, path=path, after={"format": kind, "cases": len(cases)},
            note=reason,
        )  # fmt: skip
    params = {"paper": paper, "kind": kind, "cases": list(cases), "full": full, "link": link,
              "at": clock.now().isoformat()}  # fmt: skip
    return enqueue(JOB, by=by, params=params, path=paths[0], label=f"打印{subject}"[:120])


@transaction.atomic
def take_file(household: Household, *, scans: bool, reason: str = "", by: User) -> None:
    """Record that the household file is downloaded; the scans in it show numbers in full and want a reason."""
    printing.print_one(
        household, title="户内资料", permission=PERMISSION, kind="zip",
        full=scans, reason=reason, by=by,
    )  # fmt: skip


@transaction.atomic
def order_file(household: Household, *, scans: bool, link: str, reason: str = "", by: User) -> Job:
    """The same as a job, when the file is large."""
    take_file(household, scans=scans, reason=reason, by=by)
    params = {"household": household.pk, "scans": scans, "link": link,
              "at": clock.now().isoformat()}  # fmt: skip
    return enqueue(
        FILE_JOB, by=by, params=params, path=household.division_path,
        label=f"{household}户内资料"[:120],
    )  # fmt: skip
