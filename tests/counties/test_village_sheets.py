"""村表 and 自然村表: filled, carried forward, counted beside, submitted, reviewed, returned, refused."""

import datetime
import zipfile
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from pypdf import PdfReader

from counties.closure import running, signing
from counties.models import Finding, HamletSheet, SheetChange, VillageSheet
from counties.models.sheets import SheetState
from counties.quality import check_county
from counties.rules import registered
from counties.rules.lines import HAMLET_LINES, VILLAGE, VILLAGE_LINES, asked
from counties.rules.schema import GOOD
from counties.selectors import rollups
from counties.selectors import sheets as selectors
from counties.services import closures
from counties.services import sheets as services
from fanpin import clock
from fanpin.audit.models import AuditEntry
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.regions.models import Division
from fanpin.rules import evaluate, registry
from households.models import Campaign, CountyLock, Household, PolicyItem
from households.selectors.parameters import current_campaign
from tests.counties.test_closure import clean_county, settle_quality, statement  # noqa: F401
from tests.factories import register

SYSTEM = {line.name for line in VILLAGE_LINES if line.system}
HAMLET_FIELDS = {
    "nv_hh_total": 30, "nv_pop_total": 100, "nv_road": True, "nv_power": True, "nv_broadband": True,
    "nv_longitude": Decimal("104.68"), "nv_latitude": Decimal("36.57"),
}  # fmt: skip


def fields(**more):
    """Right answers of a 出列村, as typed."""
    given = {name: value for name, value in GOOD.items() if name not in SYSTEM} | {
        "longitude": Decimal("104.68"),
        "latitude": Decimal("36.57"),
    }
    given = {n: Decimal(str(v)) if isinstance(v, float) else v for n, v in given.items()}
    return given | more


def listed(village, year=2018):
    return PolicyItem.objects.create(
        list_key="listed_village", code="listed", label="出列村", division=village, limit=year,
        effective_from=datetime.date(2021, 1, 1),
    )  # fmt: skip


@pytest.fixture
def village(tree):
    listed(tree[register.VILLAGE])
    return tree[register.VILLAGE]


@pytest.fixture
def hamlets(village):
    return [register.hamlet(village, "一社"), register.hamlet(village, "二社")]


def fill(place, by, version=None, **more):
    given = fields(**more) if place.level == "village" else HAMLET_FIELDS | more
    return services.save(place, campaign=current_campaign(), fields=given, version=version, by=by)


@pytest.fixture
def filled(village, hamlets, caseworker, django_capture_on_commit_callbacks):
    """The village's sheet and its two natural villages', complete and right, judged."""
    with django_capture_on_commit_callbacks(execute=True):
        for hamlet in hamlets:
            fill(hamlet, caseworker)
        return fill(village, caseworker)


