"""S3 and S5–S10 of policy.md §13 as people live them: every word of the story through a page or the API."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from fanpin.accounts.roles import Role
from households.models import Household
from monitoring.models import Case
from monitoring.workflow import inputs as i
from monitoring.workflow.waiting import waiting
from tests.factories import assistance, register
from tests.factories import monitoring as make
from tests.factories.monitoring import date, day
from tests.monitoring.office import VISIT, Office, problems, refused, words

HOSPITAL_BILL = {"inc_wage": "40000", "self_pay": "92000"}


@pytest.fixture
def office(people):
    return Office(people)


def numbers(household: Household) -> list[str]:
    return list(household.members.values_list("id_no", flat=True))


def marks(page: str) -> list[str]:
    """The kinds of mark on the household's page, oldest first."""
    text = words(page.partition("标注记录")[2].partition("<h2>办件")[0])
    kinds = re.findall(
        r"(风险再标注|风险标注|风险消除回退|风险消除) 20", text.replace("\u3000", " ")
    )
    return kinds[::-1]


def test_s3_above_the_line_without_a_shock_is_not_admitted(people, office):
    household = make.household(people.village)
    case = office.identification(household, facts="反映孩子上学花费偏高")
    office.authorise(case)
    with day("2021-11-08"):
        office.check(
            case, scope_basis="resident", inc_wage="33600", self_pay="1200", r1_cause="schooling"
        )
        seen = words(office.read(people.village, "monitoring:case", case.pk))
        assert "8,400.00" in seen
        assert "不低于" in seen
        office.compare(case)
    with day("2021-11-11"):
        marginal = office.meeting(category="marginal", category_reason="子女上学负担偏重，建议纳入")
        refused(
            office.try_step(people.village, case, "deliberate", **marginal),
            "人均纯收入8,400.00元，不低于监测范围6,000元，不能认定为边缘易致贫户",
        )
        sudden = {**marginal, "category": "sudden", "has_hardship": "on"}
        answer = office.try_step(people.village, case, "deliberate", **sudden)
        refused(answer, "缺少突发事件及刚性支出/收入骤减佐证")
        assert "子女上学负担偏重，建议纳入" in answer.content.decode()
        office.step(
            people.village,
            case,
            "close_out",
            reason="above_line",
            note="收入超过监测范围且无突发困难",
        )
        page = words(office.read(people.village, "monitoring:case", case.pk))
        assert "不予纳入" in page
        assert "应于 2021-11-18 前书面答复申请人" in page
        todo = next(t for t in waiting(people.village) if t.key == "replies")
        assert (todo.count, todo.overdue, str(todo.due_on)) == (1, 0, "2021-11-18")
        assert case.number in office.screen(people.village).get(todo.url).content.decode()
        assert not any(t.key == "replies" for t in waiting(people.township))
    with day("2021-11-19"):
        assert next(t for t in waiting(people.village) if t.key == "replies").overdue == 1
    with day("2021-11-15"):
        office.done(people.village, "monitoring:reply", case.pk, note="已书面告知，可申请乡镇复查")
        assert not any(t.key == "replies" for t in waiting(people.village))
        told = words(office.read(people.village, "monitoring:case", case.pk))
        assert "已于 2021-11-15 答复申请人" in told
        own = office.try_step(people.village, case, "review_dismissal", note="自己复查")
        assert own.status_code == 403
        office.step(people.township, case, "review_dismissal", note="申请人书面申请复查")
        assert "已分析研判" in words(office.read(people.village, "monitoring:case", case.pk))
    assert office.city_table("T1")["new.households"] == 0


