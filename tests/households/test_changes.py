import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from households.choices import lists
from households.models import Household, MemberChange
from households.services import changes, deciding, heads
from tests.factories import register

DAY = datetime.date(2021, 11, 1)


def leave(household, name, by, reason="dec_death", day=DAY, documents=None):
    papers = register.papers() if documents is None else documents
    return changes.decrease(
        household.members.get(name=name), reason=reason, changed_on=day, documents=papers, by=by
    )


def join(household, by, reason="inc_hukou_in", day=DAY, documents=None, **fields):
    papers = register.papers() if documents is None else documents
    person = register.person("王小花", "30", born=datetime.date(2010, 6, 6), sex="2") | fields
    return changes.increase(
        household, reason=reason, changed_on=day, fields=person, documents=papers, by=by
    )


def test_a_death_takes_effect_when_the_township_passes_it(household, caseworker, township):
    change = leave(household, "李秀英", caseworker)
    member = household.members.get(name="李秀英")
    assert (member.status, change.state, change.hukou_basis) == (
        "pending_out",
        "township",
        "police",
    )
    assert Household.objects.get().family_size == 3
    deciding.pass_on(change, by=township)
    member.refresh_from_db()
    assert (member.status, member.left_on, member.left_reason) == ("decreased", DAY, "dec_death")
    assert Household.objects.get().family_size == 2
    verbs = (
        AuditEntry.objects.filter(verb__startswith="change.")
        .order_by("seq")
        .values_list("verb", flat=True)
    )
    assert list(verbs) == ["change.filed", "change.passed", "change.effected"]


def test_who_moves_in_counts_only_after_the_township_passed(household, caseworker, township):
    change = join(household, caseworker)
    assert change.member.status == "pending_in"
    deciding.pass_on(change, by=township)
    change.member.refresh_from_db()
    assert (change.member.status, change.member.joined_on, change.member.joined_ym) == (
        "active",
        DAY,
        "202111",
    )
    assert Household.objects.get().family_size == 4


@pytest.mark.parametrize(
    "reason",
    [r for r in lists()["change_reason"] if r[:4] in ("inc_", "dec_") and r != "inc_newborn"],
)
def test_every_reason_of_the_list_can_be_filed_and_passed(
    household, caseworker, township, county, reason
):
    day = datetime.date(2021, 3, 1)
    change = (
        join(household, caseworker, reason, day)
        if reason.startswith("inc")
        else leave(household, "王小明", caseworker, reason, day)
    )
    change = deciding.pass_on(change, by=township)
    if change.state == "county":
        change = deciding.pass_on(
            change,
            police_match="matched" if "matched" in lists()["match_result"] else "",
            by=county,
        )
    assert change.state == "done"
    change.member.refresh_from_db()
    assert change.member.status == ("active" if reason.startswith("inc") else "decreased")


def test_a_newborn_may_join_without_a_number_but_not_after_twelve_months(household, caseworker):
    baby = {
        "id_type": "birth_cert",
        "id_no": "V620012345",
        "sex": "1",
        "name": "王宝宝",
        "relation": "41",
    }
    change = join(
        household, caseworker, "inc_newborn", birth_date=datetime.date(2021, 10, 20), **baby
    )
    assert change.member.id18 is None
    with pytest.raises(Refused, match="超过12个月"):
        join(household, caseworker, "inc_newborn", birth_date=datetime.date(2020, 10, 7), **baby)


def test_living_apart_needs_the_countys_confirmation(household, caseworker, township, county):
    change = deciding.pass_on(
        leave(household, "王小明", caseworker, "dec_not_cohabit"), by=township
    )
    assert change.state == "county"
    assert household.members.get(name="王小明").status == "pending_out"
    with pytest.raises(PermissionDenied):
        deciding.pass_on(change, by=township)
    assert deciding.pass_on(change, by=county).state == "done"


