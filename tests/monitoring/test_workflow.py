"""The tables: every status reachable, every edge listed, everything else refused; maker is not checker."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import Permission, Role
from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from households.choices import MONITORING_STATES
from households.models import Parameter
from monitoring.choices import ENDED
from monitoring.models import Case, CaseStep, MonitoringObject
from monitoring.selectors.case_facts import case_facts
from monitoring.services import cases, objects
from monitoring.workflow import inputs as i
from monitoring.workflow.deciding import may_take, needs, options
from monitoring.workflow.diagram import as_markdown
from monitoring.workflow.objects import EDGES, EVENTS, STATES, edge
from monitoring.workflow.procedures import PROCEDURES
from tests.factories import monitoring as make
from tests.factories import register
from tests.factories.monitoring import date, day

DOCS = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_state_diagrams_in_the_docs_are_made_from_the_tables():
    assert DOCS.read_text(encoding="utf-8") == as_markdown()


@pytest.mark.parametrize("kind", PROCEDURES)
def test_every_status_is_reached_and_every_open_one_can_be_left(kind):
    procedure = PROCEDURES[kind]
    first = procedure.main_line[0]
    reached = {first} | {t.target for t in procedure.transitions}
    left = {status for t in procedure.transitions for status in t.source}
    assert left <= reached
    assert {s for s in reached if s not in ENDED} <= left
    assert set(procedure.main_line) <= reached


@pytest.mark.parametrize("kind", PROCEDURES)
def test_every_transition_has_a_sentence_and_moves_the_object_along_a_listed_edge(kind):
    for t in PROCEDURES[kind].transitions:
        assert t.verb
        assert t.label
        assert t.permission or t.name == "auto_stop"
        assert not t.moves or t.moves in EVENTS, t.name


def test_the_object_has_the_27_edges_of_the_policy():
    assert [e.number for e in EDGES] == list(range(1, 28))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS)
def test_an_edge_that_is_not_listed_is_refused(state, event):
    obj = MonitoringObject(state=state)
    if edge(state, event) is None:
        with pytest.raises(Refused) as wanted:
            objects.move(obj, event)
        assert MONITORING_STATES[state][0] in wanted.value.reasons[0].text
        assert obj.state == state


def test_a_step_out_of_turn_is_refused_with_the_present_status(people):
    walk = make.identification(people, make.household(people.village))
    facts = case_facts(walk.case)
    able = {
        Permission.TOWNSHIP_CASE: people.township,
        Permission.TOWNSHIP_GOVERNMENT: people.leader,
        Permission.COUNTY_CASE: people.county,
    }
    for t in PROCEDURES["identify"].transitions:
        if "clue" not in t.source:
            verdict = may_take(facts, t, able.get(t.permission[0], people.village))
            assert f"办件现为“已登记线索”，不能办理“{t.label}”" in [r.text for r in verdict.reasons]


def test_who_handed_in_does_not_pass_although_he_holds_both_posts(people):
    both = register.user(Role.VILLAGE_CASEWORKER, register.VILLAGE, name="兼职人")
    from_township = register.user(Role.TOWNSHIP_REVIEWER, register.TOWNSHIP)
    posting = from_township.postings.get()
    posting.user = both
    posting.save()
    both = type(both).objects.get(pk=both.pk)
    walk = make.identified(people, make.household(people.village), at="noticed")
    with day("2021-11-17"):
        walk.take("submit", both)
        with pytest.raises(Refused) as wanted:
            walk.take("township_pass", both, i.Decide(note="同意"))
        assert "请由其他账号办理" in wanted.value.reasons[0].text
        walk.township()


def test_what_the_county_returned_is_passed_again_by_the_same_township_reviewer(people):
    walk = make.identified(people, make.household(people.village), at="township_passed")
    with day("2021-11-18"):
        walk.take("county_return", people.county, i.Inputs(note="请补充入户照片"))
        assert walk.township().status == "township_passed"


def test_without_the_post_it_is_forbidden_and_outside_the_village_too(people):
    walk = make.identification(people, make.household(people.village))
    elsewhere = register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE)
    for by in (people.township, people.county, elsewhere):
        with pytest.raises(PermissionDenied):
            walk.take(
                "analyse",
                by,
                i.Analyse(held_on=make.date("2021-11-01"), attendees=("甲",), reasons="甲"),
            )


def test_two_reviewers_at_once_one_wins(people):
    walk = make.identified(people, make.household(people.village), at="village_submitted")
    seen = Case.objects.get(pk=walk.case.pk)
    second = register.user(Role.TOWNSHIP_REVIEWER, register.TOWNSHIP, name="周审核")
    with day("2021-11-18"):
        cases.apply(
            seen,
            "township_pass",
            by=people.township,
            inputs=i.Decide(note="同意"),
            version=seen.version,
        )
        with pytest.raises(Refused) as wanted:
            cases.apply(
                seen,
                "township_refuse",
                by=second,
                inputs=i.Inputs(note="不同意纳入"),
                version=seen.version,
            )
    assert wanted.value.reasons[0].text == (
        "本办件已由赵审核于11-18 10:00办理“乡镇审核通过”，现为“待县级审定”，请刷新后再办理"
    )
    assert CaseStep.objects.filter(case=seen, transition__startswith="township").count() == 1


def test_a_refusal_lists_every_reason_at_once(people):
    walk = make.identification(people, make.household(people.village))
    walk.list()
    walk.authorise()
    with day("2021-11-08"), pytest.raises(Refused) as wanted:
        walk.check(
            visitors=(i.Visitor(name="张村官", unit="village"),), income=None, situation="",
            risks=(i.Risk(cause="disaster"), i.Risk(cause="other")), household_signed=False,
        )  # fmt: skip
    fields = [reason.field for reason in wanted.value.reasons]
    assert set(fields) == {"visitors", "income", "situation", "risks", "household_signed"}
    assert fields.count("visitors") == 2
    assert fields.count("risks") == 2


def test_a_stale_income_window_is_refused_at_the_county(people):
    walk = make.identified(people, make.household(people.village), at="checked", start="2021-10-21")
    with day("2021-11-15"):
        walk.compare()
        walk.meet()
        walk.post()
    with day("2021-11-22"):
        walk.submit()
    with day("2021-12-02"):
        walk.township()
        with pytest.raises(Refused) as wanted:
            walk.county()
        assert "收入周期已过期，须重新入户核查" in wanted.value.reasons[0].text
        walk.take("county_return_to_check", people.county, i.Inputs(note="收入周期过期"))
        case = walk.take("recheck", people.village, make.check())
    assert case.reference_month == "202112"
    assert case.checks.last().statement.window_from == make.date("2020-12-01")


def test_without_a_line_nothing_is_judged(people):
    with day("2022-01-10"):
        walk = make.identification(people, make.household(people.village))
        walk.list()
        walk.authorise()
        with pytest.raises(Refused) as wanted:
            walk.check()
    assert wanted.value.reasons[0].text.startswith("未设置2022年度“监测范围")


def test_returned_and_unchanged_the_notice_is_kept(people):
    walk = make.identified(people, make.household(people.village), at="village_submitted")
    with day("2021-11-18"):
        walk.take("return_to_check", people.township, i.Inputs(note="收入佐证不足"))
        with pytest.raises(Refused):
            walk.take("resume", people.village, i.Inputs(note="核查结论未变"))
        walk.take("recheck", people.village, make.check(income={"inc_wage": 22000}))
        case = walk.take("resume", people.village, i.Inputs(note="核查结论未变"))
        assert case.status == "noticed"
        assert walk.submit().status == "village_submitted"


def test_one_open_case_per_household_is_held_by_the_database(people):
    walk = make.identification(people, make.household(people.village))
    twin = Case.objects.get(pk=walk.case.pk)
    twin.pk, twin.number = None, "twin"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_second_clue_joins_the_case_and_a_monitored_household_takes_none(people):
    household = make.household(people.village)
    walk = make.identification(people, household)
    second = make.clue(people, household, facts="邻居反映困难", source="petition")
    assert second.case_id == walk.case.pk
    monitored = make.monitored_household(people, number="6200000002")
    with pytest.raises(Refused) as wanted:
        make.clue(people, monitored)
    assert "该户已在监测" in wanted.value.reasons[0].text


def test_a_new_clue_stops_an_elimination_by_itself(people):
    household = make.monitored_household(people, at="eliminating")
    with day("2021-11-03"):
        make.clue(people, household, facts="又住院了，花费很大")
    case = Case.objects.get(household=household, kind="eliminate")
    assert (case.status, case.end_reason) == ("stopped", "automatic")
    assert make.object_of(household).state == "monitored"
    assert AuditEntry.objects.filter(verb="case.auto_stopped", actor=None).exists()


def test_a_visit_that_finds_a_condition_stops_the_elimination(people):
    household = make.monitored_household(people, at="eliminating")
    with day("2021-11-03"):
        walk = make.Walk(people, Case.objects.get(household=household, kind="eliminate"))
        walk.check(**make.elimination_answers(household, rigid_expense_open=True))
    assert make.object_of(household).state == "monitored"
    assert Case.objects.get(pk=walk.case.pk).end_note == "大额刚性支出尚未解决"


def test_what_the_next_step_needs_stands_with_the_missing_first(people):
    walk = make.identified(people, make.household(people.village), at="noticed")
    with day("2021-11-14"):
        facts = case_facts(walk.case)
        listed = needs(facts)
        assert [n.is_met for n in listed] == sorted(n.is_met for n in listed)
        assert listed[0].reasons[0].text == "公示未满5天，最早可提交 2021-11-17"
        mine = [o.transition.name for o in options(facts, people.village) if o.is_mine]
        assert mine == ["submit", "recheck_on_objection", "uphold_objection", "withdraw"]
        assert [o.transition.name for o in options(facts, people.county) if o.is_mine] == []


def test_numbers_run_by_county_and_year(people):
    first = make.identification(people, make.household(people.village)).case
    second = make.identification(people, make.household(people.village)).case
    assert (first.number, second.number) == ("620421-2021-识-00001", "620421-2021-识-00002")


def test_due_dates_follow_the_table(people):
    walk = make.identification(people, make.household(people.village))
    assert walk.case.total_due_on == make.date("2021-12-06")
    assert walk.case.due_on == make.date("2021-11-08")
    walk = make.identified(people, make.household(people.village), at="village_submitted")
    assert walk.case.due_on == make.date("2021-11-24")


def test_a_steps_line_names_role_and_unit(people):
    walk = make.identified(people, make.household(people.village), at="township_passed")
    step = walk.case.steps.last()
    assert (step.role, step.unit) == ("乡镇审核员", "白银市靖远县北湾镇")
    assert re.fullmatch("[0-9a-f]{64}", step.snapshot_hash)


def test_voiding_asks_for_the_citys_filing(people):
    household = make.monitored_household(people)
    obj = make.object_of(household)
    with pytest.raises(Refused) as wanted:
        objects.void(obj, reason="短", city_filing_no="", by=people.county)
    assert {r.field for r in wanted.value.reasons} == {"reason", "city_filing_no"}
    objects.void(
        obj, reason="识别时漏报商品房，认定不准", city_filing_no="市备〔2021〕3号", by=people.county
    )
    household.refresh_from_db()
    assert household.monitoring_state == "voided"


def test_a_category_changes_only_to_a_possible_one(people):
    household = make.monitored_household(people)
    obj = make.object_of(household)
    given = {
        "deliberated_on": make.date("2021-11-01"),
        "reason": "户类型变化，已经村级评议",
        "by": people.county,
    }
    with pytest.raises(Refused):
        objects.change_category(obj, category="unstable", **given)
    household.hh_type = "lifted"
    household.save()
    objects.change_category(obj, category="unstable", **given)
    assert make.object_of(household).category == "unstable"


def test_the_parameter_says_whether_the_comparison_may_be_asked_for_beside_the_visit(people):
    walk = make.identified(people, make.household(people.village), at="authorised", number="")
    with day("2021-11-05"):
        with pytest.raises(Refused) as refusal:
            walk.take("request_early", people.township)
        assert refusal.value.reasons[0].text == "本地规定部门比对在入户核查之后提请"
        Parameter.objects.filter(key="comparison_position").update(value="with_check")
        walk.take("request_early", people.township)
    assert walk.case.status == "authorised"
    assert walk.case.answers.count() == 11
    with day("2021-11-08"):
        walk.check()
        walk.answer()
        with pytest.raises(Refused):
            walk.take("request_comparison", people.township)
        assert walk.take("complete_comparison", people.township).status == "compared"


def test_a_stand_in_during_leave_checks_for_others_and_never_what_was_his_own(people):
    """A post for some days goes to the village's clerk; the rule looks at the account, not at the post."""
    Posting.objects.create(
        user=people.village, role=Role.TOWNSHIP_REVIEWER, division_id=register.TOWNSHIP,
        from_on=date("2021-11-15"), until_on=date("2021-11-18"),
    )  # fmt: skip
    own = make.identified(people, make.household(people.village), at="village_submitted")
    colleague = register.user(Role.VILLAGE_CASEWORKER, register.VILLAGE, name="李村官")
    other = make.identified(
        replace(people, village=colleague), make.household(colleague), at="village_submitted", number="",
    )  # fmt: skip
    with day("2021-11-17"):
        stand_in = User.objects.get(pk=people.village.pk)
        with pytest.raises(Refused) as wanted:
            own.take("township_pass", stand_in, i.Decide(note="情况属实，同意"))
        assert "请由其他账号办理" in wanted.value.reasons[0].text
        passed = other.take("township_pass", stand_in, i.Decide(note="情况属实，同意"))
        assert passed.steps.last().role == "乡镇审核员"
    with day("2021-11-19"):
        third = User.objects.get(pk=people.village.pk)
        with pytest.raises(PermissionDenied):
            own.take("township_pass", third, i.Decide(note="情况属实，同意"))
