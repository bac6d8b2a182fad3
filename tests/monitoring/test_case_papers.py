"""The papers of the procedure: facts of the case as of the step, PDF and DOCX alike, masks, scope, the job."""

import io
import re
from decimal import Decimal

import docx
import pytest
from django.urls import reverse
from docx.enum.text import WD_ALIGN_PARAGRAPH
from pypdf import PdfReader

from fanpin.accounts.roles import Role
from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.papers.declaring import papers
from households.models import Household
from households.services import changes, deciding, heads, households, income, members
from monitoring.models import Case, Evaluation
from monitoring.papers import CASE_PAPERS, listing, of_kind
from monitoring.selectors.case_file import case_file
from monitoring.services import opening
from monitoring.workflow import inputs as i
from tests.factories import monitoring as factory
from tests.factories import register

pytestmark = pytest.mark.django_db


PHONE = "13911112222"


def text_of(data: bytes) -> str:
    """The text of a PDF without blanks."""
    pages = PdfReader(io.BytesIO(data)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def words_of(data: bytes) -> str:
    """The text of a DOCX without blanks: paragraphs, tables and foot."""
    book = docx.Document(io.BytesIO(data))
    parts = [p.text for p in book.paragraphs]
    parts += [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    parts += [p.text for s in book.sections for p in s.footer.paragraphs]
    return "".join("".join(parts).split())


def asked(client, user, case: Case, paper: str, number: int = 1, kind: str = "pdf"):
    client.force_login(user)
    return client.get(reverse("monitoring:case_paper", args=[case.pk, paper, number, kind]))


def made(people, at: str = "announced", **clue):
    """王某's case, walked by the services until it stands at `at`."""
    with factory.day("2021-11-01"):
        home = factory.household(people.village, phone=PHONE)
    return factory.identified(people, home, at=at).case


def test_every_paper_prints_the_facts_of_its_case_as_pdf_and_as_docx(client, people):
    case = made(people)
    facts = {
        "authorisation": ("王建国", "李秀英", "王德福", "本人签字", "2021-11-02", "查询"),
        "visit": ("2021年11月8日", "父亲中风卧床", "因病", "14,000.00", "5,400.00", "低于监测范围",
                  "张村官（村两委）", "赵审核（乡镇）", "■是", "2020年11月1日至2021年10月31日"),
        "earnings": ("14,000.00", "11,200.00", "21,600.00", "5,400.00", "6,000.00", "共4人"),
        "meeting": ("2021年11月11日", "村委会会议室", "同意9票", "边缘易致贫户", "郑会计", "签到",
                    "大病救治、稳定务工"),
        "notice": ("拟将王某户纳入监测对象", "公示期：5天", "2021年11月16日期满", "村委会公示栏"),
        "review": ("情况属实，同意", "赵审核", "11个部门已反馈", "未发现四有情形", "公示期内无异议"),
        "decision": ("监测对象审定表", "2021-审-001", "孙审定", "情况属实", "同意9票"),
        "announcement": ("经县级审定，王某户纳入监测对象", "人民政府（盖章）"),
    }  # fmt: skip
    for key, wanted in facts.items():
        pdf = asked(client, people.village, case, key)
        word = asked(client, people.village, case, key, kind="docx")
        assert (pdf.status_code, word.status_code) == (200, 200), key
        for name, text in (("pdf", text_of(pdf.content)), ("docx", words_of(word.content))):
            missing = [value for value in wanted if value not in text]
            assert not missing, (key, name, missing)


def test_a_docx_has_the_same_rows_as_the_pdf(client, people):
    """Every cell of every table of the DOCX stands in the PDF, and every row of the people too."""
    case = made(people)
    for line in listing.lines(case_file(case)):
        if not line.is_ready:
            continue
        printed = text_of(asked(client, people.county, case, line.key).content)
        book = docx.Document(
            io.BytesIO(asked(client, people.county, case, line.key, kind="docx").content)
        )
        rows = [row for table in book.tables for row in table.rows]
        cells = {"".join(cell.text.split()) for row in rows for cell in row.cells}
        assert not [cell for cell in cells if cell not in printed], line.key
    people_rows = [r for r in rows if r.cells and "王德福" in r.cells[0].text]
    assert not people_rows  # the announcement names nobody but the head


def test_the_docx_is_official_a4_with_chinese_fonts_and_page_numbers(client, people):
    case = made(people)
    book = docx.Document(
        io.BytesIO(asked(client, people.village, case, "decision", kind="docx").content)
    )
    section = book.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    title = book.paragraphs[0]
    assert title.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert 'w:eastAsia="宋体"' in title._p.xml
    assert 'w:eastAsia="仿宋"' in book.tables[0]._tbl.xml
    foot = section.footer._element.xml
    assert "PAGE" in foot
    assert "数据截至2021-11-19 10:00" in "".join(p.text for p in section.footer.paragraphs)
    fonts = next(p for p in book.part.package.iter_parts() if "fontTable" in str(p.partname))
    assert "仿宋_GB2312" in fonts.blob.decode()


def test_what_was_printed_does_not_change_when_the_household_does(client, people):
    case = made(people)
    keys = ("authorisation", "visit", "earnings", "meeting", "decision")
    before = {key: text_of(asked(client, people.county, case, key).content) for key in keys}
    with factory.day("2021-12-06"):
        home = Household.objects.get(pk=case.household_id)
        wife = home.members.get(name="李秀英")
        son = home.members.get(name="王小明")
        members.edit(wife, fields={"name": "李秀兰", "health": ["major"]}, by=people.village)
        kin = {m.pk: "99" for m in home.members.exclude(pk=wife.pk)}
        heads.change_head(home, new_head=wife, relations=kin, note="本人同意", by=people.village)
        households.edit(
            Household.objects.get(pk=home.pk),
            fields={"hh_type": "lifted", "address_detail": "二社99号", "phone": "13700001111"},
            by=people.village,
        )
        done = changes.decrease(
            son, reason="dec_hukou_out", changed_on=factory.date("2021-12-01"),
            documents=register.papers(), by=people.village,
        )  # fmt: skip
        deciding.pass_on(done, by=people.township)
        after = {key: text_of(asked(client, people.county, case, key).content) for key in keys}
    for key in keys:
        old, new = (re.sub(r"2021-1\d-\d\d打印|-2021\d{4}", "", t[key]) for t in (before, after))
        assert old == new, key
        assert "李秀兰" not in new


def test_a_confirmed_statement_of_a_visit_is_not_taken_back(people):
    """The paper of the case rests on it; a correction is a new statement."""
    case = made(people, at="checked")
    statement = case.checks.get().statement
    with pytest.raises(Refused, match="入户核查"):
        income.reopen(statement, note="改一下", by=people.village)


def test_a_second_visit_is_a_second_copy_and_the_first_stays(client, people):
    case = made(people, at="checked")
    with factory.day("2021-11-10"):
        walk = factory.Walk(people, case)
        again = factory.check(
            situation="重新核查：父亲已转院",
            income={**factory.S1_INCOME, "inc_wage": Decimal(15000)},
        )
        walk.take("recheck", people.village, again)
        first = text_of(asked(client, people.village, case, "visit", 1).content)
        second = text_of(asked(client, people.village, case, "visit", 2).content)
        gone = asked(client, people.village, case, "visit", 3)
    assert "父亲中风卧床" in first
    assert "5,400.00" in first
    assert "重新核查：父亲已转院" in second
    assert "5,650.00" in second
    assert gone.status_code == 404


def test_a_paper_whose_facts_are_not_there_says_why_and_may_be_blank(client, people):
    case = made(people, at="key_listed")
    found = {line.key: line for line in listing.lines(case_file(case))}
    assert not any(line.is_ready for line in found.values())
    assert "不是农户自主申请" in found["application"].reason
    assert found["decision"].reason == "县级尚未审定"
    assert asked(client, people.village, case, "decision").status_code == 404
    assert asked(client, people.village, case, "decision", 0).status_code == 404
    for key in ("application", "authorisation", "visit"):
        text = text_of(asked(client, people.village, case, key, 0).content)
        for word in ("王建国", "李秀英", "空表"):
            assert word in text, (key, word)
        assert "因病" not in text
    client.force_login(people.village)
    shown = client.get(reverse("monitoring:case", args=[case.pk])).content.decode()
    assert "尚未召开村级评议" in shown
    assert reverse("monitoring:case_paper", args=[case.pk, "visit", 0, "docx"]) in shown


def test_an_applicant_has_an_application_and_a_refused_one_a_letter(client, people):
    home = factory.household(people.village)
    case = factory.identification(
        people, home, source="self_apply", applicant="李秀英", facts="父亲住院，借债三万元"
    ).case
    walk = factory.Walk(people, case)
    text = text_of(asked(client, people.village, case, "application").content)
    assert "李秀英" in text
    assert "父亲住院，借债三万元" in text
    assert asked(client, people.village, case, "refusal").status_code == 404
    walk.analyse()
    walk.take("dismiss", people.village, i.Inputs(note="家庭收入稳定，医疗费已报销"))
    text = text_of(asked(client, people.village, walk.case, "refusal").content)
    for word in (
        "王建国：",
        "不予纳入",
        "家庭收入稳定，医疗费已报销",
        "向乡（镇）人民政府申请复查",
    ):
        assert word in text


def test_numbers_are_masked_unless_the_county_gives_a_reason(client, people):
    case = made(people)
    head = case.household.members.get(name="王建国")
    text = text_of(asked(client, people.county, case, "visit").content)
    assert head.id_no not in text
    assert PHONE not in text
    url = reverse("monitoring:case_papers", args=[case.pk])
    order = {"paper": "case_visit", "kind": "pdf", "full": "on"}
    refused = client.post(url, order)
    assert refused.status_code == 422
    assert "须写明原因" in refused.content.decode()
    full = client.post(url, {**order, "reason": "报送纪检组核查"})
    assert head.id_no in text_of(full.content)
    assert PHONE in text_of(full.content)
    entry = AuditEntry.objects.filter(verb="paper.printed_in_full").latest("pk")
    assert (entry.actor, entry.note) == (people.county, "报送纪检组核查")
    client.force_login(people.village)
    assert "full" not in client.get(url).context["form"].fields


def test_papers_of_another_village_are_not_found(client, people):
    case = made(people, at="checked")
    other = register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE)
    assert asked(client, other, case, "visit").status_code == 404
    client.force_login(other)
    assert client.get(reverse("monitoring:case_papers", args=[case.pk])).status_code == 404
    client.force_login(other)
    url = reverse("monitoring:print_cases")
    assert (
        client.post(url, {"paper": "case_all", "kind": "pdf", "ids": [case.pk]}).status_code == 422
    )


def test_a_notice_says_nothing_that_a_village_may_not_read(client, people):
    case = made(people)
    for key in ("notice", "announcement"):
        text = text_of(asked(client, people.village, case, key).content)
        for word in forbidden(case):
            assert word not in text, (key, word)


def forbidden(case: Case) -> list[str]:
    """Numbers, health and position of the household and its people."""
    h = case.household
    found = [h.hh_code, h.phone, "中风", "因病", "大病", "残疾", "104.68"]
    return [*found, *(m.id_no for m in h.members.all())]


def test_a_job_prints_what_the_list_shows_with_n_of_m(client, people):
    case = made(people)
    client.force_login(people.county)
    url = f"{reverse('monitoring:print_cases')}?kinds=identify&status=announced"
    assert "1</b> 件" in client.get(url).content.decode()
    answer = client.post(url, {"paper": "case_all", "kind": "docx"})
    job = Job.objects.get(kind="monitoring.print")
    assert answer.status_code == 302
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (Status.DONE, 1, 1)
    with job.result_file.open("rb") as kept:
        text = words_of(kept.read())
    for word in ("承诺", "入户核查表", "监测对象审定表", "父亲中风卧床"):
        assert word in text
    assert case.household.members.get(name="王建国").id_no not in text
    client.post(url, {"paper": "case_refusal", "kind": "pdf"})
    nothing = Job.objects.filter(kind="monitoring.print").latest("pk")
    execute(nothing.pk)
    nothing.refresh_from_db()
    assert (nothing.status, nothing.result_text) == (
        Status.DONE, "没有已形成《不予纳入监测对象告知书》的办件",
    )  # fmt: skip
    none = client.post(f"{url}&q=没有这个人", {"paper": "case_all", "kind": "pdf"})
    assert none.status_code == 422


def test_every_declared_paper_has_its_own_mark_and_is_offered_for_its_kinds():
    assert {paper.paper().key for paper in CASE_PAPERS.values()} <= set(papers.by_key)
    for kind in Case.Kind:
        assert {"visit", "meeting", "notice", "review"} <= {p.key for p in of_kind(kind)}
    assert {p.key for k in Case.Kind for p in of_kind(k)} == set(CASE_PAPERS)


def test_the_api_lists_papers_with_their_links_and_reasons(client, people):
    case = made(people, at="checked")
    client.force_login(people.village)
    answer = client.get(f"/api/v1/cases/{case.pk}/papers/")
    assert answer.status_code == 200
    found = {line["key"]: line for line in answer.json()}
    visit = found["visit"]
    assert (visit["is_ready"], visit["reason"]) == (True, "")
    assert [(c["number"], c["on"]) for c in visit["copies"]] == [(1, "2021-11-08")]
    assert client.get(visit["copies"][0]["docx"]).status_code == 200
    assert client.get(visit["blank"]["pdf"]).status_code == 200
    assert found["decision"] == {
        "key": "decision", "title": "审定表（备案审查表）", "step": "县级审定", "is_ready": False,
        "reason": "县级尚未审定", "copies": [], "blank": None,
    }  # fmt: skip
    client.force_login(register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE))
    assert client.get(f"/api/v1/cases/{case.pk}/papers/").status_code == 404