def test_the_head_leaves_only_after_a_new_head_is_chosen(household, caseworker, township):
    with pytest.raises(Refused, match="须先变更户主"):
        leave(household, "王建国", caseworker)
    wife, head, son = (household.members.get(name=n) for n in ("李秀英", "王建国", "王小明"))
    with pytest.raises(Refused, match="与新户主的关系：王小明"):
        heads.change_head(household, new_head=wife, relations={head.pk: "10"}, by=caseworker)
    row = heads.change_head(
        household, new_head=wife, relations={head.pk: "10", son.pk: "20"}, by=caseworker
    )
    assert row.head_name == "李秀英"
    assert MemberChange.objects.get(kind="head").before[str(head.pk)] == "02"
    deciding.pass_on(leave(household, "王建国", caseworker), by=township)
    assert Household.objects.get().family_size == 2


def test_the_last_member_leaves_with_the_household(caseworker, township):
    alone = register.household(caseworker, members=[register.person("赵孤老")])
    with pytest.raises(Refused, match="整户减少"):
        leave(alone, "赵孤老", caseworker)
    change = changes.end_household(
        alone, reason="dec_death", changed_on=DAY, documents=register.papers(), by=caseworker
    )
    deciding.pass_on(change, by=township)
    alone.refresh_from_db()
    assert (alone.ended_on, alone.family_size) == (DAY, 0)
    assert alone.members.get().status == "decreased"
    with pytest.raises(Refused, match="已于2021-11-01销户"):
        join(alone, caseworker)


def test_a_person_active_elsewhere_cannot_join(household, caseworker, tree):
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    away = register.household(
        other, village=register.OTHER_VILLAGE, members=[register.person("陈外村")]
    )
    with pytest.raises(Refused, match="管辖范围之外"):
        join(household, caseworker, id_no=away.members.get().id_no)


def test_one_person_waits_to_join_one_household(household, caseworker, township, tree):
    neighbour = register.household(caseworker, members=[register.person("邻居")])
    first = join(household, caseworker)
    with pytest.raises(ValidationError, match="正在另一户申报增加"):
        join(neighbour, caseworker, id_no=first.member.id_no)
    deciding.send_back(first, note="不属实", by=township)
    second = join(neighbour, caseworker, id_no=first.member.id_no)
    assert second.state == "township"


def test_every_reason_against_a_change_is_told_at_once(household, caseworker):
    with pytest.raises(Refused) as refusal:
        leave(household, "王建国", caseworker, day=datetime.date(2021, 11, 9), documents=[])
    words = " ".join(reason.text for reason in refusal.value.reasons)
    assert "晚于今天" in words
    assert "户主" in words
    assert "须上传佐证材料：死亡医学证明" in words


def test_missing_needs_six_months_or_a_court(household, caseworker):
    with pytest.raises(Refused, match="满6个月"):
        leave(
            household,
            "王小明",
            caseworker,
            "dec_missing",
            datetime.date(2021, 6, 1),
            register.papers("报案回执"),
        )
    change = leave(
        household,
        "王小明",
        caseworker,
        "dec_missing",
        datetime.date(2021, 6, 1),
        register.papers("法院宣告失踪文书"),
    )
    assert change.documents.get().kind == "法院宣告失踪文书"


def test_a_returned_change_leaves_the_members_as_they_were(household, caseworker, township):
    out = leave(household, "王小明", caseworker)
    with pytest.raises(Refused, match="退回须写明原因"):
        deciding.send_back(out, note=" ", by=township)
    deciding.send_back(out, note="证明看不清", by=township)
    assert household.members.get(name="王小明").status == "active"
    came = join(household, caseworker)
    deciding.send_back(came, note="请补户口簿", by=township)
    came.member.refresh_from_db()
    assert (came.member.status, came.member.joined_on) == ("decreased", None)
    assert join(household, caseworker, id_no=came.member.id_no).state == "township"


def test_who_filed_a_change_does_not_decide_it(household, caseworker, tree):
    both = register.user("village_caseworker", register.VILLAGE)
    both.postings.create(role="township_reviewer", division_id=register.TOWNSHIP, from_on=DAY)
    change = leave(household, "王小明", both)
    with pytest.raises(Refused, match="不能审核自己申报"):
        deciding.pass_on(change, by=both)
