"""Import batches on screen: what a file would do or did, a page at a time."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from django.db.models import QuerySet

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from households.choices import HEAD, choices
from households.models import Household, ImportBatch, ImportRow, IncomeStatement, Member
from households.rules.identity import normalise
from households.selectors.wording import label_of, shown


def batches(user: User) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.within(user.scope).select_related("division", "uploaded_by", "job")


def places(user: User) -> QuerySet[Division]:
    """Where this user may import to: own places from the county down."""
    scope = user.scope_for(Permission.IMPORT_HOUSEHOLDS)
    paths = [path for path in scope.paths if code_of(path, "county")]
    return Division.objects.filter(path__in=paths).order_by("path")


def villages_below(division: Division) -> tuple[list[str], dict[str, list[str]]]:
    """Township names, and the village names of each, for the template's drop-downs."""
    rows = Division.objects.filter(
        path__startswith=division.path, level="village", valid_until__isnull=True
    ).order_by("path")
    groups: dict[str, list[str]] = {}
    for township, village in rows.values_list("parent__name", "name"):
        groups.setdefault(township, []).append(village)
    return list(groups), groups


def change_lines(row: ImportRow) -> list[tuple[str, str, str]]:
    """(label, old, new) of each changed field of a row, as shown on screen."""
    lines = []
    for name, new in row.after.items():
        model = _model_of(row, name)
        old = row.before.get(name)
        lines.append((label_of(model, name), shown(model, name, old), shown(model, name, new)))
    return lines


def kept_lines(changed: Iterable[Any]) -> list[tuple[int, str, str, str]]:
    """(household id, who, field, what the import wrote) of fields that undoing would leave alone."""
    lines = []
    for each in changed:
        model = _model_of(each, each.field)
        words = shown(model, each.field, each.written)
        lines.append((each.household_id, each.key, label_of(model, each.field), words))
    return lines


def _model_of(row: Any, name: str) -> Any:
    if row.member_id is not None:
        return Member
    names = {field.name for field in Household._meta.concrete_fields}
    return Household if name in names else IncomeStatement


class NewRows:
    """The new rows of a checked batch, read from its staged files as far as a page needs them."""

    def __init__(self, frames: list[tuple[pl.DataFrame, pl.DataFrame]]) -> None:
        keep = pl.col("kind") == "new"
        columns = ("sheet", "row_number", "label")
        parts = [frame.filter(keep).select(columns) for pair in frames for frame in pair]
        self.frame = (
            pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        )

    def __len__(self) -> int:
        return self.frame.height

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        return self.frame[part].to_dicts()


class OtherRows:
    """What a file leaves as it is (`unchanged`), or does not have (`missing`), a page at a time."""

    def __init__(self, path: Path, kind: str) -> None:
        found = pl.read_ipc(path) if path.exists() else pl.DataFrame()
        self.frame = found.filter(pl.col("kind") == kind) if found.height else found

    def __len__(self) -> int:
        return self.frame.height

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        return self.frame[part].to_dicts() if self.frame.height else []


def row_of(user: User, pk: int) -> ImportRow | None:
    """A line of a batch the user may see."""
    rows = ImportRow.objects.filter(batch__in=batches(user)).select_related("batch__division")
    return rows.filter(pk=pk).first()


def household_of(row: ImportRow, user: User) -> Household | None:
    """The registered household that a wrong person's row names by one of the three keys."""
    raw, rows = row.raw | row.mended, Household.objects.within(user.scope).filter(ended_on=None)
    head = normalise(raw.get("head_id_no"))[:18]
    for key in ("hh_code", "national_hh_no"):
        if raw.get(key) and (found := rows.filter(**{key: raw[key]}).first()):
            return found
    heads = Member.objects.filter(id18=head, relation=HEAD, status="active") if head else None
    return rows.filter(pk__in=heads.values("household")).first() if heads is not None else None


def person_in(row: ImportRow) -> dict[str, str]:
    """Name, number, kinship and nation as the row has them, for the form that adds the person."""
    raw = row.raw | row.mended
    found = {"name": raw.get("name") or "", "id_no": raw.get("id_no") or "", "id_type": "id_card"}
    for key, codes in (("relation", "relation_to_head"), ("ethnicity", "ethnicity")):
        wanted = raw.get(key) or ""
        found[key] = next((code for code, text in choices(codes) if text == wanted), "")
    return found
