"""区划调整: rename, merge, divide, abolish; households move by an audited batch, old reports keep adding up."""

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from counties.models import DivisionChange, Finding, VillageSheet
from counties.quality import check_households
from counties.reports import TABLES, figures
from counties.selectors import adjustments as selectors
from counties.selectors import sheets
from counties.services import adjustments as services
from fanpin.audit.models import AuditEntry
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope
from households.models import CountyLock, Household, MemberChange
from households.selectors.history import as_of
from households.selectors.parameters import current_campaign
from tests.factories import register

DAY = datetime.date(2021, 11, 8)
A, B = register.VILLAGE, register.OTHER_VILLAGE


@pytest.fixture
def homes(tree, caseworker):
    """Three households of 泰和村, two in 一社, one in 二社."""
    hamlets = [register.hamlet(tree[A], name) for name in ("一社", "二社")]
    return [
        register.household(caseworker, natural_village=hamlet)
        for hamlet in (hamlets[0], hamlets[0], hamlets[1])
    ]


def plan(division, by, kind, **more):
    fields = {"kind": kind, "effective_on": DAY, "document_no": "甘民函〔2021〕9号", **more}
    return services.plan(Division.objects.get(pk=division), fields=fields, by=by)


def carry_out(change, by):
    change = services.start(change, by=by)
    while services.move_next(change, by=by):
        pass
    return services.finish(change, by=by)


