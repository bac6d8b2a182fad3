"""Household workbooks for tests: two sheets, heads by column key, rows as dicts."""

import datetime
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from fanpin.accounts.models import User
from fanpin.regions.models import Division
from households.models import ImportBatch
from households.services import imports, merging
from households.sheets.columns import HOUSEHOLD_SHEET, MEMBER_SHEET
from households.sheets.importing import check_batch
from tests.factories import register

Row = dict[str, Any]


def home(head: Row, **more: Any) -> Row:
    return {
        "township": "北湾镇",
        "village": "泰和村",
        "head_id_no": head["id_no"],
        "head_name": head["name"],
        "hh_type": "脱贫户",
        "house_area": 80.5,
        **more,
    }


def person(
    name: str,
    relation: str,
    head_id: str = "",
    *,
    born: str = "1970-05-20",
    sex: str = "1",
    **more: Any,
) -> Row:
    number = register.id_number(datetime.date.fromisoformat(born), sex)
    return {
        "head_id_no": head_id or number,
        "name": name,
        "relation": relation,
        "id_no": number,
        "ethnicity": "汉族",
        **more,
    }


def family(**more: Any) -> list[Row]:
    """A head, a wife, a son; their household is known by the head's number."""
    head = person("王建国", "户主", **more)
    number = head["head_id_no"]
    return [
        head,
        person("李秀英", "配偶", number, born="1972-08-25", sex="2", health="残疾,长期慢性病"),
        person("王小明", "之子", number, born="2008-03-01", work_months=0),
    ]


def rows(sheet: Any, data: list[Row]) -> list[list[Any]]:
    keys = [c.key for c in sheet.columns if any(c.key in row for row in data)]
    heads = [sheet.by_key[key].title for key in keys]
    return [heads, *[[row.get(key) for key in keys] for row in data]]


def workbook(homes: list[Row], people: list[Row]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet, data in ((HOUSEHOLD_SHEET, homes), (MEMBER_SHEET, people)):
        if data:
            page = book.create_sheet(sheet.title)
            for row in rows(sheet, data):
                page.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def upload(content: bytes, name: str = "农户.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def received(
    content: bytes, by: User, *, division: str = register.COUNTY, name: str = "农户.xlsx"
) -> ImportBatch:
    batch, _ = imports.receive(
        upload(content, name), division=Division.objects.get(pk=division), by=by
    )
    return batch


def checked(content: bytes, by: User, **more: Any) -> ImportBatch:
    batch = received(content, by, **more)
    check_batch(batch, by=by)
    batch.refresh_from_db()
    return batch


def applied(content: bytes, by: User, **more: Any) -> ImportBatch:
    batch = checked(content, by, **more)
    return merging.apply(batch, by=by)


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    return batch.new, batch.changed, batch.unchanged, batch.wrong


def reasons(batch: ImportBatch) -> list[tuple[str, str, str]]:
    found = batch.errors.order_by("sheet", "number", "pk")
    return [(error.sheet, error.cell, error.message) for error in found]