def refusals(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refused:
        act(*args, **kwargs)
    return refused.value.messages


# Declarations


def test_a_village_has_72_lines_and_a_natural_village_12_with_their_place_and_campaign():
    assert len(VILLAGE_LINES) + len(("village_code", "village_name", "year")) == 72
    assert len(HAMLET_LINES) + len(("nv_code", "nv_name", "nv_village_code")) == 12


def test_a_village_that_is_no_exit_village_answers_the_reduced_set():
    names = [line.name for _title, lines in asked(VILLAGE, listed=False) for line in lines]
    assert {"hh_total", "pop_total", "road_to_town", "hh_unsafe_water"} <= set(names)
    assert not {"collective_income", "clinics", "land_cultivated"} & set(names)
    assert len(asked(VILLAGE, listed=True)) == 6


@pytest.mark.parametrize("rule", registered, ids=lambda rule: rule.code)
def test_each_rule_names_facts_of_its_subject_and_a_right_place_breaks_none(rule):
    facts = registry.schemas[rule.subject]
    assert set(rule.fields) | set(rule.detail_columns) <= set(facts)
    right = registry.examples[rule.subject](rule.subject, {})
    assert evaluate(right, [rule], on=datetime.date(2021, 11, 8)).is_empty()


def test_all_the_published_rules_are_there():
    wanted = {f"R-VIL-{n:02}" for n in range(1, 19)} | {f"R-CTY-{n:02}" for n in range(1, 15)}
    assert {rule.code for rule in registered} == wanted


# Filling


def test_a_saved_sheet_is_recorded_with_what_changed_and_the_systems_own_lines(village, caseworker):
    register.household(caseworker)
    sheet = fill(village, caseworker)
    assert (sheet.state, sheet.version) == (SheetState.COLLECTED, 1)
    assert (sheet.is_delisted, sheet.delist_year, sheet.hh_lifted, sheet.pop_lifted) == (
        True, 2018, 1, 3,
    )  # fmt: skip
    change = SheetChange.objects.get(division=village)
    assert (change.kind, change.act) == ("village", "填写")
    assert change.after["hh_total"] == 60
    assert AuditEntry.objects.filter(verb="sheet.saved", actor=caseworker).count() == 1


def test_saving_what_stands_changes_nothing(village, caseworker):
    fill(village, caseworker)
    again = fill(village, caseworker, version=1)
    assert again.version == 1
    assert SheetChange.objects.count() == 1


def test_a_half_filled_sheet_is_kept_and_waits(village, caseworker):
    sheet = fill(village, caseworker, leader_name="")
    assert sheet.state == SheetState.TODO
    assert [line.name for line in selectors.unanswered(sheet, listed=True)] == ["leader_name"]


def test_a_line_is_needed_when_another_says_so(village, caseworker):
    sheet = fill(village, caseworker, road_to_town=False, farmstay_hh=2)
    missing = {line.name for line in selectors.unanswered(sheet, listed=True)}
    assert missing == {"road_gap_km", "farmstay_income"}


def test_a_small_natural_village_need_not_say_whether_it_has_a_road(hamlets, caseworker):
    small = fill(hamlets[0], caseworker, nv_hh_total=12, nv_road=None, nv_power=None)
    assert small.state == SheetState.COLLECTED
    large = fill(hamlets[1], caseworker, nv_hh_total=20, nv_road=None, nv_power=None)
    assert large.state == SheetState.TODO


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("longitude", Decimal(120), "不能大于108.8"), ("hh_lifted", 5, "由系统填写"), ("hh_total", -1, "不能小于0")],
)  # fmt: skip
def test_what_lies_outside_its_limits_is_refused_at_its_field(
    village, caseworker, name, value, said
):
    with pytest.raises(ValidationError) as refused:
        fill(village, caseworker, **{name: value})
    assert said in refused.value.message_dict[name][0]
    assert not VillageSheet.objects.exists()


def test_two_people_at_one_sheet_lose_nothing(village, caseworker):
    fill(village, caseworker, version=0)
    said = refusals(fill, village, caseworker, version=0, hh_total=61)
    assert any("您填写“61”，他人已保存为“60”" in text for text in said)
    assert VillageSheet.objects.get().hh_total == 60
    assert fill(village, caseworker, version=1, hh_total=61).version == 2


def test_only_the_villages_own_people_fill_it(village, tree, township, reviewer):
    for stranger in (township, reviewer, register.user("village_caseworker", register.FAR_VILLAGE)):
        with pytest.raises(PermissionDenied, match="村级填写"):
            fill(village, stranger)


def test_a_virtual_village_an_ended_place_and_a_signed_county_refuse(village, caseworker):
    Division.objects.filter(pk=village.pk).update(village_kind="virtual")
    village.refresh_from_db()
    assert "虚拟村" in refusals(fill, village, caseworker)[0]
    Division.objects.filter(pk=village.pk).update(village_kind="", valid_until="2021-11-01")
    village.refresh_from_db()
    assert "停用" in refusals(fill, village, caseworker)[0]
    Division.objects.filter(pk=village.pk).update(valid_until=None)
    village.refresh_from_db()
    CountyLock.objects.create(
        county_code="620421", campaign=current_campaign(), locked_by=caseworker,
        locked_at="2021-11-08T10:00:00+08:00",
    )  # fmt: skip
    assert "已县级闭合锁定" in refusals(fill, village, caseworker)[0]


# Last year


def last_year(village, **more):
    campaign, _ = Campaign.objects.get_or_create(
        year=2020,
        defaults={
            name: datetime.date(2020, 11, 8)
            for name in (
                "starts_on", "training_due_on", "collection_due_on", "entry_due_on",
                "comparison_due_on", "summary_due_on", "report_due_on",
            )
        } | {"name": "2020年度", "income_from": datetime.date(2019, 10, 1),
             "income_to": datetime.date(2020, 9, 30)},
    )  # fmt: skip
    return VillageSheet.objects.create(
        division=village, campaign=campaign, state="closed", version=1,
        changed_at=datetime.datetime.fromisoformat("2020-11-08T10:00:00+08:00"), **fields(**more),
    )  # fmt: skip


