"""Login, passwords, posts and what they open; accounts managed by whoever may."""

import datetime

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from fanpin import clock
from fanpin.accounts import services
from fanpin.accounts.models import LoginRecord, Posting, User
from fanpin.accounts.roles import GRANTS, LEVEL_OF, Permission, Role
from fanpin.audit.models import AuditEntry
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope
from households.models import Household
from tests.factories import register

PASSWORD = "shuiqu-20211108"
LOGIN = "/accounts/login/"


@pytest.fixture
def clerk(caseworker):
    """The caseworker with a password that works."""
    caseworker.set_password(PASSWORD)
    caseworker.save()
    return caseworker


def log_in(client, username, password=PASSWORD):
    return client.post(LOGIN, {"username": username, "password": password})


def fresh(user):
    """The account as the next request reads it."""
    return User.objects.get(pk=user.pk)


# Logging in


def test_the_login_page_says_in_chinese_what_to_do_after_a_wrong_password(client, clerk):
    answer = log_in(client, clerk.username, "wrong")
    assert "用户名或密码不正确。连续 5 次错误将锁定 15 分钟" in answer.content.decode()


def test_five_failures_lock_the_login_and_the_page_says_for_how_long(client, clerk):
    for _ in range(5):
        answer = log_in(client, clerk.username, "wrong")
    assert answer.status_code == 429
    assert "登录已暂时锁定" in answer.content.decode()
    assert "锁定 15 分钟" in answer.content.decode()
    assert log_in(client, clerk.username).status_code == 429
    with time_machine.travel("2021-11-08T10:16:00+08:00", tick=False):
        assert log_in(client, clerk.username).status_code == 302


def test_a_lock_out_does_not_touch_other_accounts(client, clerk):
    for _ in range(5):
        log_in(client, "somebody-else", "wrong")
    assert log_in(client, clerk.username).status_code == 302


def test_every_login_and_failure_is_kept_with_name_and_address(client, clerk):
    log_in(client, clerk.username, "wrong")
    log_in(client, clerk.username)
    kept = LoginRecord.objects.order_by("pk").values_list(
        "username", "user", "succeeded", "address"
    )
    assert list(kept) == [
        (clerk.username, None, False, "127.0.0.1"),
        (clerk.username, clerk.pk, True, "127.0.0.1"),
    ]


def test_the_first_password_must_be_changed_before_anything_else(client, clerk):
    clerk.must_change_password = True
    clerk.save()
    log_in(client, clerk.username)
    for url in ("/", reverse("accounts:profile"), reverse("households:list")):
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer.url == reverse("accounts:password")
    new = "xinmima2021ok"
    answer = client.post(
        reverse("accounts:password"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    assert answer.status_code == 302
    assert not fresh(clerk).must_change_password
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert AuditEntry.objects.filter(verb="user.password_changed", actor=clerk).exists()


def test_somebody_who_must_change_the_password_may_log_out(client, clerk):
    clerk.must_change_password = True
    clerk.save()
    client.force_login(clerk)
    assert client.post(reverse("accounts:logout")).url == LOGIN


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("abc123", "至少 10 个字符"),
        ("abcdefghijk", "字母和数字"),
        ("20211108001", "字母和数字"),
        ("zhangcunguan1", "相似"),
        ("password123", "密码"),
    ],
)
def test_a_weak_password_is_refused_in_words(password, complaint):
    user = User(username="zhangcunguan", name="张村官")
    with pytest.raises(ValidationError) as refused:
        validate_password(password, user)
    assert complaint in " ".join(refused.value.messages)


def test_a_good_password_passes():
    validate_password(PASSWORD, User(username="cun", name="张村官"))


# Posts decide