def test_s5_four_haves_enter_only_as_sudden_with_three_signatures(people, office):
    household = make.household(people.village)
    before = office.city_table("T2")["four_haves.sudden.households"]
    case = office.identification(household, event_type="accident", event_on="2021-10-10")
    office.authorise(case)
    with day("2021-11-08"):
        accident = {
            "has_shock": "on", "shock_kinds": "rigid_expense", "event_on": "2021-10-10",
            "shock_note": "十月车祸住院，自付九万二千元，有票据", "r1_cause": "accident", "r1_note": "十月车祸",
        }  # fmt: skip
        office.check(case, scope_basis="resident", **HOSPITAL_BILL, **accident)
        office.compare(case, {"vehicle_police": "vehicle", "housing": "house"})
    with day("2021-11-11"):
        unstable = office.meeting(category="unstable", has_hardship="on")
        refused(
            office.try_step(people.village, case, "deliberate", **unstable),
            "四有人员仅可按突发严重困难户纳入",
        )
        sudden = {**unstable, "category": "sudden"}
        refused(
            office.try_step(people.village, case, "deliberate", **sudden),
            "四有人员须由村级评议确认例外情形",
        )
        office.meet_and_post(case, category="sudden", has_hardship="on", confirms_four_haves="on")
    with day("2021-11-17"):
        office.step(people.village, case, "submit")
    with day("2021-11-18"):
        refused(
            office.try_step(people.township, case, "township_pass", note="同意"),
            "该户涉及四有人员，须由乡镇政府分管领导核实签字盖章",
        )
        verified = {"note": "经实地核实属实"}
        other = office.try_step(people.township, case, "government_pass", **verified)
        assert other.status_code == 403
        refused(
            office.try_step(people.leader, case, "government_pass", **verified),
            "乡镇政府核实须填写实地核实日期", "乡镇政府核实须盖章",
        )  # fmt: skip
        verified |= {"visited_on": "2021-11-18", "is_sealed": "on"}
        office.step(people.leader, case, "government_pass", **verified)
    with day("2021-11-19"):
        refused(
            office.try_step(people.county, case, "county_approve", note="同意"),
            "该户涉及四有人员，须按县级备案审查办理",
        )
        office.step(people.county, case, "county_file", note="同意备案")
        page = office.read(people.county, "monitoring:case", case.pk)
        assert "2021-备-001" in page
        assert "有商品房" in page
        assert not any(number in page for number in numbers(household))
        office.announce_and_register(case, "6200000001", "202111")
        tab = words(office.read(people.village, "monitoring:household", household.pk))
        assert "突发严重困难户" in tab
        assert "有商品房" not in tab
        members = office.read(people.village, "households:members", household.pk)
        assert not any(number in members for number in numbers(household))
        assert members.count("********") == 4
        row = office.city_table("T2")
        assert row["four_haves.sudden.households"] == before + 1
        assert row["four_haves.sudden.persons"] == 4
        assert household.hh_code in office.behind("T2", "four_haves.sudden")


def test_s6_nobody_overrides_the_block_of_a_four_haves_family(people, office):
    household = make.household(people.village)
    case = office.identification(household)
    office.authorise(case)
    with day("2021-11-08"):
        office.check(case, scope_basis="resident", inc_wage="22000", r1_cause="illness")
        office.compare(case, {"finance": "payroll"})
    with day("2021-11-11"):
        marginal = office.meeting(category="marginal")
        refused(
            office.try_step(people.village, case, "deliberate", **marginal),
            "四有人员仅可按突发严重困难户纳入",
        )
        shown = office.read(people.village, "monitoring:case", case.pk)
        assert "有财政供养人员" not in shown
        assert office.try_step(people.township, case, "deliberate", **marginal).status_code == 403
        refused(
            office.try_step(people.township, case, "township_pass", note="同意"),
            "不能办理“乡镇审核通过”",
        )
        assert office.call(people.township, case, "deliberate", **marginal).status_code == 403
        past = office.call(people.leader, case, "government_pass", note="同意")
        assert past.status_code == 400
        assert "不能办理“乡镇政府核实通过”" in past.json()["reasons"][0]["text"]
        assert office.call(people.county, case, "county_file", note="同意").status_code == 400
        case.refresh_from_db()
        assert (case.status, case.reviews.count()) == ("compared", 0)
        office.step(people.village, case, "close_out", reason="four_haves", note="公职人员家庭")
        page = words(office.read(people.township, "monitoring:case", case.pk))
        assert "不予纳入" in page
        assert "终止原因 四有人员" in page
        tab = words(office.read(people.village, "monitoring:household", household.pk))
        assert "监测状态 未纳入" in tab


