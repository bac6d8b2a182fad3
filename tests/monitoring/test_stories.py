"""S1–S10 of policy.md §13, through the services."""

from decimal import Decimal

import pytest

from assistance.models import Plan, PlanDuty
from fanpin.accounts.verdicts import Refused
from households.models import Household
from monitoring.models import Case, MonitoringObject, RiskFlag
from monitoring.services import cases, objections, opening
from monitoring.workflow import inputs as i
from tests.factories import assistance, register
from tests.factories import monitoring as make
from tests.factories.monitoring import date, day


def reasons(wanted):
    return [reason.text for reason in wanted.value.reasons]


def test_s1_a_new_marginal_household_goes_all_the_way(people):
    household = make.household(people.village)
    walk = make.identification(people, household)
    walk.list()
    walk.authorise()
    with day("2021-11-08"):
        case = walk.check()
        statement = case.checks.get().statement
        assert (statement.window_from, statement.window_to) == (
            date("2020-11-01"),
            date("2021-10-31"),
        )
        assert (statement.inc_net, statement.inc_net_pc) == (Decimal(21600), Decimal(5400))
        assert case.category_suggested == "marginal"
    with day("2021-11-10"):
        walk.compare()
    with day("2021-11-11"):
        walk.meet()
        walk.post()
    with day("2021-11-17"):
        walk.submit()
    with day("2021-11-18"):
        walk.township()
    with day("2021-11-19"):
        case = walk.county()
        assert case.reviews.last().number == "2021-审-001"
        walk.announce()
        walk.register(month="202111")
    household.refresh_from_db()
    assert (household.monitoring_state, household.monitor_type) == ("monitored", "marginal")
    assert household.national_hh_no == "6200000001"
    assert PlanDuty.objects.get(household=household).due_on == date("2021-11-29")
    flag = RiskFlag.objects.get(object__household=household)
    assert (flag.action, flag.month, flag.persons, flag.category) == (
        "identify",
        "202111",
        4,
        "marginal",
    )
    assert [s.seq for s in walk.case.steps.all()] == list(range(1, 15))
    assert all(len(s.snapshot_hash) == 64 for s in walk.case.steps.all())
    assert walk.case.parameters_used["county_approve"]["monitoring_line"] == "6000"


def test_s2_a_short_notice_and_an_open_objection_are_refused(people):
    household = make.household(people.village)
    walk = make.identified(people, household, at="noticed")
    with day("2021-11-14"), pytest.raises(Refused) as wanted:
        walk.submit()
    assert "公示未满5天，最早可提交 2021-11-17" in reasons(wanted)
    with day("2021-11-15"):
        raised = objections.receive(
            walk.case, raised_on=date("2021-11-15"), content="他家开有商店", by=people.village
        )
    with day("2021-11-17"):
        with pytest.raises(Refused) as wanted:
            walk.submit()
        assert reasons(wanted) == ["有1条公示异议尚未核实答复（11-15提出），请先登记核实结论并答复"]
        objections.answer(
            raised, finding="unfounded", enquiry="商店2019年已关停", reply="已当面答复",
            replied_on=date("2021-11-17"), by=people.village,
        )  # fmt: skip
        assert walk.submit().status == "village_submitted"


