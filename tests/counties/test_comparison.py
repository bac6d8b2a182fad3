"""Ledgers in, both books compared in the database, findings as work orders."""

import datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from counties.comparison import COMPARED, DIFFERENCES, SPECS, receiving, running
from counties.models import CheckRun, Finding, FindingAction, LedgerBatch, LedgerRow
from counties.models.findings import State
from counties.models.ledgers import BatchState
from counties.services import comparisons, findings, ledgers
from households.models import Household, IncomeStatement, MemberChange
from households.selectors.parameters import current_campaign
from households.services import members as member_service
from tests.counties.books import agreeing_rows, as_csv, hand_in
from tests.factories import register

ALL = tuple(COMPARED)


def compare(tree, by) -> CheckRun:
    run = comparisons.start(tree[register.COUNTY], campaign=current_campaign(), by=by, wait=True)
    running.run(run, advance=lambda *_: None)
    return run


def found():
    return Finding.objects.filter(origin="comparison")


def live() -> list[tuple[str, str]]:
    rows = found().live().order_by("code", "pk").select_related("member")
    return [(f.code, f.member.name if f.member else "") for f in rows]


def hand_in_all(by, **changed):
    for ledger in ALL:
        hand_in(ledger, changed.get(ledger, agreeing_rows(ledger)), by=by)


def without(rows, name):
    return [row for row in rows if row["name"] != name]


def with_(rows, person, **values):
    return [row | values if row["name"] == person else row for row in rows]


def test_books_that_agree_give_no_finding(tree, insured_family, reviewer):
    hand_in_all(reviewer)
    run = compare(tree, reviewer)
    assert live() == []
    assert run.finished_at is not None
    assert {part.ledger: part.matched for part in run.parts.all()}["police"] == 3


CASES = [
    ("police", lambda rows: without(rows, "李秀英"), [("R-XDP-01", "李秀英")]),
    ("police", lambda rows: with_(rows, "李秀英", name="李秀荣"), [("R-XDP-02", "李秀英")]),
    ("police", lambda rows: with_(rows, "李秀英", sex="1"), [("R-XDP-02", "李秀英")]),
    ("police", lambda rows: with_(rows, "李秀英", status="dead"), [("R-XDP-03", "李秀英")]),
    ("police", lambda rows: with_(rows, "李秀英", status="moved_out"), [("R-XDP-05", "李秀英")]),
    (
        "police",
        lambda rows: [*rows, rows[1] | {"id_no": register.id_number(datetime.date(2015, 1, 1)), "name": "王小红"}],
        [("R-XDP-06", "")],
    ),
    (
        "pension",
        lambda rows: [person_row("王建国", kind="resident", status="insured")],
        [("R-XDP-32", "王建国")],
    ),
    ("pension", lambda rows: [person_row("王建国", kind="resident", status="stopped")], []),
    (
        "forest_guard",
        lambda rows: [person_row("王建国", kind="forest", status="on_duty")],
        [("R-XDP-30", "王建国")],
    ),
    ("forest_guard", lambda rows: [person_row("王建国", kind="forest", status="left")], []),
    ("insured", lambda rows: without(rows, "王建国"), [("R-XDP-19", "王建国")]),
    ("insured", lambda rows: with_(rows, "王建国", status="stopped"), [("R-XDP-19", "王建国")]),
    ("school", lambda rows: without(rows, "王小明"), [("R-XDP-16", "王小明")]),
    ("school", lambda rows: with_(rows, "王小明", level="g8"), [("R-XDP-17", "王小明")]),
    (
        "dibao_tekun",
        lambda rows: [person_row("王建国", kind="dibao_rural")],
        [("R-XDP-13", "王建国")],
    ),
    (
        "dibao_tekun",
        lambda rows: [person_row("王建国", kind="tekun_rural_dispersed")],
        [("R-XDP-14", "王建国")],
    ),
    (
        "disabled",
        lambda rows: [person_row("王建国", kind="4", level="2", status="valid")],
        [("R-XDP-10", "王建国")],
    ),
]  # fmt: skip


