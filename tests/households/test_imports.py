"""Importing the household workbook: checked by cell, merged once, undone without deleting."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from fanpin.audit.models import AuditEntry
from households.models import (
    Collection,
    Household,
    ImportBatch,
    ImportRow,
    IncomeStatement,
    Member,
    MemberChange,
)
from households.selectors.batches import OtherRows
from households.services import households, imports, members, merging, undoing
from households.signals import household_changed
from tests.factories import register
from tests.households.workbooks import (
    applied,
    checked,
    counts,
    family,
    home,
    person,
    reasons,
    received,
    workbook,
)

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2021, 11, 8)


def test_a_new_household_is_registered_with_everything_its_numbers_say(county):
    people = family(labour="技能劳动力", work_months=6, work_province="62", work_county="620421")
    batch = applied(workbook([home(people[0], phone="13812345678")], people), county)
    assert counts(batch) == (4, 0, 0, 0)
    household = Household.objects.get()
    assert household.hh_code == "62042110020100001"
    assert household.village_id == register.VILLAGE
    assert household.division_path == "/62/6204/620421/620421100/620421100201/"
    assert household.county_code == "620421"
    assert (household.head_name, household.head_pinyin, household.family_size) == (
        "王建国",
        "wjg",
        3,
    )
    assert household.head_id_no == people[0]["id_no"]
    assert (household.labour_count, household.migrant_count) == (1, 1)
    assert (household.hh_type, household.phone, str(household.house_area)) == (
        "lifted",
        "13812345678",
        "80.50",
    )
    head, wife, son = household.members.order_by("pk")
    assert (head.sex, head.birth_date, head.id18) == (
        "1",
        datetime.date(1970, 5, 20),
        people[0]["id_no"],
    )
    assert (head.pinyin, head.id_type, head.status, head.relation) == (
        "wjg",
        "id_card",
        "active",
        "02",
    )
    assert (head.joined_on, head.joined_ym, head.work_region) == (TODAY, "202111", "county")
    assert (wife.sex, wife.health, wife.relation) == ("2", ["disabled", "chronic"], "10")
    assert (son.work_region, son.ethnicity, son.version) == ("none", "01", 1)
    assert Collection.objects.get().state == "todo"


def test_every_written_row_has_a_change_with_the_batch_and_the_batch_one_audit_entry(county):
    people = family()
    batch = applied(workbook([home(people[0])], people), county)
    change = MemberChange.objects.get()
    assert (change.kind, change.batch_id, change.made_by_id) == ("register", batch.pk, county.pk)
    people[2]["employer"] = "兰州石化"
    batch = applied(workbook([home(people[0], house_area=99)], people), county)
    changes = MemberChange.objects.filter(batch=batch).order_by("pk")
    assert [(c.kind, c.fields) for c in changes] == [
        ("import", ["house_area"]),
        ("import", ["employer"]),
    ]
    assert AuditEntry.objects.filter(verb="import.applied").count() == 2


def test_the_apps_above_are_told_after_commit(county, django_capture_on_commit_callbacks):
    told = []
    household_changed.connect(lambda **news: told.append(news), weak=False, dispatch_uid="test")
    try:
        people = family()
        with django_capture_on_commit_callbacks(execute=True):
            applied(workbook([home(people[0])], people), county)
            people[2]["employer"] = "兰州石化"
            applied(workbook([home(people[0])], people), county)
    finally:
        household_changed.disconnect(dispatch_uid="test")
    ids = [Household.objects.get().pk]
    assert [(n["household_ids"], n["kinds"]) for n in told] == [
        (ids, {"registered"}),
        (ids, {"household", "income", "member"}),
    ]


def test_the_same_file_again_is_the_same_batch_and_writes_nothing(county):
    people = family()
    content = workbook([home(people[0])], people)
    first = applied(content, county)
    assert received(content, county).pk == first.pk
    assert Household.objects.count() == 1


def test_the_same_rows_in_another_file_are_unchanged(county):
    people = family(health="健康", birth_date="1970-05-20")
    applied(workbook([home(people[0])], people), county)
    batch = checked(
        workbook([home(people[0], filler_name=None)], people), county, name="又一份.xlsx"
    )
    assert counts(batch) == (0, 0, 4, 0)
    with pytest.raises(ValidationError, match="没有需要写入的行"):
        merging.apply_next(batch, by=county)


def test_a_changed_cell_is_shown_with_both_values_and_an_empty_one_erases_nothing(county):
    people = family(employer="兰州石化")
    applied(workbook([home(people[0])], people), county)
    people[0] = {**people[0], "employer": None, "work_months": 7, "name": "王建中"}
    content = workbook([home(people[0], house_area=90)], people)
    batch = checked(content, county)
    assert counts(batch) == (0, 2, 2, 0)
    rows = {row.sheet: (row.before, row.after) for row in ImportRow.objects.filter(batch=batch)}
    assert rows["户"] == ({"house_area": "80.50"}, {"house_area": "90.00"})
    assert rows["成员"] == (
        {"work_months": None, "name": "王建国"},
        {"work_months": 7, "name": "王建中"},
    )
    merging.apply_next(batch, by=county)
    head = Member.objects.get(relation="02")
    assert (head.employer, head.work_months, head.pinyin, head.version) == ("兰州石化", 7, "wjz", 2)
    household = Household.objects.get()
    assert (str(household.house_area), household.head_name, household.version) == (
        "90.00",
        "王建中",
        2,
    )
    change = MemberChange.objects.filter(batch=batch, member=head).get()
    assert sorted(change.fields) == ["name", "work_months"]
    assert (change.before["name"], change.after["name"]) == ("王建国", "王建中")


def test_what_the_file_does_not_have_is_listed_and_stays(county):
    first, second = family(), family()
    applied(workbook([home(first[0]), home(second[0])], [*first, *second]), county)
    batch = checked(workbook([home(first[0], filler_name=None)], first[:2]), county)
    assert (counts(batch), batch.missing) == ((0, 0, 3, 0), 2)
    rows = OtherRows(imports.others_file(batch), "missing")[:9]
    assert [(row["sheet"], row["label"]) for row in rows] == [("户", "王建国"), ("成员", "王小明")]
    assert len(OtherRows(imports.others_file(batch), "unchanged")) == 3
    assert Member.objects.filter(status="active").count() == 6


def test_wrong_rows_stay_out_and_the_right_ones_go_in(county):
    good, bad = family(), family()
    bad[1]["id_no"] = bad[1]["id_no"][:17] + ("0" if bad[1]["id_no"][17] != "0" else "1")
    batch = applied(workbook([home(good[0]), home(bad[0])], [*good, *bad]), county)
    assert counts(batch) == (7, 0, 0, 1)
    [(sheet, cell, message)] = reasons(batch)
    assert (sheet, cell) == ("成员", "C6")
    assert "校验码不符" in message
    assert sorted(Household.objects.values_list("family_size", flat=True)) == [2, 3]


def test_a_household_whose_head_is_wrong_stays_out_whole(county):
    people = family()
    people[0]["ethnicity"] = "火星族"
    batch = checked(workbook([home(people[0])], people), county)
    assert counts(batch) == (0, 0, 0, 4)
    assert any("没有这一户的户主" in message for _, _, message in reasons(batch))
    assert any("所在户（“户”表第2行）有误" in message for _, _, message in reasons(batch))


def test_doubled_rows_are_named_with_the_row_they_repeat(county):
    people = family()
    batch = checked(workbook([home(people[0]), home(people[0])], [*people, people[1]]), county)
    assert set(reasons(batch)) == {
        ("户", "C3", "与第2行重复"),
        ("成员", "C5", "与第3行是同一人"),
    }


def test_two_heads_are_refused(county):
    people = family()
    people[1]["relation"] = "户主"
    batch = checked(workbook([home(people[0])], people), county)
    assert [m for _, _, m in reasons(batch) if "只能有一名户主" in m]
    assert batch.new == 0


def test_what_the_number_says_must_agree_with_the_cells(county):
    people = family(birth_date="1971-05-20")
    people[0]["sex"] = "女"
    messages = [m for _, _, m in reasons(checked(workbook([home(people[0])], people), county))]
    assert "性别与证件号码第17位不符" in messages
    assert "与证件号码中的出生日期1970-05-20不符" in messages


def test_somebody_without_a_number_needs_sex_and_birth_date(county):
    people = family()
    baby = {**people[2], "id_no": None, "id_type": "出生医学证明(未落户新生儿)", "name": "王小宝"}
    nothing = {**people[2], "id_no": None, "name": "王无证"}
    born = {**baby, "birth_date": "2021-10-01", "sex": "男", "name": "王新生"}
    batch = applied(workbook([home(people[0])], [*people, baby, nothing, born]), county)
    assert counts(batch) == (5, 0, 0, 2)
    assert {m for _, _, m in reasons(batch)} == {
        "没有证件号码的须填出生日期",
        "没有证件号码的须填性别",
        "没有证件号码",
    }
    assert Member.objects.get(name="王新生").id18 is None


def test_a_person_active_in_another_household_is_refused(county, household):
    people = family()
    people[1]["id_no"] = household.members.get(relation="10").id_no
    batch = checked(workbook([home(people[0])], people), county)
    assert [m for _, _, m in reasons(batch)] == ["该人员已在另一户在册"]


def test_new_people_of_a_registered_household_go_through_the_increase(county, household):
    head = household.members.get(relation="02")
    people = [person("王添丁", "之子", head.id_no, born="2020-02-02")]
    batch = checked(workbook([], people), county)
    assert [m for _, _, m in reasons(batch)] == ["本户已登记成员，导入不能再增加人口"]


def test_import_does_not_change_the_head(county, household):
    head, wife, _son = household.members.order_by("pk")
    rows = [
        {"head_id_no": head.id_no, "name": head.name, "relation": "配偶", "id_no": head.id_no},
        {"head_id_no": head.id_no, "name": wife.name, "relation": "户主", "id_no": wife.id_no},
    ]
    batch = checked(workbook([], rows), county)
    assert [m for _, _, m in reasons(batch)][:2] == ["导入不能改变户主"] * 2


def test_rows_outside_the_uploaders_scope_are_refused_one_by_one(county):
    near, far = family(), family()
    homes = [home(near[0]), home(far[0], township="会师镇", village="南嘴村")]
    batch = checked(workbook(homes, [*near, *far]), county)
    assert batch.new == 4
    assert [m for s, c, m in reasons(batch) if (s, c) == ("户", "B3")] == [
        "这个行政村不在您的管辖范围内，或名称、乡(镇)有误，或有同名村"
    ]


def test_a_household_of_another_county_is_out_of_reach(county):
    stranger = register.user("village_caseworker", register.FAR_VILLAGE)
    theirs = register.household(stranger, village=register.FAR_VILLAGE)
    head = theirs.members.get(relation="02")
    rows = [
        {
            "head_id_no": head.id_no,
            "name": head.name,
            "relation": "户主",
            "id_no": head.id_no,
            "employer": "x",
        }
    ]
    batch = checked(workbook([home({"id_no": head.id_no, "name": head.name})], rows), county)
    assert counts(batch) == (0, 0, 0, 2)
    assert any("不在您的管辖范围内" in m for _, _, m in reasons(batch))


def test_a_village_upload_reaches_only_the_village(caseworker):
    near, far = family(), family()
    homes = [home(near[0]), home(far[0], village="富坪村")]
    batch = checked(workbook(homes, [*near, *far]), caseworker, division=register.VILLAGE)
    assert batch.new == 4


def test_import_needs_the_permission_at_the_place(caseworker, township):
    with pytest.raises(PermissionDenied):
        received(workbook([], family()), caseworker, division=register.COUNTY)
    leader = register.user("township_leader", register.TOWNSHIP)
    with pytest.raises(PermissionDenied):
        received(workbook([], family()), leader, division=register.TOWNSHIP)


def test_national_numbers_join_the_sheets_and_update_households_later(county):
    people = [{**row, "national_hh_no": "N001", "head_id_no": None} for row in family()]
    first = {
        "township": "北湾",
        "village": "泰和村委会",
        "national_hh_no": "N001",
        "head_name": "王建国",
    }
    applied(workbook([first], people), county)
    assert Household.objects.get().national_hh_no == "N001"
    batch = applied(workbook([{**first, "house_area": 66}], []), county)
    assert counts(batch) == (0, 1, 0, 0)


def test_the_national_export_is_understood_with_its_head_in_the_third_row(county):
    people = family()
    content = workbook([home(people[0])], people)
    applied(content, county)
    lines = [
        "户信息,,,",
        "单位：靖远县,,,",
        "县,乡,村,户主证件号码,与村主干路距离,住房面积,危房级别",
    ]
    lines.append(f"靖远县,北湾镇,泰和村,{people[0]['id_no']},1.5,88,A级(安全)")
    batch = applied("\n".join(lines).encode("gb18030"), county, name="户信息.csv")
    assert counts(batch) == (0, 1, 0, 0)
    household = Household.objects.get()
    assert (str(household.road_distance_km), household.house_level) == ("1.50", "A")


def test_a_file_that_is_no_household_workbook_fails_in_words(county):
    batch = checked(b"\x00\x01\x02 nothing", county)
    assert batch.state == ImportBatch.State.FAILED
    assert "文件不是表格" in batch.message
    with pytest.raises(ValidationError, match="请上传XLSX"):
        received(b"x", county, name="农户.docx")
    with pytest.raises(ValidationError, match="空文件"):
        received(b"", county)


def test_income_lines_become_this_years_annual_draft(county):
    people = family()
    lines = {"inc_wage": 30000, "inc_crop": 5000.5, "inc_dibao": 1000, "exp_business": 2000}
    applied(workbook([home(people[0], **lines)], people), county)
    statement = IncomeStatement.objects.get()
    assert (statement.purpose, statement.state, statement.campaign_id) == ("annual", "draft", 2021)
    assert (str(statement.window_from), str(statement.window_to)) == ("2020-10-01", "2021-09-30")
    assert (str(statement.inc_business), str(statement.inc_transfer)) == ("5000.50", "1000.00")
    assert (str(statement.inc_net), str(statement.inc_net_pc)) == ("34000.50", "11333.50")
    assert sorted(statement.roster) == sorted(Member.objects.values_list("pk", flat=True))
    batch = applied(workbook([home(people[0], inc_wage=36000)], people), county)
    assert counts(batch) == (0, 1, 3, 0)
    statement.refresh_from_db()
    assert (str(statement.inc_net), str(statement.inc_crop)) == ("40000.50", "5000.50")
    undoing.undo(batch, by=county)
    statement.refresh_from_db()
    assert (str(statement.inc_wage), str(statement.inc_net_pc)) == ("30000.00", "11333.50")


def test_income_that_does_not_add_up_or_is_confirmed_is_refused(county):
    people = family()
    content = workbook([home(people[0], inc_business=100, inc_crop=50)], people)
    assert ("户", "F2", "与分项之和50.00不一致") in reasons(checked(content, county))
    applied(workbook([home(people[0], inc_wage=100)], people), county)
    IncomeStatement.objects.update(state="confirmed")
    batch = checked(workbook([home(people[0], inc_wage=200)], people), county)
    assert [m for _, _, m in reasons(batch)] == ["年度收入测算表已确认，不能导入修改"]


def test_a_mended_cell_makes_the_row_right(county):
    people = family(work_months="半年")
    batch = checked(workbook([home(people[0])], people), county)
    assert batch.new == 0
    row = ImportRow.objects.get(batch=batch, sheet="成员", number=2)
    imports.mend(batch, cells={row.pk: {"work_months": "6"}}, by=county)
    from_screen = checked_again(batch, county)
    assert counts(from_screen) == (4, 0, 0, 0)


def checked_again(batch: ImportBatch, by) -> ImportBatch:
    from households.sheets.importing import check_batch  # noqa: PLC0415

    check_batch(batch, by=by)
    batch.refresh_from_db()
    return batch


def test_an_edit_between_check_and_merge_keeps_the_row_out(county, caseworker, household):
    head = household.members.get(relation="02")
    rows = [
        {
            "head_id_no": head.id_no,
            "name": head.name,
            "relation": "户主",
            "id_no": head.id_no,
            "employer": "甲",
        }
    ]
    batch = checked(workbook([], rows), county)
    members.edit(head, fields={"employer": "乙"}, by=caseworker)
    merging.apply_next(batch, by=county)
    head.refresh_from_db()
    assert head.employer == "乙"
    assert [m for _, _, m in reasons(batch)] == ["检查以后有人修改了这一行"]
    assert batch.wrong == 1


def test_undo_restores_values_and_takes_new_people_off_the_register(county, household):
    head = household.members.get(relation="02")
    people = family()
    rows = [{"head_id_no": head.id_no, "name": head.name, "relation": "户主", "id_no": head.id_no,
             "health": "残疾", "work_months": 3}]  # fmt: skip
    homes = [
        home(people[0], national_hh_no="N9"),
        home({"id_no": head.id_no, "name": head.name}, house_area=77),
    ]
    batch = applied(workbook(homes, [*people, *rows]), county)
    assert counts(batch) == (4, 2, 0, 0)
    undoing.undo(batch, by=county)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UNDONE
    head.refresh_from_db()
    assert (head.health, head.work_months) == ([], None)
    assert Household.objects.get(pk=household.pk).house_area is None
    ended = Household.objects.exclude(pk=household.pk).get()
    assert (ended.ended_on, ended.ended_reason, ended.family_size) == (TODAY, "撤销导入", 0)
    assert {m.status for m in ended.members.all()} == {"decreased"}
    assert MemberChange.objects.filter(kind="undo", batch=batch).count() == 3
    again = applied(workbook(homes, [*people, *rows]), county)
    assert counts(again) == (4, 2, 0, 0)


def test_undo_keeps_what_somebody_changed_since_and_restores_the_rest(county, caseworker):
    people = family()
    applied(workbook([home(people[0], inc_wage=100, inc_crop=50)], people), county)
    household = Household.objects.get()
    cells = {"house_area": 99, "phone": "13812345678", "inc_wage": 200, "inc_crop": 60}
    batch = applied(workbook([home(people[0], **cells)], people), county)
    households.edit(household, fields={"phone": "13900000000"}, by=caseworker)
    IncomeStatement.objects.update(inc_wage=300)
    assert [(kept.field, kept.written) for kept in undoing.changed_since(batch)] == [
        ("phone", "13812345678"),
        ("inc_wage", "200.00"),
    ]
    undoing.undo(batch, by=county)
    household.refresh_from_db()
    assert (household.phone, str(household.house_area)) == ("13900000000", "80.50")
    statement = IncomeStatement.objects.get()
    assert (str(statement.inc_wage), str(statement.inc_crop)) == ("300.00", "50.00")
    undone = MemberChange.objects.get(kind="undo", batch=batch)
    assert "phone" not in undone.fields
    assert undone.after["house_area"] == "80.50"


def test_undo_keeps_a_new_household_that_somebody_worked_on(county, caseworker):
    people = family()
    batch = applied(workbook([home(people[0])], people), county)
    households.edit(Household.objects.get(), fields={"phone": "13900000000"}, by=caseworker)
    undoing.undo(batch, by=county)
    household = Household.objects.get()
    assert (household.ended_on, household.family_size) == (None, 3)
    assert not MemberChange.objects.filter(kind="undo", batch=batch).exists()


def test_the_households_of_an_import_are_told_of_together_whole_or_stopped(
    county, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("households.sheets.results.CHUNK", 2)
    told = []

    def listen(household_ids, kinds, **_more):
        told.append((len(household_ids), kinds))

    def stop(written):
        raise RuntimeError(written)

    household_changed.connect(listen)
    try:
        families = [family() for _ in range(5)]
        content = workbook([home(f[0]) for f in families], [row for f in families for row in f])
        batch = checked(content, county)
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
            merging.apply(batch, by=county, advance=stop)
        assert told == [(2, {"registered"})]
        with django_capture_on_commit_callbacks(execute=True):
            merging.apply(batch, by=county)
        assert told[1:] == [(5, {"registered"})]
        changed = workbook([home(f[0], house_area=66) for f in families[:3]], [])
        with django_capture_on_commit_callbacks(execute=True):
            applied(changed, county)
        assert told[2:] == [(3, {"household", "member", "income"})]
    finally:
        household_changed.disconnect(listen)


def test_many_households_are_written_in_chunks_that_are_committed_one_by_one(county, monkeypatch):
    monkeypatch.setattr("households.sheets.results.CHUNK", 2)
    families = [family() for _ in range(5)]
    content = workbook([home(f[0]) for f in families], [row for f in families for row in f])
    batch = checked(content, county)
    assert batch.chunks == 3
    merging.apply_next(batch, by=county)
    assert Household.objects.count() == 2
    assert batch.state == ImportBatch.State.APPLYING
    merging.apply_next(batch, by=county)
    merging.apply_next(batch, by=county)
    assert batch.state == ImportBatch.State.APPLIED
    codes = Household.objects.order_by("hh_code").values_list("hh_code", flat=True)
    assert list(codes) == [f"6204211002010000{n}" for n in range(1, 6)]
    assert imports.is_staged(batch)