def test_last_years_answers_are_carried_forward_and_confirmed_by_saving(
    client, village, caseworker
):
    last_year(village, hh_total=58)
    client.force_login(caseworker)
    page = client.get(reverse("counties:place_sheet_edit", args=[village.pk]))
    html = page.content.decode()
    assert page.context["form"]["hh_total"].value() == 58
    assert "上年：58户" in html
    assert "已带入上年数据" in html
    assert not VillageSheet.objects.filter(campaign=2021).exists()
    typed = {name: form_text(value) for name, value in fields(hh_total=58).items()}
    answer = client.post(page.request["PATH_INFO"], typed | {"version": 0})
    assert answer.status_code == 302
    assert VillageSheet.objects.get(campaign=2021).hh_total == 58


def form_text(value):
    return "1" if value is True else "0" if value is False else "" if value is None else str(value)


def test_a_village_that_took_anothers_place_begins_with_its_answers(village, tree):
    last_year(village, hh_total=58)
    Division.objects.filter(pk=village.pk).update(
        successor=register.OTHER_VILLAGE, valid_until="2021-06-30"
    )
    new = tree[register.OTHER_VILLAGE]
    assert selectors.previous(new, current_campaign()).hh_total == 58


def test_a_year_that_jumps_is_a_warning(village, caseworker, filled):
    last_year(village, farmer_income_pc=Decimal(5000))
    check_county("620421")
    assert Finding.objects.get(code="R-VIL-16").division_id == village.pk


# What the register says


def test_every_rollup_is_the_number_of_the_households_behind_it(village, caseworker):
    people = register.family()
    people[0] |= {"health": ["disabled"], "political_status": "01", "labour": "ordinary",
                  "work_months": 6, "ins_med_resident": True}  # fmt: skip
    people[1] |= {"dibao_status": "rural"}
    home = register.household(
        caseworker, members=people, is_dangerous_house=True, has_safe_water=False,
        land_cultivated=Decimal("4.5"),
    )  # fmt: skip
    counted = rollups.numbers(rollups.VILLAGE, [village.pk])[village.pk]
    assert {name: counted[name] for name in (
        "hh_total", "pop_total", "pop_female", "pop_disabled", "party_members", "pop_labour",
        "pop_migrant", "hh_dibao", "pop_dibao", "hh_lifted", "pop_lifted", "hh_dangerous",
        "hh_unsafe_water", "land_cultivated", "ins_med_count", "hh_tekun",
    )} == {
        "hh_total": 1, "pop_total": 3, "pop_female": 1, "pop_disabled": 1, "party_members": 1,
        "pop_labour": 1, "pop_migrant": 1, "hh_dibao": 1, "pop_dibao": 1, "hh_lifted": 1,
        "pop_lifted": 3, "hh_dangerous": 1, "hh_unsafe_water": 1,
        "land_cultivated": Decimal("4.5"), "ins_med_count": 1, "hh_tekun": 0,
    }  # fmt: skip
    for name, number in counted.items():
        assert rollups.households_behind(name, village.pk) == ([home.pk] if number else []), name


def test_the_sheet_shows_the_registers_number_the_difference_and_the_list(
    client, village, caseworker, filled
):
    register.household(caseworker)
    client.force_login(caseworker)
    html = client.get(reverse("counties:place_sheet", args=[village.pk])).content.decode()
    assert "+59" in html
    behind = reverse("counties:place_rollup", args=[village.pk, "hh_total"])
    assert behind in html
    assert "王建国" in client.get(behind).content.decode()


# Rules as findings


