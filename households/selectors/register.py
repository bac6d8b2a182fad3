"""The register as a list: cut to a division, searched the way people look somebody up, counted in one query."""

import re
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Collate, Right

from fanpin.accounts.models import User
from fanpin.regions.models import Division
from fanpin.regions.scope import LEVELS, code_of, codes
from households.choices import UNDER_MONITORING, choices
from households.models import Campaign, Collection, Household, Member
from households.rules.identity import normalise
from households.selectors.members import COUNTED

TAIL = 4
PROVINCE = "62"
COUNTY_DEPTH = LEVELS.index("county") + 1
NUMBER = re.compile(r"\d{17}[\dX]([1-7][1-4](B[1-9])?)?")
LETTERS = re.compile(r"[a-z]+")


def register(user: User, division: Division | None = None) -> QuerySet[Household]:
    """The households of a division inside the user's scope, each with its current form as `current_forms`."""
    rows = Household.objects.within(user.scope)
    places = [division.path] if division is not None else list(user.scope.paths)
    if division is not None:
        rows = rows.filter(division_path__startswith=division.path)
    order: str | Collate = "hh_code"
    if all(len(codes(path)) == COUNTY_DEPTH for path in places):
        # The county says nothing new, but the indexes of the list's heads begin with it.
        rows = rows.filter(county_code__in=[code_of(path, "county") for path in places])
    elif all(len(codes(path)) > COUNTY_DEPTH for path in places):
        # Bytewise is the same order, but not the index's: PostgreSQL would read the county in order of the numbers
        # until it reaches the township, where sorting the township's own households takes some milliseconds.
        order = Collate("hh_code", "C")
    forms = Collection.objects.filter(campaign=_current()).order_by()
    return (
        rows.select_related("village")
        .prefetch_related(Prefetch("collections", queryset=forms, to_attr="current_forms"))
        .order_by(order)
    )


def search(rows: QuerySet[Household], text: str) -> QuerySet[Household]:
    """By name, pinyin initials, household number, national number, or identity number (whole or its last digits).

    A head is a member too: one indexed look into the members finds both.
    """
    text = normalise(text)
    if NUMBER.fullmatch(text):
        return rows.filter(pk__in=_of_members(id18=text[:18]))
    if LETTERS.fullmatch(text.lower()) and text != "X":
        return rows.filter(pk__in=_of_members(pinyin__startswith=text.lower()))
    if text[:1].isdigit():
        return rows.filter(pk__in=_by_digits(text))
    return rows.filter(pk__in=_of_members(name__startswith=text).union(_numbered(text)))


def _by_digits(text: str) -> QuerySet:
    """A household number begins with the province's 62; other short digits are the end of somebody's number."""
    coded = Household.objects.filter(hh_code__startswith=text).order_by().values("pk")
    numbers = coded.union(_numbered(text))
    if not TAIL <= len(text) <= 8:
        return numbers
    ending = {"id18__endswith": text} if len(text) > TAIL else {}
    found = _of_members(tail=text[-TAIL:], **ending)
    return found.union(numbers) if text.startswith(PROVINCE) else found


def _of_members(**condition: str) -> QuerySet:
    """The households of the members who count and are so named or numbered."""
    people = Member.objects.annotate(tail=Right("id18", TAIL)).order_by()
    return people.filter(status__in=COUNTED, **condition).values("household_id")


def _numbered(text: str) -> QuerySet:
    return Household.objects.filter(national_hh_no=text).order_by().values("pk")


def figures(rows: QuerySet[Household]) -> dict[str, int]:
    """The numbers of the list's head, in one query."""
    return rows.order_by().aggregate(
        households=Count("pk"),
        monitored=Count("pk", filter=Q(monitoring_state__in=UNDER_MONITORING)),
        with_errors=Count("pk", filter=Q(open_errors__gt=0)),
    )


def ancestors(path: str) -> list[Division]:
    """The divisions on a path, from the province down."""
    return list(Division.objects.filter(code__in=codes(path)).order_by("path"))


def names(paths: Iterable[str]) -> list[str]:
    """The names of the divisions at these paths."""
    rows = Division.objects.filter(path__in=list(paths)).order_by("path")
    return list(rows.values_list("name", flat=True))


def uncollected() -> Q:
    """Households whose form of the current campaign is not with the township yet (待采集、已采集、退回, or none)."""
    return Q(ended_on__isnull=True) & ~_form_in("checked", "reviewed", "closed")


def in_collection_state(rows: QuerySet[Household], state: str) -> QuerySet[Household]:
    """Households by the state of the current form; one that has no form yet is 待采集."""
    if state == "todo":
        others = [code for code, _label in choices("collect_status") if code != "todo"]
        return rows.filter(ended_on__isnull=True).exclude(_form_in(*others))
    return rows.filter(_form_in(state))


def _form_in(*states: str) -> Q:
    forms = Collection.objects.filter(campaign=_current(), state__in=states).order_by()
    return Q(Exists(forms.filter(household=OuterRef("pk"))))


def _current() -> QuerySet:
    """The current campaign as one value inside a query: a join would hide from the planner how many forms it has."""
    return Campaign.objects.filter(is_current=True).order_by().values("pk")[:1]
