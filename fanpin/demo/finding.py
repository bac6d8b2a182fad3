"""What leads to a household in the demonstration: a department's warnings as a file, an application, the list."""

from pathlib import Path
from random import Random
from typing import Any

from counties.comparison import SPECS
from counties.screening import running
from counties.services import screening
from fanpin.demo.ledgers import write_book
from fanpin.demo.numbers import check_character
from fanpin.regions.models import Division
from households.models import Campaign, Household, Member
from monitoring.services import applications

WARNED = 4
LEDGER = "warn_medical"


def write_warnings(village: str, folder: Path, rng: Random, *, avoid: frozenset[int]) -> str:
    """Medical bills of some people of a village, one below the threshold, and one of nobody on the register."""
    rows = Member.objects.filter(
        household__village=village, household__monitoring_state="not_monitored", status="active"
    ).exclude(household__in=avoid)
    people = list(rows.order_by("pk").values("id_no", "name"))
    bills = [rng.randint(21, 60) * 1000 for _ in range(WARNED - 1)] + [4_000]
    books: list[dict[str, Any]] = [
        person | {"amount": bill, "address": "县人民医院"}
        for person, bill in zip(rng.sample(people, WARNED), bills, strict=True)
    ]
    first = f"{village[:6]}19800808{rng.randint(990, 999)}"
    books.append({"id_no": first + check_character(first), "name": "陈远方", "amount": 38_000})
    return str(write_book(SPECS[LEDGER], books, folder))


def apply_for_help(village: str) -> None:
    """A household of the village has scanned the square code."""
    home = (
        Household.objects.filter(village=village, monitoring_state="not_monitored")
        .order_by("pk")
        .last()
    )
    if home is None:
        return
    applications.receive(
        Division.objects.get(pk=village), channel="scan", head_name=home.head_name,
        applicant=home.head_name, phone="13900005678", difficulties=["illness"],
        facts="上月突发疾病住院，自付两万多元，家中主要劳动力不能务工", by=None,
    )  # fmt: skip


def screen(county: str, campaign: Campaign) -> None:
    """The list of households to check stands on the first day."""
    run = screening.start(Division.objects.get(pk=county), campaign=campaign, by=None, wait=True)
    running.run(run, advance=lambda *_: None)