def test_s7_elimination_by_assistance(people, office):
    workers = [person | {"labour": "ordinary"} for person in register.family()]
    household = make.monitored_household(
        people, start="2021-04-01", members=workers,
        visit={"risks": (i.Risk(cause="job_unstable"),), "income": {"inc_wage": Decimal(16200)}},
    )  # fmt: skip
    before = office.city_table("T1")
    risk = make.object_of(household).episodes.get().risks.get()
    with day("2021-10-08"):
        office.annual_income(household, inc_wage="31500")
        training = {"item": "employment.training", "content": "电焊工培训"}
        export = {"item": "employment.export", "content": "输出至天津务工"}
        office.plan(household, training, export)
        early = office.send(people.village, "monitoring:eliminate", household.pk, method="assisted")
        assert early.status_code == 422
        assert any("计划措施" in text and "尚未落实" in text for text in problems(early))
        for item in household.plans.get(state="approved").items.all():
            office.deliver(household, item, risk="job_unstable")
        for code in ("f03", "f12", "f14"):
            given = {"is_present": "on", "note": "村委会档案柜"}
            office.done(people.village, "assistance:file_note", household.pk, code, **given)
    with day("2021-11-01"):
        tab = words(office.read(people.village, "monitoring:household", household.pk))
        assert "消除条件和七个不消" in tab
        assert "存在" not in tab.partition("消除条件和七个不消")[2].partition("返贫致贫风险")[0]
        office.done(people.village, "monitoring:eliminate", household.pk, method="assisted")
        case = Case.objects.get(household=household, kind="eliminate")
    with day("2021-11-02"):
        answers = {
            "inc_wage": "31500", "income_stable": "1", "income_months": "7", "rigid_expense_open": "0",
            "household_agrees": "1", f"e{risk.pk}_outcome": "assisted",
        }  # fmt: skip
        alone = {"checked_on": "2021-11-02", **answers, "situation": "收入稳定", "v1_name": "张村官",
                 "v1_unit": "village", "household_signed": "on", "house_safe": "1", "water_safe": "1",
                 "schooling_ok": "1", "insured": "1"}  # fmt: skip
        refused(
            office.try_step(people.village, case, "check", **alone),
            "入户核查须不少于2人，现登记1人", "至少一人须来自乡镇或驻村工作队",
        )  # fmt: skip
        office.check(case, **answers)
        page = words(office.read(people.village, "monitoring:case", case.pk))
        assert "2020-11-01 至 2021-10-31" in page
        assert "10,500.00" in page
    with day("2021-11-03"):
        office.meet_and_post(case)
    with day("2021-11-09"):
        office.step(people.village, case, "submit")
        office.step(people.township, case, "township_pass", note="情况属实，同意")
        refused(
            office.try_step(people.county, case, "county_approve", note="同意"),
            "2021年度帮扶成效评估还没有提交",
        )
        office.evaluate(household)
        office.step(people.county, case, "county_approve", note="同意")
        given = office.entry("6200000001", "202111") | {
            "contact_name": "李秀英", "contact_phone": "1391234", "post_income_pc": "10500.00",
            "announced_on": "2021-11-09", "announce_place": "村委会公示栏", "post_house_safe": "1",
            "post_water_safe": "1", "post_schooling_ok": "1", "post_insured": "1",
        }  # fmt: skip
        answer = office.try_step(people.township, case, "eliminate", **given)
        refused(answer, "监测联系人电话须为11位手机号码")
        office.step(people.township, case, "eliminate", **{**given, "contact_phone": "13912345678"})
        page = office.read(people.village, "monitoring:household", household.pk)
        tab = words(page)
        assert "风险已消除" in tab
        for fact in (
            "识别监测时间 202104",
            "消除监测时间 202111",
            "消除方式 帮扶消除",
            "监测联系人 李秀英",
        ):
            assert fact in tab
        assert marks(page) == ["风险标注", "风险消除"]
        row = office.city_table("T1")
        for key in ("eliminated_assisted", "ever_out"):
            assert row[f"{key}.households"] == before[f"{key}.households"] + 1
        assert row["closing.households"] == before["closing.households"] - 1
        assert row["eliminated_assisted.persons"] == 3
        summary = office.read(office.city, "counties:summary_of", "6204")
        linked = reverse("counties:drill", args=[register.COUNTY, "T1", "eliminated_assisted"])
        assert f'<a href="{linked}">1</a>' in summary
        assert f'<a href="{linked}">3</a>' in summary


