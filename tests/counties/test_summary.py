"""City summary (policy.md §12.2): numbers from the marks, identities, versions, workbook."""

import datetime
import io
import json
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from assistance.selectors.coverage import file_completeness
from assistance.services import filing
from counties.closure import signing
from counties.models import ClosureSignature
from counties.reports import TABLES, figures, submitting, workbook
from counties.selectors.county_sheets import indicators
from counties.services import closures, county_sheets, sheets, summaries
from counties.services.county_sheets import load_indicators
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Household, Member, MemberChange
from households.selectors.parameters import current_campaign, policy_items
from monitoring.models import Episode, MonitoringObject, RiskFlag
from tests.counties.test_closure import clean_county, settle_quality, statement  # noqa: F401
from tests.counties.test_village_sheets import HAMLET_FIELDS
from tests.factories import register

CHINA = datetime.timezone(datetime.timedelta(hours=8))
SEQUENCE = {
    "identify": "monitored", "relabel": "monitored", "rollback": "monitored",
    "eliminate": "eliminated", "close": "closed", "void": "voided",
}  # fmt: skip


def marked(household, *marks, category="unstable"):
    """An object with marks (action, day); its state is what the last mark says."""
    made = MonitoringObject.objects.create(
        household=household, state=SEQUENCE[marks[-1][0]], state_on=clock.today(), category=category,
        contact_name="李联系", contact_phone="13800000000",
    )  # fmt: skip
    episode = Episode.objects.create(
        object=made,
        seq=1,
        opened_by_action="identify",
        identified_month="202001",
        category=category,
    )
    for action, day in marks:
        RiskFlag.objects.create(
            object=made, episode=episode, action=action, month=day[:7].replace("-", ""),
            category=category, method="assisted" if action == "eliminate" else "",
            persons=household.members.count(), county_code=household.county_code,
            division_path=household.division_path, set_on=day,
            set_at=datetime.datetime.fromisoformat(day).replace(hour=10, tzinfo=CHINA),
        )  # fmt: skip
    Household.objects.filter(pk=household.pk).update(
        monitoring_state=made.state, monitor_type=category
    )
    return made


@pytest.fixture
def objects(tree, caseworker):
    """One household for each way through the year."""
    marked(register.household(caseworker), ("identify", "2020-05-01"))
    marked(register.household(caseworker), ("identify", "2021-03-01"), category="marginal")
    marked(register.household(caseworker), ("identify", "2020-05-01"), ("eliminate", "2021-06-01"))
    marked(
        register.household(caseworker),
        ("identify", "2020-05-01"), ("eliminate", "2020-12-01"), ("rollback", "2021-07-01"),
    )  # fmt: skip
    marked(
        register.household(caseworker),
        ("identify", "2019-05-01"), ("eliminate", "2020-06-01"), ("relabel", "2021-08-01"),
        category="sudden",
    )  # fmt: skip
    marked(register.household(caseworker), ("identify", "2020-05-01"), ("close", "2021-04-01"))
    marked(register.household(caseworker), ("identify", "2021-02-01"), ("void", "2021-04-01"))


def report():
    return figures.compute(Division.objects.get(pk="6204"), current_campaign())


def total(found, table, key, count="households"):
    return int(found.numbers[table][""].get(f"{key}.{count}", 0))


def test_t1_counts_each_way_once_and_its_identity_holds(objects):
    found = report()
    numbers = {key: total(found, "T1", key) for key in TABLES["T1"].keys}
    assert numbers == {
        "opening": 3, "new": 2, "relabel": 1, "rollback": 1, "eliminated_assisted": 1,
        "eliminated_natural": 0, "closed": 1, "voided": 1, "natural": 0, "closing": 4,
        "ever_in": 6, "ever_out": 1,
    }  # fmt: skip
    assert total(found, "T1", "closing", "persons") == 12
    assert found.numbers["T1"][""]["ever_out.rate"] == Decimal("16.67")
    assert figures.broken_identities(found) == []


