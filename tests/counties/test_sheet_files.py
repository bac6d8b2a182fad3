"""村表 and 自然村表 as workbooks: template, export, the way back, what is refused, taking back."""

import io
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from counties.models import HamletSheet, SheetBatch, SheetChange, VillageSheet
from counties.services import sheet_imports as services
from counties.services import sheets
from counties.sheets.columns import book
from counties.sheets.reading import preview
from fanpin.regions.models import Division
from fanpin.sheets.problems import SheetRefused
from households.models import CountyLock
from households.selectors.parameters import current_campaign
from tests.counties.test_village_sheets import HAMLET_FIELDS, fill, listed
from tests.factories import register


@pytest.fixture
def village(tree):
    listed(tree[register.VILLAGE])
    return tree[register.VILLAGE]


def exported(client, user, kind="village", **query):
    client.force_login(user)
    answer = client.get(reverse("counties:sheet_export", args=[kind]), query)
    return openpyxl.load_workbook(io.BytesIO(answer.content)).active


def column(page, head):
    return next(cell.column for cell in page[2] if cell.value == head)


def saved(page):
    buffer = io.BytesIO()
    page.parent.save(buffer)
    return buffer.getvalue()


def received(content, by, kind="village", division=register.VILLAGE, name="村表.xlsx"):
    return services.receive(
        SimpleUploadedFile(name, content), kind=kind, division=Division.objects.get(pk=division),
        campaign=current_campaign(), by=by,
    )  # fmt: skip


def test_the_template_has_every_line_that_somebody_types(client, caseworker):
    client.force_login(caseworker)
    for kind, count in (("village", 69 - 8 + 3), ("hamlet", 9 - 1 + 3)):
        answer = client.get(reverse("counties:sheet_template", args=[kind]))
        page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert len([cell for cell in page[1] if cell.value]) == count
    assert len(book("village").sheets[0].columns) == 69 + 4


def test_the_export_is_the_list_as_filtered_with_its_number_of_rows(
    client, reviewer, village, caseworker
):
    fill(village, caseworker)
    page = exported(client, reviewer)
    assert page["A1"].value == "2021年度行政村表，共3行"
    assert page.max_row == 2 + 3
    assert page.cell(3, column(page, "总户数(户)")).value == 60
    assert page.cell(3, column(page, "是否出列(脱贫)村")).value == "是"
    assert exported(client, reviewer, state="filled").max_row == 2 + 1
    assert exported(client, register.user("village_caseworker", register.FAR_VILLAGE)).max_row == 3


def test_what_was_exported_comes_back_unchanged(client, village, caseworker):
    fill(village, caseworker)
    page = exported(client, caseworker)
    found = preview(received(saved(page), caseworker))
    assert (found.rows, found.unchanged, found.planned, found.problems) == (1, 1, [], [])


def test_a_changed_cell_is_shown_then_written_then_taken_back(client, village, caseworker):
    fill(village, caseworker)
    page = exported(client, caseworker)
    page.cell(3, column(page, "总户数(户)")).value = 61
    page.cell(3, column(page, "村负责人姓名")).value = None
    client.force_login(caseworker)
    upload = client.post(
        reverse("counties:sheet_import", args=["village"]),
        {"division": register.VILLAGE, "file": SimpleUploadedFile("村表.xlsx", saved(page))},
    )
    shown = client.get(upload["Location"])
    assert "总户数：60 → <b>61</b>" in shown.content.decode()
    assert VillageSheet.objects.get().hh_total == 60
    batch = SheetBatch.objects.get()
    assert client.post(reverse("counties:sheet_batch_apply", args=[batch.pk])).status_code == 302
    sheet = VillageSheet.objects.get()
    assert (sheet.hh_total, sheet.leader_name, sheet.version) == (61, "张支书", 2)
    change = SheetChange.objects.get(batch=batch)
    assert (change.before, change.after) == ({"hh_total": 60}, {"hh_total": 61})
    again = client.post(reverse("counties:sheet_batch_apply", args=[batch.pk]))
    assert again.status_code == 422
    assert "不能再导入" in again.content.decode()
    assert client.post(reverse("counties:sheet_batch_undo", args=[batch.pk])).status_code == 302
    assert VillageSheet.objects.get().hh_total == 60
    assert client.post(reverse("counties:sheet_batch_undo", args=[batch.pk])).status_code == 422


