"""县表: dated indicators, only for key counties, filled by department, compared, reported, taken over, refused."""

import datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from counties.models import CitySummary, CountySheet, Finding, Indicator, SheetChange, SummaryFigure
from counties.models.sheets import SheetState
from counties.quality import check_county
from counties.selectors import county_sheets as selectors
from counties.services import county_sheets as services
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Campaign, PolicyItem
from households.selectors.parameters import current_campaign
from tests.counties.test_village_sheets import fill, listed
from tests.factories import register

FAR_COUNTY = "620523"  # 甘谷县: on no list


@pytest.fixture
def county(tree):
    """靖远县, a 国家级 key county of the shipped list, with the shipped indicators."""
    services.load_indicators()
    return tree[register.COUNTY]


@pytest.fixture
def city(tree):
    return register.user("city_official", "6204")


@pytest.fixture
def farmer(tree):
    """The officer of agriculture."""
    return register.user("department_officer", register.COUNTY, department="agriculture")


def right(county):
    """An answer for every indicator that somebody types."""
    known = {
        "township_count": Decimal(2), "village_count": Decimal(3), "pop_hukou": Decimal(480000),
        "delisted_village_count": Decimal(0), "rural_pop": Decimal(400000),
        "urban_income_pc": Decimal(29000), "rural_income_pc": Decimal(11000),
        "county_hospitals": Decimal(3), "level2_hospitals": Decimal(2),
        "village_clinics": Decimal(1), "main_hospital_grade": "2A", "every_dept_has_doctor": "1",
    }  # fmt: skip
    return {
        row.code: known.get(row.code, "马铃薯" if row.kind == "text" else Decimal(90))
        for row in selectors.indicators(county)
        if not row.from_system
    }


def save(county, by, version=None, **fields):
    return services.save(county, campaign=current_campaign(), fields=fields, version=version, by=by)


