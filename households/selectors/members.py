"""People on the register: who is in a household, where somebody is already active."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, QuerySet, When
from django.urls import reverse

from fanpin.accounts.verdicts import Reason
from households.choices import HEAD
from households.models import Household, Member

COUNTED = ("active", "pending_out")
CLAUSE = "业务规程 §6.3"
HEAD_FIRST = Case(When(relation=HEAD, then=0), default=1)


def roster(household: Household) -> QuerySet[Member]:
    """The members who count today, head first."""
    rows = household.members.filter(status__in=COUNTED)
    return rows.order_by(HEAD_FIRST, "pk")


def rosters(household_ids: Iterable[int]) -> dict[int, list[Member]]:
    """The same of many households, in one query."""
    found: dict[int, list[Member]] = {pk: [] for pk in household_ids}
    rows = Member.objects.filter(household_id__in=list(found), status__in=COUNTED)
    for member in rows.order_by(HEAD_FIRST, "pk"):
        found[member.household_id].append(member)
    return found


def listed(household: Household) -> QuerySet[Member]:
    """Everybody to show on the household's page: counted, waiting to join, and gone; not refused applications."""
    rows = household.members.exclude(status="decreased", joined_on__isnull=True)
    return rows.order_by(Case(When(status="decreased", then=1), default=0), HEAD_FIRST, "pk")


def standing_elsewhere(id18: str | None, household: Household | None) -> Member | None:
    """The person where they count today, if that is another household; anywhere in the province."""
    if not id18:
        return None
    rows = Member.objects.filter(id18=id18, status__in=COUNTED)
    if household is not None:
        rows = rows.exclude(household=household)
    return rows.select_related("household__village").first()


def active_elsewhere(id18: str | None, household: Household | None, user: Any) -> Reason | None:
    """Why a person cannot join: already active in another household. Says where only inside the user's scope."""
    other = standing_elsewhere(id18, household)
    if other is None or not id18:
        return None
    place = other.household
    if not user.scope.covers(place.division_path):
        return Reason(
            f"{other.name[:1]}某（证件号码尾号{id18[-4:]}）已在您管辖范围之外的一户在册，"
            "须由原户先办理减少；确在本户生活的，可提请两村核对",
            field="id_no",
            clause=CLAUSE,
        )
    return Reason(
        f"{other.name}已在{place.village.full_name}{place.head_name}户（{place.hh_code}）在册，"
        "须先在该户办理减少；确在本户生活的，可提请两村核对",
        url=reverse("households:members", args=[place.pk]),
        field="id_no",
        clause=CLAUSE,
    )


def active_in_this_household(id18: str | None, household: Household) -> Reason | None:
    if id18 and household.members.filter(id18=id18).exclude(status="decreased").exists():
        return Reason("该人员已在本户登记（在册或待审核），请勿重复增加", field="id_no")
    return None
