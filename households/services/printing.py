"""Papers leave the system: every print is an act in the audit, one with full numbers has a reason."""

from collections.abc import Sequence

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.jobs.models import Job
from households import verbs
from households.models import Household
from households.policies import printing as policies

JOB = "households.print"


@transaction.atomic
def print_one(
    household: Household,
    *,
    title: str,
    permission: str,
    kind: str,
    full: bool = False,
    reason: str = "",
    by: User,
) -> None:
    """Record that a paper of one household is printed; raises when it may not be."""
    paths = [household.division_path]
    policies.may_print(by, permission, paths).require()
    if full:
        policies.may_print_in_full(by, paths).require()
        policies.reason_given(full, reason).require()
    record(
        verbs.PAPER_PRINTED_IN_FULL if full else verbs.PAPER_PRINTED,
        by=by,
        on=household,
        subject=f"{household}《{title}》",
        path=household.division_path,
        after={"format": kind},
        note=reason,
    )


@transaction.atomic
def print_many(
    *,
    paper: str,
    title: str,
    permission: str,
    kind: str,
    query: str,
    paths: Sequence[str],
    place: str,
    count: int,
    link: str,
    full: bool = False,
    reason: str = "",
    by: User,
) -> Job:
    """Start the job that prints a paper for `count` households below `paths`: those the list's `query` shows."""
    policies.may_print(by, permission, paths).require()
    verdict = policies.may_print_many(count) & policies.reason_given(full, reason)
    if full:
        verdict &= policies.may_print_in_full(by, paths)
    verdict.require()
    subject = f"{place}{count}户《{title}》"
    for path in paths:
        record(
            verbs.PAPER_PRINTED_IN_FULL if full else verbs.PAPER_PRINTED,
            by=by,
            subject=subject,
            path=path,
            after={"format": kind, "households": count},
            note=reason,
        )
    params = {"paper": paper, "kind": kind, "query": query, "full": full, "link": link,
              "at": clock.now().isoformat()}  # fmt: skip
    return enqueue(JOB, by=by, params=params, path=paths[0], label=f"打印{subject}"[:120])
