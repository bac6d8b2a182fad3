"""The 核实说明 of the annual form is the explanation of the household's warnings, judged with the form."""

import pytest

from counties.models import Finding, FindingAction
from counties.quality import check_households
from households.models import Campaign, Household
from households.services import collection, income
from tests.factories import register

pytestmark = pytest.mark.django_db
WORDS = "按确权证书核对，耕地面积属实"


@pytest.fixture
def warned(insured_family, caseworker):
    """A household ready to be handed in, with more land than usual."""
    Household.objects.filter(pk=insured_family.pk).update(land_cultivated=260)
    campaign = Campaign.objects.get()
    statement = income.save_statement(
        insured_family, purpose="annual", campaign=campaign, lines={"inc_wage": 36000},
        version=None, by=caseworker,
    )  # fmt: skip
    income.confirm(statement, by=caseworker)
    Finding.objects.all().delete()
    check_households([insured_family.pk])
    Finding.objects.exclude(code="R-FMT-07").delete()
    Household.objects.filter(pk=insured_family.pk).update(open_errors=0, open_warnings=1)
    insured_family.refresh_from_db()
    return collection.collect(collection.of(insured_family, campaign), by=caseworker)


def handed_in(form, caseworker):
    # What else the rules say of this small family is not the matter here.
    Finding.objects.exclude(code="R-FMT-07").delete()
    Household.objects.update(open_errors=0, open_warnings=1)
    return collection.submit(form, explanation=WORDS, by=caseworker)


def finding():
    return Finding.objects.get(code="R-FMT-07")


def said():
    return list(FindingAction.objects.order_by("pk").values_list("verb", "note", "done_by__name"))


def test_handing_in_explains_the_warnings_and_the_townships_pass_accepts_them(
    warned, caseworker, township
):
    form = handed_in(warned, caseworker)
    assert (finding().state, said()) == ("explained", [("explained", WORDS, "张村官")])
    collection.review(form, by=township)
    assert finding().state == "waived"
    assert said()[-1] == ("accepted", "随年度采集表审核通过", "赵审核")


def test_a_returned_form_takes_its_explanation_back(warned, caseworker, township):
    form = handed_in(warned, caseworker)
    collection.send_back(form, note="请附确权证书", by=township)
    assert finding().state == "open"
    assert said()[-1] == ("rejected", "随年度采集表退回：请附确权证书", "赵审核")


def test_an_error_is_not_explained_along_with_the_form(warned, caseworker):
    Finding.objects.update(severity="error")
    handed_in(warned, caseworker)
    assert (finding().state, said()) == ("open", [])


def test_what_was_explained_by_itself_waits_for_its_own_judgement(warned, caseworker, township):
    form = handed_in(warned, caseworker)
    FindingAction.objects.update(note="另附确权证书说明")
    collection.review(form, by=township)
    assert finding().state == "explained"


def test_only_the_household_of_the_form_is_answered(warned, caseworker):
    other = register.household(caseworker, members=[register.person("赵大山")])
    Finding.objects.filter(code="R-FMT-07").update(household=other)
    handed_in(warned, caseworker)
    assert finding().state == "open"
