"""Last year's data of a household: what stands in grey beneath a field, and what has changed since."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from households.models import (
    Campaign,
    Household,
    HouseholdBaseline,
    IncomeStatement,
    Member,
    MemberBaseline,
)
from households.selectors.income import ALL_LINES, annual
from households.selectors.members import roster
from households.selectors.wording import label_of, shown

# Facts about the paper itself, not about the household.
PAPER = frozenset({"filler_name", "filler_phone", "filled_on", "location_at", "coord_system"})


@dataclass(frozen=True)
class Difference:
    """One value that is not last year's: of whom, which field, both as words."""

    subject: str
    label: str
    before: str
    after: str


def of_household(household: Household, campaign: Campaign) -> HouseholdBaseline | None:
    return household.baselines.filter(campaign=campaign).first()


def of_member(member: Member, campaign: Campaign) -> MemberBaseline | None:
    return member.baselines.filter(campaign=campaign).first()


def previous(row: models.Model | None, names: tuple[str, ...]) -> dict[str, Any]:
    """Last year's value by field, for a form; nothing when the campaign found no such row."""
    if row is None:
        return {}
    known = {field.name for field in row._meta.concrete_fields}
    return {name: getattr(row, name) for name in names if name in known}


def differences(household: Household, campaign: Campaign) -> list[Difference] | None:
    """Everything that changed since the campaign began; None when it found no household here."""
    before = of_household(household, campaign)
    if before is None:
        return None
    found = _between("本户", before, household, Household)
    then = {row.member_id: row for row in household.member_baselines.filter(campaign=campaign)}
    now = {row.pk: row for row in roster(household)}
    for pk, member in now.items():
        if pk not in then:
            found.append(Difference(member.name, "家庭成员", "（不在册）", "新增"))
        else:
            found += _between(member.name, then[pk], member, Member)
    for pk, row in then.items():
        if pk not in now:
            found.append(Difference(row.name, "家庭成员", "在册", "减少"))
    return found + _incomes(household, campaign)


def _between(
    subject: str, before: models.Model, after: models.Model, register: type[models.Model]
) -> list[Difference]:
    found = []
    own = {"id", "campaign", "household", "member"} | PAPER
    for column in before._meta.concrete_fields:
        name = column.name
        if name in own or not getattr(register._meta.get_field(name), "editable", True):
            continue
        old, new = getattr(before, name), getattr(after, name)
        if old != new and not (old in (None, "", []) and new in (None, "", [])):
            label = label_of(register, name)
            found.append(
                Difference(subject, label, shown(register, name, old), shown(register, name, new))
            )
    return found


def _incomes(household: Household, campaign: Campaign) -> list[Difference]:
    now = annual(household, campaign)
    last = household.statements.filter(
        purpose=IncomeStatement.Purpose.ANNUAL, campaign=campaign.year - 1
    ).first()
    if now is None or last is None:
        return []
    return [
        Difference(
            "收入",
            label_of(IncomeStatement, name),
            _yuan(getattr(last, name)),
            _yuan(getattr(now, name)),
        )
        for name in (*ALL_LINES, "inc_net_pc")
        if (getattr(last, name) or 0) != (getattr(now, name) or 0)
    ]


def _yuan(amount: Decimal | None) -> str:
    return "（空）" if amount is None else f"{amount:,.2f}元"
