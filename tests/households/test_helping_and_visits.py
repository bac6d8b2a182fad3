"""帮扶责任人 and 走访: who may record them, what they keep, what they refuse."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from fanpin import clock
from fanpin.audit.models import AuditEntry
from households.models import Helper, Helping
from households.services import helping, visits
from tests.factories import register

PERSON = {
    "name": "孙帮扶",
    "sex": "1",
    "political_status": "13",
    "unit": "县教育局",
    "phone": "13900000000",
}


@pytest.fixture
def homes(caseworker):
    return [register.household(caseworker) for _ in range(2)]


def assign(home, by, **changes):
    given = {"helper": PERSON, "start_on": clock.today()} | changes
    return helping.assign(home, by=by, **given)


def test_one_helper_has_many_households_and_stands_once(homes, caseworker):
    first, second = (assign(home, caseworker) for home in homes)
    assert first.helper == second.helper
    assert Helper.objects.get().division_id == register.TOWNSHIP
    assert AuditEntry.objects.filter(verb="helper.assigned").count() == 2


def test_a_helper_may_not_have_the_same_household_twice_but_again_after_the_end(homes, caseworker):
    care = assign(homes[0], caseworker)
    with pytest.raises(ValidationError, match="已在帮扶本户"):
        assign(homes[0], caseworker)
    helping.end(care, end_on=clock.today(), by=caseworker)
    assign(homes[0], caseworker, helper=PERSON | {"unit": "县水务局"})
    assert Helping.objects.count() == 2
    assert Helper.objects.get().unit == "县水务局"


def test_help_does_not_end_before_it_starts_nor_start_tomorrow(homes, caseworker):
    tomorrow = clock.today() + datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        assign(homes[0], caseworker, start_on=tomorrow)
    care = assign(homes[0], caseworker)
    with pytest.raises(ValidationError, match="不能早于开始时间"):
        helping.end(care, end_on=clock.today() - datetime.timedelta(days=1), by=caseworker)


def test_a_wrong_sex_code_is_refused(homes, caseworker):
    with pytest.raises(ValidationError):
        assign(homes[0], caseworker, helper=PERSON | {"sex": "7"})


def test_a_visit_keeps_who_when_how_and_where(homes, caseworker):
    visit = visits.record_visit(
        homes[0], visited_on=clock.today(), mode="home", findings="屋顶漏雨",
        longitude="104.68", latitude="36.57", accuracy_m=12, by=caseworker,
    )  # fmt: skip
    assert (visit.visitor, visit.findings) == (caseworker, "屋顶漏雨")
    assert AuditEntry.objects.filter(verb="visit.recorded").count() == 1


def test_a_telephone_call_has_no_position_and_no_visit_lies_ahead(homes, caseworker):
    with pytest.raises(ValidationError, match="只有入户走访才有定位"):
        visits.record_visit(
            homes[0],
            visited_on=clock.today(),
            mode="phone",
            longitude="104",
            latitude="36",
            by=caseworker,
        )
    with pytest.raises(ValidationError, match="走访日期不能晚于今天"):
        visits.record_visit(
            homes[0],
            visited_on=clock.today() + datetime.timedelta(days=1),
            mode="home",
            by=caseworker,
        )


def test_somebody_from_elsewhere_may_do_neither(homes):
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    with pytest.raises(PermissionDenied):
        assign(homes[0], stranger)
    with pytest.raises(PermissionDenied):
        visits.record_visit(homes[0], visited_on=clock.today(), mode="home", by=stranger)
