"""户内资料: collected by itself in the order of the procedure, what is missing, the whole as one archive."""

import io
import zipfile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from fanpin.accounts.roles import Role
from fanpin.audit.models import AuditEntry
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from monitoring.models import CaseDocument
from monitoring.papers import bundle
from monitoring.papers.folder import folder_of
from tests.factories import monitoring as factory
from tests.factories import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(people):
    """Identified in April, eliminated in November."""
    return factory.monitored_household(people, at="eliminated")


def url(home) -> str:
    return reverse("monitoring:file", args=[home.pk])


def text_of(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def archive_of(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_it_collects_every_paper_by_episode_and_in_the_order_of_the_steps(people, home):
    folder = folder_of(home)
    marked = folder.parts[-1]
    assert marked.title == "第1次监测（新识别）"
    identified, eliminated = [s for s in marked.sections if "-2021-" in s.title]
    titles = [entry.title for entry in identified.entries]
    wanted = ["承诺授权书", "入户核查表", "收入测算表", "村级民主评议会议记录", "公示照片", "乡镇审核表",
              "审定表（备案审查表）", "公告"]  # fmt: skip
    assert [title for title in titles if title in wanted and titles.count(title) == 1] == [
        title for title in wanted if titles.count(title) == 1
    ]
    assert [e.at for e in identified.entries] == sorted(e.at for e in identified.entries)
    assert {"风险消除信息采集表", "风险消除审批表", "帮扶成效评估表"} <= {
        e.title for e in eliminated.entries
    }
    filed = CaseDocument.objects.filter(case__household=home).count()
    assert sum(isinstance(row, CaseDocument) for row in folder.scans) == filed > 0
    assert "帮扶措施落实凭证" in {s.title for p in folder.parts for s in p.sections}


def test_what_the_dated_list_asks_for_and_is_not_there_is_missing(people, home):
    assert not folder_of(home).missing
    gone = CaseDocument.objects.filter(case__household=home, kind="公示照片").first()
    gone.delete()
    (lacking,) = folder_of(home).missing
    assert (lacking.title, lacking.wanted, lacking.held) == ("公示照片", 1, 0)


def test_an_open_case_says_what_its_next_step_asks_for(client, people):
    home = factory.household(people.village)
    factory.identified(people, home, at="authorised")
    names = {m.title for m in folder_of(home).missing}
    assert {"入户核查表", "入户照片"} <= names
    client.force_login(people.village)
    page = client.get(url(home)).content.decode()
    assert "入户照片" in page
    assert "第1次监测（新识别）" in page


def test_the_archive_has_the_papers_in_folders_and_a_table_of_contents(
    client, people, home, monkeypatch
):
    monkeypatch.setattr(bundle, "MOST_AT_ONCE", 500)
    client.force_login(people.village)
    answer = client.post(url(home))
    assert answer["Content-Type"] == "application/zip"
    archive = archive_of(answer.content)
    names = archive.namelist()
    assert any("第1次监测（新识别）/" in name and name.endswith("入户核查表.pdf") for name in names)
    assert not any(name.endswith((".jpg", ".png")) for name in names)
    contents = text_of(archive.read("目录.pdf"))
    for word in ("户内资料目录", "入户核查表", "扫描件未下载", "资料齐全", home.hh_code):
        assert word in contents, word
    everything = "".join(text_of(archive.read(name)) for name in names)
    for member in home.members.all():
        assert member.id_no not in everything
    entry = AuditEntry.objects.filter(verb="paper.printed").latest("pk")
    assert (entry.actor, "《户内资料》" in entry.subject) == (people.village, True)


def test_scans_go_along_only_with_a_reason_and_only_from_the_county(
    client, people, home, monkeypatch
):
    monkeypatch.setattr(bundle, "MOST_AT_ONCE", 500)
    client.force_login(people.county)
    refused = client.post(url(home), {"full": "on"})
    assert refused.status_code == 422
    assert "须写明原因" in refused.content.decode()
    archive = archive_of(client.post(url(home), {"full": "on", "reason": "移交档案室"}).content)
    scans = [n for n in archive.namelist() if not n.endswith(".pdf")]
    stored = [row for row in folder_of(home).scans if row.content_type != "application/pdf"]
    assert len(scans) == len(stored)
    entry = AuditEntry.objects.filter(verb="paper.printed_in_full").latest("pk")
    assert (entry.actor, entry.note) == (people.county, "移交档案室")
    client.force_login(people.village)
    assert client.post(url(home), {"full": "on", "reason": "移交档案室"}).status_code == 403


def test_a_large_file_is_a_job_with_n_of_m(client, people, home):
    client.force_login(people.county)
    answer = client.post(url(home), {"full": "on", "reason": "移交档案室"})
    job = Job.objects.get(kind="monitoring.household_file")
    assert answer.status_code == 302
    execute(job.pk)
    job.refresh_from_db()
    count = len(folder_of(home).entries) + 1
    assert (job.status, job.done, job.total) == (Status.DONE, count, count)
    with job.result_file.open("rb") as kept:
        assert "目录.pdf" in archive_of(kept.read()).namelist()


def test_the_file_of_another_village_is_not_found(client, people, home):
    client.force_login(register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE))
    assert client.get(url(home)).status_code == 404
    assert client.post(url(home)).status_code == 404