def test_the_dates_of_a_post_decide_from_when_to_when_somebody_sees_anything(caseworker):
    posting = caseworker.postings.get()
    posting.from_on, posting.until_on = datetime.date(2021, 11, 8), datetime.date(2021, 11, 9)
    posting.save()
    path = posting.division.path
    for day, sees in [(7, False), (8, True), (9, True), (10, False)]:
        with time_machine.travel(f"2021-11-{day:02d}T09:00:00+08:00", tick=False):
            user = fresh(caseworker)
            assert user.scope.covers(path) is sees
            assert user.holds(Permission.EDIT_HOUSEHOLDS) is sees


def test_without_a_post_there_is_nothing_to_see(tree, client):
    register.household(register.user("village_caseworker", register.VILLAGE))
    nobody = User.objects.create_user("nobody", name="无岗", must_change_password=False)
    assert nobody.scope == Scope.none()
    assert not Household.objects.within(nobody.scope).exists()
    client.force_login(nobody)
    assert client.get(reverse("households:list")).status_code == 403


def test_a_permission_holds_only_where_its_own_post_lies(tree):
    user = register.user("village_caseworker", register.VILLAGE)
    Posting.objects.create(
        user=user,
        role=Role.COUNTY_REVIEWER,
        division=tree["620422"],
        from_on=datetime.date(2021, 1, 1),
    )
    assert user.may(Permission.EDIT_HOUSEHOLDS, tree[register.VILLAGE].path)
    assert not user.may(Permission.EDIT_HOUSEHOLDS, tree[register.FAR_VILLAGE].path)
    assert user.may(Permission.COUNTY_CASE, tree[register.FAR_VILLAGE].path)
    assert not user.may(Permission.COUNTY_CASE, tree[register.VILLAGE].path)


def test_a_post_elsewhere_does_not_open_what_another_post_merely_reaches(tree, client):
    """An officer's post reaches the county but not its households; the village post elsewhere opens that village."""
    far = register.user("village_caseworker", register.FAR_VILLAGE)
    near = register.household(register.user("village_caseworker", register.VILLAGE))
    own = register.household(far, village=register.FAR_VILLAGE)
    Posting.objects.create(
        user=far,
        role=Role.DEPARTMENT_OFFICER,
        division=tree[register.COUNTY],
        department="education",
        from_on=datetime.date(2021, 1, 1),
    )
    client.force_login(far)
    assert client.get(reverse("households:detail", args=[own.pk])).status_code == 200
    assert client.get(reverse("households:detail", args=[near.pk])).status_code == 404
    listed = client.get(reverse("households:list")).content.decode()
    assert own.hh_code in listed
    assert near.hh_code not in listed
    assert client.get(f"/api/v1/households/{own.pk}/").status_code == 200
    assert client.get(f"/api/v1/households/{near.pk}/").status_code == 404


def test_the_role_in_the_record_is_the_narrowest_post_at_the_place(tree):
    user = register.user("county_reviewer", register.COUNTY)
    Posting.objects.create(
        user=user,
        role=Role.TOWNSHIP_LEADER,
        division=tree[register.TOWNSHIP],
        from_on=datetime.date(2021, 1, 1),
    )
    assert user.role_at(tree[register.VILLAGE].path) == "乡镇分管领导"
    assert user.role_at(tree["620421101201"].path) == "县级审定员"


def test_every_role_has_grants_and_a_level():
    assert set(GRANTS) == set(LEVEL_OF) == set(Role)
    for permissions in GRANTS.values():
        assert permissions <= set(Permission)


def test_every_permission_is_granted_to_somebody():
    assert set(Permission) == frozenset().union(*GRANTS.values())


# Managing accounts


def new_user(manager, **fields):
    return services.create_user(
        **{
            "username": "wang-li",
            "name": "王丽",
            "role": Role.VILLAGE_CASEWORKER,
            "division": Division.objects.get(pk=register.VILLAGE),
            "by": manager,
            **fields,
        }
    )


def test_a_new_account_logs_in_with_its_one_time_password_and_changes_it(client, manager):
    user, password = new_user(manager)
    assert log_in(client, "wang-li", password).status_code == 302
    assert client.get("/").url == reverse("accounts:password")
    assert fresh(user).scope.paths == ("/62/6204/620421/620421100/620421100201/",)
    verbs = AuditEntry.objects.filter(actor=manager).order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["user.created", "posting.added"]


