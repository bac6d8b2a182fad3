"""Ledgers, comparison, findings, closure and summary through their pages: status, scope and a visible fact."""

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from counties.closure import signing
from counties.comparison import SPECS
from counties.models import CheckRun, Finding, LedgerBatch
from counties.selectors.todos import waiting
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.selectors.parameters import current_campaign
from tests.counties.books import agreeing_rows, as_csv, hand_in
from tests.counties.test_closure import clean_county, statement  # noqa: F401
from tests.factories import register


def page(user, name, *args, query="", **posted):
    client = Client()
    client.force_login(user)
    url = reverse(f"counties:{name}", args=args) + query
    return client.post(url, posted) if posted else client.get(url)


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def compared(tree, insured_family, reviewer, caseworker):
    """One disagreement: 李秀英 is not in the police ledger."""
    rows = [row for row in agreeing_rows("police") if row["name"] != "李秀英"]
    hand_in("police", rows, by=reviewer)
    page(reviewer, "comparison", county=register.COUNTY)
    run_jobs()
    return Finding.objects.get(origin="comparison")


def run_jobs():
    for job in Job.objects.filter(status="queued").order_by("pk"):
        execute(job.pk)


def test_the_template_of_each_ledger_carries_its_columns(reviewer):
    for key, spec in SPECS.items():
        answer = page(reviewer, "ledger_template", key)
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        heads = [cell.value.rstrip("*") for cell in book[spec.title][1]]
        assert heads == [column.title for column in spec.columns]
    assert page(reviewer, "ledger_template", "nothing").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_department_hands_in_a_ledger_and_reads_its_wrong_cells(
    tree, insured_family, monkeypatch
):
    officer = register.user("department_officer", register.COUNTY, department="medical_insurance")
    rows = agreeing_rows("insured")
    rows[0]["kind"] = "商业"
    answer = page(
        officer, "ledger_upload", county=register.COUNTY, ledger="insured", period="202110",
        file=as_csv("insured", rows),
    )  # fmt: skip
    batch = LedgerBatch.objects.get()
    assert answer.status_code == 302
    run_jobs()
    shown = text(page(officer, "ledger", batch.pk))
    assert "不在可选项中" in shown
    assert "可填：" in shown
    assert page(officer, "ledger_errors", batch.pk).status_code == 200
    monkeypatch.setattr("fanpin.sheets.error_files.AT_ONCE", 10)
    assert page(officer, "ledger_errors", batch.pk).status_code == 302
    assert "标出文件中的错误" in text(page(officer, "ledger", batch.pk))
    page(officer, "ledger_errors", batch.pk, go="1")
    run_jobs()
    job = Job.objects.get(kind="counties.ledger_errors")
    batch.refresh_from_db()
    assert (job.status, job.done) == ("done", batch.rows), job.error
    assert openpyxl.load_workbook(job.result_file.path).sheetnames[-1] == "问题清单"
    assert "医保参保" in text(page(officer, "ledgers"))


def test_a_wrong_month_is_refused_with_the_form_kept(tree, reviewer, insured_family):
    answer = page(
        reviewer, "ledger_upload", county=register.COUNTY, ledger="insured", period="202113",
        file=as_csv("insured", []),
    )  # fmt: skip
    assert answer.status_code == 422
    assert "数据月份不对" in text(answer)


def test_another_department_is_refused_and_another_county_finds_nothing(
    tree, insured_family, reviewer
):
    batch = hand_in("police", agreeing_rows("police"), by=reviewer)
    other = register.user("department_officer", register.COUNTY, department="education")
    assert page(other, "ledger", batch.pk).status_code == 403
    assert "公安户籍" not in text(page(other, "ledgers"))
    abroad = register.user("department_officer", "620422", department="public_security")
    assert page(abroad, "ledger", batch.pk).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_both_books_stand_side_by_side_and_the_village_explains(compared, caseworker, reviewer):
    run = CheckRun.objects.get()
    assert run.job.status == "done"
    assert "R-XDP-01" in text(page(reviewer, "run", run.pk))
    shown = text(page(caseworker, "finding", compared.pk))
    assert "李秀英在册，公安户籍台账查无此人" in shown
    assert "台账中没有对应的行" in shown
    by_rules = Finding.objects.filter(origin="quality", state="open", owner_level="village").count()
    assert by_rules
    # What was sent down, and what a rule found in the village's own books.
    assert [t.count for t in waiting(caseworker) if t.key == "findings"] == [1 + by_rules]
    assert f"{1 + by_rules} 条" in text(page(caseworker, "findings", query="?state=mine"))
    assert page(caseworker, "finding_explain", compared.pk, text="短").status_code == 422
    done = page(
        caseworker,
        "finding_explain",
        compared.pk,
        text="户籍在兰州，共同生活",
        evidence=register.paper(),
    )
    assert done.status_code == 302
    assert page(caseworker, "finding_accept", compared.pk, note="同意").status_code == 403
    assert page(reviewer, "finding_accept", compared.pk, note="同意").status_code == 302
    compared.refresh_from_db()
    assert compared.state == "waived"
    paper = compared.evidence.get()
    sent = page(caseworker, "finding_evidence", paper.pk)
    assert b"".join(sent.streaming_content).startswith(b"%PDF")
    sent.close()


