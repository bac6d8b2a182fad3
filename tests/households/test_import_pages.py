"""The import pages and the command: from the upload to the written rows, and back."""

import json
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.models import Household, ImportBatch, ImportRow
from households.sheets.columns import BOOK
from tests.factories import register
from tests.households.workbooks import applied, checked, family, home, upload, workbook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client_of(county):
    client = Client()
    client.force_login(county)
    return client


def run_jobs() -> None:
    for job in Job.objects.filter(status="queued"):
        execute(job.pk)


def wrong_family() -> tuple[bytes, list[dict]]:
    people = family(work_months="半年")
    return workbook([home(people[0])], people), people


def test_a_workbook_goes_from_upload_through_preview_into_the_register(client_of):
    people = family()
    content = workbook([home(people[0])], people)
    data = {"division": register.COUNTY, "file": upload(content)}
    answer = client_of.post(reverse("households:import_upload"), data)
    batch = ImportBatch.objects.get()
    page = reverse("households:import_detail", args=[batch.pk])
    assert answer.headers["Location"] == page
    run_jobs()
    shown = client_of.get(page).content.decode()
    assert "王建国" in shown
    assert "李秀英" in shown
    client_of.post(reverse("households:import_apply", args=[batch.pk]))
    run_jobs()
    assert Household.objects.get().head_name == "王建国"
    assert "已导入" in client_of.get(page).content.decode()
    client_of.post(reverse("households:import_undo", args=[batch.pk]))
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UNDONE
    assert Household.objects.get().ended_reason == "撤销导入"


def test_a_wrong_cell_is_shown_marked_in_the_file_and_mended_on_screen(client_of, county):
    content, _people = wrong_family()
    batch = checked(content, county)
    page = reverse("households:import_detail", args=[batch.pk])
    shown = client_of.get(page, {"show": "wrong", "sheet": "成员"}).content.decode()
    assert 'value="半年"' in shown
    assert "应为整数" in shown
    assert "请只填数字" in shown
    file = client_of.get(reverse("households:import_errors", args=[batch.pk]))
    marked = openpyxl.load_workbook(BytesIO(file.content))
    error = batch.errors.get(message="应为整数")
    assert "应为整数" in marked[error.sheet][error.cell].comment.text
    row = ImportRow.objects.get(batch=batch, sheet="成员", number=2)
    mend = reverse("households:import_mend", args=[batch.pk]) + "?sheet=成员"
    cell = f"c{row.pk}-work_months"
    refused = client_of.post(mend, {cell: "半" * 501})
    assert refused.status_code == 422
    assert "半" * 501 in refused.content.decode()
    client_of.post(mend, {cell: "6"})
    run_jobs()
    batch.refresh_from_db()
    assert (batch.new, batch.wrong) == (4, 0)


def test_the_errors_of_a_large_file_are_marked_by_the_worker(client_of, county, monkeypatch):
    monkeypatch.setattr("fanpin.sheets.error_files.AT_ONCE", 1000)
    monkeypatch.setattr("fanpin.sheets.error_files.STEP", 1)
    content, _people = wrong_family()
    batch = checked(content, county)
    page = reverse("households:import_detail", args=[batch.pk])
    url = reverse("households:import_errors", args=[batch.pk])
    assert "标出文件中的错误" in client_of.get(page).content.decode()
    told = client_of.get(url, follow=True).content.decode()
    assert "文件较大" in told
    first, second = client_of.post(url), client_of.post(url)
    job = Job.objects.get(kind="households.import_errors")
    assert first.headers["Location"] == second.headers["Location"] == job.get_absolute_url()
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", batch.rows, batch.rows), job.error
    marked = openpyxl.load_workbook(job.result_file.path)
    error = batch.errors.get(message="应为整数")
    assert "应为整数" in marked[error.sheet][error.cell].comment.text
    assert job.result_name.endswith("-标出错误.xlsx")


def test_changes_are_shown_with_both_values_in_words(client_of, county):
    people = family()
    applied(workbook([home(people[0])], people), county)
    batch = checked(workbook([home(people[0], hh_type="普通农户(一般农户)")], []), county)
    shown = client_of.get(reverse("households:import_detail", args=[batch.pk])).content.decode()
    assert "脱贫户" in shown
    assert "普通农户(一般农户)" in shown


