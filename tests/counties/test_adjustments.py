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
from counties.services import undoing
from fanpin.accounts.models import User
from fanpin.audit.models import AuditEntry
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope
from households.models import CountyLock, Household, MemberChange
from households.selectors.history import as_of
from households.selectors.parameters import current_campaign
from households.services import changes, helping
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


def undo(change, by):
    change = undoing.start(change, by=by)
    while undoing.return_next(change, by=by):
        pass
    return undoing.finish(change, by=by)


def where(home):
    home.refresh_from_db()
    return home.village_id, home.natural_village_id, home.division_path


def test_a_merger_taken_back_puts_everybody_where_they_were(tree, homes, reviewer, caseworker):
    before = [where(home) for home in homes]
    change = carry_out(plan(A, reviewer, "merge", target=tree[B]), reviewer)
    changes.decrease(
        homes[0].members.get(name="王小明"), reason="dec_death", changed_on=DAY,
        documents=register.papers(), by=User.objects.get(pk=caseworker.pk),
    )  # fmt: skip
    change = undo(change, reviewer)
    assert [where(home) for home in homes] == before
    old = Division.objects.get(pk=A)
    assert (old.valid_until, old.successor) == (None, None)
    hamlets = Division.objects.filter(parent=A, level="hamlet")
    assert {(h.valid_until, h.successor) for h in hamlets} == {(None, None)}
    assert not Division.objects.filter(parent=B, level="hamlet", valid_until=None).exists()
    assert (change.state, change.undone_by) == ("undone", reviewer)
    rows = MemberChange.objects.filter(household=homes[0], fields__contains=["village"])
    assert [r.note[:4] for r in rows.order_by("pk")] == ["区划调整", "撤回区划"]
    assert AuditEntry.objects.filter(verb="division.undone").count() == 1
    assert homes[0].changes.filter(kind="decrease", state="township").exists(), "later work stays"
    assert "不能撤回" in refusals(undoing.start, change, by=reviewer)[0]
    assert plan(A, reviewer, "rename", new_name="新名村").pk


def test_posts_tasks_and_helpers_go_along_and_come_back(tree, homes, reviewer, caseworker):
    far = tree["620421101201"]
    care = helping.assign(
        homes[0], helper={"name": "孙帮扶", "sex": "1", "political_status": "", "unit": "县教育局",
                          "phone": "13900000000"}, start_on=DAY, by=caseworker,
    )  # fmt: skip
    double = register.household(
        register.user("village_caseworker", B), village=B,
        members=[register.person("孙大山"), aunt := register.person("冯姑姑", "99")],
    )  # fmt: skip
    dispute = changes.increase(
        homes[0], reason="inc_hukou_in", changed_on=DAY, fields=aunt,
        documents=register.papers(), dispute=True, by=caseworker,
    ).dispute  # fmt: skip
    assert dispute.is_of_one_township
    with time_machine.travel("2021-11-10T10:00:00+08:00", tick=False):
        day = datetime.date(2021, 11, 10)
        change = carry_out(plan(A, reviewer, "merge", target=far, effective_on=day), reviewer)
        worker = User.objects.get(pk=caseworker.pk)
        assert {p.division_id for p in worker.postings_today} == {far.pk}
        assert caseworker.postings.get(division=A).until_on == datetime.date(2021, 11, 9)
        assert Household.objects.within(worker.scope).filter(pk=homes[0].pk).exists()
        care.refresh_from_db()
        dispute.refresh_from_db()
        assert care.helper.division_id == "620421101"
        assert (dispute.claimant_path, dispute.is_of_one_township) == (far.path, False)
        undo(change, reviewer)
    with time_machine.travel("2021-11-11T10:00:00+08:00", tick=False):
        worker = User.objects.get(pk=caseworker.pk)
        assert {p.division_id for p in worker.postings_today} == {A}
        care.refresh_from_db()
        dispute.refresh_from_db()
        assert care.helper.division_id == register.TOWNSHIP
        assert (dispute.claimant_path, dispute.is_of_one_township) == (tree[A].path, True)
    assert AuditEntry.objects.filter(verb="posting.moved").count() == 2
    assert double.pk


