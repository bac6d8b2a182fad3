"""The desk through its pages and API: S1 and S2 by hand, scope, forbidden, reasons beside disabled buttons."""

import re
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fanpin.accounts.roles import Role
from fanpin.audit.models import AuditEntry
from households.models import Member
from households.services import standing
from households.signals import household_changed
from monitoring.models import Case, Clue, Objection
from monitoring.workflow.waiting import waiting
from tests.factories import monitoring as make
from tests.factories import register
from tests.factories.monitoring import day


@pytest.fixture
def at_desk(client):
    """A client logged in as somebody."""

    def login(user):
        client.force_login(user)
        return client

    return login


def step(client, case, name, **data):
    """Send the step's form with a paper in each of its file fields."""
    case.refresh_from_db()
    url = reverse("monitoring:step", args=[case.pk, name])
    papers = re.findall(r'<input type="file" name="(\w+)"', client.get(url).content.decode())
    wanted = {field: [register.paper(), register.photo()] for field in papers}
    return client.post(url, {"version": case.version, **wanted, **data})


def done(answer):
    problems = re.findall(r"fp-problems.*?</section>", answer.content.decode(), re.DOTALL)
    assert answer.status_code == 302, problems


def text_of(client, name, *args):
    return client.get(reverse(f"monitoring:{name}", args=args)).content.decode()


CHECK = {
    "checked_on": "2021-11-08", "household_signed": "on", "situation": "父亲中风卧床，家庭收入减少",
    "v1_name": "张村官", "v1_unit": "village", "v2_name": "赵审核", "v2_unit": "township",
    "house_safe": "1", "water_safe": "1", "schooling_ok": "1", "insured": "1", "scope_basis": "resident",
    "inc_wage": "14000", "inc_business": "11200", "inc_property": "0", "inc_transfer": "3600",
    "exp_business": "7200", "r1_cause": "illness", "longitude": "104.683", "latitude": "36.561",
}  # fmt: skip
MEETING = {
    "held_on": "2021-11-11", "place": "村委会", "chair": "张支书",
    "attendees": "张支书、李主任、王队长、赵党员、钱代表",
    "votes_for": "5", "votes_against": "0", "votes_abstain": "0", "minutes": "逐户评议，一致同意",
    "category": "marginal", "needs": "稳定务工、健康帮扶",
}  # fmt: skip
ENTRY = {
    "national_hh_no": "6200000001", "month": "202111", "entered_on": "2021-11-18", "operator": "赵审核",
}  # fmt: skip
NOTICE = {
    "posted_on": "2021-11-11",
    "place": "村委会公示栏",
    "text": "拟将王某户纳入监测对象，现予公示",
}


