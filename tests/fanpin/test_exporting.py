"""A list as a file: what is shown, in the same scope; masks, reasons, counts, formulas; large ones as a job."""

import io
import zipfile

import openpyxl
import polars as pl
import pytest
import time_machine
from django.urls import reverse

from fanpin.audit.models import AuditEntry
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.sheets.writing import Stream, stream_csv, stream_xlsx
from fanpin.web import views
from fanpin.web.exporting import frame_of
from households.models import Household
from tests.factories import register

pytestmark = pytest.mark.django_db
LIST = "/households/"


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2021-11-08T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def county(db):
    register.places()
    village = register.user("village_caseworker", register.VILLAGE)
    far = register.user("village_caseworker", register.FAR_VILLAGE)
    for name in ("王甲一", "李乙二"):
        register.household(village, members=[register.person(name)])
    register.household(far, village=register.FAR_VILLAGE, members=[register.person("马远方")])
    return register.user("county_reviewer", register.COUNTY, name="孙审定")


def posted(client, user, address: str = LIST, **more):
    client.force_login(user)
    return client.post(reverse("web:export"), {"address": address, "kind": "xlsx", **more})


def content(answer) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def table(data: bytes) -> list[list]:
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell.value for cell in row] for row in page.iter_rows()]


def test_the_file_is_the_list_as_shown_with_its_count_and_day(client, county):
    top, heads, *rows = table(content(posted(client, county)))
    assert top[0] == "农户名册　截至2021-11-08 10:00　共2条　导出：孙审定"
    assert heads[:3] == ["户主", "户号", "行政村"]
    assert "户主证件号码" not in heads
    assert [row[0] for row in rows] == ["王甲一", "李乙二"]


def test_filters_and_search_cut_the_file_as_they_cut_the_page(client, county):
    top, _, *rows = table(content(posted(client, county, f"{LIST}?q=李乙二&page=3")))
    assert [row[0] for row in rows] == ["李乙二"]
    assert "条件（搜索：李乙二）" in top[0]


def test_nobody_of_another_county_is_in_the_file_whatever_is_asked_for(client, county):
    names = [row[0] for row in table(content(posted(client, county)))]
    assert "马远方" not in names
    answer = posted(client, county, f"{LIST}?division={register.FAR_VILLAGE}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "place", "names"),
    [
        ("city_official", "6204", ["王甲一", "李乙二", "马远方"]),
        ("city_official", "6205", []),
        ("province", "62", ["王甲一", "李乙二", "马远方"]),
    ],
)
def test_the_city_and_the_province_take_what_they_may_read_and_only_masked(
    client, county, role, place, names
):
    above = register.user(role, place, name="上级")
    rows = table(content(with_numbers(client, above)))[2:]
    assert [row[0] for row in rows] == names
    assert all("********" in row[1] for row in rows)
    entry = AuditEntry.objects.get(verb="list.exported")
    assert (entry.actor, entry.subject) == (above, f"农户名册{len(names)}条")
    assert with_numbers(client, above, full="1", reason="报公安核对").status_code == 403
    assert not AuditEntry.objects.filter(verb="list.exported_in_full").exists()


def test_only_the_county_and_those_above_may_take_a_list_away(client, county):
    caseworker = register.user("village_caseworker", register.VILLAGE)
    assert posted(client, caseworker).status_code == 403
    client.force_login(caseworker)
    assert reverse("web:export") not in client.get(LIST).content.decode()
    client.force_login(county)
    assert reverse("web:export") in client.get(LIST).content.decode()


def with_numbers(client, user, **more):
    """The list with the column of identity numbers chosen."""
    client.cookies["cols-households-list"] = "head_name~head_id_no"
    return posted(client, user, **more)


def test_numbers_leave_masked_and_in_full_only_with_a_reason(client, county):
    number = Household.objects.get(head_name="王甲一").head_id_no
    heads, first = table(content(with_numbers(client, county)))[1:3]
    assert heads == ["户主", "户主证件号码"]
    assert first == ["王甲一", f"{number[:6]}********{number[-4:]}"]
    refused = with_numbers(client, county, full="1", reason="看")
    assert (refused.status_code, refused["Location"]) == (302, LIST)
    assert (
        table(content(with_numbers(client, county, full="1", reason="报公安核对")))[2][1] == number
    )
    entry = AuditEntry.objects.get(verb="list.exported_in_full")
    assert (entry.actor, entry.note, entry.subject) == (county, "报公安核对", "农户名册2条")
    assert AuditEntry.objects.filter(verb="list.exported").count() == 1


def test_csv_says_the_same(client, county):
    text = content(posted(client, county, kind="csv")).decode("utf-8-sig")
    top, heads, *rows = text.splitlines()
    assert "共2条" in top
    assert heads.startswith("户主,户号")
    assert [row.split(",")[0] for row in rows] == ["王甲一", "李乙二"]


def test_a_large_list_becomes_a_job_with_the_same_file(client, county, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 1)
    answer = posted(client, county, f"{LIST}?q=王甲一")
    assert content(answer)
    answer = posted(client, county)
    job = Job.objects.get(kind="web.export")
    assert answer["Location"] == job.get_absolute_url()
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (Status.DONE, 2, 2), job.error
    assert job.result_name.endswith("农户名册-2021-11-08.xlsx")
    with job.result_file.open("rb") as kept:
        assert [row[0] for row in table(kept.read())[2:]] == ["王甲一", "李乙二"]


@pytest.mark.parametrize("address", ["", "//evil.example/", "/nowhere/", "/households/new/"])
def test_what_is_no_list_is_refused(client, county, address):
    assert posted(client, county, address).status_code in (302, 403, 404)
    assert not AuditEntry.objects.filter(verb__startswith="list.").exists()


def test_a_formula_stays_text_and_the_count_is_that_of_the_rows():
    rows = [("=1+1", 3, None), ("+86", 4, 2.5), ("<&>\x07", 5, 1.0)]
    frames = [frame_of(rows[:2], [lambda r, n=n: r[n] for n in range(3)]),
              frame_of(rows[2:], [lambda r, n=n: r[n] for n in range(3)])]  # fmt: skip
    out = io.BytesIO()
    part = Stream("表", ["名称", "数", "额"], frames, lambda count: f"共{count}条")
    assert stream_xlsx(out, part) == 3
    found = table(out.getvalue())
    assert found == [["共3条", None, None], ["名称", "数", "额"], ["=1+1", 3, None], ["+86", 4, 2.5],
                     ["<&>", 5, 1]]  # fmt: skip
    page = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    assert {page["A3"].data_type, page["A4"].data_type} == {"s"}
    assert page["A3"].quotePrefix
    assert pl.read_excel(out, read_options={"header_row": 1}).height == 3
    assert "xl/sharedStrings.xml" in zipfile.ZipFile(out).namelist()
    out = io.BytesIO()
    assert (
        stream_csv(out, Stream("表", ["名称", "数", "额"], frames, lambda count: f"共{count}条"))
        == 3
    )
    assert out.getvalue().decode("utf-8-sig").splitlines()[2:4] == ["'=1+1,3,", "'+86,4,2.5"]