def test_s8_two_old_people_without_labour_are_refused_with_n4(people, office):
    old = [
        register.person("王德福", "02", born=date("1945-02-11"), labour="none"),
        register.person("李兰", "10", born=date("1947-02-11"), sex="2", labour="none"),
    ]
    household = make.monitored_household(
        people, members=old, visit={"income": {"inc_wage": Decimal(8000)}}
    )
    make.well_off(people, household)
    tab = words(office.read(people.village, "monitoring:household", household.pk))
    assert "整户无劳动能力：2名成员均为无劳动力或丧失劳动力" in tab
    refused(
        office.send(people.village, "monitoring:eliminate", household.pk, method="assisted"),
        "N4 整户无劳动能力、靠兜底保障的不消：整户无劳动能力",
    )
    for other in (people.township, people.county):
        sent = office.send(other, "monitoring:eliminate", household.pk, method="assisted")
        assert sent.status_code == 403
    assert not Case.objects.filter(kind="eliminate").exists()


def test_s8_every_condition_is_listed_and_linked_to_its_evidence(people, office):
    household = make.monitored_household(people, house_level="C", is_dangerous_house=True)
    office.annual_income(household, inc_wage="5324", inc_transfer="18876")
    office.plan(household, {"item": "house_safety.renovate", "content": "危房改造"})
    answer = office.send(people.village, "monitoring:eliminate", household.pk, method="assisted")
    found = problems(answer)
    assert answer.status_code == 422
    assert {text.split(" ")[0] for text in found} == {"N1", "N3", "N5", "E6"}
    for words_of in (
        "转移性收入占78%，超过60%",
        "住房不安全：C级",
        "计划措施“住房安全:危房改造”尚未落实",
    ):
        assert any(words_of in text for text in found), found
    page = answer.content.decode()
    for name in ("households:income", "households:detail", "assistance:household"):
        url = reverse(name, args=[household.pk])
        assert re.search(rf'<p class="text-red"><a href="{url}">', page), name
        assert office.screen(people.village).get(url).status_code == 200


def test_s8_the_county_cannot_approve_by_api_what_the_seven_forbid(people, office):
    household = make.monitored_household(people)
    case = make.bring_out(people, household, at="township_passed").case
    Household.objects.filter(pk=household.pk).update(house_level="D")
    far = register.user(Role.COUNTY_REVIEWER, "620422")
    with day("2021-11-10"):
        answer = office.call(people.county, case, "county_approve", note="同意")
        assert answer.status_code == 400
        reason = next(r for r in answer.json()["reasons"] if r["text"].startswith("N3 "))
        assert reason["url"] == reverse("households:detail", args=[household.pk])
        assert "通知一(二)" in reason["clause"]
        for user, status in ((people.village, 403), (people.township, 403), (far, 404)):
            refusal = office.call(user, case, "county_approve", note="同意")
            assert refusal.status_code == status
        answer = office.try_step(people.county, case, "county_approve", note="同意")
        assert any("N3 " in text for text in problems(answer))
        assert f'<a href="{reason["url"]}">N3 ' in answer.content.decode()
        case.refresh_from_db()
        assert case.status == "township_passed"


def eliminated(people, **fields):
    """A household identified in January and brought out in June, with two versions of its plan behind it."""
    household = make.monitored_household(people, start="2021-01-04", **fields)
    with day("2021-02-01"):
        assistance.approved_plan(household, by=people.village, checker=people.township)
    with day("2021-05-06"):
        for item in household.plans.get(state="approved").items.all():
            assistance.delivered_measure(household, by=people.village, plan_item=item)
        assistance.approved_plan(household, by=people.village, checker=people.township)
    make.bring_out(people, household, start="2021-06-01")
    return household


def test_s9_rollback_keeps_the_month_and_reopens_the_plan(people, office):
    household = eliminated(people)
    with day("2021-11-22"):
        before = office.city_table("T1")
        given = {
            "problem_since": "2021-04-20",
            "note": "透析每年自付三万元，消除前就有，一直未解决",
        }
        nothing = office.send(people.township, "monitoring:propose_rollback", household.pk, **given)
        refused(nothing, "请选择存在的“七个不消”情形")
        given["rule_codes"] = "n2"
        office.done(people.township, "monitoring:propose_rollback", household.pk, **given)
        case = Case.objects.get(household=household, kind="rollback")
        office.check(case, r1_cause="illness")
        office.meet_and_post(case)
    with day("2021-11-26"):
        office.try_step(people.village, case, "submit")
        page = words(office.read(people.village, "monitoring:case", case.pk))
        assert "公示未满5天，最早可提交 2021-11-28" in page
    with day("2021-11-28"):
        office.step(people.village, case, "submit")
        office.decide(case)
        office.step(people.township, case, "restore", **office.entry("6200000001", "202111"))
        page = office.read(people.village, "monitoring:household", household.pk)
        tab = words(page)
        assert "识别监测时间 202101" in tab
        assert "监测周期 第1次" in tab
        assert "类别 边缘易致贫户" in tab
        assert marks(page) == ["风险标注", "风险消除", "风险消除回退"]
        plan = words(office.read(people.village, "assistance:household", household.pk))
        assert "第3版" in plan
        row = office.city_table("T1")
    changed = {key: row[key] - before[key] for key in row if key.endswith(".households")}
    assert {key: n for key, n in changed.items() if n} == {
        "rollback.households": 1, "closing.households": 1, "ever_out.households": -1,
    }  # fmt: skip