def person_row(name, **more):
    known = next(row for row in agreeing_rows("police") if row["name"] == name)
    return {
        "id_no": known["id_no"], "name": name, "status": "normal", "amount": 300, "total": 0, **more
    }  # fmt: skip


@pytest.mark.parametrize(("ledger", "plant", "expected"), CASES)
def test_a_planted_disagreement_is_found_exactly(
    tree, insured_family, reviewer, ledger, plant, expected
):
    hand_in_all(reviewer, **{ledger: plant(agreeing_rows(ledger))})
    compare(tree, reviewer)
    assert live() == expected


def test_a_child_of_compulsory_age_that_is_nowhere_is_found(tree, caseworker, reviewer):
    people = register.family()
    register.household(caseworker, members=people)
    hand_in(
        "school",
        [person_row("王建国", address="夜校", level="voc1", status="dropped")],
        by=reviewer,
    )
    compare(tree, reviewer)
    assert live() == [("R-XDP-18", "王小明")]


def test_running_twice_changes_nothing(tree, insured_family, reviewer):
    hand_in_all(reviewer, police=without(agreeing_rows("police"), "李秀英"), insured=[])
    compare(tree, reviewer)
    before = list(found().order_by("pk").values())
    assert len(before) == 4
    run = compare(tree, reviewer)
    assert list(found().order_by("pk").values()) == before
    assert [part.opened for part in run.parts.all()] == [0] * len(ALL)


def test_a_run_on_another_day_writes_no_finding_again(tree, insured_family, reviewer):
    hand_in_all(reviewer, insured=[])
    compare(tree, reviewer)

    def versions():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, xmin::text, ctid::text FROM counties_finding ORDER BY id")
            return cursor.fetchall()

    before = versions()
    with time_machine.travel("2021-11-09T09:00:00+08:00", tick=False):
        compare(tree, reviewer)
    assert versions() == before
    assert FindingAction.objects.count() == 3


def test_what_comes_back_is_sent_down_again(tree, insured_family, reviewer):
    hand_in_all(reviewer, insured=[])
    compare(tree, reviewer)
    hand_in("insured", agreeing_rows("insured"), by=reviewer)
    compare(tree, reviewer)
    hand_in("insured", without(agreeing_rows("insured"), "王建国"), by=reviewer)
    with time_machine.travel("2021-11-09T09:00:00+08:00", tick=False):
        run = compare(tree, reviewer)
    assert live() == [("R-XDP-19", "王建国")]
    again = found().live().get()
    assert (again.state, again.due_on) == (State.DISPATCHED, datetime.date(2021, 11, 19))
    assert [a.target for a in again.actions.all()] == [State.DISPATCHED] * 2
    assert sum(part.opened for part in run.parts.all()) == 1


def test_a_person_s_answer_outlasts_a_run_that_finds_other_words(
    tree, insured_family, reviewer, caseworker
):
    hand_in_all(reviewer, police=with_(agreeing_rows("police"), "李秀英", name="李秀荣"))
    compare(tree, reviewer)
    findings.explain(found().get(), text="户籍登记有误，已去函", by=caseworker)
    hand_in("police", with_(agreeing_rows("police"), "李秀英", name="李秀蓉"), by=reviewer)
    compare(tree, reviewer)
    answered = found().get()
    assert (answered.state, "李秀蓉" in answered.detail) == (State.EXPLAINED, True)
    assert [a.verb for a in answered.actions.all()] == ["dispatched", "explained"]


def test_findings_go_to_the_village_with_a_due_date_and_are_counted(tree, insured_family, reviewer):
    hand_in_all(reviewer, insured=[])
    compare(tree, reviewer)
    finding = found().first()
    assert (finding.state, finding.due_on) == (State.DISPATCHED, datetime.date(2021, 11, 18))
    assert finding.actions.get().done_by == reviewer
    assert Household.objects.get(pk=insured_family.pk).open_errors == 3


