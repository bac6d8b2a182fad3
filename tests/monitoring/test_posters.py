"""公示 and 公告 of a whole village: who is on the sheet, days, contacts; and nothing that may not hang on a wall."""

import datetime
import io

import docx
import pytest
from django.urls import reverse
from pypdf import PdfReader

from fanpin.accounts.roles import Role
from fanpin.audit.models import AuditEntry
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.models import Parameter
from monitoring.models import Case
from tests.factories import monitoring as factory
from tests.factories import register

pytestmark = pytest.mark.django_db
HEADS = ("王建国", "赵永福", "孙得财")


@pytest.fixture
def village(people) -> list[Case]:
    """Three households of one village under notice, with everything about them that is nobody's business."""
    found = []
    for n, head in enumerate(HEADS):
        with factory.day("2021-11-01"):
            home = factory.household(
                people.village, phone=f"1391111222{n}", bank_card_no="6217000000000000012",
                members=[
                    register.person(head, "02", health=["disabled"], labour="ordinary"),
                    register.person("李秀英", "10", born=factory.date("1972-08-25"), sex="2",
                                    health=["major"], disease_name="尿毒症"),
                    register.person("女儿", "30", born=factory.date("2008-08-25"), sex="2"),
                    register.person("儿子", "20", born=factory.date("2010-08-25")),
                ],
            )  # fmt: skip
        found.append(factory.identified(people, home, at="noticed", number=f"620000000{n}").case)
    return found


def sheet(client, user, stage="posted", size="a4", kind="pdf", code=register.VILLAGE):
    client.force_login(user)
    return client.get(reverse("monitoring:poster", args=[code, stage, size, kind]))


def text_of(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def words_of(data: bytes) -> str:
    book = docx.Document(io.BytesIO(data))
    parts = [p.text for p in book.paragraphs]
    parts += [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    return "".join("".join(parts).split())


def test_the_sheet_lists_every_household_under_notice_with_its_days(client, people, village):
    with factory.day("2021-11-12"):
        for text in (
            text_of(sheet(client, people.village).content),
            words_of(sheet(client, people.village, kind="docx").content),
        ):
            for word in (*HEADS, "防止返贫监测帮扶公示", "纳入监测对象", "边缘易致贫户",
                         # posted on the 11th the fifth day is the 16th
                         "公示期5天，自张贴次日起计算，2021年11月11日张贴，至2021年11月16日期满",
                         "村委会公示栏", "村民委员会（盖章）", "监督电话：12317"):  # fmt: skip
                assert word in text, word


def test_the_sheet_carries_no_number_account_health_or_disability(client, people, village):
    secret = [
        "6217000000000000012",
        "尿毒症",
        "残疾",
        "大病",
        "中风",
        "因病",
        "健康",
        "银行",
        "104.68",
    ]
    for case in village:
        home = case.household
        secret += [home.phone, home.hh_code, *(m.id_no for m in home.members.all())]
    with factory.day("2021-11-12"):
        for size in ("a4", "a3"):
            text = text_of(sheet(client, people.village, size=size).content)
            assert not [word for word in secret if word in text]
        words = words_of(sheet(client, people.village, kind="docx").content)
    assert not [word for word in secret if word in words]


def test_a3_is_twice_the_paper(client, people, village):
    sizes = {}
    for size in ("a4", "a3"):
        page = PdfReader(io.BytesIO(sheet(client, people.village, size=size).content)).pages[0]
        sizes[size] = [round(float(side)) for side in (page.mediabox.width, page.mediabox.height)]
    assert sizes == {"a4": [595, 842], "a3": [842, 1191]}


def test_contacts_are_dated_data_of_the_place(client, people, village):
    before = text_of(sheet(client, people.village).content)
    assert "139-0000" not in before
    for key, place, value in (
        ("notice_contact_village", register.VILLAGE, "张村官 139-0000-0001"),
        ("notice_contact_township", register.TOWNSHIP, "赵审核 0943-1234567"),
    ):
        Parameter.objects.create(
            key=key, division_id=place, value=value, basis="村务公开",
            effective_from=datetime.date(2021, 1, 1),
        )  # fmt: skip
    text = text_of(sheet(client, people.village).content)
    assert "村民委员会：张村官139-0000-0001" in text
    assert "人民政府：赵审核0943-1234567" in text


def test_what_is_not_put_up_yet_counts_from_the_day_of_printing(client, people):
    home = factory.household(people.village)
    factory.identified(people, home, at="deliberated")
    with factory.day("2021-11-12"):
        text = text_of(sheet(client, people.village, "to-post").content)
    assert "2021年11月12日张贴，至2021年11月17日期满" in text
    assert "王建国" in text


def test_the_announcement_names_the_township(client, people):
    home = factory.household(people.village)
    factory.identified(people, home, at="announced")
    with factory.day("2021-11-21"):
        text = text_of(sheet(client, people.village, "announced").content)
        empty = sheet(client, people.village, "posted")
    for word in ("防止返贫监测帮扶公告", "王建国", "县级审定", "人民政府（盖章）", "11月20日"):
        assert word in text, word
    assert empty.status_code == 302
    assert empty.url == reverse("monitoring:notices")


def test_the_page_lists_villages_and_its_posters_are_audited(client, people, village):
    client.force_login(people.township)
    page = client.get(reverse("monitoring:notices")).content.decode()
    assert "公示中" in page
    assert "2021-11-16" in page
    link = reverse("monitoring:poster", args=[register.VILLAGE, "posted", "a3", "pdf"])
    assert link in page
    client.get(link)
    entry = AuditEntry.objects.filter(verb="paper.printed").latest("pk")
    assert entry.actor == people.township
    assert "3户《村级公示（A3）》" in entry.subject
    job_page = client.post(f"{reverse('monitoring:posters')}?stage=posted")
    job = Job.objects.get(kind="monitoring.print")
    assert job_page.status_code == 302
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (Status.DONE, 1, 1)
    with job.result_file.open("rb") as kept:
        assert "赵永福" in text_of(kept.read())


def test_another_village_sees_neither_page_nor_poster(client, people, village):
    other = register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE)
    assert sheet(client, other).status_code == 404
    assert "现在没有待公示" in client.get(reverse("monitoring:notices")).content.decode()
