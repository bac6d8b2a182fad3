"""Findings as pages show them, with their two books side by side and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from counties.models import Finding, FindingAction, VillageSheet
from counties.models.findings import Origin, OwnerLevel, State
from fanpin.accounts.models import User
from fanpin.accounts.roles import GRANTS, Permission
from fanpin.regions.models import Division
from fanpin.rules import registry
from fanpin.sheets.columns import Column
from households.choices import label
from households.models import Household, Member
from households.models.fields import CodeField, CodesField


def visible(user: User) -> QuerySet[Finding]:
    """The findings inside the postings that may see them, with what a list shows."""
    scope = user.scope_for(Permission.VIEW_FINDINGS)
    return Finding.objects.within(scope).select_related("household__village", "member", "division")


def exempt(user: User) -> QuerySet[Finding]:
    """Findings exempted until a day, with the last reason and who gave it."""
    given = FindingAction.objects.filter(finding=OuterRef("pk"), verb="waived").order_by("-pk")
    return (
        visible(user)
        .filter(state=State.WAIVED, waived_until__isnull=False)
        .annotate(
            exempt_reason=Subquery(given.values("note")[:1]),
            exempt_by=Subquery(given.values("done_by__name")[:1]),
            exempt_at=Subquery(given.values("done_at")[:1]),
        )
        .order_by("waived_until", "pk")
    )


def referred(user: User) -> QuerySet[Finding]:
    """The findings handed to the departments of the user, in the counties of those posts."""
    mine = Q(pk__in=())
    for posting in user.postings_today:
        if posting.department and Permission.ANSWER_FINDINGS in GRANTS[posting.role]:
            mine |= Q(
                department=posting.department, division_path__startswith=posting.division.path
            )
    rows = Finding.objects.filter(mine, owner_level=OwnerLevel.DEPARTMENT)
    return rows.select_related("household__village", "member", "campaign", "ledger_row__batch")


def remedy(finding: Finding, known: dict[str, str]) -> str:
    """What to do: from the comparison's and closure's declarations (`known`), or the quality rule."""
    if finding.code in known:
        return known[finding.code]
    if finding.origin == Origin.QUALITY:
        rule = registry.get(finding.code)
        return rule.remedy if rule else ""
    return ""


def register_side(finding: Finding) -> list[tuple[str, str]]:
    """Our book: the fields the finding speaks of, in words."""
    found: list[tuple[str, str]] = []
    if finding.member is not None:
        found.append(("姓名", finding.member.name))
        found += _shown(finding.member, finding.fields)
    elif finding.household is not None:
        found.append(("户主", finding.household.head_name))
        found.append(("在册成员", "、".join(_members(finding.household))))
        found += _shown(finding.household, finding.fields)
    elif finding.division is not None:
        found += _of_sheet(finding.division, finding)
    return found


def _of_sheet(place: Division, finding: Finding) -> list[tuple[str, str]]:
    """The lines of a village's sheet that the finding speaks of."""
    found = [("区划", place.full_name)]
    sheet = VillageSheet.objects.filter(division=place, campaign=finding.campaign_id).first()
    return found + (_shown(sheet, finding.fields) if sheet else [])


def _members(household: Household) -> Iterable[str]:
    return household.members.filter(status__in=("active", "pending_out")).values_list(
        "name", flat=True
    )


def _shown(row: Household | Member | VillageSheet, names: Iterable[str]) -> list[tuple[str, str]]:
    held = {field.name: field for field in row._meta.get_fields() if field.concrete}
    return [
        (str(held[name].verbose_name), _words(held[name], getattr(row, name)))
        for name in names
        if name in held and name != "name"
    ]


def _words(field: Any, value: Any) -> str:
    if value in (None, "", []):
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(field, CodesField):
        return "、".join(label(field.code_list, code) for code in value)
    if isinstance(field, CodeField) and field.code_list:
        return label(field.code_list, value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _masked(value) if field.name in ("id_no", "id18") else str(value)


def _masked(number: str) -> str:
    return f"{number[:6]}{'*' * max(0, len(number) - 10)}{number[-4:]}"


@dataclass(frozen=True)
class BookLine:
    """One matter in both books, in words; "" where a book does not speak of it."""

    label: str
    ours: str
    theirs: str
    differs: bool = False


# Columns that mean the same in a department's book as in ours; what the finding speaks of is added.
_SHARED = {"id_no", "name", "sex", "ethnicity", "relation"}


def two_books(finding: Finding, columns: Sequence[Column]) -> list[BookLine]:
    """Our record beside the department's row, matter by matter in the order of its file, numbers masked."""
    theirs = finding.ledger_row.raw if finding.ledger_row else {}
    member = finding.member
    held = {field.name: field for field in Member._meta.get_fields() if field.concrete}
    lines, told = [], set()
    for column in columns:
        if column.label not in theirs:
            continue
        said = _said(column, theirs[column.label])
        ours = ""
        if member is not None and column.key in held and column.key in _SHARED | {*finding.fields}:
            ours = _words(held[column.key], getattr(member, column.key))
            told.add(str(held[column.key].verbose_name))
        differs = bool(ours) and column.key in finding.fields and _differ(finding, column.key)
        lines.append(BookLine(column.label, ours, said, differs))
    rest = [line for line in register_side(finding) if line[0] not in told]
    return [*(BookLine(text, ours, "") for text, ours in rest), *lines]


def _differ(finding: Finding, key: str) -> bool:
    """Whether the typed values differ: the file may say 汉 where we say 汉族."""
    row = finding.ledger_row
    theirs = getattr(row, "id18" if key == "id_no" else key, "")
    ours = getattr(finding.member, "id18" if key == "id_no" else key)
    return bool(theirs) and theirs != ours


def _said(column: Column, value: Any) -> str:
    text = str(value or "未填")
    if column.kind == "id_number" and len(text) >= 18:
        return _masked(text)
    return dict(column.choices).get(text, text)


def mine(user: User) -> Q:
    """What this user has to answer: sent down to it, or found by a rule, which needs no sending, at its own level."""
    reviews = user.holds(Permission.REVIEW_FINDINGS)
    own = OwnerLevel.TOWNSHIP if reviews else OwnerLevel.VILLAGE
    sent = Q(state=State.DISPATCHED, owner_level__in=levels_of(user))
    return sent | Q(state=State.OPEN, origin=Origin.QUALITY, owner_level=own)


def levels_of(user: User) -> tuple[str, ...]:
    """Whose findings somebody who answers them answers: the village's; a township's reviewer its own as well."""
    if user.holds(Permission.REVIEW_FINDINGS):
        return (OwnerLevel.VILLAGE, OwnerLevel.TOWNSHIP)
    return (OwnerLevel.VILLAGE,)