def test_several_cells_are_mended_at_once_and_what_is_still_wrong_keeps_what_was_typed(
    client_of, county
):
    people = family(work_months="半年")
    people[1]["work_months"] = "一年"
    batch = checked(workbook([home(people[0])], people), county)
    rows = {row.number: row.pk for row in batch.staged.filter(kind="wrong", sheet="成员")}
    url = reverse("households:import_mend", args=[batch.pk]) + "?sheet=成员"
    typed = {f"c{rows[2]}-work_months": "6", f"c{rows[3]}-work_months": "十二个"}
    assert client_of.post(url, typed).status_code == 302
    waiting = client_of.post(url, typed)
    assert waiting.status_code == 422
    assert "正在检查" in waiting.content.decode()
    run_jobs()
    batch.refresh_from_db()
    assert (batch.new, batch.wrong) == (3, 1)
    page = reverse("households:import_detail", args=[batch.pk])
    shown = client_of.get(page, {"show": "wrong"}).content.decode()
    assert 'value="十二个"' in shown
    assert people[1]["id_no"] not in shown


def test_every_count_opens_its_list(client_of, county):
    first, second = family(), family()
    applied(workbook([home(first[0]), home(second[0])], [*first, *second]), county)
    new = family()
    new[0]["name"] = "赵新户"
    people = [*first[:2], *new]
    batch = checked(workbook([home(first[0], house_area=99), home(new[0])], people), county)
    page = reverse("households:import_detail", args=[batch.pk])
    for kind, row in (
        ("new", "赵新户"),
        ("changed", "99.00"),
        ("unchanged", "李秀英"),
        ("missing", "王小明"),
        ("wrong", "没有有误的行"),
    ):
        shown = client_of.get(page, {"show": kind}).content.decode()
        assert f"?show={kind}" in shown
        assert row in shown
    assert batch.rows == batch.new + batch.changed + batch.unchanged + batch.wrong


def test_the_template_holds_the_places_own_villages_and_reads_back(client_of):
    answer = client_of.get(reverse("households:import_template", args=[register.COUNTY]))
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert book.sheetnames[:2] == [sheet.title for sheet in BOOK.sheets]
    lists = [cell.value for column in book["代码表"].columns for cell in column]
    assert {"北湾镇", "泰和村", "汉族"} <= set(lists)
    assert "南嘴村" not in lists


def test_an_upload_that_is_no_table_keeps_the_form_with_the_reason(client_of):
    data = {"division": register.COUNTY, "file": upload(b"x", "农户.docx")}
    answer = client_of.post(reverse("households:import_upload"), data)
    assert answer.status_code == 422
    assert "请上传XLSX" in answer.content.decode()


def test_a_file_that_cannot_be_read_says_why_on_its_page(client_of, county):
    batch = checked(b"PK\x03\x04 rubbish", county)
    shown = client_of.get(reverse("households:import_detail", args=[batch.pk])).content.decode()
    assert "文件已损坏" in shown


def test_batches_of_other_counties_are_not_there(client_of):
    stranger = register.user("county_reviewer", "620422")
    people = family()
    homes = [home(people[0], township="会师镇", village="南嘴村")]
    batch = checked(workbook(homes, people), stranger, division="620422")
    assert batch.new == 4
    for name in ("import_detail", "import_errors", "import_file"):
        url = reverse(f"households:{name}", args=[batch.pk])
        assert client_of.get(url).status_code == 404
    for name in ("import_apply", "import_undo"):
        url = reverse(f"households:{name}", args=[batch.pk])
        assert client_of.post(url).status_code == 404


def test_the_command_answers_one_json_object_with_every_wrong_cell(county, tmp_path):
    content, _people = wrong_family()
    file = tmp_path / "农户.xlsx"
    file.write_bytes(content)
    out = StringIO()
    call_command("import_households", str(file), county=register.COUNTY, json=True, stdout=out)
    found = json.loads(out.getvalue())
    assert set(found) == {
        "batch",
        "rows",
        "new",
        "changed",
        "unchanged",
        "wrong",
        "errors",
        "seconds",
    }
    assert (found["rows"], found["wrong"]) == (4, 4)
    error = next(e for e in found["errors"] if e["message"] == "应为整数")
    assert set(error) == {"sheet", "cell", "column", "value", "message", "remedy"}
    assert error["value"] == "半年"


def test_the_command_applies_once(county, tmp_path):
    people = family()
    file = tmp_path / "农户.xlsx"
    file.write_bytes(workbook([home(people[0])], people))
    for _ in range(2):
        out = StringIO()
        call_command(
            "import_households",
            str(file),
            county=register.COUNTY,
            apply=True,
            json=True,
            stdout=out,
        )
        assert json.loads(out.getvalue())["new"] == 4
    assert Household.objects.count() == 1
    with pytest.raises(CommandError, match="没有代码为62的县"):
        call_command("import_households", str(file), county="62")