def test_s9_neither_way_is_open_to_the_other_kind_of_problem(people, office):
    household = make.monitored_household(people, at="eliminated")
    with day("2021-12-22"):
        office.file_clue(household, facts="透析费用未解决")
        old = {"cause": "illness", "first_seen_on": "2021-06-01", "note": "透析费用未解决"}
        refused(
            office.send(people.village, "monitoring:propose_relabel", household.pk, **old),
            "风险在消除前已存在，应走风险消除回退",
        )
        new = {
            "rule_codes": "n2",
            "problem_since": "2021-12-01",
            "note": "十二月新发重病，自付四万元",
        }
        refused(
            office.send(people.village, "monitoring:propose_rollback", household.pk, **new),
            "应走风险再标注",
        )
    assert not Case.objects.filter(kind__in=("rollback", "relabel")).exists()


SHOCK = {
    "scope_basis": "lifted", "risks": (i.Risk(cause="accident", note="去年车祸"),),
    "income": {"inc_wage": Decimal(40000), "self_pay": Decimal(92000)}, "has_shock": True,
    "shock_kinds": ("rigid_expense",), "event_on": date("2020-12-20"),
    "shock_note": "去年十二月车祸住院，自付九万二千元",
}  # fmt: skip


def test_s10_a_new_risk_after_elimination_opens_a_second_episode(people, office):
    household = make.monitored_household(
        people, start="2021-01-04", hh_type="lifted", visit=SHOCK,
        vote={"category": "sudden", "has_hardship": True},
    )  # fmt: skip
    make.bring_out(people, household, start="2021-05-06", risk="accident")
    before = office.city_table("T1")
    given = {"cause": "disaster", "first_seen_on": "2021-10-09", "event_type": "disaster",
             "note": "冰雹毁坏果园"}  # fmt: skip
    refused(
        office.send(people.village, "monitoring:propose_relabel", household.pk, **given),
        "再标注须先登记新风险的线索",
    )
    office.file_clue(household, event_type="disaster", event_on="2021-10-09", facts="冰雹毁坏果园")
    office.done(people.village, "monitoring:propose_relabel", household.pk, **given)
    case = Case.objects.get(household=household, kind="relabel")
    office.authorise(case)
    with day("2021-11-08"):
        hail = {"inc_wage": "18800", "scope_basis": "lifted", "r1_cause": "disaster"}
        seen = {"checked_on": "2021-11-08", **VISIT, **hail}
        undated = office.try_step(people.village, case, "check", **seen)
        refused(undated, "须选择自然灾害子项", "须填写首次发现日期")
        office.check(case, **hail, r1_subtype="0205", r1_first_seen_on="2021-10-09")
        page = words(office.read(people.village, "monitoring:case", case.pk))
        assert "4,700.00" in page
        assert "系统建议 脱贫不稳定户" in page
        office.compare(case)
        office.meet_and_post(case, category="unstable")
    with day("2021-11-14"):
        office.step(people.village, case, "submit")
        office.decide(case)
        office.announce_and_register(case, "6200000001", "202111")
        page = office.read(people.village, "monitoring:household", household.pk)
        tab = words(page)
        assert "监测周期 第2次" in tab
        assert "识别监测时间 202111" in tab
        assert "类别 脱贫不稳定户" in tab
        assert marks(page) == ["风险标注", "风险消除", "风险再标注"]
        row = office.city_table("T1")
    assert row["relabel.households"] == before["relabel.households"] + 1
    assert row["new.households"] == before["new.households"]
