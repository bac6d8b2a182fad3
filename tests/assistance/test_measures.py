"""Measures: who may have one before admission, delivery with proof, what elimination sees."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from assistance.models import Measure
from assistance.selectors import coverage
from assistance.selectors import plans as plan_selectors
from assistance.services import advance, filing, measures
from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from tests.factories import assistance as made
from tests.factories import register

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2021, 11, 8)


def planned(household, by, **more):
    return measures.plan(
        household, by=by, risk="illness", start_on=TODAY, department="medical_insurance",
        **{**made.HEALTH, **more},
    )  # fmt: skip


def confirmed(household, by, **more):
    return advance.confirm(
        household,
        by=by,
        **{
            "event_type": "accident",
            "event_on": datetime.date(2021, 11, 2),
            "description": "车祸住院",
            "case_no": "线索20211102001",
            "evidence": [register.paper()],
            **more,
        },
    )


def test_an_ordinary_household_gets_no_measure_before_admission(household, village):
    with pytest.raises(Refused, match="先行帮扶"):
        planned(household, village)


def test_a_lifted_household_may_have_measures(village):
    lifted = register.household(village, hh_type="lifted")
    assert planned(lifted, village).is_advance is False


def test_the_townships_word_lets_help_begin_in_advance(household, village, township):
    with pytest.raises(PermissionDenied, match="乡镇"):
        confirmed(household, village)
    helped = confirmed(household, township)
    assert helped.due_on == datetime.date(2021, 12, 8)
    assert planned(household, village).is_advance
    with pytest.raises(Refused, match="未办结"):
        confirmed(household, township)


def test_advance_help_names_its_event_its_case_and_a_proof(household, township):
    with pytest.raises(Refused) as refusal:
        confirmed(
            household, township, event_on=datetime.date(2021, 11, 9), case_no=" ", evidence=[]
        )
    assert len(refusal.value.reasons) == 3


def test_not_admitted_after_advance_help_needs_the_townships_note(household, village, township):
    helped = confirmed(household, township)
    measure = planned(household, village)
    with pytest.raises(ValidationError, match="乡镇说明"):
        advance.settle(helped, by=township, outcome="not_admitted")
    advance.settle(helped, by=township, outcome="not_admitted", note="经评议不符合条件")
    assert Measure.objects.get(pk=measure.pk).is_advance
    with pytest.raises(Refused):
        planned(household, village)


def test_delivery_needs_a_day_a_proof_and_is_done_once(monitored, village):
    measure = planned(monitored, village)
    with pytest.raises(Refused) as refusal:
        measures.deliver(measure, by=village, delivered_on=datetime.date(2021, 11, 9), evidence=[])
    assert len(refusal.value.reasons) == 2
    done = measures.deliver(
        measure, by=village, delivered_on=TODAY, amount=Decimal(3000), evidence=[register.paper()]
    )
    assert (done.status, done.amount, done.evidence.count()) == ("done", 3000, 1)
    assert AuditEntry.objects.filter(verb="measure.delivered").exists()
    with pytest.raises(Refused, match="已落实"):
        measures.deliver(done, by=village, delivered_on=TODAY, evidence=[register.paper()])


def test_a_file_that_is_no_photo_is_refused_and_nothing_is_written(monitored, village):
    measure = planned(monitored, village)
    with pytest.raises(ValidationError, match="PDF"):
        measures.deliver(
            measure, by=village, delivered_on=TODAY,
            evidence=[SimpleUploadedFile("表.xlsx", b"PK..")],
        )  # fmt: skip
    measure.refresh_from_db()
    assert measure.is_pending


def test_other_says_what_it_is(monitored, village):
    fields = {"category": "finance", "item": "finance.other", "domain": "microloan"}
    with pytest.raises(ValidationError) as refusal:
        planned(monitored, village, **fields)
    assert "note" in refusal.value.message_dict
    assert planned(monitored, village, **fields, note="贷款贴息").pk


def test_a_cancelled_measure_stays_with_its_reason_and_a_verified_one_cannot_go(monitored, village):
    measure = measures.cancel(planned(monitored, village), by=village, reason="重复登记")
    assert (measure.status, measure.cancel_reason) == ("cancelled", "重复登记")
    done = made.delivered_measure(monitored, by=village)
    assert measures.verify({done.pk: "MZ-0001"}, by=None) == 1
    done.refresh_from_db()
    assert (done.status, done.ledger_ref) == ("verified", "MZ-0001")
    with pytest.raises(Refused, match="部门台账"):
        measures.cancel(done, by=village, reason="误")


@pytest.mark.parametrize(
    ("risk", "fields", "answered"),
    [
        ("illness", {}, True),
        ("illness", {"category": "comprehensive", "item": "comprehensive.temp"}, True),
        ("schooling", {}, False),
        ("unsafe_house", {"category": "relocation", "item": "relocation.resettle"}, True),
        ("job_unstable", made.WORK, True),
    ],
)
def test_a_risk_is_answered_by_its_categories_only(monitored, village, risk, fields, answered):
    made.delivered_measure(monitored, by=village, risk="", **fields)
    assert coverage.uncovered_risks(monitored.pk, [risk]) == ([] if answered else [risk])
    assert coverage.has_delivered_measure(monitored.pk, risk) is answered


def test_only_delivered_measures_answer_for_elimination(monitored, village, township):
    plan = made.approved_plan(monitored, by=village, checker=township)
    measure = planned(monitored, village, plan_item=plan.items.get())
    assert coverage.uncovered_risks(monitored.pk, ["illness"]) == ["illness"]
    assert coverage.uncovered_risks(monitored.pk, ["illness"], delivered_only=False) == []
    assert [i.pk for i in coverage.open_items(monitored.pk)] == [plan.items.get().pk]
    assert "尚未落实" in coverage.gaps(monitored, plan_selectors.risks_of(monitored.pk))[0].text
    measures.deliver(measure, by=village, delivered_on=TODAY, evidence=[register.paper()])
    assert coverage.open_items(monitored.pk) == []
    assert coverage.gaps(monitored, ["illness"]) == []


def test_the_folder_counts_what_the_state_asks_for(monitored, village, township):
    folder = coverage.file_completeness(monitored)
    assert folder.required == 12
    assert not folder.is_complete
    assert coverage.file_completeness(monitored, "eliminating").required == 14
    made.approved_plan(monitored, by=village, checker=township)
    filing.note_produced(monitored, by=None, code="f07", link="/monitoring/")
    filing.note(monitored, by=village, code="f01", upload=register.paper())
    held = {line.code for line in coverage.file_completeness(monitored).lines if line.is_present}
    assert held == {"f01", "f07", "f12"}
    with pytest.raises(ValidationError, match="存放位置"):
        filing.note(monitored, by=village, code="f02")