def test_a_birth_in_a_monitored_household_stands_under_natural_change(objects, caseworker):
    household = Household.objects.get(monitoring_state="monitored", monitor_type="marginal")
    baby = Member.objects.create(
        household=household, county_code=household.county_code, name="王小小", relation="42",
        id_type="birth_cert", status="active", joined_on="2021-10-20", updated_at=clock.now(),
    )  # fmt: skip
    MemberChange.objects.create(
        household=household, member=baby, kind="increase", reason="inc_newborn", state="done",
        changed_on="2021-10-20", made_at=datetime.datetime(2021, 10, 21, tzinfo=CHINA), made_by=caseworker,
    )  # fmt: skip
    Household.objects.filter(pk=household.pk).update(family_size=4)
    found = report()
    assert total(found, "T1", "natural", "persons") == 1
    assert total(found, "T4", "monitored.newborn", "persons") == 1
    assert figures.broken_identities(found) == []
    Household.objects.filter(pk=household.pk).update(family_size=5)
    assert any("T1期初" in text for text in figures.broken_identities(report()))


def test_t2_is_t1_by_category(objects):
    found = report()
    by_category = {
        c: total(found, "T2", f"closing.{c}") for c in ("unstable", "marginal", "sudden")
    }
    assert by_category == {"unstable": 2, "marginal": 1, "sudden": 1}


def test_every_number_is_the_length_of_its_list(objects):
    found = report()
    for table in TABLES.values():
        for cell in table.cells:
            if cell.of or cell.count != "households":
                continue
            ids = figures.household_ids(table, cell.key, ["620421", "620422"], current_campaign())
            assert len(ids) == total(found, table.code, cell.key), (table.code, cell.key)


def sign_all(tree, reviewer):
    other = register.user("county_reviewer", "620422")
    campaign = current_campaign()
    run = signing.running.run(county=tree["620422"], campaign=campaign, by=other)
    ClosureSignature.objects.create(
        division=tree["620422"], campaign=campaign, edition=1, run=run, leader_name="牛县长",
        signed_at=clock.now(), signed_by=other, households=0, persons=0, sha256="0" * 64,
    )  # fmt: skip
    return signing.sign(county=tree["620421"], campaign=campaign, leader_name="马县长", by=reviewer)


def test_a_city_with_an_unsigned_county_only_drafts(clean_county, reviewer):  # noqa: F811
    city = register.user("city_official", "6204")
    with pytest.raises(ValidationError, match="靖远县尚未签署"):
        submitting.submit(city=clean_county.parent, campaign=current_campaign(), by=city)


def test_a_county_without_households_has_nothing_to_sign_and_the_city_says_why(
    tree,
    clean_county,  # noqa: F811
    reviewer,
    tmp_path,
):
    official = register.user("city_official", "6204")
    campaign, city = current_campaign(), tree["6204"]
    assert report().is_draft
    signing.sign(county=clean_county, campaign=campaign, leader_name="马县长", by=reviewer)
    found = report()
    assert (found.is_draft, [c.name for c in found.without_data]) == (False, ["会宁县"])
    with pytest.raises(ValidationError, match="会宁县没有农户数据，请说明原因"):
        submitting.submit(city=city, campaign=campaign, by=official)
    made = submitting.submit(
        city=city, campaign=campaign, no_data_reason="本年度未试点", by=official
    )
    assert made.no_data_reason == "本年度未试点"
    out = tmp_path / "T.xlsx"
    workbook.write(str(out), report())
    page = openpyxl.load_workbook(out).worksheets[0]
    assert page["A1"].value == "白银市2021年监测对象动态调整情况"
    assert "无农户数据：会宁县" in page.cell(8, 1).value
    far = register.user("village_caseworker", register.FAR_VILLAGE)
    register.household(far, village=register.FAR_VILLAGE)
    assert [c.name for c in report().unsigned] == ["会宁县"]
    assert not figures.stored(made).is_draft
    with pytest.raises(ValidationError, match="会宁县尚未签署"):
        submitting.submit(city=city, campaign=campaign, by=official)


