"""The page that says why a household is monitored: everything of that day, nothing of today."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from households.models import Parameter
from households.services import households as register_service
from monitoring.selectors.story import story
from tests.factories import monitoring, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    return monitoring.staff()


def shown(client_user, household) -> str:
    client = Client()
    with monitoring.day("2021-12-01"):
        client.force_login(client_user)
        answer = client.get(reverse("monitoring:story", args=[household.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_story_goes_from_the_clue_to_the_mark_with_votes_figures_and_values(people):
    household = monitoring.monitored_household(people)
    titles = [event.title for event in story(household)]
    assert titles[0].startswith("线索")
    assert titles[-1] == "风险标注"
    assert [t for t in titles if t.startswith("新识别")] == [
        f"新识别　{label}"
        for label in (
            "登记线索", "分析研判", "列入重点核查户", "登记承诺授权", "入户核查", "提请部门比对",
            "比对完成", "评议通过", "公示", "提交乡镇审核", "乡镇审核通过", "县级审定通过", "公告",
            "录入国家系统，纳入监测",
        )
    ]  # fmt: skip
    page = shown(people.county, household)
    for words in ("同意9票", "父亲中风", "当日监测范围", "孙审定", "快照校验值"):
        assert words in page


def test_what_changes_later_changes_no_word(people):
    household = monitoring.monitored_household(people)
    before = [(e.title, e.facts, e.words, e.values) for e in story(household)]
    with monitoring.day("2021-11-20"):
        register_service.edit(household, fields={"address_detail": "三社1号"}, by=people.village)
        Parameter.objects.filter(key="monitoring_line").update(value="9999")
    assert [(e.title, e.facts, e.words, e.values) for e in story(household)] == before
    assert any(
        Decimal(str(fact.value)) == 6000
        for event in story(household)
        for fact in event.facts
        if fact.label == "当日监测范围"
    )


def test_elimination_and_its_evaluation_stand_in_the_same_story(people):
    household = monitoring.monitored_household(people, at="eliminated")
    titles = [event.title for event in story(household)]
    assert "帮扶成效评估　2021年度" in titles
    assert titles[-1] == "风险消除", titles
    assert [event.at for event in story(household)] == sorted(e.at for e in story(household))


def test_another_county_does_not_find_it(people):
    household = monitoring.monitored_household(people)
    stranger = register.user("county_reviewer", "620422")
    client = Client()
    client.force_login(stranger)
    assert client.get(reverse("monitoring:story", args=[household.pk])).status_code == 404