def test_a_finding_closes_by_itself_when_the_books_agree(tree, insured_family, reviewer):
    hand_in_all(reviewer, insured=[])
    compare(tree, reviewer)
    hand_in("insured", agreeing_rows("insured"), by=reviewer)
    compare(tree, reviewer)
    assert live() == []
    assert found().filter(state=State.CLOSED).count() == 3
    assert Household.objects.get(pk=insured_family.pk).open_errors == 0


@pytest.mark.django_db(transaction=True)
def test_a_correction_of_the_register_closes_the_finding_at_once(
    tree, insured_family, reviewer, caseworker
):
    hand_in_all(reviewer, police=with_(agreeing_rows("police"), "李秀英", name="李秀荣"))
    compare(tree, reviewer)
    assert live() == [("R-XDP-02", "李秀英")]
    member = insured_family.members.get(name="李秀英")
    member_service.edit(member, fields={"name": "李秀荣"}, by=caseworker)
    assert live() == []


@pytest.mark.django_db(transaction=True)
def test_what_an_edit_brings_to_light_goes_down_under_the_last_run(
    tree, insured_family, reviewer, caseworker
):
    hand_in_all(reviewer, police=with_(agreeing_rows("police"), "李秀英", name="李秀荣"))
    compare(tree, reviewer)
    member = insured_family.members.get(name="李秀英")
    member_service.edit(
        member, fields={"ethnicity": "03", "ins_med_resident": False}, by=caseworker
    )
    new = found().live().get(code="R-XDP-19")
    assert (new.state, new.dispatched_by) == (State.DISPATCHED, reviewer)
    assert "按2021-11-08发起的比对自动派发" in new.actions.get().note


def test_an_approved_residence_exception_is_respected(tree, insured_family, reviewer):
    member = insured_family.members.get(name="李秀英")
    MemberChange.objects.create(
        household=insured_family, member=member, kind="increase", reason="inc_cohabit",
        changed_on=datetime.date(2021, 1, 1), made_at=datetime.datetime.now(datetime.UTC),
        state="done",
    )  # fmt: skip
    hand_in_all(reviewer, police=without(agreeing_rows("police"), "李秀英"))
    compare(tree, reviewer)
    assert live() == []


def test_allowance_paid_differs_beyond_the_tolerance(tree, caseworker, reviewer):
    people = register.family()
    people[0] |= {"dibao_status": "rural"}
    household = register.household(caseworker, members=people)
    campaign = current_campaign()
    statement = IncomeStatement.objects.create(
        household=household, purpose="annual", campaign=campaign, window_from=campaign.income_from,
        window_to=campaign.income_to, members_count=3, inc_dibao=Decimal("3500"), made_by=caseworker,
        made_at=datetime.datetime.now(datetime.UTC),
    )  # fmt: skip
    hand_in("dibao_tekun", agreeing_rows("dibao_tekun"), by=reviewer)
    compare(tree, reviewer)
    assert live() == []  # 100 of 3,600 is within 5 %
    statement.inc_dibao = Decimal("3300")
    statement.save()
    compare(tree, reviewer)
    assert live() == [("R-XDP-15", "")]
    row = agreeing_rows("dibao_tekun")[0] | {"total": "", "amount": 275}
    hand_in("dibao_tekun", [row], by=reviewer)
    compare(tree, reviewer)
    assert live() == []  # 12 months × 275 = 3,300


def test_wrong_cells_are_listed_and_the_good_rows_used(tree, insured_family, reviewer):
    rows = agreeing_rows("police")
    rows[1] |= {"id_no": rows[1]["id_no"][:17]}
    rows[2] |= {"status": "不明"}
    rows.append(dict(rows[0]))
    batch = hand_in("police", rows, by=reviewer)
    errors = [(e.cell, e.message) for e in batch.errors.all()]
    assert (batch.rows, batch.loaded, batch.wrong) == (4, 2, 3)
    assert errors == [
        ("A3", "身份证号不对（位数、出生日期或校验码）"),
        ("H4", "不在可选项中"),
        ("A5", "同一人在本台账中重复，只采用前面一行"),
    ]
    assert all(e.remedy for e in batch.errors.all())


