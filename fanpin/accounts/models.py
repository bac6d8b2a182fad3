"""Who works here, and the posts they hold: role × division × department × dates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.functional import cached_property

from fanpin import clock
from fanpin.accounts.departments import Department
from fanpin.accounts.roles import GRANTS, Role
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope, ScopedQuerySet

PROVINCE = "62"


class UserManager(BaseUserManager["User"]):
    """Makes accounts without the e-mail address that Django's own manager expects."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    @transaction.atomic
    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """The first account of a new system: manages users of the whole province, and posts the others."""
        if not Division.objects.filter(pk=PROVINCE).exists():
            raise ValidationError("还没有行政区划，请先运行 manage.py load_divisions")
        user = self.create_user(
            username, password, **{"is_staff": True, "is_superuser": True, **fields}
        )
        Posting.objects.create(
            user=user, role=Role.ADMIN, division_id=PROVINCE, from_on=clock.today()
        )
        return user


class User(AbstractUser):
    """An account. What it may see and do comes only from its current postings."""

    PERSONAL = ("name", "phone", "username")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机号", max_length=11, blank=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    is_demo = models.BooleanField("演示账号", default=False)

    REQUIRED_FIELDS = ["name"]

    objects = UserManager()  # type: ignore[assignment,misc]

    # The permissions of the page at hand (fanpin.accounts.access); not a column.
    asked: tuple[str, ...] = ()

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """How the stock pages greet."""
        return self.name

    @cached_property
    def postings_today(self) -> list[Posting]:
        """The postings in force on the business date, each with its division loaded."""
        return list(
            self.postings.on(clock.today()).select_related("division").order_by("from_on", "pk")  # type: ignore[attr-defined]
        )

    @property
    def scope(self) -> Scope:
        """What the page at hand may show: where a posting carries a permission that opens it.

        Outside such a page, everything any posting reaches. No posting, no rows.
        """
        if self.asked:
            return self.scope_for(*self.asked)
        return Scope.of(p.division.path for p in self.postings_today)

    @contextmanager
    def opening(self, *permissions: str) -> Iterator[None]:
        """Cut `scope` to one page's permissions, so that a post here never opens records a post elsewhere reaches.

        An officer of one county who is also caseworker in another county's village may read households
        in that village only. Without permissions: everything again, for the frame around the page.
        """
        before, self.asked = self.asked, permissions
        try:
            yield
        finally:
            self.asked = before

    def scope_for(self, *permissions: str) -> Scope:
        """What the postings that carry one of these permissions reach."""
        wanted = frozenset(permissions)
        return Scope.of(p.division.path for p in self.postings_today if wanted & GRANTS[p.role])

    def may(self, permission: str, path: str) -> bool:
        """Whether some posting carries the permission at a place."""
        return self.scope_for(permission).covers(path)

    def holds(self, permission: str) -> bool:
        """Whether some posting carries the permission anywhere."""
        return any(permission in GRANTS[p.role] for p in self.postings_today)

    def role_at(self, path: str) -> str:
        """The label of the narrowest posting that covers a place, for the record."""
        covering = [p for p in self.postings_today if path.startswith(p.division.path)]
        if not covering:
            return ""
        return max(covering, key=lambda p: len(p.division.path)).get_role_display()

    def departments_at(self, path: str) -> set[str]:
        """The department codes this user answers for at a place."""
        return {
            p.department
            for p in self.postings_today
            if p.department and path.startswith(p.division.path)
        }


class PostingQuerySet(ScopedQuerySet):
    def on(self, day) -> PostingQuerySet:
        """The postings in force on a day."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=day), from_on__lte=day)


class Posting(models.Model):
    """A post somebody holds from one day until another."""

    PERSONAL = ()
    scope_path = "division__path"

    user = models.ForeignKey(
        User, verbose_name="用户", on_delete=models.PROTECT, related_name="postings"
    )
    role = models.CharField("岗位", max_length=20, choices=Role)
    division = models.ForeignKey(
        Division, verbose_name="区划", on_delete=models.PROTECT, related_name="postings"
    )
    department = models.CharField("部门", max_length=30, blank=True, choices=Department)
    from_on = models.DateField("任职日期")
    until_on = models.DateField("离任日期", null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位任职"
        ordering = ["user", "from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="posting_ends_after_it_begins",
                violation_error_message="离任日期不能早于任职日期",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.DEPARTMENT_OFFICER) | ~Q(department=""),
                name="department_officer_names_a_department",
                violation_error_message="行业部门岗位须选择部门",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division} {self.get_role_display()}"


class LoginRecord(models.Model):
    """One attempt to log in, successful or not."""

    PERSONAL = ("username", "address")

    username = models.CharField("用户名", max_length=150)
    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.PROTECT, null=True)
    succeeded = models.BooleanField("是否成功")
    address = models.GenericIPAddressField("地址", null=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "登录记录"
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="login_time")]

    def __str__(self) -> str:
        return f"{self.username} {self.at:%Y-%m-%d %H:%M}"
