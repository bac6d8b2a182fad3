"""国家系统对账: their exports beside the register; what has to be keyed there; what may be taken over."""

import io
import json
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from counties.models import NationalFile, ReconciledItem
from counties.models.reconciling import Meeting
from counties.reconciling import adopting, keying
from counties.reconciling.layouts import LAYOUTS, columns_of
from counties.reconciling.meeting import ours
from counties.services import reconciling as services
from fanpin.audit.models import AuditEntry
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.sheets.writing import write_xlsx
from households.choices import choices, label
from households.models import Household, ImportBatch, Member
from households.selectors.parameters import current_campaign
from households.sheets.importing import check_batch
from tests.counties import national
from tests.factories import register

pytestmark = pytest.mark.django_db
FUELS = [code for code, _ in choices("fuel_type")[:2]]


@pytest.fixture
def family(insured_family):
    """王建国's household with its number in the national system and some of what they export."""
    Household.objects.filter(pk=insured_family.pk).update(
        national_hh_no="6200000001",
        house_area=Decimal("80.50"),
        land_cultivated=Decimal("5.00"),
        cause_main="1",
        fuel_type=FUELS,
    )
    return Household.objects.get(pk=insured_family.pk)


def items(run, **which) -> dict[str, str]:
    return dict(run.items.filter(**which).values_list("label", "state"))


def differences(run, **which) -> dict[str, tuple[str, str]]:
    """Their head → (ours, theirs) of the one item asked for."""
    item = run.items.get(**which)
    names = LAYOUTS[item.kind].by_key
    return {
        names[field].text: (mine, other)
        for field, mine, other in zip(item.fields, item.ours, item.theirs, strict=True)
    }


def as_they_have_it(family) -> dict:
    return national.home(
        family,
        **{
            "住房面积": "80.5",
            "耕地面积（亩）": "5",
            "主要致贫原因": "因病",
            "主要燃料类型": ",".join(label("fuel_type", code) for code in reversed(FUELS)),
        },
    )


def test_what_both_have_alike_is_the_same_whatever_the_order_of_codes_and_zeros(family, reviewer):
    run = national.reconciled(
        [national.upload("household", [as_they_have_it(family)])], by=reviewer
    )
    assert differences(run) == {}
    assert items(run) == {"王建国": Meeting.SAME}
    file = run.files.get()
    assert (file.state, file.kinds, file.rows) == (NationalFile.State.READ, ["household"], 1)
    assert "村办公电话" in file.message


def test_differences_are_told_field_by_field_with_both_values(family, reviewer):
    theirs = as_they_have_it(family) | {
        "住房面积": "60",
        "耕地面积（亩）": "",
        "工资性收入": "12000",
    }
    run = national.reconciled([national.upload("household", [theirs])], by=reviewer)
    assert differences(run) == {
        "工资性收入": ("", "12000"),
        "耕地面积（亩）": ("5", ""),
        "住房面积": ("80.5", "60"),
    }
    item = run.items.get()
    assert (item.state, item.household, item.row_number) == (Meeting.DIFFERS, family, 4)


def test_no_money_and_nothing_are_the_same_but_a_cell_nobody_understands_is_told(family, reviewer):
    theirs = as_they_have_it(family) | {"工资性收入": "0", "是否危房户": "不详"}
    run = national.reconciled([national.upload("household", [theirs])], by=reviewer)
    assert differences(run) == {"是否危房户": ("", "不详")}


def test_a_household_is_known_by_its_number_else_by_its_heads(family, reviewer, caseworker):
    other = register.household(caseworker, members=[register.person("赵二")])
    rows = [
        as_they_have_it(family) | {"户主证件号码": ""},
        national.home(other, **{"户主证件号码": f"　{other.head_id_no.lower()} "}),
        national.home(other, **{"户编号": "6200009999", "户主证件号码": "", "户主姓名": "钱三"}),
        national.home(
            other, **{"村": "无名村", "户编号": "1", "户主证件号码": "", "户主姓名": "孙四"}
        ),
        as_they_have_it(family),
    ]
    run = national.reconciled([national.upload("household", rows)], by=reviewer)
    assert run.items.filter(household=family, state="differs", fields=["head_id_no"]).exists()
    assert run.items.get(household=other).state == Meeting.SAME
    assert items(run, household=None) == {
        "钱三": Meeting.THEIRS, "孙四": Meeting.OUTSIDE, "王建国": Meeting.DOUBLED
    }  # fmt: skip


