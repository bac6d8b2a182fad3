"""The wrong rows of an import on screen, corrected where they stand, several cells at once."""

from typing import Any

from django.http import HttpRequest

from fanpin.accounts.models import User
from fanpin.sheets.columns import Column
from fanpin.web.lists import paginate
from households.forms.grids import GridForm
from households.models import ImportBatch
from households.policies.imports import may_mend_import
from households.sheets.columns import BOOK, HOUSEHOLD_SHEET

SECRET = {"id_no", "head_id_no", "bank_card_no", "phone", "member_phone", "filler_phone"}
ROWS = 25


def grid(request: HttpRequest, batch: ImportBatch, user: User) -> dict[str, Any]:
    """The page of wrong rows that the request asks for: sheets, lines and the form over them."""
    wrong = batch.staged.filter(kind="wrong")
    names = list(wrong.order_by("-sheet").values_list("sheet", flat=True).distinct())
    asked = request.GET.get("sheet", "")
    sheet = asked if asked in names else (names[0] if names else "")
    found = paginate(wrong.filter(sheet=sheet).order_by("number"), request.GET.get("page"), ROWS)
    numbers = [row.number for row in found.rows]
    faults = list(batch.errors.filter(sheet=sheet, number__in=numbers).order_by("number", "pk"))
    form = GridForm(
        request.POST if request.method == "POST" else None,
        rows=found.rows,
        columns=_columns({key for row in found.rows for key in row.raw}),
        faults=faults,
        secret=SECRET,
    )
    return {
        "form": form,
        "sheet": sheet,
        "sheets": [
            (
                f"{name} {wrong.filter(sheet=name).count()}",
                f"?show=wrong&sheet={name}",
                name == sheet,
            )
            for name in names
        ],
        "lines": found,
        "may_mend": may_mend_import(user, batch),
    }


def _columns(keys: set[str]) -> dict[str, Column]:
    """The declared columns of the sheet these keys belong to, in the order of the form."""
    sheets = sorted(BOOK.sheets, key=lambda sheet: -len(keys & set(sheet.by_key)))
    return (sheets[0] if sheets else HOUSEHOLD_SHEET).by_key