def test_a_saved_mistake_is_found_at_once_and_closes_when_mended(
    village, hamlets, caseworker, filled, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        fill(village, caseworker, pop_female=230)
    found = Finding.objects.live().get(code="R-VIL-08")
    assert (found.division_id, found.household_id, found.county_code) == (
        village.pk,
        None,
        "620421",
    )
    assert "妇女人口数 230 人" in found.detail
    with django_capture_on_commit_callbacks(execute=True):
        fill(village, caseworker)
    found.refresh_from_db()
    assert found.state == "closed"


def test_the_county_check_judges_sheets_and_leaves_the_untouched_alone(village, filled, tree):
    checked = check_county("620421")
    assert checked.hits["R-VIL-01"] == 0
    register.household(register.user("village_caseworker", register.VILLAGE))
    assert check_county("620421").hits["R-VIL-12"] == 1
    assert not Finding.objects.filter(division_id=register.OTHER_VILLAGE).exists()


def test_a_household_at_an_ended_natural_village_is_found(village, hamlets, caseworker, filled):
    home = register.household(caseworker, natural_village=hamlets[0])
    Division.objects.filter(pk=hamlets[0].pk).update(valid_until="2021-11-01")
    assert home.natural_village_id
    assert check_county("620421").hits["R-VIL-17"] == 1


def test_the_findings_page_shows_the_sheets_lines_and_leads_to_its_form(client, caseworker, filled):
    register.household(caseworker)
    check_county("620421")
    found = Finding.objects.get(code="R-VIL-12")
    client.force_login(caseworker)
    html = client.get(reverse("counties:finding", args=[found.pk])).content.decode()
    assert reverse("counties:place_sheet_edit", args=[filled.division_id]) in html
    assert "脱贫户数" in html


# Submission and review


def test_the_way_of_a_sheet_with_its_natural_villages(filled, caseworker, township, reviewer):
    submitted = services.submit(filled, by=caseworker)
    assert submitted.state == SheetState.CHECKED
    assert set(HamletSheet.objects.values_list("state", flat=True)) == {"checked"}
    assert "须由乡镇退回" in refusals(fill, filled.division, caseworker)[0]
    back = services.send_back(submitted, note="户数与户籍不符", by=township)
    assert (back.state, back.note) == (SheetState.RETURNED, "户数与户籍不符")
    fill(filled.division, caseworker, pop_resident=150)
    again = services.submit(filled, by=caseworker)
    passed = services.review(again, by=township)
    assert passed.state == SheetState.REVIEWED
    assert set(HamletSheet.objects.values_list("state", flat=True)) == {"reviewed"}
    acts = list(SheetChange.objects.filter(kind="village").values_list("act", flat=True))[::-1]
    assert acts == ["填写", "提交", "退回", "填写", "提交", "审核通过"]


def test_submission_is_refused_with_every_reason_at_once(
    village, hamlets, caseworker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sheet = fill(village, caseworker, leader_name="", pop_female=230)
    said = refusals(services.submit, sheet, by=caseworker)
    assert any("“村负责人姓名”未填写" in text for text in said)
    assert any("自然村表“一社”未填写完整" in text for text in said)
    assert any("R-VIL-08" in text for text in said)
    assert VillageSheet.objects.get().state == SheetState.TODO


def test_an_untouched_sheet_cannot_be_submitted(village, caseworker):
    said = refusals(services.submit, selectors.draft(village, current_campaign()), by=caseworker)
    assert "还没有填写" in said[0]


def test_the_township_judges_only_what_was_submitted_and_never_its_own(
    filled, caseworker, township
):
    assert "只有已提交" in refusals(services.review, filled, by=township)[0]
    assert "没有提交" in refusals(services.send_back, filled, note="请核对", by=township)[0]
    submitted = services.submit(filled, by=caseworker)
    with pytest.raises(PermissionDenied, match="由乡镇审核"):
        services.review(submitted, by=caseworker)
    assert "写明原因" in refusals(services.send_back, submitted, note=" ", by=township)[0]
    VillageSheet.objects.update(submitted_by=township)
    submitted.refresh_from_db()
    assert "不能审核自己" in refusals(services.review, submitted, by=township)[0]


def test_a_stranger_may_not_submit(filled):
    with pytest.raises(PermissionDenied):
        services.submit(filled, by=register.user("village_caseworker", register.FAR_VILLAGE))


# Pages


def test_the_list_shows_every_village_of_the_scope_with_its_state(client, filled, reviewer):
    client.force_login(reviewer)
    page = client.get(reverse("counties:village_sheets"))
    assert [row["pk"] for row in page.context["rows"]] == [
        register.VILLAGE, register.OTHER_VILLAGE, "620421101201",
    ]  # fmt: skip
    filtered = client.get(reverse("counties:village_sheets"), {"state": "filled"})
    assert [row["pk"] for row in filtered.context["rows"]] == [register.VILLAGE]
    exit_villages = client.get(reverse("counties:village_sheets"), {"listed": "yes"})
    assert exit_villages.context["page"].count == 1
    below = client.get(reverse("counties:village_sheets"), {"division": "620421101"})
    assert [row["pk"] for row in below.context["rows"]] == ["620421101201"]
    hamlets = client.get(reverse("counties:hamlet_sheets"), {"division": register.VILLAGE})
    assert hamlets.context["page"].count == 2


def test_a_refused_page_keeps_what_was_typed(client, village, caseworker):
    client.force_login(caseworker)
    url = reverse("counties:place_sheet_edit", args=[village.pk])
    answer = client.post(url, {"hh_total": "六十", "leader_name": "张支书", "version": "0"})
    assert answer.status_code == 422
    assert answer.context["form"]["leader_name"].value() == "张支书"
    fill(village, caseworker)
    late = client.post(url, {"hh_total": "61", "version": "0"})
    assert late.status_code == 422
    assert "他人已保存为" in late.content.decode()
    again = client.post(url, late.context["form"].data)
    assert again.status_code == 302


def test_steps_are_taken_on_the_page_and_refused_there(
    client, village, hamlets, caseworker, township
):
    client.force_login(caseworker)
    act = reverse("counties:place_sheet_act", args=[village.pk, "submit"])
    refused = client.post(act)
    assert refused.status_code == 422
    assert "还没有填写" in refused.content.decode()
    for hamlet in hamlets:
        fill(hamlet, caseworker)
    fill(village, caseworker)
    assert client.post(act).status_code == 302
    client.force_login(township)
    back = reverse("counties:place_sheet_act", args=[village.pk, "return"])
    assert client.post(back, {"note": ""}).status_code == 422
    assert client.post(back, {"note": "请核对户数"}).status_code == 302
    html = client.get(reverse("counties:place_sheet", args=[village.pk])).content.decode()
    assert "乡镇退回" in html
    assert "请核对户数" in html
    assert (
        client.get(reverse("counties:place_sheet_act", args=[village.pk, "submit"])).status_code
        == 405
    )
    unknown = reverse("counties:place_sheet_act", args=[village.pk, "erase"])
    assert client.post(unknown).status_code == 404


def test_the_print_view_is_the_paper(client, filled, caseworker):
    client.force_login(caseworker)
    url = reverse("counties:place_sheet_print", args=[filled.division_id])
    answer = client.get(url)
    assert answer["Content-Type"] == "application/pdf"
    pages = ["".join(p.extract_text().split()) for p in PdfReader(BytesIO(answer.content)).pages]
    text = "".join(pages)
    code = f"CB-{filled.division_id}-20211108"
    for words in (
        "出列村信息采集表（2021年度）",
        "乡镇（盖章）：",
        "村负责人（签字）：",
        code,
        "数据截至2021-11-08",
    ):
        assert words in text
    assert [f"第{n}页，共{len(pages)}页" in page for n, page in enumerate(pages, 1)] == [
        True
    ] * len(pages)
    labels = ["".join(line.label.split()) for line in VILLAGE_LINES]
    assert [label for label in labels if label not in text] == []
    book = openpyxl.load_workbook(BytesIO(client.get(f"{url}?kind=xlsx").content))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value]
    assert all(any(cell.startswith(line.label) for cell in cells) for line in VILLAGE_LINES)
    assert any(code in cell for cell in cells)
    assert AuditEntry.objects.filter(verb="sheet.printed").count() == 2


def test_the_sheets_of_a_whole_township_are_one_job_with_a_file_for_each_village(
    client, filled, township
):
    client.force_login(township)
    url = reverse("counties:village_sheets_print")
    answer = client.post(f"{url}?division={register.TOWNSHIP}", {"kind": "pdf"})
    job = Job.objects.get(kind="counties.print")
    assert answer["Location"] == job.get_absolute_url()
    assert register.FAR_VILLAGE not in job.params["places"]
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", 2, 2), job.error
    with job.result_file.open("rb") as kept, zipfile.ZipFile(kept) as archive:
        names = archive.namelist()
    assert names == [
        "白银市靖远县北湾镇泰和村-行政村信息采集表.pdf", "白银市靖远县北湾镇富坪村-行政村信息采集表.pdf"
    ]  # fmt: skip
    assert client.post(f"{url}?division=620422", {}).status_code == 404


def test_the_neighbour_sees_no_sheet_of_mine(client, filled):
    client.force_login(register.user("village_caseworker", register.OTHER_VILLAGE))
    for name in ("place_sheet", "place_sheet_edit", "place_sheet_print"):
        assert client.get(reverse(f"counties:{name}", args=[filled.division_id])).status_code == 404
    assert Household.objects.count() == 0


def test_passed_sheets_are_locked_and_freed_with_their_county(clean_county, reviewer):  # noqa: F811
    village = Division.objects.get(pk=register.VILLAGE)
    sheet = VillageSheet.objects.create(
        division=village, campaign=current_campaign(), state="reviewed", changed_at=clock.now()
    )
    # What the rules say of the empty sheet is not the matter here.
    running.run(county=clean_county, campaign=current_campaign(), by=reviewer)
    Finding.objects.exclude(division=None).update(state="waived")
    signature = signing.sign(
        county=clean_county, campaign=current_campaign(), leader_name="马县长", by=reviewer
    )
    sheet.refresh_from_db()
    assert sheet.state == SheetState.CLOSED
    closures.order_correction(signature, number="更正1号", reason="户数有误", by=reviewer)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.REVIEWED