def test_whoever_works_a_village_works_the_new_one_too_until_it_is_taken_back(
    tree, homes, reviewer, caseworker
):
    code = "620421100299"
    change = carry_out(
        plan(A, reviewer, "split", hamlets=[f"{A}001"], new_code=code, new_name="新泰村"), reviewer
    )
    posts = set(caseworker.postings.filter(until_on=None).values_list("division_id", flat=True))
    assert posts == {A, code}
    undo(change, reviewer)
    posts = set(caseworker.postings.filter(until_on=None).values_list("division_id", flat=True))
    assert posts == {A}
    assert not Division.objects.get(pk=code).is_current
    assert {where(home)[0] for home in homes} == {A}


def test_an_undo_is_refused_with_everything_that_stands_on_it(tree, homes, reviewer, caseworker):
    code = "620421100299"
    change = carry_out(
        plan(A, reviewer, "split", hamlets=[f"{A}001"], new_code=code, new_name="新泰村"), reviewer
    )
    worker = User.objects.get(pk=caseworker.pk)
    register.household(worker, village=code, members=[register.person("新来的")])
    plan(code, reviewer, "rename", new_name="更名村")
    VillageSheet.objects.create(
        division_id=code, campaign=current_campaign(), state="submitted", version=1,
        changed_at="2021-11-08T10:00:00+08:00",
    )  # fmt: skip
    said = refusals(undoing.start, change, by=reviewer)
    assert "须先撤回或取消该项" in said[0]
    assert "又登记了1户" in said[1]
    assert "村表已提交" in said[2]
    assert len(said) == 3
    assert {where(home)[0] for home in homes} == {A, code}
    with pytest.raises(PermissionDenied):
        undoing.start(change, by=worker)


def test_households_that_moved_on_stop_the_undo(tree, homes, reviewer):
    change = carry_out(plan(A, reviewer, "merge", target=tree[B]), reviewer)
    again = carry_out(plan(B, reviewer, "merge", target=tree["620421101201"]), reviewer)
    said = refusals(undoing.start, change, by=reviewer)
    assert any("须先撤回" in text for text in said)
    assert "已转移的农户中有3户又转到了别处" in said
    undo(again, reviewer)
    undo(change, reviewer)
    assert {where(home)[0] for home in homes} == {A}


def test_a_new_name_is_taken_back_unless_somebody_has_the_old_one(tree, homes, reviewer):
    change = carry_out(plan(A, reviewer, "rename", new_name="新名村"), reviewer)
    Division.objects.filter(pk=B).update(name="泰和村")
    assert "已有另一个“泰和村”" in refusals(undoing.start, change, by=reviewer)[0]
    Division.objects.filter(pk=B).update(name="富坪村")
    undo(change, reviewer)
    village = Division.objects.get(pk=A)
    assert (village.name, village.full_name) == ("泰和村", "白银市靖远县北湾镇泰和村")


def test_who_belonged_where_on_a_day_adds_up_under_the_old_tree(client, tree, homes, reviewer):
    with time_machine.travel("2021-11-10T10:00:00+08:00", tick=False):
        day = datetime.date(2021, 11, 10)
        carry_out(plan(A, reviewer, "merge", target=tree[B], effective_on=day), reviewer)
        eve, township = day - datetime.timedelta(days=1), tree[register.TOWNSHIP]

        def counted(division, on):
            parts = selectors.by_village(selectors.belonging(division, on))
            return {part.village.pk: part.households for part in parts}

        assert counted(township, eve) == {A: 3}
        assert counted(township, day) == {B: 3}
        assert counted(tree[A], day) == {}
        client.force_login(reviewer)
        url = reverse("counties:households_then", args=[A])
        then = client.get(url, {"on": "2021-11-09"})
        assert then.context["page"].count == 3
        assert "并入富坪村" in then.content.decode()
        assert client.get(url, {"on": "2021-11-10"}).context["page"].count == 0
        assert client.get(url, {"on": "昨天"}).status_code == 200
        moved = DivisionChange.objects.get()
        listing = client.get(reverse("counties:adjustment_households", args=[moved.pk]))
        assert listing.context["page"].count == 3
        undone = client.post(reverse("counties:adjustment_act", args=[moved.pk, "undo"]))
        assert undone.status_code == 302
        execute(DivisionChange.objects.get().job_id)
        assert DivisionChange.objects.get().state == "undone"
        assert counted(township, day) == {A: 3}
