"""Accounts and posts: made, ended, reset by whoever manages users at that place."""

import datetime
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from fanpin import clock
from fanpin.accounts import verbs
from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import LEVEL_OF, Permission, Role
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division, Level

PROVINCE_PATH = "/62/"


def may_manage(user: User, path: str) -> Verdict:
    """Only a user manager whose post covers the place."""
    if not user.may(Permission.MANAGE_USERS, path):
        return Verdict.denied("您的岗位不能管理该区划的用户")
    return Verdict.yes()


def may_administer(by: User, user: User) -> Verdict:
    """Password and standing of an account: never one's own, and only over everything the account reaches.

    Otherwise a county's manager could take over a colleague who also sits in the province.
    """
    if user.pk == by.pk:
        return Verdict.denied("不能对自己的账号进行此操作")
    if user.is_superuser and not by.is_superuser:
        return Verdict.denied("超级管理员的账号只能由超级管理员办理")
    lasting = Q(until_on__isnull=True) | Q(until_on__gte=clock.today())
    held = user.postings.filter(lasting).select_related("division")  # type: ignore[attr-defined]
    scope = by.scope_for(Permission.MANAGE_USERS)
    if not all(scope.covers(path) for path in [p.division.path for p in held] or [place_of(user)]):
        return Verdict.denied("该用户还在您管辖范围以外任职，请由上级管理员办理")
    return Verdict.yes()


def may_change_posts(by: User, user: User) -> Verdict:
    """Posts of others only: who grants posts must not grant themselves the powers of a checker."""
    if user.pk == by.pk:
        return Verdict.denied("不能增减自己的岗位，请由其他管理员办理")
    return Verdict.yes()


def may_post(role: str, division: Division, department: str) -> Verdict:
    """A role sits at its level; a department officer names the department, nobody else does."""
    reasons = []
    if division.level not in LEVEL_OF[Role(role)]:
        levels = "、".join(Level(level).label for level in LEVEL_OF[Role(role)])
        reasons.append(
            f"“{Role(role).label}”岗位须设在{levels}，{division}是{division.get_level_display()}"
        )
    if role == Role.DEPARTMENT_OFFICER and not department:
        reasons.append("行业部门岗位须选择部门")
    if role != Role.DEPARTMENT_OFFICER and department:
        reasons.append("只有行业部门岗位才填部门")
    return Verdict.no(*reasons)


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    role: str,
    division: Division,
    department: str = "",
    phone: str = "",
    from_on: datetime.date | None = None,
    by: User,
) -> tuple[User, str]:
    """A new account with its first post; returns it with the one-time password to hand over."""
    (may_manage(by, division.path) & may_post(role, division, department)).require()
    if User.objects.filter(username__iexact=username).exists():
        raise ValidationError({"username": f"用户名“{username}”已被使用，请换一个"})
    password = first_password()
    user = User(username=username, name=name, phone=phone, must_change_password=True)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    record(verbs.CREATED, by=by, on=user, path=division.path, after={"username": username})
    add_posting(user, role=role, division=division, department=department, from_on=from_on, by=by)
    return user, password


@transaction.atomic
def add_posting(
    user: User,
    *,
    role: str,
    division: Division,
    department: str = "",
    from_on: datetime.date | None = None,
    until_on: datetime.date | None = None,
    by: User,
) -> Posting:
    """Another post for an account, from a day on."""
    allowed = may_change_posts(by, user) & may_manage(by, division.path)
    (allowed & may_post(role, division, department)).require()
    posting = Posting(
        user=user,
        role=role,
        division=division,
        department=department,
        from_on=from_on or clock.today(),
        until_on=until_on,
    )
    posting.full_clean()
    posting.save()
    record(verbs.POSTED, by=by, on=posting, path=division.path, subject=f"{user} {posting}")
    return posting


@transaction.atomic
def end_posting(posting: Posting, *, on: datetime.date, by: User) -> None:
    """The post ends at the end of the given day."""
    posting = (
        Posting.objects.select_for_update(of=("self",))
        .select_related("division", "user")
        .get(pk=posting.pk)
    )
    (may_change_posts(by, posting.user) & may_manage(by, posting.division.path)).require()
    if on < posting.from_on:
        raise ValidationError(f"离任日期不能早于任职日期 {posting.from_on}")
    posting.until_on = on
    posting.save(update_fields=["until_on"])
    record(
        verbs.ENDED,
        by=by,
        on=posting,
        path=posting.division.path,
        subject=f"{posting.user} {posting}",
        after={"until_on": on},
    )


@transaction.atomic
def reset_password(user: User, *, by: User) -> str:
    """A new one-time password that has to be changed at the next login."""
    may_administer(by, user).require()
    password = first_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record(verbs.RESET, by=by, on=user, path=place_of(user))
    return password


@transaction.atomic
def set_active(user: User, *, active: bool, by: User) -> None:
    """Switch an account off or on; its posts and acts stay."""
    may_administer(by, user).require()
    user.is_active = active
    user.save(update_fields=["is_active"])
    record(verbs.ENABLED if active else verbs.DISABLED, by=by, on=user, path=place_of(user))


@transaction.atomic
def note_own_password(user: User) -> None:
    """After the user has set a password of their own."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    record(verbs.CHANGED, by=user, on=user, path=place_of(user))


def place_of(user: User) -> str:
    """Where acts on this account are recorded: its first post, else the province."""
    first = user.postings.select_related("division").order_by("pk").first()  # type: ignore[attr-defined]
    return first.division.path if first else PROVINCE_PATH


def first_password() -> str:
    """A one-time password that is easy to read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    word = "".join(secrets.choice(letters) for _ in range(6))
    return f"{word}-{secrets.randbelow(900000) + 100000}"
