"""Papers of the steps: asked for by dated data, named in the refusal, taken in by the step's own form, used once."""

import csv

import pytest
from django.urls import reverse

from fanpin.accounts.verdicts import Refused
from households.models import PolicyItem
from households.services.reference import DATA
from monitoring.models import CaseDocument
from monitoring.selectors.case_facts import case_facts
from monitoring.services import cases, documents
from monitoring.workflow import inputs as i
from monitoring.workflow.deciding import needs
from monitoring.workflow.papers import PROCEDURE_NAMES, REPLY, WHEN
from monitoring.workflow.procedures import PROCEDURES
from tests.factories import monitoring as make
from tests.factories import register
from tests.factories.monitoring import day


def bare(walk, name, by, given=None):
    """The step without any paper; the texts of what is missing."""
    with pytest.raises(Refused) as wanted:
        cases.apply(walk.case, name, by=by, inputs=given)
    return [r for r in wanted.value.reasons if r.text.startswith("缺少材料")]


def names(reasons):
    return [r.text.partition("”")[0].removeprefix("缺少材料“") for r in reasons]


def test_the_shipped_list_names_steps_conditions_and_a_basis_that_exist():
    with (DATA / "policy_items.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["list_key"] == "case_paper"]
    steps = {
        f"{PROCEDURE_NAMES[kind]}.{t.papers or t.name}"
        for kind, procedure in PROCEDURES.items()
        for t in procedure.transitions
    }
    for row in rows:
        procedure, step, _number = row["code"].split(".")
        assert step in ("any", REPLY) or f"{procedure}.{step}" in steps, row["code"]
        assert bool(row["limit"]) == (step != "any"), row["code"]
        assert set(filter(None, row["flags"].split("|"))) <= set(WHEN), row["code"]
        assert "通知" in row["basis"] or "业务规程" in row["basis"], row["code"]


def test_every_missing_paper_is_named_with_its_basis_and_where_to_upload_it(people):
    walk = make.identified(people, make.household(people.village), at="authorised")
    with day("2021-11-08"):
        missing = bare(walk, "check", people.village, make.check())
        assert names(missing) == ["入户核查表", "入户照片"]
        assert {r.url for r in missing} == {
            reverse("monitoring:case", args=[walk.case.pk]) + "#documents"
        }
        assert {r.clause for r in missing} == {"业务规程 §4.3 T5"}
        documents.attach(walk.case, register.photo(), kind="入户照片", by=people.village)
        texts = [r.text for r in bare(walk, "check", people.village, make.check())]
        assert "缺少材料“入户照片”：须2份，已上传1份" in texts
        listed = {need.label: need.is_met for need in needs(case_facts(walk.case))}
        assert listed["材料：入户照片（2份）"] is False
        assert walk.check().status == "checked"
    step = walk.case.steps.get(transition="check")
    assert sorted(step.documents.values_list("kind", flat=True)) == [
        "入户核查表",
        "入户照片",
        "入户照片",
    ]


@pytest.mark.parametrize(
    ("at", "step", "wanted"),
    [
        ("key_listed", "authorise", ["承诺授权书"]),
        ("compared", "deliberate", ["评议会议记录", "评议签到表", "评议照片"]),
        ("compared", "vote_down", ["评议会议记录", "评议签到表", "评议照片"]),
        ("deliberated", "post_notice", ["公示照片"]),
        ("noticed", "withdraw", ["撤回申请"]),
    ],
)
def test_each_step_asks_for_its_papers(people, at, step, wanted):
    walk = make.identified(people, make.household(people.village), at=at)
    given = {
        "authorise": i.Authorise(signatures=()),
        "deliberate": make.meeting(),
        "vote_down": make.meeting(votes_for=0, votes_against=9, note="多数不同意"),
        "post_notice": make.notice(),
        "withdraw": i.Inputs(note="农户书面要求撤回"),
    }
    with day("2021-11-17"):
        assert names(bare(walk, step, people.village, given[step])) == wanted
        assert not CaseDocument.objects.filter(case=walk.case, kind__in=wanted, step=None).exists()


def test_a_second_visit_wants_photographs_of_its_own(people):
    walk = make.identified(people, make.household(people.village), at="village_submitted")
    with day("2021-11-18"):
        walk.take("return_to_check", people.township, i.Inputs(note="收入佐证不足"))
        missing = bare(walk, "recheck", people.village, make.check(income={"inc_wage": 22000}))
        assert names(missing) == ["入户核查表", "入户照片"]
        walk.take("recheck", people.village, make.check(income={"inc_wage": 22000}))
    assert CaseDocument.objects.filter(case=walk.case, kind="入户照片").count() == 4


def test_what_is_asked_for_is_dated_data(people):
    walk = make.identified(people, make.household(people.village), at="authorised")
    rows = PolicyItem.objects.filter(list_key="case_paper", code__startswith="mark.check.")
    rows.filter(code="mark.check.1").update(effective_to=make.date("2021-11-05"))
    rows.filter(code="mark.check.2").update(limit=3)
    with day("2021-11-08"):
        missing = bare(walk, "check", people.village, make.check())
        assert [r.text for r in missing] == ["缺少材料“入户照片”：须3份，已上传0份"]


def test_a_shock_wants_its_proof_and_the_government_its_sealed_opinion(people):
    shock = {
        "risks": (i.Risk(cause="accident", note="车祸"),),
        "income": {"inc_wage": 40000, "self_pay": 92000},
        "has_shock": True, "shock_kinds": ("rigid_expense",), "event_on": make.date("2021-10-10"),
        "shock_note": "10月车祸住院，自付九万二千元，有票据",
    }  # fmt: skip
    walk = make.identified(people, make.household(people.village), at="checked", visit=shock)
    given = {"category": "sudden", "has_hardship": True, "confirms_four_haves": True}
    with day("2021-11-09"):
        walk.compare({"vehicle_police": ("vehicle",)})
        assert "突发事件佐证" in names(
            bare(walk, "deliberate", people.village, make.meeting(**given))
        )
        walk.meet(**given)
        walk.post()
    with day("2021-11-17"):
        walk.submit()
        signed = i.Decide(note="属实", visited_on=make.date("2021-11-17"), is_sealed=True)
        assert names(bare(walk, "government_pass", people.leader, signed)) == ["乡镇政府核实意见"]


def test_an_applicant_is_told_in_writing(people):
    household = make.household(people.village)
    walk = make.identification(people, household, source="self_apply", applicant="王建国")
    walk.analyse()
    case = walk.take("dismiss", people.village, i.Inputs(note="收入稳定，无返贫风险"))
    with pytest.raises(Refused) as wanted:
        cases.tell_applicant(case, note="已送达告知书", by=people.village)
    assert names(wanted.value.reasons) == ["不予纳入告知书"]
    documents.attach(case, register.paper(), kind="不予纳入告知书", by=people.village)
    assert cases.tell_applicant(case, note="已送达告知书", by=people.village).replied_on
    case.refresh_from_db()
    with pytest.raises(Refused):
        documents.attach(case, register.paper(), kind="不予纳入告知书", by=people.village)


def test_self_applicants_bring_register_and_cards(people):
    household = make.household(people.village)
    walk = make.identification(people, household, source="self_apply", applicant="王建国")
    walk.list()
    found = names(bare(walk, "authorise", people.village, i.Authorise(signatures=())))
    assert found == ["承诺授权书", "户口簿、身份证复印件"]


def test_the_elimination_asks_for_its_three_forms_and_the_countys_opinion(people):
    household = make.monitored_household(people)
    walk = make.bring_out(people, household, at="proposed")
    with day("2021-11-02"):
        given = make.check(**make.elimination_answers(household))
        assert names(bare(walk, "check", people.village, given)) == [
            "风险消除信息采集表", "帮扶措施落实情况表", "帮扶成效评估表",
        ]  # fmt: skip
        walk.check(**make.elimination_answers(household))
        walk.meet(category="")
        walk.post()
    with day("2021-11-09"):
        walk.submit()
        walk.township()
        found = names(bare(walk, "county_approve", people.county, i.Decide(note="同意")))
        assert found == ["综合审定意见"]


def test_photographs_sent_with_a_refused_form_are_kept(people, client):
    walk = make.identified(people, make.household(people.village), at="authorised")
    client.force_login(people.village)
    url = reverse("monitoring:step", args=[walk.case.pk, "check"])
    with day("2021-11-08"):
        client.force_login(people.village)
        two = [register.photo(), register.photo("住房.jpg")]
        answer = client.post(url, {"paper_mark_check_2": two, "checked_on": "2021-11-08"})
        assert answer.status_code == 422
        assert "已上传2份" in answer.content.decode()
        assert CaseDocument.objects.filter(case=walk.case, kind="入户照片", step=None).count() == 2
        wrong = register.paper("说明.txt")
        wrong.file.seek(0)
        wrong.file.write(b"plain words")
        answer = client.post(url, {"paper_mark_check_1": wrong})
        assert "不是照片（JPG、PNG）或 PDF 扫描件" in answer.content.decode()


def test_the_step_shows_what_it_wants_before_it_is_pressed(people, client):
    walk = make.identified(people, make.household(people.village), at="deliberated")
    with day("2021-11-12"):
        client.force_login(people.village)
        case = client.get(reverse("monitoring:case", args=[walk.case.pk])).content.decode()
        assert "材料：公示照片（1份）" in case
        form = client.get(reverse("monitoring:step", args=[walk.case.pk, "post_notice"]))
        page = form.content.decode()
        assert "公示照片（1份）" in page
        assert "王建国户（4人）纳入防返贫监测对象，类别为边缘易致贫户" in page
        draft = reverse("monitoring:notice_draft", args=[walk.case.pk, "post_notice"])
        assert draft in page
        sheet = client.get(draft).content.decode()
        assert "公示期：5天" in sheet


def test_over_the_api_papers_are_listed_and_filed(people, client):
    walk = make.identified(people, make.household(people.village), at="deliberated")
    with day("2021-11-12"):
        client.force_login(people.village)
        url = f"/api/v1/cases/{walk.case.pk}/"
        step = {t["name"]: t for t in client.get(url).json()["transitions"]}["post_notice"]
        assert step["papers"] == [
            {"name": "公示照片", "wanted": 1, "held": 0, "basis": "业务规程 §4.3 T8"}
        ]
        assert not step["open"]
        given = {"kind": "公示照片", "upload": register.photo()}
        assert client.post(f"{url}documents/", given).status_code == 201
        refused = client.post(
            f"{url}documents/", {**given, "upload": register.photo(), "kind": "照"}
        )
        assert refused.json()["reasons"][0]["text"] == "请选择材料名称"
        inputs = {
            "posted_on": "2021-11-12",
            "place": "公示栏",
            "text": "拟将王建国户纳入监测对象，予以公示",
        }
        taken = client.post(
            f"{url}transitions/post_notice/", {"inputs": inputs}, content_type="application/json"
        )
        assert taken.json()["status"] == "noticed"
