"""The register's papers: the words and figures a caseworker looks for, whose they are, masks, reasons, the job."""

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from fanpin.audit.models import AuditEntry
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.jobs.services import cancel, resume
from fanpin.papers import many
from fanpin.papers.declaring import papers
from households.models import Household
from households.selectors.parameters import current_campaign
from households.services import changes, helping, households, income
from households.sheets.columns import (
    CLASSIFICATION,
    INCOME,
    LIVING,
    LOCATION,
    PERSON,
    PROTECTION,
    SUPPORT,
    WORK,
)
from tests.factories import register

pytestmark = pytest.mark.django_db
CASEWORKER_PHONE = "13912345678"


def pages(data: bytes) -> list[str]:
    """The text of each page without blanks, so that a word that was turned over is found."""
    found = PdfReader(io.BytesIO(data)).pages
    return ["".join(page.extract_text().split()) for page in found]


def cells(data: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [
        str(c.value)
        for page in book
        for row in page.iter_rows()
        for c in row
        if c.value is not None
    ]


def asked(client, user, household, paper: str, kind: str = "pdf"):
    client.force_login(user)
    return client.get(reverse("households:paper", args=[household.pk, paper, kind]))


@pytest.fixture
def full_card(caseworker, household) -> Household:
    """With an address, land, income, a helper and a saved statement."""
    households.edit(
        household,
        fields={"phone": CASEWORKER_PHONE, "land_cultivated": Decimal("12.50"), "has_safe_water": True,
                "longitude": Decimal("104.680123"), "latitude": Decimal("36.560000"),
                "bank_card_no": "6217000000000000012", "cause_other": ["1", "4"]},
        by=caseworker,
    )  # fmt: skip
    statement = income.save_statement(
        household, purpose="annual", campaign=current_campaign(),
        lines={"inc_wage": Decimal(31620), "inc_crop": Decimal(9000), "exp_business": Decimal(620)},
        by=caseworker,
    )  # fmt: skip
    income.confirm(statement, by=caseworker)
    helper = {
        "name": "孙帮扶",
        "sex": "1",
        "political_status": "",
        "unit": "县水务局",
        "phone": "13800001111",
    }
    helping.assign(household, helper=helper, start_on=datetime.date(2021, 3, 1), by=caseworker)
    household.refresh_from_db()
    return household


def test_the_card_prints_every_declared_column_filled_or_empty(client, caseworker, full_card):
    answer = asked(client, caseworker, full_card, "card")
    assert answer["Content-Type"] == "application/pdf"
    found = pages(answer.content)
    text = "".join(found)
    every = (*LOCATION, *CLASSIFICATION, *INCOME, *LIVING, *SUPPORT, *PERSON, *WORK, *PROTECTION)
    missing = [c.label for c in every if "".join(c.label.split()) not in text]
    assert not missing
    for value in ("王建国", "李秀英", "王小明", "一社12号", "104.680123", "12.5", "31,620.00", "40,000.00",
                  "■是□否", "□是□否", "因病、因灾", "孙帮扶", "县水务局", "户主（签字、按手印）", "乡镇（盖章）",
                  "数据截至2021-11-0810:00",
                  "2021年度",
                  f"HK-{full_card.hh_code}-20211108"):  # fmt: skip
        assert value in text, value


def test_a_household_of_five_is_one_sheet_of_paper_front_and_back(client, caseworker):
    five = [*register.family(), register.person("王小红", "30", born=datetime.date(2010, 4, 1), sex="2"),
            register.person("王大爷", "51", born=datetime.date(1940, 4, 1))]  # fmt: skip
    six = [*five, register.person("王大妈", "52", born=datetime.date(1941, 4, 1), sex="2")]
    assert (
        len(
            pages(
                asked(
                    client, caseworker, register.household(caseworker, members=five), "card"
                ).content
            )
        )
        == 2
    )
    again = [register.person(p["name"], p["relation"], sex=p.get("sex", "1")) for p in six]
    found = pages(
        asked(client, caseworker, register.household(caseworker, members=again), "card").content
    )
    assert len(found) == 3
    assert "第6人" in found[2]
    assert "王大妈" in found[2]


def test_numbers_on_paper_are_masked(client, caseworker, full_card):
    for kind, read in (("pdf", lambda d: "".join(pages(d))), ("xlsx", lambda d: "".join(cells(d)))):
        text = read(asked(client, caseworker, full_card, "card", kind).content)
        for secret in (
            full_card.head_id_no,
            CASEWORKER_PHONE,
            "6217000000000000012",
            "13800001111",
        ):
            assert secret not in text
        for shown in (
            f"{full_card.head_id_no[:6]}********{full_card.head_id_no[-4:]}",
            "139****5678",
            "0012",
        ):
            assert shown in text


def test_another_households_people_stand_on_no_paper(client, caseworker, full_card):
    other = register.household(
        caseworker, members=[register.person("马别人", "02")], address_detail="二社99号"
    )
    for paper in papers.ordered("household"):
        text = "".join(pages(asked(client, caseworker, full_card, paper.key).content))
        assert "王建国" in text
        assert "马别人" not in text
        assert other.hh_code not in text


def test_every_paper_of_a_household_is_there_as_pdf_and_workbook(client, caseworker, household):
    for paper in papers.ordered("household", "once"):
        assert asked(client, caseworker, household, paper.key).content.startswith(b"%PDF")
        assert asked(client, caseworker, household, paper.key, "xlsx").content.startswith(b"PK")


def test_the_income_paper_adds_up_and_says_how_it_stands_to_the_line(client, caseworker, full_card):
    [text] = pages(asked(client, caseworker, full_card, "income").content)
    for words in ("2020-10-01至2021-09-30", "工资性收入31,620.00", "其中：种植业9,000.00", "年总收入40,620.00",
                  "年纯收入40,000.00", "人均纯收入13,333.33", "王建国、李秀英、王小明（共3人）",
                  "不低于监测范围"):  # fmt: skip
        assert words in text, words


def test_without_a_statement_an_empty_income_paper_is_printed(client, caseworker, household):
    [text] = pages(asked(client, caseworker, household, "income").content)
    assert "工资性收入" in text
    assert "0.00" not in text


def test_the_change_form_has_what_was_filed_this_year_and_empty_lines(
    client, caseworker, household
):
    child = register.person("王小宝", "20", born=datetime.date(2021, 9, 1))
    changes.increase(household, fields=child, reason="inc_newborn", changed_on=datetime.date(2021, 10, 1),
                     documents=register.papers("出生医学证明"), by=caseworker)  # fmt: skip
    data = asked(client, caseworker, household, "changes").content
    [text] = pages(data)
    for words in ("王小宝", "成员增加", "2021-10-01", "出生医学证明", "待乡镇审核"):
        assert words in text
    table = cells(asked(client, caseworker, household, "changes", "xlsx").content)
    assert "王小宝" in table


def test_outside_the_scope_there_is_no_paper(client, household):
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    assert asked(client, stranger, household, "card").status_code == 404
    code = f"HK-{household.hh_code}-20211108"
    assert client.get(reverse("households:paper_code", args=[code])).status_code == 404


def test_the_code_on_paper_leads_back(client, caseworker, household):
    client.force_login(caseworker)
    code = f"HK-{household.hh_code}-20211108"
    answer = client.get(reverse("households:paper_code", args=[code]))
    assert answer["Location"] == reverse("households:edit", args=[household.pk])
    typed = client.get(reverse("households:list"), {"q": f" {code.lower()} "})
    assert typed["Location"] == reverse("households:paper_code", args=[code])
    client.force_login(register.user("township_reviewer", register.TOWNSHIP))
    answer = client.get(reverse("households:paper_code", args=[code]))
    assert answer["Location"] == reverse("households:detail", args=[household.pk])
    answer = client.get(reverse("households:paper_code", args=[f"CB-{register.VILLAGE}-20211108"]))
    assert answer["Location"] == reverse("counties:place_sheet", args=[register.VILLAGE])
    answer = client.get(reverse("households:paper_code", args=[f"HM-{register.VILLAGE}-20211108"]))
    assert answer["Location"].endswith(f"?division={register.VILLAGE}")
    assert client.get(reverse("households:paper_code", args=["HK-1"])).status_code == 404


def test_every_print_is_in_the_audit(client, caseworker, household):
    asked(client, caseworker, household, "card")
    entry = AuditEntry.objects.get(verb="paper.printed")
    assert "户年度基础信息采集表" in entry.subject
    assert (entry.actor, entry.target_id) == (caseworker, str(household.pk))


def test_full_numbers_need_the_grant_and_a_reason_and_are_recorded(
    client, caseworker, county, full_card
):
    url = reverse("households:print", args=[full_card.pk])
    order = {"paper": "card", "kind": "pdf", "full": "on", "reason": "报送公安核对"}
    client.force_login(caseworker)
    assert "显示完整号码的打印" not in client.get(url).content.decode()
    masked = client.post(url, order)
    assert full_card.head_id_no not in "".join(pages(masked.content))
    client.force_login(county)
    refused = client.post(url, {**order, "reason": "看"})
    assert refused.status_code == 422
    assert "须写明原因" in refused.content.decode()
    answer = client.post(url, order)
    text = "".join(pages(answer.content))
    assert full_card.head_id_no in text
    assert CASEWORKER_PHONE in text
    entry = AuditEntry.objects.get(verb="paper.printed_in_full")
    assert (entry.actor, entry.note) == (county, "报送公安核对")


def villages(caseworker, township) -> list[Household]:
    """Three households in one village, one in another."""
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    made = [register.household(caseworker, members=[register.person(name)])
            for name in ("王甲一", "王乙二", "王丙三")]  # fmt: skip
    return [
        *made,
        register.household(
            other, village=register.OTHER_VILLAGE, members=[register.person("李丁四")]
        ),
    ]


def ordered(client, user, query: str = "", **more) -> Job:
    client.force_login(user)
    answer = client.post(
        f"{reverse('households:print_many')}?{query}", {"paper": "card", "kind": "pdf", **more}
    )
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.get(kind="households.print", pk=Job.objects.latest("pk").pk)


def run(job: Job) -> Job:
    execute(job.pk)
    job.refresh_from_db()
    assert job.status == Status.DONE, job.error
    return job


def result(job: Job) -> bytes:
    with job.result_file.open("rb") as kept:
        return kept.read()


def test_a_village_is_one_file_with_everybody_once(client, caseworker, township):
    villages(caseworker, township)
    job = run(ordered(client, caseworker))
    assert job.result_name.endswith("泰和村-户年度基础信息采集表.pdf")
    assert (job.done, job.total) == (3, 3)
    found = pages(result(job))
    assert len(found) == 6
    for name in ("王甲一", "王乙二", "王丙三"):
        assert sum(name in text and "第1页，共2页" in text for text in found) == 1
    assert not any("李丁四" in text for text in found)
    assert not many.folder_of(job.pk).exists()


def test_a_township_is_an_archive_with_a_file_for_each_village(client, caseworker, township):
    villages(caseworker, township)
    for kind in ("pdf", "xlsx"):
        job = run(ordered(client, township, kind=kind))
        archive = zipfile.ZipFile(io.BytesIO(result(job)))
        names = sorted(archive.namelist())
        assert [name.rpartition("-")[0][-3:] for name in names] == ["富坪村", "泰和村"]
        text = "".join((pages if kind == "pdf" else cells)(archive.read(names[0])))
        assert "李丁四" in text
        assert "王甲一" not in text


def test_the_job_prints_what_the_list_shows(client, caseworker, township):
    villages(caseworker, township)
    job = run(ordered(client, township, query="q=王乙二"))
    text = "".join(pages(result(job)))
    assert "王乙二" in text
    assert "王甲一" not in text
    client.force_login(township)
    empty = client.post(
        f"{reverse('households:print_many')}?q=没有这个人", {"paper": "card", "kind": "pdf"}
    )
    assert empty.status_code == 422
    assert "没有符合条件的农户" in empty.content.decode()


def test_the_roster_lists_a_village_by_household(client, caseworker, township):
    villages(caseworker, township)
    text = "".join(pages(result(run(ordered(client, caseworker, paper="roster")))))
    for words in ("农户花名册", "共3户3人", "王甲一户主男51", "王丙三", "行政村（盖章）"):
        assert words in text


def test_a_cancelled_print_goes_on_where_it_stopped(client, caseworker, township, monkeypatch):
    monkeypatch.setitem(many.CHUNK, "pdf", 1)
    villages(caseworker, township)
    job = ordered(client, caseworker)
    made = []
    build = many._made

    def watched(paper, step, printing, kind):
        made.append(step.number)
        if step.number == 2 and len(made) == 2:
            cancel(Job.objects.get(pk=job.pk), by=caseworker)
        return build(paper, step, printing, kind)

    monkeypatch.setattr(many, "_made", watched)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done) == (Status.CANCELLED, 2)
    register.household(caseworker, members=[register.person("赵后来")])
    resume(job, by=caseworker)
    job = run(job)
    assert made == [1, 2, 3]
    found = pages(result(job))
    assert len(found) == 6
    assert not any("赵后来" in text for text in found)


def test_a_print_of_many_in_full_is_one_act_with_its_reason(client, caseworker, township, county):
    [first, *_] = villages(caseworker, township)
    client.force_login(township)
    masked = run(ordered(client, township, full="on", reason="公安核对"))
    assert first.head_id_no not in "".join(
        text for name in zipfile.ZipFile(io.BytesIO(result(masked))).namelist()
        for text in pages(zipfile.ZipFile(io.BytesIO(result(masked))).read(name)))  # fmt: skip
    job = run(
        ordered(client, county, query=f"division={register.VILLAGE}", full="on", reason="公安核对")
    )
    assert first.head_id_no in "".join(pages(result(job)))
    entry = AuditEntry.objects.get(verb="paper.printed_in_full")
    assert (entry.note, entry.after["households"]) == ("公安核对", 3)