def test_submitted_returned_corrected_and_submitted_again(tree, clean_county, reviewer):  # noqa: F811
    official = register.user("city_official", "6204")
    campaign, city = current_campaign(), tree["6204"]
    sign_all(tree, reviewer)
    first = submitting.submit(city=city, campaign=campaign, by=official)
    assert (first.version, first.state, first.is_late) == (1, "submitted", False)
    assert figures.stored(first).numbers["T5"][""]["annual_due.households"] == 1
    with pytest.raises(ValidationError, match="不少于4个字"):
        summaries.return_to_county(first, county=clean_county, reason="改", by=official)
    summaries.return_to_county(first, county=clean_county, reason="T4需更正", by=official)
    with pytest.raises(ValidationError, match="须由该县下达更正令、重新闭合并签署"):
        submitting.submit(city=city, campaign=campaign, by=official)
    signature = ClosureSignature.objects.get(division=clean_county)
    closures.order_correction(signature, number="更正1号", reason="T4人口数有误", by=reviewer)
    with pytest.raises(ValidationError, match="尚未签署"):
        submitting.submit(city=city, campaign=campaign, by=official)
    with time_machine.travel(clock.now() + datetime.timedelta(hours=2), tick=False):
        again = signing.sign(
            county=clean_county, campaign=campaign, leader_name="马县长", by=reviewer
        )
    assert again.edition == 2
    second = submitting.submit(city=city, campaign=campaign, by=official)
    first.refresh_from_db()
    assert (second.version, first.state) == (2, "replaced")


def test_a_late_report_needs_a_reason_and_is_marked(tree, clean_county, reviewer):  # noqa: F811
    official = register.user("city_official", "6204")
    campaign = current_campaign()
    sign_all(tree, reviewer)
    campaign.summary_due_on = datetime.date(2021, 11, 1)
    with pytest.raises(ValidationError, match="请填写逾期原因"):
        submitting.submit(city=tree["6204"], campaign=campaign, by=official)
    made = submitting.submit(
        city=tree["6204"], campaign=campaign, late_reason="系统维护", by=official
    )
    assert made.is_late


def test_the_workbook_has_the_official_look(objects, tmp_path):
    out = io.BytesIO()
    workbook.write(out, report())
    book = openpyxl.load_workbook(out)
    assert [s[:2] for s in book.sheetnames] == ["T1", "T2", "T4", "T5"]
    page = book.worksheets[0]
    assert page["A1"].value == "白银市2021年监测对象动态调整情况（草稿）"
    assert "白银市" in page["A2"].value
    captions = {sheet.title[:2]: [c.value for c in sheet[2] if c.value][-1] for sheet in book}
    assert captions["T1"].endswith("单位：户、人、%")
    assert captions["T5"].endswith("单位：户、个、%")
    assert page.print_title_rows == "$1:$4"
    assert "A3:A4" in {str(r) for r in page.merged_cells.ranges}
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)
    assert [page.cell(row, 2).value for row in (5, 6, 7)] == ["靖远县", "会宁县", "合计"]
    assert page.cell(7, 3).value == 3
    assert page.cell(7, 3).number_format == "#,##0"
    assert "单位负责人" in page.cell(9, 1).value