def refusals(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refused:
        act(*args, **kwargs)
    return refused.value.messages


def test_a_new_name_stands_here_and_in_every_full_name_below(homes, reviewer):
    change = carry_out(plan(register.TOWNSHIP, reviewer, "rename", new_name="黄河镇"), reviewer)
    township, village = Division.objects.get(pk=register.TOWNSHIP), Division.objects.get(pk=A)
    assert (township.name, township.pinyin) == ("黄河镇", "hhz")
    assert village.full_name == "白银市靖远县黄河镇泰和村"
    assert Division.objects.get(pk=f"{A}001").full_name == "白银市靖远县黄河镇泰和村一社"
    assert (change.old_name, change.state) == ("北湾镇", "applied")
    assert AuditEntry.objects.filter(verb="division.adjusted").count() == 1


def test_a_merger_moves_everybody_with_a_change_row_and_ends_the_old_village(tree, homes, reviewer):
    check_households([h.pk for h in homes])
    change = plan(A, reviewer, "merge", target=tree[B])
    preview = selectors.moving(change)
    assert (preview.households, preview.persons, len(preview.hamlets), preview.postings) == (
        3,
        9,
        2,
        1,
    )
    carry_out(change, reviewer)
    old = Division.objects.get(pk=A)
    assert (old.valid_until, old.successor_id) == (DAY, B)
    for home, hamlet in zip(homes, ("一社", "一社", "二社"), strict=True):
        moved = Household.objects.select_related("natural_village").get(pk=home.pk)
        assert (moved.village_id, moved.hh_code) == (B, home.hh_code)
        assert moved.division_path == tree[B].path
        assert moved.natural_village.name == hamlet
        assert moved.natural_village.parent_id == B
        row = MemberChange.objects.get(household=home, fields__contains=["village"])
        assert (row.before["village"], row.after["village"]) == (A, B)
        assert "甘民函" in row.note
    assert Division.objects.get(pk=f"{A}001").successor.code == f"{B}001"
    assert not Finding.objects.filter(division_path__startswith=old.path).exists()
    assert DivisionChange.objects.get().households == 3


def test_who_a_household_was_before_the_merger_can_still_be_read(tree, homes, reviewer):
    with time_machine.travel("2021-11-10T10:00:00+08:00", tick=False):
        change = plan(
            A, reviewer, "merge", target=tree[B], effective_on=datetime.date(2021, 11, 10)
        )
        carry_out(change, reviewer)
        home = Household.objects.get(pk=homes[0].pk)
        past = as_of(home, datetime.date(2021, 11, 9)).household
    assert (home.village_id, past.village_id) == (B, A)
    assert past.division_path == tree[A].path


def test_the_county_keeps_its_numbers_and_the_old_villages_sheet_stays(tree, homes, reviewer):
    campaign = current_campaign()
    VillageSheet.objects.create(
        division_id=A, campaign=campaign, state="reviewed", version=1,
        changed_at="2021-11-08T10:00:00+08:00",
    )  # fmt: skip
    before = figures.compute(tree["6204"], campaign)
    carry_out(plan(A, reviewer, "merge", target=tree[B]), reviewer)
    after = figures.compute(tree["6204"], campaign)
    for key in ("annual_due.households", "annual_done.households"):
        assert before.numbers["T5"]["620421"][key] == after.numbers["T5"]["620421"][key] >= 0
    assert before.numbers["T1"] == after.numbers["T1"]
    assert after.numbers["T5"]["620421"]["village_due.places"] == 2
    listed = sheets.places("village", Scope.of(["/62/"]), campaign).values_list("pk", flat=True)
    assert A not in listed
    assert VillageSheet.objects.filter(division=A).exists()
    assert TABLES["T5"].keys


def test_natural_villages_go_to_a_new_village(tree, homes, reviewer):
    change = plan(
        A, reviewer, "split", hamlets=[f"{A}001"], new_code="620421100299", new_name="新泰村"
    )
    carry_out(change, reviewer)
    new = Division.objects.get(pk="620421100299")
    assert (new.level, new.parent_id, new.valid_from) == ("village", register.TOWNSHIP, DAY)
    assert Household.objects.filter(village=new).count() == 2
    assert Household.objects.get(village=A).natural_village_id == f"{A}002"
    assert Division.objects.get(pk=A).valid_until is None
    assert DivisionChange.objects.get().target == new


def test_a_natural_village_joins_its_neighbour(tree, homes, reviewer):
    target = Division.objects.get(pk=f"{A}002")
    carry_out(plan(f"{A}001", reviewer, "merge", target=target), reviewer)
    assert Household.objects.filter(natural_village=target, village=A).count() == 3
    assert Division.objects.get(pk=f"{A}001").successor == target


def test_what_is_abolished_is_empty(tree, homes, reviewer):
    change = plan(A, reviewer, "abolish", target=tree[B])
    said = refusals(services.start, change, by=reviewer)
    assert "还有3户" in said[0]
    assert "还有2个自然村" in said[1]
    empty = plan(B, reviewer, "abolish")
    carry_out(empty, reviewer)
    assert Division.objects.get(pk=B).valid_until == DAY


@pytest.mark.parametrize(
    ("division", "kind", "more", "said"),
    [
        (A, "rename", {"new_name": "泰和村"}, "与原名称不同"),
        (A, "rename", {"new_name": "富坪村"}, "同一上级下已有"),
        (A, "merge", {}, "请选择并入的区划"),
        (A, "merge", {"target": A}, "同级、仍在使用的另一个"),
        (A, "merge", {"target": register.FAR_VILLAGE}, "须是本县"),
        (A, "merge", {"target": register.TOWNSHIP}, "同级"),
        (A, "split", {"hamlets": []}, "请选择要划出的自然村"),
        (A, "split", {"hamlets": [f"{A}001", f"{A}002"], "target": B}, "全部自然村划出"),
        (A, "split", {"hamlets": [f"{A}001"], "new_code": "620499", "new_name": "新村"}, "12位数字"),
        (A, "split", {"hamlets": [f"{A}001"], "new_code": B, "new_name": "新村"}, "不重复使用"),
        (A, "split", {"hamlets": [f"{A}001"], "new_code": "620421100299"}, "新设行政村的名称"),
        (register.TOWNSHIP, "merge", {}, "乡镇(街道)不能办理"),
        (register.COUNTY, "rename", {"new_name": "某县"}, "只能调整乡镇"),
    ],
)  # fmt: skip
def test_an_adjustment_that_cannot_be_is_refused(tree, homes, reviewer, division, kind, more, said):
    if "target" in more:
        more = more | {"target": Division.objects.get(pk=more["target"])}
    assert any(said in text for text in refusals(plan, division, reviewer, kind, **more))
    assert not DivisionChange.objects.exists()


def test_it_waits_for_its_day_and_for_open_books(tree, homes, reviewer):
    change = plan(A, reviewer, "rename", new_name="新名村", effective_on=datetime.date(2021, 12, 1))
    assert "2021-12-01起生效" in refusals(services.start, change, by=reviewer)[0]
    assert "一项未执行的调整" in refusals(plan, A, reviewer, "rename", new_name="别名村")[0]
    services.cancel(change, by=reviewer)
    assert "只有待执行" in refusals(services.cancel, change, by=reviewer)[0]
    second = plan(A, reviewer, "rename", new_name="新名村")
    CountyLock.objects.create(
        county_code="620421", campaign=current_campaign(), locked_by=reviewer,
        locked_at="2021-11-08T10:00:00+08:00",
    )  # fmt: skip
    assert "已县级闭合锁定" in refusals(services.start, second, by=reviewer)[0]


def test_only_the_county_and_the_administrator_adjust(tree, homes, caseworker, township, reviewer):
    for stranger in (caseworker, township, register.user("county_reviewer", "620422")):
        with pytest.raises(PermissionDenied):
            plan(A, stranger, "rename", new_name="新名村")
    assert plan(A, register.user("admin", "620421"), "rename", new_name="新名村").pk


def test_a_killed_worker_is_followed_by_one_that_goes_on(tree, homes, reviewer, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 1)
    change = services.start(plan(A, reviewer, "merge", target=tree[B]), by=reviewer)
    services.move_next(change, by=reviewer)
    assert Household.objects.filter(village=B).count() == 1
    execute(change.job_id)
    job = Job.objects.get(pk=change.job_id)
    assert job.status == "done", job.error
    change.refresh_from_db()
    assert (change.state, change.households) == ("applied", 3)
    assert Division.objects.filter(parent=B, level="hamlet").count() == 2


def test_the_pages_preview_refuse_and_carry_out(client, tree, homes, reviewer):
    client.force_login(reviewer)
    listing = client.get(reverse("regions:list"), {"parent": A}).content.decode()
    url = reverse("counties:adjust", args=[A])
    assert url in listing
    wrong = client.post(
        url, {"kind": "merge", "document_no": "甘民函", "effective_on": "2021-11-08"}
    )
    assert wrong.status_code == 422
    assert wrong.context["form"]["document_no"].value() == "甘民函"
    made = client.post(
        url, {"kind": "merge", "document_no": "甘民函", "effective_on": "2021-11-08", "target": B}
    )
    html = client.get(made["Location"]).content.decode()
    assert "转移农户 3 户、9 人" in html
    assert "一社、二社" in html
    change = DivisionChange.objects.get()
    act = reverse("counties:adjustment_act", args=[change.pk, "apply"])
    assert client.post(act).status_code == 302
    change.refresh_from_db()
    assert change.state == "applying"
    cancel = reverse("counties:adjustment_act", args=[change.pk, "cancel"])
    assert client.post(cancel).status_code == 422
    assert client.get(reverse("counties:adjustments")).context["page"].count == 1
    client.force_login(register.user("county_reviewer", "620422"))
    assert client.get(made["Location"]).status_code == 404
