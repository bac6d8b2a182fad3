"""More of the same: copies of the world's records, so that a page meets sixty or six hundred of each."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Model

from assistance.models import Measure, Plan
from counties.models import Finding
from fanpin.audit.models import AuditEntry
from households.models import Household, Member
from monitoring.models import Case, Clue, MonitoringObject
from tests.contracts.world import World

# A district far above any number the services have given so far.
FIRST = 50_000


def copies(row: Model, numbers: range, **changes: Callable[[int], Any]) -> list[Any]:
    """As many rows like this one; `changes` gives what must differ, by running number."""
    model = type(row)
    values = {
        f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields if not f.primary_key
    }
    made = [
        model(**{**values, **{name: give(n) for name, give in changes.items()}}) for n in numbers
    ]
    return model._default_manager.bulk_create(made, batch_size=500)


def grow(world: World, start: int, stop: int) -> None:
    """Households number `start` to `stop`, each with what the world's own have; as many batches, jobs, users."""
    numbers, rows = range(FIRST + start, FIRST + stop), world.rows
    homes = copies(
        rows["monitored"], numbers, hh_code=lambda n: f"620421100201{n:05d}", national_hh_no=str
    )
    ids = {n: home.pk for n, home in zip(numbers, homes, strict=True)}

    def at_home(row: Model, **more: Callable[[int], Any]) -> list[Any]:
        return copies(row, numbers, household_id=ids.__getitem__, **more)

    at_home(rows["member"], id18=lambda n: None)
    at_home(rows["object"])
    cases = at_home(rows["case"], number=lambda n: f"SB{n}")
    case_ids = {n: case.pk for n, case in zip(numbers, cases, strict=True)}
    clues = at_home(rows["clue"], case_id=case_ids.__getitem__)
    clue_ids = {n: clue.pk for n, clue in zip(numbers, clues, strict=True)}
    at_home(rows["application"], receipt=lambda n: f"copy-{n}", clue_id=clue_ids.__getitem__)
    copies(rows["answer"], numbers, case_id=case_ids.__getitem__)
    at_home(rows["plan"])
    at_home(rows["measure"])
    at_home(rows["change"])
    checks = at_home(rows["key_check"], state=lambda n: "waiting")
    check_ids = {n: check.pk for n, check in zip(numbers, checks, strict=True)}
    copies(rows["key_check_reason"], numbers, key_check_id=check_ids.__getitem__)
    at_home(rows["finding"], fingerprint=lambda n: f"copy-{n}")
    users = copies(rows["user"], numbers, username=lambda n: f"copy-{n}")
    user_ids = {n: user.pk for n, user in zip(numbers, users, strict=True)}
    copies(rows["posting"], numbers, user_id=user_ids.__getitem__)
    copies(rows["job"], numbers)
    copies(rows["batch"], numbers, state=lambda n: "superseded")
    copies(rows["reconciliation"], numbers, job_id=lambda n: None)
    copies(rows["reconciled_item"], numbers)
    copies(rows["import_batch"], numbers, sha256=lambda n: f"{n:064d}")
    places = copies(
        rows["village"], numbers,
        code=lambda n: f"6204211{n:05d}", path=lambda n: f"/62/6204/620421/620421100/6204211{n:05d}/",
    )  # fmt: skip
    place_ids = {n: place.pk for n, place in zip(numbers, places, strict=True)}
    copies(rows["place_sheet"], numbers, division_id=place_ids.__getitem__)
    entry = AuditEntry.objects.filter(county_code="620421").order_by("-seq").first()
    copies(entry, numbers, seq=lambda n: n)


def crowd(world: World, numbers: range) -> None:
    """The one household gets more of everything below it, and the one case more papers and steps."""
    rows = world.rows
    home = rows["monitored"].pk
    in_house = {"household_id": lambda n: home}
    copies(rows["member"], numbers, id18=lambda n: None, relation=lambda n: "99", **in_house)
    copies(rows["change"], numbers, member_id=lambda n: None, **in_house)
    copies(rows["measure"], numbers, **in_house)
    copies(rows["finding"], numbers, fingerprint=lambda n: f"house-{n}", **in_house)
    copies(rows["case_document"], numbers)
    copies(rows["evidence"], numbers)
    copies(rows["plan_item"], numbers)
    hamlets = copies(
        rows["hamlet"], numbers,
        code=lambda n: f"H{n}",
        path=lambda n: f"/62/6204/620421/620421100/620421100201/{n}/",
    )  # fmt: skip
    ids = {n: hamlet.pk for n, hamlet in zip(numbers, hamlets, strict=True)}
    copies(rows["hamlet_sheet"], numbers, division_id=ids.__getitem__)


def analyse() -> None:
    """Fresh statistics: the planner must not take ten times the rows for none."""
    with connection.cursor() as cursor:
        for model in (Household, Member, Finding, Case, Clue, MonitoringObject, Measure, Plan):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