def test_s1_and_s2_by_hand_on_the_pages(people, at_desk):
    household = make.household(people.village)
    v = at_desk(people.village)
    found = v.get(reverse("monitoring:clue_create"), {"q": "王建"}).content.decode()
    assert f"household={household.pk}" in found
    filed = v.post(
        f"{reverse('monitoring:clue_create')}?household={household.pk}",
        {"source": "cadre_visit", "received_on": "2021-11-01", "facts": "父亲中风，花费较大"},
    )
    case = Case.objects.get(household=household)
    assert filed.url == reverse("monitoring:case", args=[case.pk])
    analysis = {
        "held_on": "2021-11-01",
        "attendees": "张支书、李主任\n周队员",
        "reasons": "建议核查",
    }
    done(step(v, case, "analyse", **analysis))
    done(step(v, case, "key_list"))
    adults = Member.objects.filter(household=household, birth_date__lt="2003-01-01")
    done(
        step(
            v,
            case,
            "authorise",
            signed_on="2021-11-01",
            **{f"m{m.pk}_mode": "signed" for m in adults},
        )
    )
    with day("2021-11-08"):
        v = at_desk(people.village)
        assert "2020-11-01 至 2021-10-31" in text_of(v, "step", case.pk, "check")
        done(step(v, case, "check", **CHECK))
        page = text_of(v, "case", case.pk)
        assert "5,400.00" in page
        assert "边缘易致贫户" in page
        done(step(at_desk(people.township), case, "request_comparison"))
        for row in case.answers.all():
            o = at_desk(make.officer(people, row.department))
            done(o.post(reverse("monitoring:comparison_answer", args=[row.pk]), {"result": "none"}))
        done(step(at_desk(people.township), case, "complete_comparison"))
    with day("2021-11-11"):
        v = at_desk(people.village)
        done(step(v, case, "deliberate", **MEETING))
        named = {**NOTICE, "text": "王某 身份证62042119700520991X 电话13912345678"}
        wrong = step(v, case, "post_notice", **named)
        assert wrong.status_code == 422
        assert "公示内容含有18位身份证号码，请删去" in wrong.content.decode()
        assert "13912345678" in wrong.content.decode()
        done(step(v, case, "post_notice", **NOTICE))
    with day("2021-11-14"):
        v = at_desk(people.village)
        page = text_of(v, "case", case.pk)
        assert "公示未满5天，最早可提交 2021-11-17" in page
        step(v, case, "submit")
        case.refresh_from_db()
        assert case.status == "noticed"
        told = {"raised_on": "2021-11-14", "content": "开有商店", "objector": "邻居"}
        assert (
            v.post(reverse("monitoring:objection_create", args=[case.pk]), told).status_code == 302
        )
    with day("2021-11-17"):
        v = at_desk(people.village)
        step(v, case, "submit")
        assert "尚未核实答复" in text_of(v, "case", case.pk)
        answer = {"finding": "unfounded", "enquiry": "2019年已关停", "reply": "已答复"}
        answer["replied_on"] = "2021-11-17"
        raised = Objection.objects.get()
        done(v.post(reverse("monitoring:objection_answer", args=[raised.pk]), answer))
        done(step(v, case, "submit"))
    with day("2021-11-18"):
        done(step(at_desk(people.township), case, "township_pass", note="情况属实，同意"))
        done(step(at_desk(people.county), case, "county_approve", note="同意纳入"))
        t = at_desk(people.township)
        done(step(t, case, "announce", **{**NOTICE, "posted_on": "2021-11-18"}))
        done(step(t, case, "register", **ENTRY))
        household.refresh_from_db()
        assert household.monitoring_state == "monitored"
        tab = t.get(reverse("monitoring:household", args=[household.pk])).content.decode()
        assert "风险标注" in tab
        assert "七个不消" in tab


def test_a_case_outside_the_scope_is_not_there(people, at_desk):
    case = make.identification(people, make.household(people.village)).case
    far = register.user(Role.COUNTY_REVIEWER, "620422")
    outside = at_desk(far)
    for url in (
        reverse("monitoring:case", args=[case.pk]),
        reverse("monitoring:step", args=[case.pk, "county_approve"]),
        reverse("monitoring:household", args=[case.household_id]),
        f"/api/v1/cases/{case.pk}/",
    ):
        assert outside.get(url).status_code == 404
    assert (
        outside.get(reverse("monitoring:identification")).content.decode().count(case.number) == 0
    )


def test_a_step_of_another_post_is_forbidden(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="township_passed")
    with day("2021-11-19"):
        answer = step(at_desk(people.village), walk.case, "county_approve", note="同意")
        assert answer.status_code == 403
        walk.case.refresh_from_db()
        assert walk.case.status == "township_passed"


def test_a_refused_visit_keeps_what_was_typed_and_names_every_field(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="authorised")
    with day("2021-11-08"):
        wrong = {**CHECK, "v2_name": "", "r1_cause": "disaster", "household_signed": ""}
        answer = step(at_desk(people.village), walk.case, "check", **wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "入户核查须不少于2人，现登记1人" in page
    assert "“因自然灾害”须选择自然灾害子项" in page
    assert "父亲中风卧床" in page
    assert 'value="14000"' in page


def test_a_stale_page_is_told_who_moved_the_case(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="village_submitted")
    with day("2021-11-18"):
        t = at_desk(people.township)
        seen = walk.case.version
        walk.township()
        url = reverse("monitoring:step", args=[walk.case.pk, "township_refuse"])
        answer = t.post(url, {"version": seen, "note": "不同意纳入"})
    assert "办理“乡镇审核通过”，现为“待县级审定”" in answer.content.decode()


def test_a_department_sees_only_its_own_requests(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="checked")
    with day("2021-11-09"):
        walk.take("request_comparison", people.township)
        tax = at_desk(make.officer(people, "tax"))
        listed = tax.get(reverse("monitoring:comparison_requests"), {"result": "pending"})
        assert listed.content.decode().count("待反馈</") >= 1
        own = walk.case.answers.get(department="tax")
        other = walk.case.answers.get(department="housing")
        page = tax.get(reverse("monitoring:comparison_answer", args=[own.pk])).content.decode()
        number = Member.objects.filter(household=walk.case.household).first().id_no
        assert number in page
        assert AuditEntry.objects.filter(verb="case.comparison_opened").exists()
        assert tax.get(reverse("monitoring:comparison_answer", args=[other.pk])).status_code == 404
        assert tax.get(reverse("monitoring:case", args=[walk.case.pk])).status_code == 403


def test_the_village_does_not_read_what_the_departments_found(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="checked")
    with day("2021-11-09"):
        walk.take("request_comparison", people.township)
        walk.answer({"housing": ("house",)})
        url = reverse("monitoring:case", args=[walk.case.pk])
        assert "有商品房" in at_desk(people.township).get(url).content.decode()
        page = at_desk(people.village).get(url).content.decode()
        assert "有商品房" not in page
        assert "须由乡镇核实" in page


def test_to_dos_count_what_waits_for_each_post(people):
    walk = make.identified(people, make.household(people.village), at="village_submitted")
    with day("2021-11-18"):
        assert [(t.key, t.count) for t in waiting(people.township)] == [("identify", 1)]
        assert waiting(people.village) == []
        assert waiting(people.county) == []
    with day("2021-11-30"):
        assert waiting(people.township)[0].overdue == 1
        walk.township()
        assert [t.key for t in waiting(people.county)] == ["identify"]


def test_lists_cost_the_same_for_one_row_and_many(people, at_desk):
    names = ("clues", "identification", "elimination", "rollback", "objects", "cases")
    client = at_desk(people.village)

    def counts():
        found = []
        for name in names:
            client.get(reverse(f"monitoring:{name}"))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"monitoring:{name}")).status_code == 200
            found.append(len(queries))
        return found

    make.identification(people, make.household(people.village))
    one = counts()
    for _ in range(3):
        make.identification(people, make.household(people.village))
    assert counts() == one