def test_who_ought_to_be_there_and_is_not_is_ours_alone(family, reviewer, caseworker):
    register.household(caseworker, members=[register.person("赵二")])
    register.household(caseworker, members=[register.person("冯普通")], hh_type="general")
    run = national.reconciled(
        [national.upload("household", [as_they_have_it(family)])], by=reviewer
    )
    assert items(run) == {"王建国": Meeting.SAME, "赵二": Meeting.OURS}


def test_people_are_read_as_exported_sex_as_a_digit_and_birth_without_dashes(family, reviewer):
    people = Member.objects.filter(household=family).order_by("pk")
    rows = [national.person(m, **{"是否享受低保": "否"}) for m in people]
    run = national.reconciled([national.upload("member", rows)], by=reviewer)
    assert set(items(run).values()) == {Meeting.SAME}
    Member.objects.filter(name="李秀英").update(dibao_status="urban")
    rows[1] |= {"是否享受低保": "是", "姓名": "李秀云"}
    run = national.reconciled([national.upload("member", rows)], by=reviewer)
    # Their export says yes or no: 城市低保 of ours is their 是.
    assert differences(run, state="differs") == {"姓名": ("李秀英", "李秀云")}


def test_other_spellings_of_heads_and_files_of_townships_come_together(family, reviewer):
    heads = ("县(市、区、旗)", "乡(镇)", "行政村", "户编号", "户主姓名", "户主证件号码", "监测对象类别",
             "识别监测时间", "风险是否已消除0", "公益性岗位帮扶")  # fmt: skip
    rows = [{"县(市、区、旗)": "靖远县", "乡(镇)": "北湾镇", "行政村": "泰和村", "户编号": "6200000001",
             "户主姓名": "王建国", "户主证件号码": family.head_id_no, "监测对象类别": "边缘易致贫户",
             "识别监测时间": "202106", "风险是否已消除0": "否"}]  # fmt: skip
    far = as_they_have_it(family) | {"户编号": "77", "户主证件号码": "", "户主姓名": "钱三"}
    run = national.reconciled(
        [
            national.upload("household", [as_they_have_it(family)], name="北湾镇户信息"),
            national.upload("household", [far], name="东湾镇"),
            national.upload("object", rows, name="监测对象信息", heads=heads),
        ],
        by=reviewer,
    )
    assert list(run.parts.values_list("kind", "rows")) == [("household", 2), ("object", 1)]
    assert items(run, kind="household") == {"王建国": Meeting.SAME, "钱三": Meeting.THEIRS}
    assert differences(run, kind="object") == {
        "监测对象类别": ("", "边缘易致贫户"),
        "识别监测时间": ("", "202106"),
        "风险是否已消除": ("", "否"),
    }


def test_a_file_that_is_none_of_theirs_is_refused_with_its_reason(family, reviewer):
    wrong = SimpleUploadedFile("随便.csv", "甲,乙,丙\n1,2,3\n".encode())
    run = national.reconciled(
        [wrong, national.upload("household", [as_they_have_it(family)])], by=reviewer
    )
    refused = run.files.get(state=NationalFile.State.REFUSED)
    assert "没有找到表头" in refused.message
    assert items(run) == {"王建国": Meeting.SAME}
    with pytest.raises(ValidationError, match="不是表格"):
        national.reconciled([SimpleUploadedFile("a.pdf", b"%PDF")], by=reviewer)


@pytest.mark.parametrize("kind", list(LAYOUTS))
def test_what_is_written_in_their_layout_reads_back_without_a_difference(
    kind, family, reviewer, tmp_path
):
    layout, path = LAYOUTS[kind], tmp_path / "a.xlsx"
    division, campaign = reviewer.postings.get().division, current_campaign()
    Member.objects.filter(household=family).update(
        work_months=6,
        work_province="65",
        work_channel=[],
        health=["healthy"],
        work_start_ym="202103",
    )
    mine = ours(layout, division, campaign)
    assert mine.height
    write_xlsx(str(path), [keying.table(mine, layout, "导出单位：靖远县")])
    heads = [cell.value for cell in openpyxl.load_workbook(path).active[3]]
    assert heads == [head.text for head, _ in columns_of(layout)]
    file = SimpleUploadedFile(f"{layout.aliases[0]}.xlsx", path.read_bytes())
    run = national.reconciled([file], by=reviewer)
    assert list(run.parts.values_list("kind", flat=True)) == [kind]
    assert set(run.items.values_list("state", flat=True)) == {Meeting.SAME}
    assert run.items.count() == mine.height


def test_their_heads_of_2021_are_all_there_and_in_their_order():
    assert len(LAYOUTS["household"].heads) == 53
    assert len(LAYOUTS["member"].heads) == 47
    for kind, heads in national.HEADS.items():
        known = [head.text for head in LAYOUTS[kind].heads]
        assert [known.index(head) for head in heads] == sorted(known.index(head) for head in heads)


