"""CC-11: who was marked as out of risk is judged by the gate of the elimination itself, same list, same facts."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance.models import Measure
from counties.closure.eliminated import not_out_of_risk
from fanpin import clock
from households.models import Household, IncomeStatement, Member, Parameter, PolicyItem
from monitoring.models import Clue, EpisodeRisk, MonitoringObject
from monitoring.selectors import criteria
from tests.factories import assistance, monitoring, register

CODES = ("N1", "N2", "N3", "N4", "N5", "N6", "N7", "E6")


@pytest.fixture
def people(tree):
    return monitoring.staff()


@pytest.fixture
def household(people):
    """Out of risk since 2021-11, by assistance, with everything in order."""
    return monitoring.monitored_household(people, at="eliminated")


def found(day: datetime.date | None = None) -> dict[str, str]:
    """Code → words of what CC-11 finds."""
    rows = not_out_of_risk({"county": register.COUNTY, "day": day or clock.today()})
    return {
        subject.rsplit(":", 1)[1]: detail
        for subject, detail in rows.select("subject", "detail").iter_rows()
    }


def gate(household) -> dict[str, str]:
    """Code → words of what the pre-check of an elimination of the same household refuses on."""
    return {
        c.code: f"{c.code} {c.label}：" + "；".join(f.text for f in c.findings)
        for c in criteria.of(household, "assisted")
        if c.findings
    }


def income(**fields):
    IncomeStatement.objects.filter(purpose__in=("annual", "eliminate")).update(**fields)


def lose_labour():
    Member.objects.update(labour="none")


def drop_water():
    Household.objects.update(has_safe_water=False)


def leave_school():
    Member.objects.filter(birth_date__year__gte=2006).update(dropout_reason="tired")
    Member.objects.filter(relation="02").update(ins_med_resident=False, ins_med_employee=False)


def owe_measure():
    of = Household.objects.get()
    village = register.user("village_caseworker", register.VILLAGE)
    township = register.user("township_reviewer", register.TOWNSHIP)
    assistance.approved_plan(of, by=village, checker=township)


def take_measures_away():
    Measure.objects.update(status="planned")


def open_clue():
    household = Household.objects.get()
    Clue.objects.create(
        household=household, source="cadre_visit", received_on=clock.today(), facts="住院",
        filed_at=clock.now(), filed_by=register.user("village_caseworker", register.VILLAGE),
    )  # fmt: skip


def new_risk():
    EpisodeRisk.objects.update(state="proposed")


def be_too_early():
    Parameter.objects.filter(key="min_months_monitored", effective_to__isnull=False).update(
        value="12"
    )


PLANTED = [
    (lambda: income(inc_net=100), {"N1"}),
    (lambda: income(inc_transfer=90, inc_gross=100), {"N1"}),
    (lambda: income(ref_income=100), {"N2"}),
    (drop_water, {"N3"}),
    (leave_school, {"N3"}),
    (lose_labour, {"N4"}),
    (owe_measure, {"N5"}),
    (take_measures_away, {"N5", "E6"}),
    (open_clue, {"N6"}),
    (new_risk, {"N6"}),
    (be_too_early, {"N7"}),
]


def test_a_household_rightly_out_of_risk_gives_no_row(household):
    assert found() == gate(household) == {}


@pytest.mark.parametrize(("plant", "codes"), PLANTED)
def test_cc_11_says_what_the_gate_of_the_elimination_says(household, plant, codes):
    plant()
    household.refresh_from_db()
    assert set(found()) == codes
    assert found() == gate(household)


def test_the_province_s_list_decides_not_the_code(household):
    Member.objects.update(labour="none", health=["major"])
    assert set(found()) == {"N4"}
    PolicyItem.objects.filter(list_key="no_elim_rule", code="n4").update(
        effective_to=datetime.date(2021, 11, 7)
    )
    PolicyItem.objects.filter(list_key="no_elim_rule", code="a1").update(active=True)
    assert set(found()) == set(gate(household)) == {"A1"}
    assert set(found(datetime.date(2021, 11, 7))) == {"N4", "A1"}


def test_the_contact_and_the_phone_are_asked_for(household):
    MonitoringObject.objects.update(contact_phone="")
    assert found() == {"contact": "缺少监测联系人或电话"}


def test_the_queries_do_not_grow_with_the_households(people, household):
    values = {"county": register.COUNTY, "day": clock.today()}

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            not_out_of_risk(values)
        return len(caught)

    once = queries()
    for number in ("6200000002", "6200000003"):
        monitoring.monitored_household(people, at="eliminated", number=number)
    drop_water()
    assert not_out_of_risk(values).height == 3
    assert queries() == once