@pytest.mark.parametrize(("kind", "most"), [("identify", 25), ("eliminate", 36)])
def test_the_page_of_a_case_asks_for_each_thing_once(
    people, at_desk, kind, most, django_assert_max_num_queries
):
    if kind == "identify":
        of = make.household(people.village)
        walk = make.identified(people, of, at="village_submitted", start="2021-10-20")
    else:
        of = make.monitored_household(people)
        walk = make.bring_out(people, of, at="village_submitted")
    url = reverse("monitoring:case", args=[walk.case.pk])
    with day("2021-11-10"):
        client = at_desk(people.township)
        client.get(url)
        with django_assert_max_num_queries(most) as asked:
            assert client.get(url).status_code == 200
    once = Counter(query["sql"] for query in asked.captured_queries)
    assert max(once.values()) == 1, once.most_common(1)


def test_the_workbench_asks_one_question_a_to_do(people, at_desk, django_assert_max_num_queries):
    client = at_desk(people.county)
    client.get(reverse("workbench"))
    # One for each kind of thing that waits for a county, the closure among them, and one for the limits.
    with django_assert_max_num_queries(19):
        assert client.get(reverse("workbench")).status_code == 200


def test_the_page_of_an_elimination_reads_nothing_twice(
    people, at_desk, django_assert_max_num_queries
):
    household = make.monitored_household(people)
    walk = make.bring_out(people, household, at="township_passed")
    with day("2021-11-10"):
        client, url = at_desk(people.county), reverse("monitoring:case", args=[walk.case.pk])
        client.get(url)
        with django_assert_max_num_queries(28):
            assert "七个不消" in client.get(url).content.decode()


def test_the_notice_sheet_carries_its_days_and_no_numbers(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="noticed")
    notice = walk.case.notices.get()
    url = reverse("monitoring:notice_print", args=[walk.case.pk, notice.pk])
    page = at_desk(people.village).get(url).content.decode()
    assert "2021-11-16期满" in page
    assert not re.search(r"\d{17}[\dX]", page)


def test_a_paper_is_filed_and_opening_it_is_recorded(people, at_desk):
    case = make.identification(people, make.household(people.village)).case
    v = at_desk(people.village)
    given = {"kind": "承诺授权书", "upload": register.paper("授权.pdf")}
    v.post(reverse("monitoring:document_add", args=[case.pk]), given)
    paper = case.documents.get()
    opened = v.get(reverse("monitoring:document", args=[paper.pk]))
    assert b"".join(opened.streaming_content) == register.PDF
    assert AuditEntry.objects.filter(verb="case.document_opened").count() == 1
    opened.close()