def test_what_has_to_be_keyed_there_comes_in_their_layout(family, reviewer, caseworker):
    register.household(caseworker, members=[register.person("赵二")])
    rows = [
        as_they_have_it(family) | {"住房面积": "60"},
        national.home(family, **{"户编号": "88", "户主证件号码": "", "户主姓名": "钱三"}),
    ]
    run = national.reconciled([national.upload("household", rows)], by=reviewer)
    job = services.take_keying(
        run, kind="household", title="户信息", full=False, reason="", by=reviewer
    )
    execute(job.pk)
    job.refresh_from_db()
    assert job.status == Status.DONE, job.error
    with job.result_file.open("rb") as kept:
        page = openpyxl.load_workbook(io.BytesIO(kept.read())).active
    top, note, heads, *body = [[cell.value or "" for cell in row] for row in page.iter_rows()]
    assert top[0] == "（乡村建设）户信息"
    assert note[0].startswith("白银市靖远县　截至2021-11-08 10:00　共3条")
    assert heads[:-2] == [head.text for head in LAYOUTS["household"].heads]
    lines = [dict(zip(heads, row, strict=True)) for row in body]
    assert [(r["户主姓名"], r["录入要求"], r["需修改的指标"]) for r in lines] == [
        ("赵二", "新增", ""), ("王建国", "修改", "住房面积"), ("钱三", "核实后删除或减少", "")
    ]  # fmt: skip
    assert lines[1]["住房面积"] == "80.5"
    assert lines[1]["户主证件号码"] == f"{family.head_id_no[:6]}********{family.head_id_no[-4:]}"
    assert AuditEntry.objects.filter(verb="reconciliation.keying").count() == 1


def test_full_numbers_go_only_with_a_reason_and_only_from_the_county_up(family, reviewer, township):
    run = national.reconciled(
        [national.upload("household", [as_they_have_it(family)])], by=reviewer
    )
    asked = {"kind": "household", "title": "户信息"}
    with pytest.raises(ValidationError, match="原因"):
        services.take_keying(run, **asked, full=True, reason="看", by=reviewer)
    services.take_keying(run, **asked, full=True, reason="录入国家系统", by=reviewer)
    assert AuditEntry.objects.get(verb="reconciliation.keying_in_full").note == "录入国家系统"
    with pytest.raises(PermissionDenied):
        services.take_keying(run, **asked, full=False, reason="", by=township)


def test_values_of_theirs_go_the_way_of_every_import_and_change_nothing_before(family, reviewer):
    people = Member.objects.filter(household=family).order_by("pk")
    rows = [
        national.person(m, **{"文化程度": "初中"} if m.name == "王建国" else {}) for m in people
    ]
    run = national.reconciled(
        [
            national.upload("household", [as_they_have_it(family) | {"住房面积": "60"}]),
            national.upload("member", rows),
        ],
        by=reviewer,
    )
    upload, count = adopting.workbook(run, run.items.filter(state=Meeting.DIFFERS))
    assert count == 2
    batch, new = services.adopt(run, upload=upload, count=count, by=reviewer)
    assert new
    from_import = _checked(batch, reviewer)
    assert (from_import.changed, from_import.new, from_import.wrong) == (2, 0, 0)
    changes = {row.key: (row.before, row.after) for row in from_import.staged.all()}
    assert changes["王建国"] in [
        ({"house_area": "80.50"}, {"house_area": "60.00"}),
        ({"education": ""}, {"education": "junior"}),
        ({"education": None}, {"education": "junior"}),
    ]
    family.refresh_from_db()
    assert family.house_area == Decimal("80.50")


def _checked(batch, by):
    check_batch(batch, by=by)
    batch.refresh_from_db()
    return batch


def test_a_household_only_they_have_is_adopted_with_its_people(family, reviewer):
    head = register.person("钱三")
    row = national.home(
        family, **{"户编号": "88", "户主证件号码": head["id_no"], "户主姓名": "钱三"}
    )
    person = national.PLACE | {
        "户编号": "88", "姓名": "钱三", "性别": "1", "证件类型": "居民身份证", "证件号码": head["id_no"],
        "民族": "汉族", "与户主关系": "户主",
    }  # fmt: skip
    run = national.reconciled(
        [national.upload("household", [row]), national.upload("member", [person])], by=reviewer
    )
    alone = run.items.filter(kind="household", state=Meeting.THEIRS)
    upload, count = adopting.workbook(run, alone)
    batch, _ = services.adopt(run, upload=upload, count=count, by=reviewer)
    checked = _checked(batch, reviewer)
    assert (checked.new, checked.wrong) == (2, 0), list(
        checked.errors.values_list("column", "message")
    )