def test_a_file_that_is_no_ledger_is_refused_with_what_was_looked_for(tree, reviewer):
    wrong = as_csv("school", [])
    batch = ledgers.receive(
        ledger=SPECS["police"], county=tree[register.COUNTY], campaign=current_campaign(),
        period="202110", upload=wrong, by=reviewer, wait=True,
    )  # fmt: skip
    batch = receiving.load(batch)
    assert batch.state == BatchState.REFUSED
    assert batch.errors.count()
    assert not LedgerRow.objects.exists()


def test_the_newest_batch_is_in_use(tree, insured_family, reviewer):
    first = hand_in("police", agreeing_rows("police"), by=reviewer)
    second = hand_in("police", agreeing_rows("police"), by=reviewer)
    states = dict(LedgerBatch.objects.values_list("pk", "state"))
    assert states == {first.pk: BatchState.SUPERSEDED, second.pk: BatchState.IN_USE}


def test_a_department_hands_in_only_its_own_ledger_in_its_own_county(tree, insured_family):
    officer = register.user("department_officer", register.COUNTY, department="medical_insurance")
    hand_in("insured", agreeing_rows("insured"), by=officer)
    with pytest.raises(PermissionDenied):
        hand_in("police", agreeing_rows("police"), by=officer)
    abroad = register.user("department_officer", "620422", department="medical_insurance")
    with pytest.raises(PermissionDenied):
        hand_in("insured", agreeing_rows("insured"), by=abroad)


def test_without_a_ledger_there_is_nothing_to_compare(tree, reviewer):
    with pytest.raises(ValidationError, match="还没有可比对的部门台账"):
        compare(tree, reviewer)


def test_an_explanation_of_an_error_is_judged_by_the_county_not_its_author(
    tree, insured_family, reviewer, caseworker, township
):
    hand_in_all(reviewer, police=without(agreeing_rows("police"), "李秀英"))
    compare(tree, reviewer)
    finding = found().get()
    findings.explain(finding, text="户籍在兰州，已去函", evidence=[register.paper()], by=caseworker)
    assert finding.evidence.count() == 1
    with pytest.raises(PermissionDenied, match="由县级审核"):
        findings.accept(finding, by=township)
    findings.reject(finding, reason="请补户口簿复印件", by=reviewer)
    findings.explain(finding, text="已补户口簿复印件", by=caseworker)
    findings.accept(finding, by=reviewer)
    finding.refresh_from_db()
    assert finding.state == State.WAIVED
    compare(tree, reviewer)
    finding.refresh_from_db()
    assert finding.state == State.WAIVED
    assert Household.objects.get(pk=insured_family.pk).open_errors == 0


def test_a_waiver_ends_on_its_day(tree, insured_family, reviewer):
    hand_in_all(reviewer, police=without(agreeing_rows("police"), "李秀英"))
    compare(tree, reviewer)
    finding = found().get()
    with pytest.raises(ValidationError, match="须晚于今天"):
        findings.waive(
            finding, reason="户籍迁移在途", until=datetime.date(2021, 11, 8), by=reviewer
        )
    findings.waive(finding, reason="户籍迁移在途", until=datetime.date(2021, 12, 1), by=reviewer)
    compare(tree, reviewer)
    assert live() == []
    found().update(waived_until=datetime.date(2021, 11, 7))
    compare(tree, reviewer)
    assert live() == [("R-XDP-01", "李秀英")]
    finding.refresh_from_db()
    assert (finding.state, finding.actions.last().verb) == (State.DISPATCHED, "dispatched")


def test_every_difference_says_what_to_do():
    assert all(d.remedy and d.title and d.fields for d in DIFFERENCES.values())
    assert len(DIFFERENCES) == sum(len(spec.differences) for spec in SPECS.values())
