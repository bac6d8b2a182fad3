"""A printed card comes back filled in: known by its code, read box by box, through the same import as any workbook."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from households.models import Household, ImportBatch, Member
from households.services import households
from households.sheets.importing import check_batch
from tests.factories import register
from tests.households.workbooks import applied, checked, counts, reasons, received

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(household, caseworker) -> Household:
    fields = {"land_cultivated": Decimal("12.50"), "phone": "13912345678", "has_safe_water": True}
    households.edit(household, fields=fields, by=caseworker)
    return Household.objects.get(pk=household.pk)


@pytest.fixture
def card(client, caseworker, home) -> openpyxl.Workbook:
    """The card as downloaded, numbers hidden, an hour after everything was entered."""
    with time_machine.travel("2021-11-08T11:00:00+08:00", tick=False):
        client.force_login(caseworker)
        answer = client.get(reverse("households:paper", args=[home.pk, "card", "xlsx"]))
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def fill(book: openpyxl.Workbook, label: str, value: str, *, person: int = 0) -> None:
    """Write into the box with this label; `person`: into the column of the n-th person."""
    page = book.active
    for row in page.iter_rows():
        for cell in row:
            if str(cell.value or "").split("（")[0] != label:
                continue
            if person:
                columns = [c.column for c in _heads(page) if c.value == f"第{person}人"]
                page.cell(cell.row, columns[0]).value = value
            else:
                page.cell(cell.row, cell.column + 2).value = value
            return
    raise AssertionError(label)


def _heads(page):
    return next(row for row in page.iter_rows() if row[0].value == "项目")


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_card_that_nobody_touched_changes_nothing(card, caseworker, home):
    batch = checked(saved(card), caseworker, division=register.VILLAGE, name="表.xlsx")
    assert counts(batch) == (0, 0, 4, 0), reasons(batch)
    assert batch.message == ""


def test_what_was_filled_in_comes_as_differences_and_hidden_numbers_stay(card, caseworker, home):
    head = Member.objects.get(household=home, relation="02")
    fill(card, "耕地面积", "15")
    fill(card, "是否解决安全饮用水", "□是　■否")
    fill(card, "文化程度", "初中", person=1)
    batch = checked(saved(card), caseworker, division=register.VILLAGE, name="表.xlsx")
    assert counts(batch) == (0, 2, 2, 0), reasons(batch)
    rows = {row.member_id: (row.before, row.after) for row in batch.staged.filter(kind="changed")}
    assert rows[None] == (
        {"land_cultivated": "12.50", "has_safe_water": True},
        {"land_cultivated": "15.00", "has_safe_water": False},
    )
    assert rows[head.pk][1] == {"education": "junior"}
    applied(saved(card), caseworker, division=register.VILLAGE, name="表2.xlsx")
    home.refresh_from_db()
    assert (home.land_cultivated, home.phone) == (Decimal("15.00"), "13912345678")
    assert Member.objects.get(pk=head.pk).id_no == head.id_no


def test_what_changed_since_the_print_is_told(card, caseworker, home):
    with time_machine.travel("2021-11-09T09:00:00+08:00", tick=False):
        households.edit(home, fields={"land_cultivated": Decimal(20)}, by=caseworker)
        batch = checked(saved(card), caseworker, division=register.VILLAGE, name="表.xlsx")
    assert "打印（2021-11-08 11:00）以后，系统里又改过：耕地面积" in batch.message
    (row,) = batch.staged.filter(kind="changed")
    assert (row.before, row.after) == ({"land_cultivated": "20.00"}, {"land_cultivated": "12.50"})


def test_wrong_words_are_told_by_column_and_a_new_person_has_to_be_enrolled(card, caseworker, home):
    fill(card, "住房面积", "很大")
    fill(card, "姓名", "王小红", person=4)
    fill(card, "与户主关系", "之女", person=4)
    fill(card, "证件号码", register.id_number(datetime.date(2015, 5, 1), "2"), person=4)
    batch = checked(saved(card), caseworker, division=register.VILLAGE, name="表.xlsx")
    found = dict(batch.errors.values_list("column", "message"))
    assert found["住房面积"] == "应为数字"
    assert "导入不能再增加人口" in found["姓名"]


def test_a_card_of_another_village_is_refused_and_shows_nothing_of_it(card, home):
    stranger = register.user("village_caseworker", register.OTHER_VILLAGE)
    fill(card, "耕地面积", "15")
    batch = received(saved(card), stranger, division=register.OTHER_VILLAGE, name="表.xlsx")
    check_batch(batch, by=stranger)
    batch.refresh_from_db()
    assert (batch.new, batch.changed) == (0, 0)
    assert batch.wrong
    assert batch.message == ""
    assert reasons(batch) == [("户", "", "该户不在您的管辖范围内")]


def test_several_cards_in_one_workbook_come_together(client, caseworker, home):
    other = register.household(caseworker, members=[register.person("赵二")])
    client.force_login(caseworker)
    whole = openpyxl.Workbook()
    whole.remove(whole.active)
    for each in (home, other):
        answer = client.get(reverse("households:paper", args=[each.pk, "card", "xlsx"]))
        page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        copy = whole.create_sheet(page.title)
        for row in page.iter_rows():
            for cell in row:
                if cell.value is not None:
                    copy.cell(cell.row, cell.column).value = cell.value
    batch = checked(saved(whole), caseworker, division=register.VILLAGE, name="表.xlsx")
    assert isinstance(batch, ImportBatch)
    assert counts(batch) == (0, 0, 6, 0), reasons(batch)
