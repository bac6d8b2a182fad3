"""帮扶成效评估: every monitored household once a year, by the village, passed by the township, read by the county."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from households.models import Parameter
from monitoring.models import Evaluation
from monitoring.selectors import evaluations as selectors
from monitoring.selectors.case_facts import case_facts
from monitoring.services import evaluations
from monitoring.workflow.deciding import may_take
from monitoring.workflow.procedures import transition
from monitoring.workflow.waiting import waiting
from tests.factories import monitoring
from tests.factories.monitoring import day

GOES_ON = {"conclusion": "continue", "next_steps": "继续落实一户一策各项措施"}


@pytest.fixture
def household(people):
    return monitoring.monitored_household(people)


def eased(household) -> dict:
    obj = monitoring.object_of(household)
    return {"results": {r.pk: ("eased", "") for r in obj.episodes.get().risks.all()}}


def go_on(people, household, **more) -> Evaluation:
    return monitoring.evaluation(people, household, **GOES_ON, **eased(household), **more)


def texts(refusal) -> str:
    return "；".join(reason.text for reason in refusal.value.reasons)


def page(user, name, *args, **query) -> str:
    browser = Client()
    browser.force_login(user)
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def todo(user, key):
    return next((t for t in waiting(user) if t.key == key), None)


def test_the_figures_and_lights_of_the_day_are_kept(people, household):
    row = go_on(people, household)
    assert (row.year, row.state, row.delivered) == (2021, "submitted", 0)
    assert row.line == 6000
    assert {"E6", "N5"} <= set(row.red)
    assert AuditEntry.objects.filter(verb="evaluation.submitted").count() == 1


def test_everything_missing_is_refused_at_once(people, household):
    with pytest.raises(Refused) as refusal:
        go_on(
            people, household, visitors=("张村官",), effect="好", household_agrees=False,
            evaluated_on=monitoring.date("2020-12-31"),
        )  # fmt: skip
    said = texts(refusal)
    assert "评估日期须在2021年度内" in said
    assert "评估人员须不少于2人" in said
    assert "请写明帮扶成效" in said
    assert "农户意见" in said


def test_ready_is_refused_while_a_risk_or_a_light_stands_against_it(people, household):
    with pytest.raises(Refused) as refusal:
        monitoring.evaluation(people, household, **eased(household))
    assert "尚未消除，不能建议拟消除" in texts(refusal)
    assert any(reason.text.startswith("N5 ") for reason in refusal.value.reasons)


def test_who_handed_in_does_not_review_and_only_the_township_does(people, household):
    row = go_on(people, household)
    with pytest.raises(PermissionDenied):
        evaluations.review(row, accept=True, by=people.village)
    with pytest.raises(PermissionDenied):
        evaluations.review(row, accept=True, by=people.county)
    Evaluation.objects.update(made_by=people.township)
    with pytest.raises(Refused) as refusal:
        evaluations.review(row, accept=True, by=people.township)
    assert "不能再审核" in texts(refusal)


def test_a_returned_one_comes_back_and_a_passed_one_stays(people, household):
    row = go_on(people, household)
    with pytest.raises(Refused):
        evaluations.review(row, accept=False, opinion="", by=people.township)
    evaluations.review(row, accept=False, opinion="成效写得不具体", by=people.township)
    text = page(people.village, "monitoring:evaluate", household.pk)
    assert "退回原因：成效写得不具体" in text
    again = go_on(people, household, effect="务工月收入由两千元增加到四千元")
    assert (again.pk, again.state, again.reviewed_by) == (row.pk, "submitted", None)
    evaluations.review(again, accept=True, by=people.township)
    with pytest.raises(Refused) as refusal:
        go_on(people, household)
    assert "已经乡镇审核" in texts(refusal)


def test_the_list_shows_who_has_none_and_the_to_dos_count_them(people, household):
    name = str(household)
    assert name in page(people.county, "monitoring:evaluations", year="2021", state="none")
    assert todo(people.village, "evaluations").count == 1
    row = go_on(people, household)
    assert name not in page(people.county, "monitoring:evaluations", year="2021", state="none")
    assert todo(people.village, "evaluations") is None
    assert todo(people.township, "evaluation_reviews").count == 1
    browser = Client()
    browser.force_login(people.township)
    url = reverse("monitoring:evaluations_pass")
    assert browser.post(url, {"ids": [row.object_id]}).status_code == 302
    row.refresh_from_db()
    assert row.state == "passed"
    assert name in page(people.county, "monitoring:evaluations", year="2021", state="passed")


@pytest.mark.parametrize(
    ("on", "count", "overdue"),
    [("2021-09-01", None, 0), ("2021-12-15", 1, 0), ("2021-12-16", 1, 1)],
)
def test_the_to_do_comes_and_runs_out_by_the_dated_parameters(
    people, household, on, count, overdue
):
    with day(on):
        found = todo(people.village, "evaluations")
        assert (found.count if found else None) == count
        assert (found.overdue if found else 0) == overdue


def test_without_a_day_nothing_is_guessed(people, household):
    Parameter.objects.filter(key="evaluation_due").delete()
    assert todo(people.village, "evaluations") is None
    assert selectors.due_on(household.division_path, 2021) is None


def county_says(people, walk) -> str:
    t = transition("eliminate", "county_approve")
    walk.case.refresh_from_db()
    return "；".join(r.text for r in may_take(case_facts(walk.case), t, people.county).all_reasons)


def test_the_county_decides_on_the_year_s_evaluation(people, household):
    walk = monitoring.bring_out(people, household, at="township_passed")
    with day("2021-11-10"):
        assert "帮扶成效评估" not in county_says(people, walk)
        Evaluation.objects.update(conclusion="continue")
        assert "结论为“继续帮扶”，不能审定消除" in county_says(people, walk)
        Evaluation.objects.update(state="submitted", reviewed_at=None, reviewed_by=None)
        assert "须经乡镇审核通过" in county_says(people, walk)


def test_last_year_s_evaluation_counts_until_this_year_s_is_due(people, household):
    obj = monitoring.object_of(household)
    evaluations.review(go_on(people, household), accept=True, by=people.township)
    with day("2022-03-01"):
        assert selectors.for_decision(obj, household.division_path).year == 2021
    with day("2022-12-16"):
        assert selectors.for_decision(obj, household.division_path) is None


def test_the_api_hands_in_and_reviews(people, household):
    browser = Client()
    browser.force_login(people.village)
    risks = [
        {"risk": r.pk, "result": "eased"}
        for r in monitoring.object_of(household).episodes.get().risks.all()
    ]
    given = {
        "household": household.pk, "evaluated_on": "2021-11-01", "visitors": ["张村官", "赵审核"],
        "effect": "务工收入增加，家庭困难缓解", "household_agrees": True, "risks": risks, **GOES_ON,
    }  # fmt: skip
    made = browser.post("/api/v1/evaluations/", given, content_type="application/json")
    assert made.status_code == 201, made.json()
    url = f"/api/v1/evaluations/{made.json()['id']}/review/"
    answer = browser.post(url, {"accept": True}, content_type="application/json")
    assert answer.status_code == 403
    browser.force_login(people.township)
    answer = browser.post(url, {"accept": True}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["state"] == "passed"