def test_the_page_makes_the_account_from_the_day_it_was_given(client, manager):
    client.force_login(manager)
    data = {
        "username": "li-na",
        "name": "李娜",
        "role": "village_caseworker",
        "division": register.VILLAGE,
        "from_on": "2021-12-01",
    }
    answer = client.post(reverse("accounts:user_create"), data)
    user = User.objects.get(username="li-na")
    assert answer.url == reverse("accounts:user", args=[user.pk])
    assert user.postings.get().from_on == datetime.date(2021, 12, 1)
    assert "首次登录密码" in client.get(answer.url).content.decode()


def test_two_accounts_cannot_have_one_name_whatever_its_case(manager):
    new_user(manager)
    with pytest.raises(ValidationError, match="已被使用"):
        new_user(manager, username="Wang-Li")


def test_an_account_in_another_county_cannot_be_made(manager):
    with pytest.raises(PermissionDenied):
        new_user(manager, division=Division.objects.get(pk=register.FAR_VILLAGE))
    assert not User.objects.filter(username="wang-li").exists()


def test_the_page_does_not_know_divisions_of_another_county(client, manager):
    client.force_login(manager)
    data = {"username": "x", "name": "甲", "role": "village_caseworker", "from_on": "2021-11-08"}
    answer = client.post(
        reverse("accounts:user_create"), {**data, "division": register.FAR_VILLAGE}
    )
    assert answer.status_code == 422
    assert "在您的管辖范围内找不到区划代码" in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "division", "department", "complaint"),
    [
        ("department_officer", register.COUNTY, "", "行业部门岗位须选择部门"),
        ("county_reviewer", register.COUNTY, "education", "只有行业部门岗位才填部门"),
        ("village_caseworker", register.TOWNSHIP, "", "岗位须设在行政村"),
        ("department_officer", register.VILLAGE, "education", "岗位须设在县"),
    ],
)
def test_a_post_sits_at_its_level_and_a_department_officer_names_the_department(
    manager, role, division, department, complaint
):
    place = Division.objects.get(pk=division)
    with pytest.raises(ValidationError, match=complaint):
        new_user(manager, role=role, division=place, department=department)


def test_a_reset_password_is_new_works_once_and_has_to_be_changed(client, manager, clerk):
    password = services.reset_password(clerk, by=manager)
    assert log_in(client, clerk.username).status_code == 200
    assert log_in(client, clerk.username, password).status_code == 302
    assert fresh(clerk).must_change_password
    assert AuditEntry.objects.get(verb="user.password_reset").target_id == str(clerk.pk)


def test_a_disabled_account_is_out_at_once_and_may_come_back(client, manager, clerk):
    client.force_login(clerk)
    services.set_active(clerk, active=False, by=manager)
    assert client.get(reverse("accounts:profile")).status_code == 302
    assert log_in(client, clerk.username).status_code == 200
    services.set_active(clerk, active=True, by=manager)
    assert log_in(client, clerk.username).status_code == 302


def test_an_ended_post_is_void_from_the_next_day(manager, clerk):
    services.end_posting(clerk.postings.get(), on=datetime.date(2021, 11, 8), by=manager)
    assert fresh(clerk).scope.paths
    with time_machine.travel("2021-11-09T00:00:01+08:00", tick=False):
        assert fresh(clerk).scope == Scope.none()


def test_a_post_cannot_end_before_it_began(manager, clerk):
    with pytest.raises(ValidationError, match="不能早于任职日期"):
        services.end_posting(clerk.postings.get(), on=datetime.date(2020, 12, 31), by=manager)