def test_taking_back_leaves_what_somebody_filled_again(client, village, caseworker):
    fill(village, caseworker)
    page = exported(client, caseworker)
    page.cell(3, column(page, "总户数(户)")).value = 61
    batch = received(saved(page), caseworker)
    services.apply(batch, planned=preview(batch).planned, by=caseworker)
    fill(village, caseworker, hh_total=62)
    assert services.undo(batch, by=caseworker) == ["泰和村"]
    assert VillageSheet.objects.get().hh_total == 62


def test_new_sheets_come_in_and_go_out_again(client, village, reviewer, caseworker):
    hamlets = [register.hamlet(village, name) for name in ("一社", "二社")]
    page = exported(client, caseworker, "hamlet")
    for row in (3, 4):
        for head, value in (("总户数(户)", 30), ("总人口数(人)", 100), ("是否通动力电", "是"),
                            ("到行政村是否通硬化路", "是"), ("经度(度)", 104.68), ("纬度(度)", 36.57)):  # fmt: skip
            page.cell(row, column(page, head)).value = value
    batch = received(saved(page), reviewer, "hamlet", register.COUNTY)
    found = preview(batch)
    assert len(found.new) == 2
    services.apply(batch, planned=found.planned, by=reviewer)
    assert set(HamletSheet.objects.values_list("state", "nv_longitude", "nv_active")) == {
        ("collected", Decimal("104.68"), True)
    }
    services.undo(batch, by=reviewer)
    assert set(HamletSheet.objects.values_list("state", "nv_hh_total")) == {("todo", None)}
    assert len(hamlets) == 2


def test_wrong_rows_are_listed_by_cell_and_the_rest_is_written(
    client, village, reviewer, caseworker
):
    page = exported(client, reviewer)
    households = column(page, "总户数(户)")
    page.cell(3, households).value = 61
    page.cell(4, households).value = "很多"
    page.cell(5, column(page, "行政村名称")).value = "别的村"
    page.append(["999999999999", "", "某村", 2021])
    page.append([register.VILLAGE, "", "泰和村", 2021])
    batch = received(saved(page), reviewer, division=register.COUNTY)
    found = preview(batch)
    told = [(problem.row, problem.message) for problem in found.problems]
    assert told == [
        (4, "应为整数"),
        (5, "代码对应的是“三合村”，与名称“别的村”不符"),
        (6, "靖远县下没有这个代码的行政村"),
        (7, "与第3行重复"),
    ]
    client.force_login(reviewer)
    html = client.get(reverse("counties:sheet_batch", args=[batch.pk])).content.decode()
    assert "很多" in html
    marked = client.get(reverse("counties:sheet_batch_errors", args=[batch.pk])).content
    assert openpyxl.load_workbook(io.BytesIO(marked))
    services.apply(batch, planned=found.planned, by=reviewer)
    assert VillageSheet.objects.get().hh_total == 61


def test_a_submitted_sheet_another_year_and_a_signed_county_are_left_alone(
    client, village, caseworker
):
    sheet = fill(village, caseworker)
    page = exported(client, caseworker)
    page.cell(3, column(page, "总户数(户)")).value = 61
    content = saved(page)
    batch = received(content, caseworker)
    planned = preview(batch).planned
    VillageSheet.objects.update(state="checked")
    assert "须由乡镇退回" in preview(batch).problems[0].message
    VillageSheet.objects.update(state="collected")
    page.cell(3, column(page, "年度")).value = 2020
    assert preview(received(saved(page), caseworker)).problems[0].message == "年度应为2021"
    sheets.save(village, campaign=current_campaign(), fields={"hh_total": 62}, by=caseworker)
    with pytest.raises(ValidationError, match="他人又填写了泰和村"):
        services.apply(batch, planned=planned, by=caseworker)
    CountyLock.objects.create(
        county_code="620421", campaign=sheet.campaign, locked_by=caseworker,
        locked_at="2021-11-08T10:00:00+08:00",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="已县级闭合锁定"):
        received(content, caseworker)