def test_commands_answer_in_json(tree, clean_county, reviewer, tmp_path, capsys):  # noqa: F811
    def answer(*args, **options):
        call_command(*args, json=True, **options)
        return json.loads(capsys.readouterr().out)

    source = tmp_path / "保.csv"
    source.write_text(
        "身份证号,姓名,参保年度,险种,参保状态\n62042119700520,王建国,2021,居民医保,正常参保\n"
    )
    received = answer("receive_ledger", "medical_insurance", str(source), county="620421")
    assert (received["rows"], received["loaded"], received["wrong"]) == (1, 0, 1)
    compared = answer("compare", county="620421", department=["medical_insurance"])
    assert compared["runs"][0]["department"] == "medical_insurance"
    assert compared["runs"][0]["findings"] == {"R-XDP-19": 3}
    checked = answer("closure", county="620421")
    assert checked["checks"][0]["code"] == "CC-02"
    assert (checked["can_sign"], checked["signed"]) == (False, False)
    with pytest.raises(CommandError, match="其他疑点"):
        call_command("closure", county="620421", sign=True, by=reviewer.username)
    with pytest.raises(CommandError, match="--draft"):
        call_command("city_summary", city="6204", out=str(tmp_path / "x.xlsx"))
    out = tmp_path / "汇总.xlsx"
    drafted = answer("city_summary", city="6204", out=str(out), draft=True)
    assert drafted["draft"] is True
    assert drafted["tables"]["T1"]["rows"][-1]["name"] == "合计"
    assert out.stat().st_size


def test_t5_counts_sheets_of_villages_natural_villages_and_key_counties(tree, caseworker, reviewer):
    load_indicators()
    village = tree[register.VILLAGE]
    hamlets = [register.hamlet(village, "一社"), register.hamlet(village, "二社")]
    sheets.save(hamlets[0], campaign=current_campaign(), fields=HAMLET_FIELDS, by=caseworker)
    county_sheets.save(
        tree["620421"], campaign=current_campaign(), fields={"gdp": Decimal(9)}, by=reviewer
    )
    found = report()
    line = found.numbers["T5"]["620421"]
    asked = sum(row.is_required and not row.from_system for row in indicators(tree["620421"]))
    assert {key: line[f"{key}.places"] for key in (
        "village_due", "village_done", "hamlet_due", "hamlet_done", "county_due", "county_done",
    )} == {
        "village_due": 3, "village_done": 0, "hamlet_due": 2, "hamlet_done": 1,
        "county_due": asked, "county_done": 1,
    }  # fmt: skip
    assert line["hamlet_done.rate"] == 50
    # Every number opens its list: the list of places has as many rows.
    for key, model in (("village_due", "village"), ("hamlet_done", "hamlet")):
        cell = next(c for c in TABLES["T5"].cells if c.key == key)
        assert cell.listed.startswith(f"counties:{model}_sheets")


def test_a_number_of_places_leads_to_their_list(client, tree, reviewer):
    client.force_login(reviewer)
    answer = client.get(reverse("counties:drill", args=["620421", "T5", "village_done"]))
    assert answer.status_code == 302
    assert (
        answer["Location"] == reverse("counties:village_sheets") + "?division=620421&state=filled"
    )
    assert client.get(answer["Location"]).context["page"].count == 0


def test_the_folder_of_a_whole_county_is_judged_like_that_of_one_household(tree, caseworker):
    whole, bare = (register.household(caseworker) for _ in range(2))
    for home in (whole, bare):
        marked(home, ("identify", "2021-03-01"))
    papers = policy_items("file_checklist", whole.division_path, clock.today())
    for paper in papers:
        if "monitored" in paper.flags:
            filing.note(whole, by=caseworker, code=paper.code, note="村委会档案柜")
    for home in (whole, bare):
        home.refresh_from_db()
        found = figures.household_ids(TABLES["T5"], "file_done", ["620421"], current_campaign())
        assert (home.pk in found) == file_completeness(home).is_complete
    assert total(report(), "T5", "file_due") == 2
    assert total(report(), "T5", "file_done") == 1
    Household.objects.filter(pk=whole.pk).update(monitoring_state="eliminated")
    whole.refresh_from_db()
    assert not file_completeness(whole).is_complete
    assert total(report(), "T5", "file_done") == 0