def test_s3_above_the_line_without_a_shock_is_not_admitted(people):
    household = make.household(people.village)
    rich = {"inc_wage": Decimal(33600), "self_pay": Decimal(1200)}
    risks = (i.Risk(cause="schooling"),)
    walk = make.identified(people, household, at="compared", visit={"income": rich, "risks": risks})
    with day("2021-11-11"):
        with pytest.raises(Refused) as wanted:
            walk.meet(category="marginal")
        assert reasons(wanted) == [
            "人均纯收入8,400.00元，不低于监测范围6,000元，不能认定为边缘易致贫户"
        ]
        with pytest.raises(Refused) as wanted:
            walk.meet(category="sudden", has_hardship=True)
        assert reasons(wanted) == ["缺少突发事件及刚性支出/收入骤减佐证"]
        case = walk.take(
            "close_out",
            people.village,
            i.End(reason="above_line", note="收入超过监测范围且无突发困难"),
        )
    assert (case.status, case.end_reason, case.reply_due_on) == (
        "not_admitted", "above_line", date("2021-11-18"),
    )  # fmt: skip
    with day("2021-11-15"):
        cases.tell_applicant(case, note="已书面告知", by=people.village)
        reopened = cases.apply(
            case, "review_dismissal", by=people.township, inputs=i.Inputs(note="申请人申请复查")
        )
    assert (reopened.status, reopened.ended_on) == ("analysed", None)
    assert make.object_of(household).state == "identifying"


def test_s4_help_in_advance_before_approval(people):
    household = make.household(people.village)
    with day("2021-11-02"):
        walk = make.identification(
            people, household, source="cadre_visit", event_type="disaster", event_on=date("2021-11-02"),
            facts="房屋失火烧毁",
        )  # fmt: skip
        make.advance_help(people, household, walk.case)
        measure = make.advance_measure(people, household)
        assert measure.is_advance
    assert Household.objects.get(pk=household.pk).monitoring_state == "identifying"


def test_s5_four_haves_enter_only_as_sudden_with_three_signatures(people):
    household = make.household(people.village)
    accident = {
        "risks": (i.Risk(cause="accident", note="车祸"),),
        "income": {"inc_wage": Decimal(40000), "self_pay": Decimal(92000)},
        "has_shock": True, "shock_kinds": ("rigid_expense",), "event_on": date("2021-10-10"),
        "shock_note": "10月车祸住院，自付九万二千元，有票据",
    }  # fmt: skip
    walk = make.identified(people, household, at="checked", visit=accident)
    hits = {"vehicle_police": ("vehicle",), "housing": ("house",)}
    with day("2021-11-09"):
        walk.compare(hits)
    with day("2021-11-11"):
        with pytest.raises(Refused) as wanted:
            walk.meet(category="unstable", has_hardship=True)
        assert reasons(wanted) == ["四有人员仅可按突发严重困难户纳入"]
        walk.meet(category="sudden", has_hardship=True, confirms_four_haves=True)
        walk.post()
    with day("2021-11-17"):
        walk.take("submit", register.user("village_caseworker", register.VILLAGE))
    with day("2021-11-18"):
        with pytest.raises(Refused) as wanted:
            walk.township()
        assert reasons(wanted) == ["该户涉及四有人员，须由乡镇政府分管领导核实签字盖章"]
        signed = i.Decide(note="经实地核实属实", visited_on=date("2021-11-18"), is_sealed=True)
        walk.take("government_pass", people.leader, signed)
    with day("2021-11-19"):
        with pytest.raises(Refused):
            walk.county()
        posting = register.user("county_reviewer", register.COUNTY).postings.get()
        posting.user = people.village
        posting.save()
        both = type(people.village).objects.get(pk=people.village.pk)
        with pytest.raises(Refused) as wanted:
            walk.take("county_file", both, i.Decide(note="同意备案"))
        assert reasons(wanted) == [
            "您已登记本户的村级评议确认，四有人员的三级确认须由三个不同账号签署"
        ]
        case = walk.take("county_file", people.county, i.Decide(note="同意备案"))
        assert case.reviews.last().number == "2021-备-001"
        walk.announce()
        walk.register(month="202111")
    obj = make.object_of(household)
    assert (obj.state, obj.category, obj.is_four_haves) == ("monitored", "sudden", True)
    assert RiskFlag.objects.get(object=obj).is_four_haves


