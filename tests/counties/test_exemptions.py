"""豁免: who may exempt what, until when, what it stops blocking, and how it ends."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from counties.models import Finding
from counties.models.findings import State
from counties.quality import check_households
from counties.services import findings
from fanpin import clock
from fanpin.audit.models import AuditEntry
from households.models import Household
from tests.factories import register

pytestmark = pytest.mark.django_db
WHY = "耕地为整村流转后代管"


@pytest.fixture
def reviewer(tree):
    return register.user("county_reviewer", register.COUNTY)


@pytest.fixture
def family(caseworker):
    made = register.household(caseworker)
    Household.objects.filter(pk=made.pk).update(land_cultivated=180, has_tv=None)
    check_households([made.pk])
    return made


def of(family, code):
    return Finding.objects.get(household=family, code=code)


def warning(family):
    return of(family, "R-FMT-07")


def error(family):
    return of(family, "R-COM-17")


def days(number):
    return clock.today() + datetime.timedelta(days=number)


def test_the_township_exempts_a_warning_and_the_county_an_error(
    family, township, reviewer, caseworker
):
    with pytest.raises(PermissionDenied, match="由县级豁免"):
        findings.waive(error(family), reason=WHY, by=township)
    with pytest.raises(PermissionDenied):
        findings.waive(warning(family), reason=WHY, by=caseworker)
    findings.waive(warning(family), reason=WHY, until=days(60), by=township)
    findings.waive(error(family), reason=WHY, by=reviewer)
    assert (warning(family).state_label, warning(family).waived_until) == ("已豁免", days(60))
    assert error(family).waived_until == days(365)
    assert AuditEntry.objects.filter(verb="finding.waived").count() == 2


def test_nobody_exempts_what_he_explained_himself(family, township, reviewer):
    findings.explain(warning(family), text="已到地块核实", by=township)
    with pytest.raises(PermissionDenied, match="您本人提交"):
        findings.waive(warning(family), reason=WHY, by=township)
    findings.waive(warning(family), reason=WHY, by=reviewer)


def test_an_exemption_lasts_a_year_at_most_and_has_a_reason(family, township):
    with pytest.raises(ValidationError, match="最晚到"):
        findings.waive(warning(family), reason=WHY, until=days(366), by=township)
    with pytest.raises(ValidationError, match="豁免原因"):
        findings.waive(warning(family), reason="无", by=township)


def test_an_exempt_hit_counts_no_more_and_a_check_leaves_it(family, township, reviewer):
    before = Household.objects.get(pk=family.pk)
    findings.waive(warning(family), reason=WHY, by=township)
    findings.waive(error(family), reason=WHY, by=reviewer)
    check_households([family.pk])
    after = Household.objects.get(pk=family.pk)
    assert after.open_errors == before.open_errors - 1
    assert after.open_warnings == before.open_warnings - 1
    assert warning(family).state == State.WAIVED


def test_it_lapses_the_day_after_and_is_told_in_the_audit(family, township):
    findings.waive(warning(family), reason=WHY, until=days(1), by=township)
    findings.lapse()
    assert warning(family).is_exempt
    Finding.objects.filter(pk=warning(family).pk).update(waived_until=days(-1))
    blocked = Household.objects.get(pk=family.pk).open_warnings
    findings.lapse()
    findings.lapse()
    assert warning(family).state == State.OPEN
    assert Household.objects.get(pk=family.pk).open_warnings == blocked + 1
    assert AuditEntry.objects.filter(verb="findings.lapsed").count() == 1


def test_it_is_taken_back_with_a_reason_by_whoever_may_give_it(family, township, reviewer):
    findings.waive(error(family), reason=WHY, by=reviewer)
    with pytest.raises(PermissionDenied):
        findings.revoke(error(family), reason="已经通广播电视", by=township)
    findings.revoke(error(family), reason="已经通广播电视", by=reviewer)
    assert (error(family).state, error(family).waived_until) == (State.OPEN, None)


def test_the_page_lists_exemptions_with_reason_and_end(client, family, township):
    findings.waive(warning(family), reason=WHY, until=days(20), by=township)
    client.force_login(township)
    page = client.get(reverse("counties:exemptions")).content.decode()
    assert WHY in page
    assert "即将到期" in page
    assert township.name in page
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    client.force_login(stranger)
    assert WHY not in client.get(reverse("counties:exemptions")).content.decode()


def test_the_township_exempts_and_takes_back_on_the_findings_page(client, family, township):
    client.force_login(township)
    row = warning(family)
    shown = client.get(reverse("counties:finding", args=[row.pk])).content.decode()
    assert reverse("counties:finding_waive", args=[row.pk]) in shown
    client.post(reverse("counties:finding_waive", args=[row.pk]), {"reason": WHY})
    assert warning(family).is_exempt
    client.post(reverse("counties:finding_revoke", args=[row.pk]), {"reason": "重新测量面积"})
    assert warning(family).state == State.OPEN
