"""重点筛查: who is listed by what, what each says, how a household is listed, dismissed and comes back."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from counties.models import KeyCheck, KeyCheckAction, KeyCheckReason, ScreeningRun
from counties.screening import SIGNALS, running
from counties.services import comparisons, screening
from fanpin.audit.models import AuditEntry
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.models import Household, Parameter, PolicyItem
from households.selectors.parameters import current_campaign
from households.services import income
from households.services import members as member_service
from monitoring.models import Case, Clue
from tests.counties.books import hand_in
from tests.factories import register

OLD = datetime.date(1950, 1, 2)
CHILD = datetime.date(2010, 1, 2)
AWAY = {"work_months": 8, "work_province": "44", "labour": "ordinary"}


def screen(tree: Any, by: Any = None) -> ScreeningRun:
    run = screening.start(tree[register.COUNTY], campaign=current_campaign(), by=by, wait=True)
    running.run(run, advance=lambda *_: None)
    run.refresh_from_db()
    return run


def codes(household: Household) -> list[str]:
    rows = KeyCheckReason.objects.filter(key_check__household=household, gone_at=None)
    return sorted(rows.values_list("code", flat=True))


def home(by: Any, *members: Any, **fields: Any) -> Household:
    """A household with nothing to look at, unless told otherwise: one worker, insured."""
    worker = register.person("王建国", labour="ordinary", ins_med_resident=True)
    return register.household(by, members=[worker, *members], **fields)


def stated(household: Household, by: Any, **lines: int) -> None:
    income.save_statement(
        household, purpose="annual", campaign=current_campaign(),
        lines={name: Decimal(value) for name, value in lines.items()}, by=by,
    )  # fmt: skip


def someone(name: str = "王二", **more: Any) -> dict[str, Any]:
    fields = {"labour": "ordinary", "ins_med_resident": True, **more}
    return register.person(name, "20", **fields)


FACTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("major_illness", {"health": ["major"]}, {}),
    ("severe_disabled", {"person_groups": ["severe_disabled"]}, {}),
    ("tekun_dispersed", {"tekun_status": "rural_dispersed"}, {}),
    ("disabled_elderly", {"born": OLD, "labour": "lost"}, {}),
    ("left_women", {"person_groups": ["left_women"]}, {}),
    ("uninsured", {"ins_med_resident": False, "ins_med_employee": False}, {}),
    ("dropout", {"born": CHILD, "labour": "none", "dropout_reason": "poverty"}, {}),
    ("unsafe_house", {}, {"house_level": "D"}),
    ("unsafe_water", {}, {"has_safe_water": False}),
    ("hardship", {}, {"special_groups": ["hardship"]}),
    ("disaster", {}, {"special_groups": ["this_year_hit"]}),
]


@pytest.mark.parametrize(("code", "member", "fields"), FACTS, ids=[case[0] for case in FACTS])
def test_a_fact_of_the_register_is_a_reason_with_its_words(tree, caseworker, code, member, fields):
    household = home(caseworker, someone(**member), **fields)
    other = home(caseworker, someone())
    screen(tree)
    assert codes(household) == [code]
    assert codes(other) == []
    reason = KeyCheckReason.objects.get()
    assert reason.title == SIGNALS[code].title
    assert reason.detail
    assert (reason.source, reason.source_on) == ("农户登记", datetime.date(2021, 11, 8))
    assert ("王二" in reason.detail) is bool(member)


def test_children_and_old_people_are_left_behind_when_all_grown_ups_work_far_away(tree, caseworker):
    def family(**worker: Any) -> Household:
        return register.household(
            caseworker,
            members=[
                register.person("王建国", ins_med_resident=True, **{**AWAY, **worker}),
                someone("王奶奶", born=OLD, labour="none"),
                someone("王小妹", born=CHILD, labour="none"),
            ],
        )

    behind, near = family(), family(work_province="62", work_city="6204", work_county="620421")
    screen(tree)
    assert codes(behind) == ["left_children", "left_elderly"]
    assert codes(near) == []


def test_income_below_the_line_says_both_figures(tree, caseworker):
    poor, shocked, well = (home(caseworker) for _ in range(3))
    stated(poor, caseworker, inc_wage=5_400)
    stated(shocked, caseworker, inc_wage=9_000, self_pay=4_000)
    stated(well, caseworker, inc_wage=6_000)
    screen(tree)
    assert codes(poor) == ["income_below_line"]
    assert codes(shocked) == ["expense_below_line"]
    assert codes(well) == []
    detail = KeyCheckReason.objects.get(code="income_below_line").detail
    assert "人均纯收入5400元" in detail
    assert "低于监测范围6000元" in detail


@pytest.mark.parametrize(
    ("kind", "amount", "stands"),
    [("lifted", 4_999, False), ("lifted", 5_000, True), ("general", 19_999, False), ("general", 20_000, True)],
)  # fmt: skip
def test_the_insurers_warning_has_its_own_threshold_for_each_kind_of_household(
    tree, caseworker, reviewer, kind, amount, stands
):
    household = home(caseworker, hh_type=kind)
    member = household.members.get()
    row = {"id_no": member.id_no, "name": member.name, "amount": amount}
    batch = hand_in("warn_medical", [row], by=reviewer)
    screen(tree)
    assert codes(household) == (["medical_bill"] if stands else [])
    if stands:
        reason = KeyCheckReason.objects.get()
        assert (reason.source, reason.figure) == ("医保高额自付预警（202110）", amount)
        assert reason.ledger_row.batch == batch


def test_ledgers_of_disaster_disease_and_school_are_reasons(tree, caseworker, reviewer):
    household = home(caseworker)
    member = household.members.get()
    who = {"id_no": member.id_no, "name": member.name}
    hand_in(
        "warn_disaster",
        [who | {"kind": "hail", "status_on": "2021-10-09", "amount": 18000}],
        by=reviewer,
    )
    hand_in("warn_disease", [who | {"kind": "肺癌", "status_on": "2021-10-12"}], by=reviewer)
    hand_in("warn_school", [who | {"kind": "bachelor", "amount": 10_001}], by=reviewer)
    screen(tree)
    assert codes(household) == ["disaster", "major_illness", "school_cost"]
    detail = KeyCheckReason.objects.get(code="disaster").detail
    assert "2021-10-09发生风雹" in detail
    assert "损失18000元" in detail


def test_points_make_the_colour_by_dated_thresholds(tree, caseworker):
    household = home(caseworker, someone(health=["major"]), house_level="C")
    screen(tree)
    row = KeyCheck.objects.get(household=household)
    assert (row.points, row.colour, row.reasons_count) == (70, "red", 2)
    Parameter.objects.filter(key="screening_red").update(value="80")
    screen(tree)
    row.refresh_from_db()
    assert row.colour == "orange"
    PolicyItem.objects.filter(list_key="screening_signal", code="unsafe_house").update(active=False)
    screen(tree)
    row.refresh_from_db()
    assert (row.points, codes(household)) == (30, ["major_illness"])


def test_a_missing_value_is_not_guessed(tree, caseworker):
    home(caseworker, someone(health=["major"]))
    Parameter.objects.filter(key="elder_age").delete()
    terms = running.terms_at(tree[register.COUNTY].path, current_campaign())
    assert "disabled_elderly" in terms.skipped
    assert "disabled_elderly" not in terms.points
    Parameter.objects.filter(key="screening_red").delete()
    with pytest.raises(ValidationError, match="重点核查红色分值"):
        screen(tree)


def test_a_run_keeps_the_values_it_decided_by(tree, caseworker):
    home(caseworker)
    values = dict(screen(tree).values.values_list("key", "value"))
    assert values["medical_warning_general"] == "20000"
    assert values["screening_signal.unsafe_house"] == "40"


def test_running_twice_changes_nothing_and_a_reason_goes_with_its_day(tree, caseworker):
    household = home(caseworker, someone(health=["major"]))
    assert screen(tree).appeared == 1
    again = screen(tree)
    assert (again.appeared, again.vanished) == (0, 0)
    member = household.members.get(name="王二")
    with time_machine.travel("2021-11-10T10:00:00+08:00", tick=False):
        member_service.edit(member, fields={"health": ["healthy"]}, by=caseworker)
        screen(tree)
    reason = KeyCheckReason.objects.get()
    assert reason.first_seen_at.day == 8
    assert reason.gone_at.day == 10
    row = KeyCheck.objects.get()
    assert (row.state, row.points, row.reasons_count) == ("gone", 0, 0)


def test_listing_files_a_clue_that_opens_the_case(tree, caseworker):
    household = home(caseworker, someone(health=["major"], disease_name="肺癌"))
    screen(tree)
    row = screening.list_household(KeyCheck.objects.get(), by=caseworker)
    clue = Clue.objects.get()
    assert (row.state, row.clue) == ("listed", clue)
    assert (clue.source, clue.key_group) == ("key_group", "major_illness")
    assert "王二患有大病：肺癌" in clue.facts
    assert Case.objects.get(household=household).kind == "identify"
    screen(tree)
    assert KeyCheck.objects.get().state == "listed"
    assert AuditEntry.objects.filter(verb="key_check.listed").count() == 1
    with pytest.raises(ValidationError, match="已列入核查"):
        screening.list_household(row, by=caseworker)


def test_a_departments_warning_keeps_its_department(tree, caseworker, reviewer):
    household = home(caseworker)
    member = household.members.get()
    row = {"id_no": member.id_no, "name": member.name, "amount": 30_000}
    hand_in("warn_medical", [row], by=reviewer)
    screen(tree)
    screening.list_household(KeyCheck.objects.get(), by=caseworker)
    clue = Clue.objects.get()
    assert (clue.source, clue.department) == ("dept_warning", "medical_insurance")


def test_what_is_dismissed_stays_dismissed_until_it_gets_worse(tree, caseworker, reviewer):
    household = home(caseworker)
    member = household.members.get()

    def bill(amount: int) -> KeyCheck:
        row = {"id_no": member.id_no, "name": member.name, "amount": amount}
        hand_in("warn_medical", [row], by=reviewer)
        screen(tree)
        return KeyCheck.objects.get()

    screening.dismiss(bill(20_000), reason="商业保险已赔付", by=caseworker)
    row = bill(21_900)
    assert (row.state, row.dismissed_by) == ("dismissed", caseworker)
    row = bill(22_100)
    assert (row.state, row.dismissed_by, row.dismissed_reason) == ("waiting", None, "")
    back = KeyCheckAction.objects.filter(done_by=None).get()
    assert "22100" in back.note
    screening.dismiss(row, reason="已核实无风险", by=caseworker)
    Household.objects.filter(pk=household.pk).update(has_safe_water=False)
    assert bill(22_100).state == "waiting"


def test_a_dismissal_needs_a_reason_and_can_be_taken_back(tree, caseworker):
    home(caseworker, house_level="D")
    screen(tree)
    row = KeyCheck.objects.get()
    with pytest.raises(ValidationError, match="排除原因"):
        screening.dismiss(row, reason="无", by=caseworker)
    row = screening.dismiss(row, reason="已搬入新居", by=caseworker)
    row = screening.restore(row, by=caseworker)
    screen(tree)
    row.refresh_from_db()
    assert row.state == "waiting"
    assert [a.target for a in row.actions.order_by("pk")] == ["dismissed", "waiting"]


def test_a_monitored_household_is_shown_but_not_listed(tree, caseworker):
    household = home(caseworker, house_level="D")
    Household.objects.filter(pk=household.pk).update(monitoring_state="monitored")
    screen(tree)
    assert KeyCheck.objects.get().state == "watched"


def test_only_the_county_screens_and_only_its_people_act(tree, caseworker, reviewer):
    home(caseworker, house_level="D")
    with pytest.raises(PermissionDenied):
        screening.start(tree[register.COUNTY], campaign=current_campaign(), by=caseworker)
    run = screening.start(tree[register.COUNTY], campaign=current_campaign(), by=reviewer)
    assert run.job.kind == screening.JOB
    screen(tree)
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    for act in (
        screening.list_household,
        lambda row, by: screening.dismiss(row, reason="不属实的", by=by),
    ):
        with pytest.raises(PermissionDenied):
            act(KeyCheck.objects.get(), by=stranger)


def test_a_run_goes_on_with_the_township_after_the_last(tree, caseworker):
    home(caseworker, house_level="D")
    run = screening.start(tree[register.COUNTY], campaign=current_campaign(), by=None, wait=True)
    said: list[tuple[int, int]] = []
    running.run(run, advance=lambda done, total, _text: said.append((done, total)), done=1)
    assert said == [(2, 2)]
    assert not KeyCheck.objects.exists()
    assert ScreeningRun.objects.get().finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_saved_household_of_the_list_is_screened_at_once(tree, caseworker):
    household = home(caseworker, someone(), house_level="D")
    screen(tree)
    sick = household.members.get(name="王二")
    member_service.edit(sick, fields={"health": ["major"]}, by=caseworker)
    assert codes(household) == ["major_illness", "unsafe_house"]


def test_every_screened_county_is_screened_again_by_night(tree, caseworker):
    screening.again()
    assert not Job.objects.exists()
    screen(tree)
    screening.again()
    job = Job.objects.get()
    home(caseworker, house_level="D")
    execute(job.pk)
    assert KeyCheck.objects.get().colour == "orange"


def test_the_list_shows_reasons_and_acts_on_ticked_rows(tree, caseworker, client):
    first = home(caseworker, house_level="D", has_safe_water=False)
    second = home(caseworker, house_level="C")
    screen(tree)
    client.force_login(caseworker)
    page = client.get(reverse("counties:key_checks") + "?state=waiting").content.decode()
    assert "住房安全等级D级(整幢危房)" in page
    assert "登记为未解决安全饮用水（农户登记 2021-11-08）" in page
    rows = {row.household_id: row for row in KeyCheck.objects.all()}
    ids = [rows[second.pk].pk]
    asked = client.post(reverse("counties:key_checks_dismiss"), {"ids": ids})
    assert "将排除的农户" in asked.content.decode()
    client.post(reverse("counties:key_checks_dismiss"), {"ids": ids, "reason": "已搬入安置房"})
    client.post(reverse("counties:key_checks_list"), {"ids": [rows[first.pk].pk]})
    states = dict(KeyCheck.objects.values_list("household", "state"))
    assert states == {first.pk: "listed", second.pk: "dismissed"}
    refused = client.post(
        reverse("counties:key_check_dismiss", args=[rows[first.pk].pk]), {"reason": "不"}
    )
    assert refused.status_code == 422
    panel = client.get(reverse("households:detail", args=[first.pk])).content.decode()
    assert "重点核查" in panel


def test_the_api_lists_and_dismisses(tree, caseworker, client):
    home(caseworker, house_level="D")
    screen(tree)
    client.force_login(caseworker)
    (found,) = client.get("/api/v1/key-checks/?state=waiting").json()["results"]
    assert found["standing"][0]["code"] == "unsafe_house"
    url = f"/api/v1/key-checks/{found['id']}/dismiss/"
    assert client.post(url, {"reason": "x"}, content_type="application/json").status_code == 400
    answer = client.post(url, {"reason": "已搬入新居"}, content_type="application/json")
    assert answer.json()["state"] == "dismissed"


def test_a_comparison_is_followed_by_a_screening(tree, caseworker, reviewer, insured_family):
    member = insured_family.members.first()
    hand_in(
        "disabled",
        [
            {
                "id_no": member.id_no,
                "name": member.name,
                "kind": "4",
                "level": "1",
                "status": "valid",
            }
        ],
        by=reviewer,
    )
    run = comparisons.start(tree[register.COUNTY], campaign=current_campaign(), by=reviewer)
    execute(run.job_id)
    assert Job.objects.filter(kind=screening.JOB).count() == 1
