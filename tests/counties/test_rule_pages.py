"""The rule catalogue and what a household's overview says of its data."""

import pytest
from django.urls import reverse

from counties.models import Finding
from counties.quality import check_households
from counties.views.panels import findings_panel
from fanpin.accounts.models import User
from fanpin.rules import registry
from households.models import Household
from tests.factories import register


@pytest.fixture
def family(caseworker):
    made = register.household(caseworker)
    Household.objects.filter(pk=made.pk).update(land_cultivated=180, has_tv=None)
    check_households([made.pk])
    return made


def test_the_catalogue_lists_every_rule_with_the_findings_of_my_scope(client, caseworker, family):
    client.force_login(caseworker)
    page = client.get(reverse("counties:rules"), {"live": "yes"}).content.decode()
    assert "R-FMT-07" in page
    assert "耕地面积超出合理范围" in page
    assert "code=R-FMT-07" in page
    everything = client.get(reverse("counties:rules"))
    assert everything.context["page"].count == len(registry)


def test_somebody_elses_village_counts_nothing(client, family):
    client.force_login(register.user("village_caseworker", register.FAR_VILLAGE))
    page = client.get(reverse("counties:rules"), {"live": "yes"})
    assert page.context["page"].count == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"severity": "warn"}, {"warn"}),
        ({"severity": "error", "subject": "member"}, {"error"}),
    ],
)
def test_the_catalogue_is_filtered_by_severity_and_subject(client, caseworker, query, expected):
    client.force_login(caseworker)
    rows = client.get(reverse("counties:rules"), query).context["page"]
    wanted = [r for r in registry if r.severity in expected]
    wanted = [r for r in wanted if query.get("subject", r.subject) == r.subject]
    assert rows.count == len(wanted)


def test_a_rule_is_found_by_number_or_title(client, caseworker):
    client.force_login(caseworker)
    for text in ("r-hh-30", "危房户未纳入"):
        page = client.get(reverse("counties:rules"), {"q": text})
        assert page.context["page"].count == 1


def test_every_rule_has_a_page_in_plain_words(client, caseworker):
    client.force_login(caseworker)
    for rule in registry:
        page = client.get(reverse("counties:rule", args=[rule.code]))
        text = page.content.decode()
        assert rule.condition in text, rule.code
        assert rule.remedy in text, rule.code
        named = [label for label, _value in page.context["failing"] + page.context["passing"]]
        assert not [label for label in named if label.isascii()], rule.code


def test_an_unknown_rule_is_not_found(client, caseworker):
    client.force_login(caseworker)
    assert client.get(reverse("counties:rule", args=["R-XX-99"])).status_code == 404


def test_the_catalogue_is_closed_to_strangers(client, db):
    assert client.get(reverse("counties:rules")).status_code == 302


def test_the_overview_names_each_finding_with_remedy_and_a_way_to_the_field(rf, caseworker, family):
    request = rf.get("/")
    request.user = User.objects.get(pk=caseworker.pk)
    html = findings_panel(request, family)
    assert registry["R-COM-17"].title in html
    assert "是否通广播电视 未填" in html
    assert registry["R-COM-17"].remedy in html
    assert reverse("households:edit", args=[family.pk]) + "#id_has_prod_power" in html


def test_a_reader_who_may_not_edit_is_led_to_the_finding(rf, township, family):
    request = rf.get("/")
    request.user = User.objects.get(pk=township.pk)
    html = findings_panel(request, family)
    finding = Finding.objects.get(code="R-COM-17")
    assert reverse("counties:finding", args=[finding.pk]) in html
