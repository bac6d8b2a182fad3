"""The rules on marks over real cases: a rightly marked household is silent, each planted fault is found by its rule."""

import datetime

import pytest

from counties.quality.checking import facts_of
from counties.quality.judging import judge
from households.models import Household, IncomeStatement, Member
from households.selectors.parameters import current_campaign
from monitoring.models import (
    Case,
    CaseDocument,
    CaseStep,
    Clue,
    Deliberation,
    Episode,
    EpisodeRisk,
    HouseholdCheck,
    MonitoringObject,
    PublicNotice,
    RiskFlag,
)
from monitoring.rules.catalogue import registered
from tests.factories import monitoring as make
from tests.factories.monitoring import date, day

CODES = [rule.code for rule in registered]


def found(household) -> dict[str, str]:
    """Code → detail of the rules on marks that speak of this household."""
    campaign = current_campaign()
    frames = facts_of(campaign, household_ids=[household.pk])
    hits = judge(frames, campaign, household.division_path).hits
    rows = hits.select("code", "detail").rows()
    return {code: detail for code, detail in rows if code in CODES}


def test_all_but_the_rules_that_need_other_books_are_there():
    wanted = [f"R-MON-{n:02d}" for n in (*range(1, 26), *range(60, 78))]
    # 10 is CC-12's, 13 and 17 speak of fields the visit does not keep apart, 22 of a flag the register does not have.
    left = {"R-MON-10", "R-MON-13", "R-MON-17", "R-MON-22"}
    assert [code for code in wanted if code not in left] == sorted(CODES)


MONITORED = {
    "R-MON-01": lambda o: EpisodeRisk.objects.all().update(state="rejected"),
    "R-MON-03": lambda o: EpisodeRisk.objects.update(cause="other", note=""),
    "R-MON-04": lambda o: EpisodeRisk.objects.update(cause="disaster", subtype=""),
    "R-MON-05": lambda o: MonitoringObject.objects.update(category="unstable"),
    "R-MON-06": lambda o: Household.objects.update(hh_type="lifted"),
    "R-MON-07": lambda o: IncomeStatement.objects.update(inc_net=28_000),
    "R-MON-11": lambda o: EpisodeRisk.objects.update(cause="disability"),
    "R-MON-12": lambda o: Member.objects.update(health=[]),
    "R-MON-15": lambda o: EpisodeRisk.objects.update(cause="lack_labour"),
    "R-MON-18": lambda o: HouseholdCheck.objects.update(house_safe=False),
    "R-MON-19": lambda o: IncomeStatement.objects.update(window_to=date("2021-04-30")),
    "R-MON-20": lambda o: Deliberation.objects.update(held_on=date("2021-04-01")),
    "R-MON-21": lambda o: Case.objects.update(total_due_on=date("2021-04-10")),
    "R-MON-23": lambda o: PublicNotice.objects.filter(kind="draft").update(days=6),
    "R-MON-25": lambda o: Household.objects.update(siyou_flags=["vehicle"], siyou_exception_note="车祸"),
}  # fmt: skip


@pytest.mark.parametrize("code", MONITORED)
def test_a_fault_of_a_mark_is_found_by_its_rule(people, code):
    household = make.monitored_household(people)
    with day("2021-05-10"):
        assert found(household) == {}
        MONITORED[code](make.object_of(household))
        assert code in found(household)


def a_clue(household):
    Clue.objects.create(
        household=household, source="cadre_visit", received_on=date("2021-11-20"), facts="又住院",
        filed_at=datetime.datetime.now(datetime.UTC), filed_by=household.cases.first().opened_by,
    )  # fmt: skip


ELIMINATED = {
    "R-MON-60": lambda h: CaseDocument.objects.filter(kind="帮扶成效评估表").update(kind="其他佐证"),
    "R-MON-61": lambda h: IncomeStatement.objects.filter(purpose="eliminate").update(inc_transfer=39_000),
    "R-MON-62": lambda h: Household.objects.update(house_level="D"),
    "R-MON-64": lambda h: HouseholdCheck.objects.filter(case__kind="eliminate").update(statement=None),
    "R-MON-65": lambda h: HouseholdCheck.objects.filter(case__kind="eliminate").update(water_safe=False),
    "R-MON-66": lambda h: Household.objects.update(is_dangerous_house=True),
    "R-MON-67": lambda h: IncomeStatement.objects.filter(purpose="eliminate").update(self_pay=30_000),
    "R-MON-69": lambda h: Member.objects.update(labour="lost"),
    "R-MON-70": lambda h: MonitoringObject.objects.update(contact_phone=""),
    "R-MON-74": lambda h: Episode.objects.update(identified_month="202112"),
    "R-MON-75": a_clue,
    "R-MON-77": lambda h: RiskFlag.objects.filter(action="eliminate").update(action="rollback"),
}  # fmt: skip


@pytest.mark.parametrize("code", ELIMINATED)
def test_a_fault_of_an_elimination_is_found_by_its_rule(people, code):
    household = make.monitored_household(people, at="eliminated")
    with day("2021-11-22"):
        assert found(household) == {}
        ELIMINATED[code](household)
        assert code in found(household)
        assert CaseStep.objects.exists()


def test_what_is_found_speaks_chinese_with_the_households_own_figures(people):
    household = make.monitored_household(people)
    MonitoringObject.objects.update(category="unstable")
    with day("2021-05-10"):
        said = found(household)["R-MON-05"]
    assert said == "类别 脱贫不稳定户，户类型 普通农户(一般农户)"