def test_nobody_manages_their_own_account_or_posts(client, manager):
    with pytest.raises(PermissionDenied):
        services.reset_password(manager, by=manager)
    with pytest.raises(PermissionDenied):
        services.set_active(manager, active=False, by=manager)
    with pytest.raises(PermissionDenied):
        services.end_posting(manager.postings.get(), on=clock.today(), by=manager)
    with pytest.raises(PermissionDenied):
        services.add_posting(
            manager,
            role=Role.COUNTY_REVIEWER,
            division=Division.objects.get(pk=register.COUNTY),
            by=manager,
        )
    client.force_login(manager)
    assert client.post(reverse("accounts:user_switch", args=[manager.pk])).status_code == 403
    html = client.get(reverse("accounts:user", args=[manager.pk])).content.decode()
    assert "不能对自己的账号进行此操作" in html


def test_a_county_manager_cannot_take_over_somebody_who_also_sits_in_the_province(manager, clerk):
    """Whoever sets a password can log in with it."""
    Posting.objects.create(
        user=clerk, role=Role.PROVINCE, division_id="62", from_on=datetime.date(2021, 1, 1)
    )
    with pytest.raises(PermissionDenied, match="管辖范围以外"):
        services.reset_password(clerk, by=manager)


def test_only_a_superuser_manages_a_superuser(manager, clerk):
    clerk.is_superuser = True
    clerk.save()
    with pytest.raises(PermissionDenied, match="超级管理员"):
        services.reset_password(clerk, by=manager)


@pytest.mark.parametrize(
    "name", ["user", "user_reset", "user_switch", "posting_create", "posting_end"]
)
def test_a_user_of_another_county_does_not_exist_for_me(client, manager, name):
    other = register.user("village_caseworker", register.FAR_VILLAGE)
    pk = other.postings.get().pk if name == "posting_end" else other.pk
    client.force_login(manager)
    answer = client.post(reverse(f"accounts:{name}", args=[pk])) if "user_" in name else None
    answer = answer or client.get(reverse(f"accounts:{name}", args=[pk]))
    assert answer.status_code == 404


def test_the_list_of_users_shows_my_county_only(client, manager, clerk):
    register.user("village_caseworker", register.FAR_VILLAGE, name="远方人")
    client.force_login(manager)
    html = client.get(reverse("accounts:users")).content.decode()
    assert "张村官" in html
    assert "远方人" not in html


def test_the_first_superuser_manages_the_province_and_needs_its_divisions(db, tree):
    call_command("createsuperuser", "--noinput", username="root", name="省管理员")
    root = User.objects.get(username="root")
    assert root.may(Permission.MANAGE_USERS, tree[register.FAR_VILLAGE].path)


def test_a_superuser_without_divisions_is_refused_with_the_command_to_run(db):
    with pytest.raises(CommandError, match="load_divisions"):
        call_command("createsuperuser", "--noinput", username="root", name="省管理员")


# Divisions, the demonstration's date


def test_switching_finds_a_division_by_pinyin_in_ones_own_part_of_the_tree_only(client, tree):
    client.force_login(register.user("county_reviewer", register.COUNTY))
    url = reverse("accounts:switch_division")
    assert "泰和村" in client.get(url, {"q": "thc"}).content.decode()
    assert "泰和村" in client.get(url, {"q": "泰和"}).content.decode()
    assert "南嘴村" not in client.get(url, {"q": "nzc"}).content.decode()
    chosen = client.get(url, {"division": register.VILLAGE})
    assert chosen.url == f"{reverse('households:list')}?division={register.VILLAGE}"
    assert client.get(url, {"division": register.FAR_VILLAGE}).status_code == 404


def test_the_date_can_be_moved_in_a_demonstration_only(client, caseworker, settings):
    client.force_login(caseworker)
    url = reverse("accounts:demo_clock")
    assert client.get(url).status_code == 404
    assert client.post(url, {"day": "2021-11-20"}).status_code == 404
    assert clock.today() == datetime.date(2021, 11, 8)
    settings.DEMO = True
    try:
        assert client.post(url, {"day": "2021-11-20"}).status_code == 302
        assert clock.today() == datetime.date(2021, 11, 20)
    finally:
        clock.days.set_demo_day(None)