def test_what_is_no_such_workbook_is_told_in_words(client, village, caseworker):
    with pytest.raises(SheetRefused):
        preview(received(b"a,b\n1,2\n", caseworker, name="别的.csv"))
    with pytest.raises(ValidationError, match="不是表格"):
        received(b"x", caseworker, name="村表.pdf")
    client.force_login(caseworker)
    url = reverse("counties:sheet_import", args=["village"])
    empty = client.post(url, {"division": register.VILLAGE})
    assert empty.status_code == 422
    batch = received(b"a,b\n1,2\n", caseworker, name="别的.csv")
    assert (
        "没有找到表头"
        in client.get(reverse("counties:sheet_batch", args=[batch.pk])).content.decode()
    )
    assert client.post(reverse("counties:sheet_batch_apply", args=[batch.pk])).status_code == 422


def test_only_those_who_import_households_there_import_sheets(village):
    team = register.user("resident_team", register.VILLAGE)
    stranger = register.user("county_reviewer", "620422")
    for by in (team, stranger):
        with pytest.raises(PermissionDenied):
            received(b"x", by)
    with pytest.raises(ValidationError, match="县表逐项填写"):
        received(b"x", stranger, kind="county")
    assert HAMLET_FIELDS


def printed(client, user, village):
    """The village's sheet as downloaded, an hour after it was filled."""
    with time_machine.travel("2021-11-08T11:00:00+08:00", tick=False):
        client.force_login(user)
        paper = reverse("counties:place_sheet_print", args=[village.code])
        answer = client.get(paper, {"kind": "xlsx"})
    return openpyxl.load_workbook(io.BytesIO(answer.content)).active


def write_beside(page, label, value):
    """Into the box with this label, however wide the label is."""
    for row in page.iter_rows():
        for cell in row:
            if str(cell.value or "").split("（")[0] == label:
                page.cell(cell.row, cell.column + 2).value = value
                return
    raise AssertionError(label)


def test_a_printed_sheet_comes_back_by_its_code(client, village, caseworker):
    fill(village, caseworker)
    page = printed(client, caseworker, village)
    assert preview(received(saved(page), caseworker)).unchanged == 1, "untouched, it says nothing"
    write_beside(page, "总户数", "61")
    write_beside(page, "村负责人姓名", "何建忠")
    found = preview(received(saved(page), caseworker))
    (row,) = found.planned
    assert (found.problems, found.notes) == ([], [])
    assert row.fields == {"hh_total": 61, "leader_name": "何建忠"}
    services.apply(received(saved(page), caseworker), planned=found.planned, by=caseworker)
    assert VillageSheet.objects.get(division=village).hh_total == 61


def test_the_table_on_it_fills_the_natural_villages(client, village, caseworker):
    hamlet = register.hamlet(village, "一社")
    sheets.save(hamlet, campaign=current_campaign(), fields=HAMLET_FIELDS, by=caseworker)
    page = printed(client, caseworker, village)
    head = next(row for row in page.iter_rows() if row[0].value == "一社")
    wanted = next(
        cell.column
        for row in page.iter_rows()
        for cell in row
        if str(cell.value or "").startswith("总户数") and row[0].value == "自然村（村民小组）"
    )
    page.cell(head[0].row, wanted).value = "37"
    found = preview(received(saved(page), caseworker, kind="hamlet"))
    (row,) = found.planned
    assert (row.sheet.division, row.fields) == (hamlet, {"nv_hh_total": 37})


def test_who_filled_the_sheet_after_it_was_printed_is_told(client, village, caseworker):
    fill(village, caseworker)
    page = printed(client, caseworker, village)
    with time_machine.travel("2021-11-08T12:00:00+08:00", tick=False):
        fill(village, caseworker, hh_total=62)
        found = preview(received(saved(page), caseworker))
    assert "泰和村的表打印（2021-11-08 11:00）以后，系统里又填写过行政村表" in found.notes[0]
    assert found.planned[0].changed["hh_total"] == (62, 60)