@pytest.fixture
def filled(county, reviewer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return save(county, reviewer, **right(county))


def refusals(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refused:
        act(*args, **kwargs)
    return refused.value.messages


# Indicators and who has the sheet


def test_the_shipped_indicators_are_loaded_once_in_four_groups(county):
    assert services.load_indicators() == 0
    rows = selectors.indicators(county)
    assert len(rows) == 78
    assert {row.group for row in rows} == {"overview", "industry", "education", "medical"}


def test_a_county_that_is_on_no_list_has_no_sheet(county, tree, client):
    stranger = register.user("county_reviewer", FAR_COUNTY)
    assert "非重点帮扶县无需填报" in refusals(save, tree[FAR_COUNTY], stranger, gdp=Decimal(1))[0]
    client.force_login(stranger)
    html = client.get(reverse("counties:county_sheet", args=[FAR_COUNTY])).content.decode()
    assert "非重点帮扶县无需填报" in html
    assert "地区生产总值" not in html
    assert client.get(reverse("counties:county_sheet_edit", args=[FAR_COUNTY])).status_code == 422
    assert client.get(reverse("counties:county_sheets")).context["page"].count == 0


def test_the_list_of_key_counties_is_dated(county, tree):
    far = tree[FAR_COUNTY]
    PolicyItem.objects.create(
        list_key="key_county", code="provincial", label="省级", division=far,
        effective_from=datetime.date(2021, 12, 1),
    )  # fmt: skip
    assert selectors.key_level(far) == ""
    assert selectors.key_level(far, datetime.date(2021, 12, 1)) == "provincial"
    assert selectors.key_level(county) == "national"


def test_an_indicator_is_replaced_by_dated_data_without_a_migration(county, reviewer, filled):
    Indicator.objects.filter(code="cold_storage").update(effective_to=datetime.date(2021, 11, 7))
    Indicator.objects.create(
        division=county, group="industry", code="greenhouses", name="日光温室面积", unit="亩",
        kind="decimal", effective_from=datetime.date(2021, 11, 8), position=99,
    )  # fmt: skip
    codes = {row.code for row in selectors.indicators(county)}
    assert "greenhouses" in codes
    assert "cold_storage" not in codes
    assert "不在本年度应填指标中" in refusals(save, county, reviewer, cold_storage=Decimal(1))[0]
    sheet = save(county, reviewer, pop_hukou=Decimal(480001))
    assert sheet.state == SheetState.TODO
    assert save(county, reviewer, greenhouses=Decimal(7)).state == SheetState.COLLECTED


# Filling


def test_answers_are_kept_recorded_and_the_systems_own_written_with_them(
    county, reviewer, caseworker, filled
):
    assert (filled.state, filled.version) == (SheetState.COLLECTED, 1)
    given = selectors.answers(filled)
    assert given["main_hospital_grade"] == "2A"
    assert given["lifted_migrants"] == 0
    people = register.family()
    people[0] |= {"work_months": 8}
    register.household(caseworker, members=people)
    again = save(county, reviewer, gdp=Decimal(91))
    assert selectors.answers(again)["lifted_migrants"] == 1
    change = SheetChange.objects.filter(kind="county").first()
    assert set(change.fields) == {"gdp", "lifted_migrants"}
    assert (change.before["gdp"], change.after["gdp"]) == ("90", "91")


def test_a_department_fills_its_own_block_only(county, farmer):
    assert save(county, farmer, industry1_output=Decimal(5)).pk
    with pytest.raises(PermissionDenied, match="由统计局填写"):
        save(county, farmer, gdp=Decimal(1))
    with pytest.raises(PermissionDenied):
        save(county, register.user("city_official", "6204"), gdp=Decimal(1))


@pytest.mark.parametrize(
    ("code", "value", "said"),
    [
        ("tapwater_rate", Decimal(101), "不能大于100"),
        ("gdp", Decimal(-1), "不能小于0"),
        ("lifted_income_pc", Decimal(1), "由系统汇总"),
    ],
)
def test_an_answer_outside_its_limits_is_refused(county, reviewer, code, value, said):
    assert said in refusals(save, county, reviewer, **{code: value})[0]
    assert not CountySheet.objects.exists()


def test_two_people_at_one_sheet_lose_nothing(county, reviewer, farmer):
    save(county, reviewer, version=0, industry1_output=Decimal(5))
    said = refusals(save, county, farmer, version=0, industry1_output=Decimal(6))
    assert "您填写“6”，他人已保存为“5”" in said[0]
    assert selectors.answers(selectors.draft(county, current_campaign()))["industry1_output"] == 5


def test_what_villages_and_register_say_stands_beside_it(
    county, caseworker, tree, client, reviewer
):
    listed(tree[register.VILLAGE])
    fill(tree[register.VILLAGE], caseworker)
    people = register.family()
    people[0] |= {"ins_med_resident": True, "public_post": ["forest"]}
    register.household(caseworker, members=people)
    known = selectors.system_answers(county, current_campaign())
    assert {code: known[code] for code in (
        "village_count", "township_count", "delisted_village_count", "rural_hh", "cultivated_mu",
        "village_clinics", "road_village_rate", "villages_income_5w", "villages_without_clinic",
        "public_post_workers", "insured_rate_lifted",
    )} == {
        "village_count": 3, "township_count": 2, "delisted_village_count": 1, "rural_hh": 60,
        "cultivated_mu": 600, "village_clinics": 1, "road_village_rate": 100,
        "villages_income_5w": 1, "villages_without_clinic": 0, "public_post_workers": 1,
        "insured_rate_lifted": Decimal("33.33"),
    }  # fmt: skip
    client.force_login(reviewer)
    html = client.get(reverse("counties:county_sheet", args=[county.pk])).content.decode()
    behind = reverse("counties:county_rollup", args=[county.pk, "public_post_workers"])
    assert behind in html
    assert "王建国" in client.get(behind).content.decode()


def test_last_years_figures_are_carried_forward(county, reviewer, filled, client):
    Campaign.objects.filter(is_current=True).update(is_current=False)
    this = Campaign.objects.get(year=2021)
    Campaign.objects.create(
        **{f.attname: getattr(this, f.attname) for f in Campaign._meta.concrete_fields}
        | {"year": 2022, "is_current": True}
    )
    client.force_login(reviewer)
    page = client.get(reverse("counties:county_sheet_edit", args=[county.pk]))
    assert page.context["form"]["gdp"].value() == Decimal(90)
    assert "上年：90万元" in page.content.decode()


# Rules


def test_mistakes_are_found_at_once_and_close_when_mended(
    county, reviewer, filled, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        save(county, reviewer, level2_hospitals=Decimal(9), rural_pop=Decimal(500000))
    assert {"R-CTY-07", "R-CTY-14"} <= set(
        Finding.objects.live().filter(division=county).values_list("code", flat=True)
    )
    with django_capture_on_commit_callbacks(execute=True):
        save(county, reviewer, level2_hospitals=Decimal(2), rural_pop=Decimal(400000))
    live = Finding.objects.live().filter(division=county).values_list("code", flat=True)
    assert not {"R-CTY-07", "R-CTY-14"} & set(live)


def test_a_county_that_left_the_list_with_a_filled_sheet_is_found(county, filled):
    PolicyItem.objects.filter(list_key="key_county").update(active=False)
    assert check_county("620421").hits["R-CTY-02"] == 1


def test_a_city_report_that_no_longer_agrees_is_found(county, filled, city):
    summary = CitySummary.objects.create(
        division_id="6204", campaign=current_campaign(), version=1, as_of=clock.today(),
        sha256="0" * 64, submitted_at=clock.now(), submitted_by=city,
    )  # fmt: skip
    assert check_county("620421").hits["R-CTY-05"] == 0
    SummaryFigure.objects.create(
        summary=summary, table="T1", county_code="620421", key="new.households", value=1
    )
    assert check_county("620421").hits["R-CTY-05"] == 1


# Reporting


def test_the_way_of_a_sheet_to_the_city(county, reviewer, filled, city):
    sent = services.submit(filled, by=reviewer)
    assert sent.state == SheetState.CHECKED
    assert "须由市州退回" in refusals(save, county, reviewer, gdp=Decimal(1))[0]
    back = services.send_back(sent, note="请核对预算收入", by=city)
    save(county, reviewer, gdp=Decimal(95))
    again = services.submit(back, by=reviewer)
    assert services.accept(again, by=city).state == SheetState.REVIEWED
    acts = list(SheetChange.objects.filter(kind="county").values_list("act", flat=True))[::-1]
    assert acts == ["填写", "上报", "退回", "填写", "上报", "接收"]


def test_reporting_is_refused_with_every_reason(
    county, reviewer, farmer, django_capture_on_commit_callbacks
):
    given = {c: v for c, v in right(county).items() if c not in ("gdp", "beds")}
    with django_capture_on_commit_callbacks(execute=True):
        sheet = save(county, reviewer, **given | {"level2_hospitals": Decimal(9)})
    said = refusals(services.submit, sheet, by=reviewer)
    assert any("“地区生产总值”未填写" in text for text in said)
    assert any("“医疗卫生机构床位数”未填写" in text for text in said)
    assert any("R-CTY-14" in text for text in said)
    with pytest.raises(PermissionDenied, match="由县级上报"):
        services.submit(sheet, by=farmer)


def test_the_city_takes_over_only_what_was_reported_and_never_its_own(filled, reviewer, city):
    assert "只有已上报" in refusals(services.accept, filled, by=city)[0]
    sent = services.submit(filled, by=reviewer)
    with pytest.raises(PermissionDenied, match="由市州接收"):
        services.accept(sent, by=reviewer)
    CountySheet.objects.update(submitted_by=city)
    sent.refresh_from_db()
    assert "不能接收自己" in refusals(services.accept, sent, by=city)[0]
    assert "写明原因" in refusals(services.send_back, sent, note="", by=city)[0]


# Pages


def test_the_pages_of_a_sheet(client, county, reviewer, farmer, city, filled):
    client.force_login(farmer)
    form = client.get(reverse("counties:county_sheet_edit", args=[county.pk]))
    assert set(form.context["form"].fields) - {"version"} == {
        row.code for row in selectors.indicators(county)
        if row.department == "agriculture" and not row.from_system
    }  # fmt: skip
    typed = {"industry1_output": "很多", "industry1_name": "百合", "version": "1"}
    wrong = client.post(form.request["PATH_INFO"], typed)
    assert wrong.status_code == 422
    assert wrong.context["form"]["industry1_name"].value() == "百合"
    client.force_login(reviewer)
    act = reverse("counties:county_sheet_act", args=[county.pk, "submit"])
    assert client.post(act).status_code == 302
    assert client.post(act).status_code == 422
    client.force_login(city)
    listing = client.get(reverse("counties:county_sheets"))
    assert "已报市州" in listing.content.decode()
    back = reverse("counties:county_sheet_act", args=[county.pk, "return"])
    assert client.post(back, {"note": ""}).status_code == 422
    assert client.post(back, {"note": "请核对"}).status_code == 302
    printed = client.get(reverse("counties:county_sheet_print", args=[county.pk]))
    pages = PdfReader(BytesIO(printed.content)).pages
    text = "".join("".join(page.extract_text().split()) for page in pages)
    assert "乡村振兴重点帮扶县基础信息采集表（2021年度）" in text
    assert all(
        name in text for name in ("县域情况", "产业信息", "教育信息", "医疗信息", "XB-620421-")
    )


def test_the_neighbour_county_sees_nothing(client, filled):
    client.force_login(register.user("county_reviewer", "620422"))
    for name in ("county_sheet", "county_sheet_edit", "county_sheet_print"):
        assert client.get(reverse(f"counties:{name}", args=["620421"])).status_code == 404
    assert Division.objects.filter(pk="620421").exists()


# The paper that comes back


def printed(client, user, county):
    client.force_login(user)
    answer = client.get(reverse("counties:county_sheet_print", args=[county.pk]), {"kind": "xlsx"})
    return openpyxl.load_workbook(BytesIO(answer.content)).active


def write_beside(page, label, value):
    for row in page.iter_rows():
        for cell in row:
            if str(cell.value or "").split("（")[0] == label:
                page.cell(cell.row, cell.column + 3).value = value
                return
    raise AssertionError(label)


def brought(client, county, page):
    buffer = BytesIO()
    page.parent.save(buffer)
    url = reverse("counties:county_sheet_edit", args=[county.pk])
    paper = SimpleUploadedFile("县表.xlsx", buffer.getvalue())
    return client.post(url, {"act": "read", "paper": paper})


def test_a_printed_sheet_fills_the_form_and_is_saved_when_it_was_looked_over(
    client, county, reviewer, filled
):
    page = printed(client, reviewer, county)
    rows = {row.code: row.name for row in selectors.indicators(county)}
    write_beside(page, rows["county_hospitals"], "4")
    write_beside(page, rows["every_dept_has_doctor"], "□是　■否")
    answer = brought(client, county, page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "还没有保存" in text
    form = answer.context["form"]
    assert (form.data["county_hospitals"], form.data["every_dept_has_doctor"]) == ("4", "0")
    assert selectors.answers(filled)["county_hospitals"] == Decimal(3), "nothing is written yet"
    url = reverse("counties:county_sheet_edit", args=[county.pk])
    sent = {name: value for name, value in form.data.items() if value is not None}
    assert client.post(url, sent).status_code == 302
    saved = selectors.answers(selectors.draft(county, current_campaign()))
    assert (saved["county_hospitals"], saved["every_dept_has_doctor"]) == (Decimal(4), "0")
    (change,) = SheetChange.objects.filter(kind="county", act="填写").order_by("-pk")[:1]
    assert set(change.fields) == {"county_hospitals", "every_dept_has_doctor"}


def test_what_cannot_be_brought_is_told(client, county, tree, reviewer, filled):
    page = printed(client, reviewer, county)
    rows = {row.code: row.name for row in selectors.indicators(county)}
    write_beside(page, rows["county_hospitals"], "三所")
    wrong = brought(client, county, page)
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["county_hospitals"])
    assert "三所" in wrong.content.decode()
    code = next(c for row in page.iter_rows(max_row=6) for c in row if "XB-" in str(c.value or ""))
    code.value = code.value.replace("XB-620421-", "XB-620422-")
    other = brought(client, county, page)
    assert other.status_code == 422
    assert "不是靖远县的" in other.content.decode()
    code.value = "没有编码"
    assert "没有找到" in brought(client, county, page).content.decode()