@pytest.mark.django_db(transaction=True)
def test_findings_are_filtered_and_outside_the_scope_not_found(compared, caseworker, reviewer):
    listed = page(
        reviewer, "findings", query="?origin=comparison&code=R-XDP-01&state=live&severity=error"
    )
    assert "李秀英" in text(listed)
    assert "李秀英在册" not in text(page(reviewer, "findings", query="?code=R-XDP-99"))
    far = register.user("village_caseworker", register.FAR_VILLAGE)
    assert page(far, "finding", compared.pk).status_code == 404
    assert "李秀英" not in text(page(far, "findings", query="?state="))
    tab = page(caseworker, "household", compared.household_id)
    assert "证件号码不在公安户籍库" in text(tab)


@pytest.mark.django_db(transaction=True)
def test_the_county_waives_ticked_findings_with_one_reason(compared, reviewer):
    asked = page(reviewer, "findings_waive", ids=[compared.pk])
    assert "证件号码不在公安户籍库" in text(asked)
    page(reviewer, "findings_waive", ids=[compared.pk], reason="户籍迁移在途")
    compared.refresh_from_db()
    assert compared.state == "waived"


def test_s12_on_the_pages_refusal_lists_the_items_then_it_is_signed(
    clean_county, insured_family, reviewer  # noqa: F811
):  # fmt: skip
    assert page(reviewer, "closure").status_code == 302
    hand_in("police", [r for r in agreeing_rows("police") if r["name"] != "李秀英"], by=reviewer)
    refused = page(reviewer, "closure_sign", register.COUNTY, leader_name="马县长")
    assert refused.status_code == 422
    assert "请先运行闭合检查" in text(refused)
    for _double_click in range(2):
        page(reviewer, "closure_run", register.COUNTY, go="1")
    assert Job.objects.filter(kind="counties.closure").count() == 1
    assert "取消任务" in text(page(reviewer, "closure_of", register.COUNTY))
    run_jobs()
    assert "阻断项1条" in text(page(reviewer, "closure_of", register.COUNTY))
    refused = page(reviewer, "closure_sign", register.COUNTY, leader_name="马县长")
    assert refused.status_code == 422
    assert "CC-02：1条" in text(refused)
    assert "李秀英" in text(page(reviewer, "closure_items", register.COUNTY, "CC-02"))
    hand_in("police", agreeing_rows("police"), by=reviewer)
    page(reviewer, "closure_run", register.COUNTY, go="1")
    run_jobs()
    for _double_click in range(2):
        signed = page(reviewer, "closure_sign", register.COUNTY, leader_name="马县长")
        assert signed.status_code == 302
    assert Job.objects.filter(kind="counties.sign").count() == 1
    run_jobs()
    shown = text(page(reviewer, "closure_of", register.COUNTY))
    assert "马县长" in shown
    assert "下达更正令" in shown
    ordered = page(reviewer, "closure_order", register.COUNTY, number="靖更1号", reason="更正人口")
    assert ordered.status_code == 302
    city = register.user("city_official", "6204")
    assert [t.count for t in waiting(city) if t.key == "corrections"] == [1]
    far = register.user("county_reviewer", "620422")
    assert page(far, "closure_of", register.COUNTY).status_code == 404


def test_the_city_sees_a_draft_until_every_county_signed(clean_county, reviewer):  # noqa: F811
    city = register.user("city_official", "6204")
    shown = text(page(city, "summary_of", "6204"))
    assert "草稿" in shown
    assert "靖远县尚未签署" in shown
    assert "会宁县尚未签署" not in shown
    assert "没有登记任何农户" in shown
    assert page(city, "summary_submit", "6204", go="1").status_code == 422
    other = register.user("city_official", "6205")
    assert page(other, "summary_of", "6204").status_code == 404
    assert page(other, "drill", "620421", "T1", "closing").status_code == 404


def test_a_county_reads_its_own_line(clean_county, reviewer):  # noqa: F811
    shown = text(page(reviewer, "summary"))
    assert "靖远县" in shown
    assert "会宁县" not in shown
    assert page(reviewer, "summary_of", "6204").status_code == 404
    behind = page(reviewer, "drill", register.COUNTY, "T5", "annual_due")
    assert "王建国" in text(behind)


def test_the_api_gives_findings_and_numbers_within_the_scope(clean_county, reviewer):  # noqa: F811
    client = Client()
    client.force_login(reviewer)
    signing.sign(county=clean_county, campaign=current_campaign(), leader_name="马", by=reviewer)
    found = client.get("/api/v1/findings/?state=waived").json()
    assert found["count"] == Finding.objects.count()
    city = register.user("city_official", "6204")
    client.force_login(city)
    numbers = client.get("/api/v1/summaries/6204/").json()
    assert (numbers["unsigned"], numbers["without_data"]) == ([], ["620422"])
    assert numbers["tables"]["T5"]["rows"][0]["annual_due.households"] == 1
    far = register.user("city_official", "6205")
    client.force_login(far)
    assert client.get("/api/v1/summaries/6204/").status_code == 404