def test_the_api_lists_steps_with_reasons_and_takes_one(people, at_desk):
    walk = make.identified(people, make.household(people.village), at="noticed")
    url = f"/api/v1/cases/{walk.case.pk}/"
    with day("2021-11-14"):
        v = at_desk(people.village)
        steps = {t["name"]: t for t in v.get(url).json()["transitions"]}
        assert not steps["submit"]["open"]
        assert steps["submit"]["reasons"][0]["text"] == "公示未满5天，最早可提交 2021-11-17"
        refused = v.post(f"{url}transitions/submit/", {}, content_type="application/json")
        assert refused.status_code == 400
        assert refused.json()["reasons"][0]["text"] == "公示未满5天，最早可提交 2021-11-17"
    with day("2021-11-17"):
        v = at_desk(people.village)
        taken = v.post(f"{url}transitions/submit/", {}, content_type="application/json")
        assert taken.json()["status"] == "village_submitted"
        given = {"inputs": {"note": "同意"}}
        denied = v.post(f"{url}transitions/township_pass/", given, content_type="application/json")
        assert denied.status_code == 403


def test_a_household_that_is_gone_waits_for_township_and_county(people, at_desk):
    household = make.monitored_household(people)
    Member.objects.filter(household=household).update(status="decreased")
    standing.refresh_members([household.pk])
    household_changed.send(sender="t", household_ids=[household.pk], kinds={"member"})
    assert [t.key for t in waiting(people.township)] == ["gone"]
    t = at_desk(people.township)
    t.post(reverse("monitoring:gone", args=[household.pk]), {"note": "全部成员已迁出"})
    c = at_desk(people.county)
    c.post(reverse("monitoring:close", args=[household.pk]), {"note": "情况属实"})
    household.refresh_from_db()
    assert household.monitoring_state == "closed"
    c.post(reverse("monitoring:reopen", args=[household.pk]), {"note": "失踪人员返回，恢复监测"})
    household.refresh_from_db()
    assert household.monitoring_state == "monitored"


def test_a_new_risk_counts_once_the_township_confirms(people, at_desk):
    household = make.monitored_household(people)
    v = at_desk(people.village)
    given = {"cause": "job_unstable", "first_seen_on": "2021-10-20", "evidence": "工厂停工，有证明"}
    v.post(reverse("monitoring:risk_create", args=[household.pk]), given)
    risk = make.object_of(household).episodes.get().risks.get(cause="job_unstable")
    assert risk.state == "proposed"
    t = at_desk(people.township)
    t.post(reverse("monitoring:risk_decide", args=[risk.pk]), {"accept": "1"})
    risk.refresh_from_db()
    assert (risk.state, risk.is_new) == ("open", True)
    page = v.get(reverse("monitoring:household", args=[household.pk])).content.decode()
    assert "监测期间新增风险“因务工就业不稳”尚未消除" in page


def test_eliminating_shows_every_reason_beside_the_button_and_refuses_the_post(people, at_desk):
    household = make.monitored_household(people, house_level="C")
    v = at_desk(people.village)
    page = v.get(reverse("monitoring:household", args=[household.pk])).content.decode()
    assert "住房不安全：C级" in page
    answer = v.post(reverse("monitoring:eliminate", args=[household.pk]), {"method": "assisted"})
    assert answer.status_code == 422
    assert not Case.objects.filter(kind="eliminate").exists()


def test_an_eliminated_household_offers_rollback_and_relabel(people, at_desk):
    household = make.monitored_household(people, at="eliminated")
    with day("2021-11-22"):
        v = at_desk(people.village)
        page = v.get(reverse("monitoring:household", args=[household.pk])).content.decode()
        assert "再标注须先登记新风险的线索" in page
        given = {
            "rule_codes": "n2",
            "problem_since": "2021-06-01",
            "note": "透析每年自付三万元未解决",
        }
        answer = v.post(reverse("monitoring:propose_rollback", args=[household.pk]), given)
        case = Case.objects.get(kind="rollback")
        assert answer.url == reverse("monitoring:case", args=[case.pk])
        assert v.get(answer.url).status_code == 200
    assert Clue.objects.filter(state="open").count() == 0


def test_help_in_advance_that_outlives_its_days_is_a_red_item_of_the_county(people):
    household = make.household(people.village)
    with day("2021-11-02"):
        event = {"event_type": "disaster", "event_on": make.date("2021-11-02")}
        walk = make.identification(people, household, **event)
        make.advance_help(people, household, walk.case)
        make.advance_measure(people, household)
        assert "advance_overdue" not in [t.key for t in waiting(people.county)]
    with day("2021-12-03"):
        red = next(t for t in waiting(people.county) if t.key == "advance_overdue")
        assert (red.count, red.overdue, red.tone) == (1, 1, "red")
    assert household.measures.get().is_advance