def test_an_elimination_prints_its_evaluation_and_its_approval(client, people):
    home = factory.monitored_household(people, at="eliminated")
    case = Case.objects.get(household=home, kind="eliminate")
    evaluation = Evaluation.objects.get(object__household=home)
    for kind, read in (("pdf", text_of), ("docx", words_of)):
        text = read(asked(client, people.county, case, "evaluation", kind=kind).content)
        for word in ("帮扶成效评估表", "王建国", evaluation.get_conclusion_display(), "乡镇审核意见",
                     "".join(evaluation.effect.split()), evaluation.made_by.name):  # fmt: skip
            assert word in text, word
        text = read(asked(client, people.county, case, "approve_eliminate", kind=kind).content)
        for word in (
            "风险消除审批表",
            "帮扶消除",
            "经帮扶已消除",
            "2021年4月",
            "县级综合审定意见",
            "2021-审-",
        ):
            assert word in text, word
    visit = text_of(asked(client, people.county, case, "visit").content)
    assert "风险消除信息采集表" in visit
    assert "39,000.00" in visit
    own = client.get(reverse("monitoring:evaluation_paper", args=[evaluation.pk, "pdf"]))
    assert "".join(evaluation.effect.split()) in text_of(own.content)


def test_a_rollback_prints_which_of_the_seven_there_is(client, people):
    home = factory.monitored_household(people, at="eliminated")
    with factory.day("2021-11-22"):
        given = i.Propose(
            rule_codes=("n2",),
            problem_since=factory.date("2021-06-01"),
            note="透析每年自付三万元，一直未解决",
        )
        case = opening.propose_rollback(home, inputs=given, by=people.township)
        walk = factory.Walk(people, case)
        walk.check(income=None, risks=(i.Risk(cause="illness"),))
        walk.meet(category="")
        walk.post()
    with factory.day("2021-11-28"):
        walk.submit()
        walk.township()
        assert asked(client, people.county, case, "approve_rollback").status_code == 404
        walk.county()
        text = text_of(asked(client, people.county, case, "approve_rollback").content)
    for word in ("风险消除回退审批表", "刚性支出不可控", "2021年6月1日", "透析每年自付三万元", "情况属实",
                 "边缘易致贫户"):  # fmt: skip
        assert word in text, word