def test_s6_four_haves_without_an_accident_are_blocked_at_the_meeting(people):
    household = make.household(people.village)
    poor = {"income": {"inc_wage": Decimal(22000)}}
    walk = make.identified(people, household, at="checked", visit=poor)
    with day("2021-11-09"):
        walk.compare({"finance": ("payroll",)})
    with day("2021-11-11"):
        with pytest.raises(Refused) as wanted:
            walk.meet(category="marginal")
        assert reasons(wanted) == ["四有人员仅可按突发严重困难户纳入"]
        with pytest.raises(Refused) as wanted:
            cases.apply(
                walk.case, "township_pass", by=people.township, inputs=i.Decide(note="同意")
            )
        assert "不能办理“乡镇审核通过”" in reasons(wanted)[0]
        case = walk.take(
            "close_out", people.village, i.End(reason="four_haves", note="公职人员家庭")
        )
    assert case.end_reason == "four_haves"
    assert make.object_of(household).state == "not_monitored"


def test_s7_elimination_by_assistance(people):
    household = make.monitored_household(
        people, start="2021-04-01", visit={"risks": (i.Risk(cause="job_unstable"),)},
    )  # fmt: skip
    walk = make.bring_out(people, household, risk="job_unstable")
    obj = make.object_of(household)
    episode = obj.episodes.get()
    assert walk.case.status == "eliminated"
    assert (obj.state, obj.contact_phone) == ("eliminated", "13912345678")
    assert (episode.identified_month, episode.closed_month, episode.method) == (
        "202104",
        "202111",
        "assisted",
    )
    assert [r.state for r in episode.risks.all()] == ["resolved"]
    assert [f.action for f in RiskFlag.objects.filter(object=obj)] == ["identify", "eliminate"]
    window = walk.case.checks.get().statement
    assert (window.window_from, window.window_to) == (date("2020-11-01"), date("2021-10-31"))


def test_s8_a_household_without_labour_is_refused_by_the_seven(people):
    old = [
        register.person("王德福", "02", born=date("1945-02-11"), labour="none"),
        register.person("李兰", "10", born=date("1947-02-11"), sex="2", labour="none"),
    ]
    household = make.monitored_household(
        people, members=old, visit={"income": {"inc_wage": Decimal(8000)}}
    )
    with day("2021-11-01"):
        make.well_off(people, household)
        with pytest.raises(Refused) as wanted:
            opening.propose_elimination(
                household, inputs=i.Propose(method="assisted"), by=people.village
            )
    assert reasons(wanted) == [
        "N4 整户无劳动能力、靠兜底保障的不消：整户无劳动能力：2名成员均为无劳动力或丧失劳动力"
    ]
    assert make.object_of(household).state == "monitored"


def test_s8_every_condition_is_listed_with_a_link_to_its_evidence(people):
    household = make.monitored_household(people, house_level="C", is_dangerous_house=True)
    with day("2021-11-01"):
        make.annual_income(
            household,
            {"inc_wage": Decimal(5324), "inc_transfer": Decimal(18876)},
            by=people.village,
        )
        plan = assistance.approved_plan(household, by=people.village, checker=people.township)
        assert plan.is_in_force
        with pytest.raises(Refused) as wanted:
            opening.propose_elimination(
                household, inputs=i.Propose(method="assisted"), by=people.village
            )
    found = {reason.text.split(" ")[0] for reason in wanted.value.reasons}
    assert found == {"N1", "N3", "N5", "E6"}
    assert any("转移性收入占78%，超过60%" in text for text in reasons(wanted))
    assert all(reason.url and reason.clause for reason in wanted.value.reasons)


def test_s8_the_county_cannot_approve_what_the_seven_forbid(people):
    household = make.monitored_household(people)
    walk = make.bring_out(people, household, at="township_passed")
    Household.objects.filter(pk=household.pk).update(house_level="D")
    with day("2021-11-10"), pytest.raises(Refused) as wanted:
        walk.county()
    assert any(text.startswith("N3 ") for text in reasons(wanted))