def test_monitoring_records_are_never_imported(family, reviewer):
    heads = ("县", "乡", "村", "户编号", "监测对象类别")
    row = {
        "县": "靖远县",
        "乡": "北湾镇",
        "村": "泰和村",
        "户编号": "6200000001",
        "监测对象类别": "突发严重困难户",
    }
    run = national.reconciled(
        [national.upload("object", [row], name="监测对象信息", heads=heads)], by=reviewer
    )
    assert run.items.get().state == Meeting.DIFFERS
    assert adopting.workbook(run, run.items.all()) == (None, 0)


def test_everybody_sees_the_rows_of_their_own_place(client, family, reviewer, caseworker, township):
    far = register.user("village_caseworker", register.OTHER_VILLAGE)
    elsewhere = register.user("county_reviewer", "620422")
    theirs = as_they_have_it(family) | {"住房面积": "60"}
    run = national.reconciled([national.upload("household", [theirs])], by=reviewer)
    page = reverse("counties:reconciliation", args=[run.pk])
    rows = reverse("counties:reconciled", args=[run.pk])
    for user, sees in ((reviewer, True), (township, True), (caseworker, True), (far, False)):
        client.force_login(user)
        assert client.get(page).status_code == 200
        assert ("王建国" in client.get(rows).content.decode()) is sees
    client.force_login(elsewhere)
    assert client.get(page).status_code == client.get(rows).status_code == 404
    file = reverse("counties:national_file", args=[run.files.get().pk])
    assert client.get(file).status_code == 404
    client.force_login(caseworker)
    assert client.get(file).status_code == 404
    client.force_login(reviewer)
    assert b"".join(client.get(file).streaming_content).startswith(b"PK")


def test_on_screen_counts_open_lists_numbers_are_masked_and_a_batch_is_made(
    client, family, reviewer
):
    rows = [
        as_they_have_it(family) | {"住房面积": "60", "户主证件号码": register.person()["id_no"]},
    ]
    run = national.reconciled([national.upload("household", rows)], by=reviewer)
    client.force_login(reviewer)
    page = client.get(reverse("counties:reconciliation", args=[run.pk])).content.decode()
    shown = f"{reverse('counties:reconciled', args=[run.pk])}?kind=household&amp;field=house_area"
    assert shown in page
    listed = client.get(shown.replace("&amp;", "&")).content.decode()
    assert "住房面积：80.5 → 60" in listed
    assert family.head_id_no not in listed
    assert rows[0]["户主证件号码"] not in listed
    none = client.get(f"{shown.replace('&amp;', '&')}&division=/62/6204/620421/620421101/")
    assert "住房面积：80.5" not in none.content.decode()
    adopt = reverse("counties:reconciliation_adopt", args=[run.pk])
    answer = client.post(adopt, {"query": "kind=household&state=differs"})
    batch = ImportBatch.objects.get()
    assert answer["Location"] == reverse("households:import_detail", args=[batch.pk])
    assert batch.job.kind == "households.import_check"
    assert client.post(adopt, {}).status_code == 302
    assert ImportBatch.objects.count() == 1


def test_the_upload_page_starts_a_job_and_keeps_what_was_wrong(client, family, reviewer):
    client.force_login(reviewer)
    url = reverse("counties:reconcile")
    assert client.post(url, {"division": register.COUNTY}).status_code == 422
    files = [national.upload("household", [as_they_have_it(family)])]
    answer = client.post(url, {"division": register.COUNTY, "files": files})
    job = Job.objects.get(kind=services.JOB)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (Status.DONE, 2, 2), job.error
    assert job.result_url == answer["Location"]
    assert ReconciledItem.objects.get().state == Meeting.SAME


def test_the_command_answers_with_counts_by_kind_and_field(family, reviewer, tmp_path, capsys):
    path = tmp_path / "（乡村建设）户信息.xlsx"
    rows = [as_they_have_it(family) | {"住房面积": "60"}]
    path.write_bytes(national.workbook("household", rows))
    call_command("reconcile", str(path), "--county", register.COUNTY, "--json")
    answer = json.loads(capsys.readouterr().out)
    (part,) = answer["parts"]
    assert (part["kind"], part["rows"], part["differs"], part["fields"]) == (
        "household", 1, 1, {"住房面积": 1}
    )  # fmt: skip
    assert answer["refused"] == []
