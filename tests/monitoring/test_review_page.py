"""The review page of township and county: everything at a glance, the decision beside it, several passed at once."""

import pytest
from django.test import Client
from django.urls import reverse

from households.models import Household, PolicyItem
from monitoring.models import Case, Review
from tests.factories import monitoring as make
from tests.factories.monitoring import day
from tests.monitoring.office import problems


@pytest.fixture
def submitted(people):
    return make.identified(people, make.household(people.village), at="village_submitted").case


def browser(user) -> Client:
    found = Client()
    found.force_login(user)
    return found


def page(user, case) -> str:
    answer = browser(user).get(reverse("monitoring:review", args=[case.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def decide(user, case, **data):
    given = {"version": Case.objects.get(pk=case.pk).version, **data}
    return browser(user).post(reverse("monitoring:review", args=[case.pk]), given)


def status(case) -> str:
    return Case.objects.get(pk=case.pk).status


def test_one_page_shows_what_a_reviewer_asks(people, submitted):
    with day("2021-11-17"):
        text = page(people.township, submitted)
    for seen in ("5,400.00", "2020-11-01 至 2021-10-31", "同意 9", "以往监测周期", "数据错误",
                 "入户照片", "退回评议环节", "常用意见", "期满"):  # fmt: skip
        assert seen in text, seen


def test_a_phrase_is_an_opinion_and_may_be_added_to(people, submitted):
    with day("2021-11-17"):
        answer = decide(
            people.township, submitted, decision="township_pass", phrase="pass.1", note="已电话核对"
        )
        assert answer.status_code == 302, problems(answer)
    review = Review.objects.get(case=submitted)
    assert review.opinion == "情况属实，程序规范，资料齐全，同意；已电话核对"
    assert status(submitted) == "township_passed"


def test_phrases_are_dated_data(people, submitted):
    PolicyItem.objects.filter(list_key="review_phrase", code="pass.1").update(label="本县意见")
    with day("2021-11-17"):
        assert "本县意见" in page(people.township, submitted)


@pytest.mark.parametrize(
    ("decision", "phrase", "target"),
    [
        ("return_to_check", "return.1", "checked"),
        ("return_to_meeting", "return.3", "deliberated"),
        ("return_to_notice", "return.4", "noticed"),
        ("township_refuse", "refuse.1", "not_admitted"),
    ],
)
def test_it_returns_to_a_chosen_step_with_the_reason(people, submitted, decision, phrase, target):
    with day("2021-11-17"):
        answer = decide(people.township, submitted, decision=decision, phrase=phrase)
        assert answer.status_code == 302, problems(answer)
    assert status(submitted) == target


def test_nothing_said_or_the_wrong_phrase_is_refused(people, submitted):
    with day("2021-11-17"):
        silent = decide(people.township, submitted, decision="township_pass")
        wrong = decide(people.township, submitted, decision="township_pass", phrase="return.1")
    assert any("请选择常用意见或写明意见" in text for text in problems(silent))
    assert any("不是“乡镇审核通过”的意见" in text for text in problems(wrong))
    assert status(submitted) == "village_submitted"


def test_of_two_reviewers_one_wins_and_the_other_is_told_who_and_when(people, submitted):
    version = submitted.version
    with day("2021-11-17"):
        decide(people.township, submitted, decision="return_to_check", phrase="return.1")
        second = browser(people.township).post(
            reverse("monitoring:review", args=[submitted.pk]),
            {"version": version, "decision": "township_pass", "phrase": "pass.1"}, follow=True,
        )  # fmt: skip
    assert "赵审核已办理“退回核查环节”" in second.content.decode()
    assert status(submitted) == "checked"


def test_what_stands_against_passing_is_shown_and_passing_is_not_offered(people, submitted):
    submitted.steps.update(done_by=people.township)
    with day("2021-11-17"):
        text = page(people.township, submitted)
    assert "不能“乡镇审核通过”" in text
    assert 'value="township_pass"' not in text
    assert 'value="return_to_check"' in text


def test_who_has_no_decision_to_take_sees_no_review_page(people, submitted):
    with day("2021-11-17"):
        answer = browser(people.village).get(reverse("monitoring:review", args=[submitted.pk]))
    assert answer.status_code == 403


def bulk(user, *cases) -> str:
    answer = browser(user).post(
        reverse("monitoring:cases_pass"), {"ids": [c.pk for c in cases]}, follow=True
    )
    return answer.content.decode()


def test_several_pass_at_once_and_those_with_something_open_are_named(people, submitted):
    home = make.household(people.village)
    other = make.identified(people, home, at="village_submitted", number="").case
    Household.objects.filter(pk=home.pk).update(open_errors=2)
    with day("2021-11-17"):
        text = bulk(people.township, submitted, other)
    assert "已审核通过1件" in text
    assert f"{other.number}" in text
    assert "有2条未处理的数据错误" in text
    assert [status(submitted), status(other)] == ["township_passed", "village_submitted"]


def test_bulk_never_lets_a_maker_check(people, submitted):
    with day("2021-11-17"):
        bulk(people.township, submitted)
        Case.objects.get(pk=submitted.pk).steps.update(done_by=people.county)
        text = bulk(people.county, submitted)
    assert "不能再审核" in text
    assert status(submitted) == "township_passed"