def test_s9_rollback_keeps_the_month_and_reopens_the_plan(people):
    household = make.monitored_household(people, at="eliminated")
    assistance.approved_plan(household, by=people.village, checker=people.township)
    versions = Plan.objects.filter(household=household).count()
    with day("2021-11-22"):
        given = i.Propose(
            rule_codes=("n2",), problem_since=date("2021-06-01"), note="透析每年自付三万元，一直未解决",
        )  # fmt: skip
        case = opening.propose_rollback(household, inputs=given, by=people.township)
        walk = make.Walk(people, case)
        walk.check(income=None, risks=(i.Risk(cause="illness"),))
        walk.meet(category="")
        walk.post()
    with day("2021-11-28"):
        walk.submit()
        walk.township()
        walk.county()
        walk.take("restore", people.township, make.entry())
    obj = make.object_of(household)
    episode = obj.episodes.get()
    assert (obj.state, obj.category, episode.identified_month, episode.closed_month) == (
        "monitored", "marginal", "202104", "",
    )  # fmt: skip
    assert [f.action for f in RiskFlag.objects.filter(object=obj)] == [
        "identify",
        "eliminate",
        "rollback",
    ]
    assert Plan.objects.filter(household=household).count() == versions + 1


def test_s9_relabelling_an_old_problem_is_refused(people):
    household = make.monitored_household(people, at="eliminated")
    with day("2021-11-22"):
        make.clue(people, household, facts="透析费用未解决")
        given = i.Relabel(cause="illness", first_seen_on=date("2021-06-01"))
        with pytest.raises(Refused) as wanted:
            opening.propose_relabel(household, inputs=given, by=people.village)
    assert "风险在消除前已存在，应走风险消除回退" in reasons(wanted)[0]


def test_s9_rolling_back_a_new_event_is_refused(people):
    household = make.monitored_household(people, at="eliminated")
    with day("2021-12-22"):
        given = i.Propose(
            rule_codes=("n2",),
            problem_since=date("2021-12-01"),
            note="十二月新发重病，住院自付四万元",
        )
        with pytest.raises(Refused) as wanted:
            opening.propose_rollback(household, inputs=given, by=people.village)
    assert "应走风险再标注" in reasons(wanted)[0]


def test_s10_a_new_risk_after_elimination_opens_a_second_episode(people):
    household = make.monitored_household(people, start="2021-01-04", at="monitored", hh_type="lifted",
                                         visit={"scope_basis": "lifted"}, vote={"category": "unstable"})  # fmt: skip
    make.bring_out(people, household, start="2021-05-06")
    with day("2021-11-01"):
        hail = {"event_type": "disaster", "event_on": date("2021-10-09"), "facts": "冰雹毁坏果园"}
        make.clue(people, household, **hail)
        given = i.Relabel(cause="disaster", first_seen_on=date("2021-10-09"), event_type="disaster")
        case = opening.propose_relabel(household, inputs=given, by=people.village)
    walk = make.Walk(people, case)
    with day("2021-11-02"):
        walk.list()
        walk.authorise()
    with day("2021-11-08"):
        hail_risk = i.Risk(cause="disaster", subtype="0205", first_seen_on=date("2021-10-09"))
        poor = {"inc_wage": Decimal(18800)}
        walk.check(income=poor, risks=(hail_risk,), scope_basis="lifted")
        assert walk.case.category_suggested == "unstable"
        walk.compare()
        walk.meet(category="unstable")
        walk.post()
    with day("2021-11-14"):
        walk.submit()
        walk.township()
        walk.county()
        walk.announce()
        walk.register(month="202111")
    obj = MonitoringObject.objects.get(household=household)
    assert [(e.seq, e.identified_month) for e in obj.episodes.all()] == [
        (1, "202101"),
        (2, "202111"),
    ]
    assert obj.state == "monitored"
    assert [f.action for f in RiskFlag.objects.filter(object=obj)] == [
        "identify",
        "eliminate",
        "relabel",
    ]
    assert Case.objects.filter(household=household, ended_on=None).count() == 0
