import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from fanpin.regions.models import Division
from households.models import Campaign, Collection, CountyLock, Household, Member, MemberChange
from households.services import households, members
from households.services.writing import Conflict
from tests.factories import register


def test_a_household_gets_the_villages_number_and_its_cached_head(household):
    assert household.hh_code == register.VILLAGE + "00001"
    assert (household.head_name, household.head_pinyin, household.family_size) == (
        "王建国",
        "wjg",
        3,
    )
    assert Collection.objects.get(household=household).state == "todo"
    kinds = list(MemberChange.objects.filter(household=household).values_list("kind", flat=True))
    assert kinds == ["register"] * 4
    assert AuditEntry.objects.filter(verb="household.registered").count() == 1


def test_serials_go_on_within_a_village_and_start_anew_in_another(caseworker, tree, household):
    assert register.household(caseworker).hh_code.endswith("00002")
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    assert register.household(other, village=register.OTHER_VILLAGE).hh_code.endswith("00001")


def test_the_identity_number_alone_fills_sex_birth_date_and_disability(caseworker):
    number = "62062219500101998543"
    made = register.household(
        caseworker,
        members=[{"name": "马秀兰", "relation": "02", "id_type": "id_card", "id_no": " " + number}],
    )
    member = made.members.get()
    assert (member.sex, member.birth_date, member.id18) == (
        "2",
        datetime.date(1950, 1, 1),
        number[:18],
    )
    assert (member.id_type, member.disability_type, member.disability_level) == (
        "disability_cert",
        "4",
        "3",
    )
    assert member.disability_cert_no == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("620421196803129914", "校验码"),
        ("621121197202309921", "不存在"),
        ("620621680312991", "15位"),
    ],
)
def test_a_number_that_cannot_be_true_is_refused_at_its_field(caseworker, number, words):
    with pytest.raises(ValidationError) as refusal:
        register.household(caseworker, members=[{"name": "马", "relation": "02", "id_no": number}])
    assert words in str(refusal.value.message_dict["id_no"])


def test_a_household_without_exactly_one_head_is_refused(caseworker):
    with pytest.raises(Refused, match="请登记户主"):
        register.household(caseworker, members=[register.person(relation="20")])
    with pytest.raises(Refused, match="只能有一名户主"):
        register.household(caseworker, members=[register.person(), register.person()])


def test_a_person_is_active_in_one_household_and_the_place_is_told_only_inside_the_scope(
    caseworker, household
):
    someone = household.members.get(relation="02")
    twice = [{"name": "王建国", "relation": "02", "id_no": someone.id_no}]
    with pytest.raises(Refused, match="泰和村王建国户"):
        register.household(caseworker, members=twice)
    far = register.user("village_caseworker", register.FAR_VILLAGE)
    with pytest.raises(Refused) as refusal:
        register.household(far, village=register.FAR_VILLAGE, members=twice)
    assert "管辖范围之外" in str(refusal.value)
    assert "泰和村" not in str(refusal.value)
    assert Household.objects.count() == 1


def test_only_who_may_edit_in_the_village_registers(county, caseworker, tree):
    with pytest.raises(PermissionDenied):
        register.household(county)
    with pytest.raises(PermissionDenied):
        register.household(caseworker, village=register.OTHER_VILLAGE)
    with pytest.raises(PermissionDenied, match="登记和修改农户"):
        households.register(
            village=Division.objects.get(code="620421"),
            fields={},
            members=[register.person()],
            by=county,
        )


def test_editing_records_what_changed_and_bumps_the_version(caseworker, household):
    row = households.edit(
        household, fields={"house_area": 120, "has_tv": True}, version=1, by=caseworker
    )
    assert row.version == 2
    change = MemberChange.objects.filter(household=household, kind="update").get()
    assert set(change.fields) == {"house_area", "has_tv"}
    assert change.before == {"house_area": None, "has_tv": None}
    entry = AuditEntry.objects.get(verb="household.edited")
    assert entry.after["has_tv"] is True


def test_saving_the_same_again_writes_nothing(caseworker, household):
    households.edit(household, fields={"hh_type": "lifted"}, version=1, by=caseworker)
    assert Household.objects.get().version == 1
    assert not MemberChange.objects.filter(kind="update").exists()


def test_a_concurrent_edit_shows_both_values(caseworker, household):
    households.edit(household, fields={"phone": "13800000001"}, version=1, by=caseworker)
    with pytest.raises(Conflict) as conflict:
        households.edit(household, fields={"phone": "13900000002"}, version=1, by=caseworker)
    reason = conflict.value.reasons[0]
    assert reason.field == "phone"
    assert "13800000001" in reason.text
    assert "13900000002" in reason.text
    assert conflict.value.version == 2


def test_an_unknown_code_is_refused_at_its_field(caseworker, household):
    with pytest.raises(ValidationError) as refusal:
        households.edit(
            household, fields={"fuel_type": ["moon"], "road_type": "moon"}, by=caseworker
        )
    assert set(refusal.value.message_dict) == {"fuel_type", "road_type"}


def test_a_hamlet_of_another_village_is_refused(caseworker, household, tree):
    own, other = (
        register.hamlet(tree[register.VILLAGE]),
        register.hamlet(tree[register.OTHER_VILLAGE], "二社"),
    )
    households.edit(household, fields={"natural_village": own}, by=caseworker)
    with pytest.raises(Refused, match="不属于泰和村"):
        households.edit(household, fields={"natural_village": other}, by=caseworker)


def test_a_signed_closure_locks_the_countys_records(caseworker, county, household):
    CountyLock.objects.create(
        county_code="620421", campaign=Campaign.objects.get(),
        locked_at=datetime.datetime(2021, 11, 8, 1, 0, tzinfo=datetime.UTC),
        locked_by=county,
    )  # fmt: skip
    with pytest.raises(Refused, match="靖远县2021年度已县级闭合锁定（孙审定，2021-11-08 09:00）"):
        households.edit(household, fields={"phone": "13800000001"}, by=caseworker)


def test_editing_a_members_number_fills_anew_and_records_it_masked(caseworker, household):
    child = household.members.get(name="王小明")
    number = register.id_number(datetime.date(2009, 4, 2), "2")
    row = members.edit(
        child,
        fields={"id_no": number.lower(), "school_status": child.school_status},
        version=1,
        by=caseworker,
    )
    assert (row.birth_date, row.sex) == (datetime.date(2009, 4, 2), "2")
    entry = AuditEntry.objects.get(verb="member.edited")
    assert number not in str(entry.after)
    assert entry.after["id_no"].endswith(number[-4:])


def test_an_old_wrong_number_does_not_block_other_corrections(caseworker, household):
    child = household.members.get(name="王小明")
    Member.objects.filter(pk=child.pk).update(id_no="620421200803010000", id18="620421200803010000")
    assert (
        members.edit(child, fields={"member_phone": "13800000001"}, by=caseworker).member_phone
        == "13800000001"
    )


def test_the_head_is_not_changed_by_editing_a_relation(caseworker, household):
    with pytest.raises(Refused, match="变更户主"):
        members.edit(household.members.get(name="李秀英"), fields={"relation": "02"}, by=caseworker)
