"""Which counties and cities a user works with."""

from collections.abc import Sequence

from django.db.models import QuerySet

from fanpin import clock
from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division, Level


def counties(user: User, permission: str) -> QuerySet[Division]:
    """The counties inside the postings that carry the permission."""
    scope = user.scope_for(permission)
    return Division.objects.filter(level=Level.COUNTY).within(scope).order_by("code")


def cities(user: User, permission: str) -> QuerySet[Division]:
    """The cities inside the postings that carry the permission."""
    scope = user.scope_for(permission)
    return Division.objects.filter(level=Level.CITY).within(scope).order_by("code")


def departments_of(user: User, county: Division) -> set[str] | None:
    """The departments whose ledgers the user sees in a county; None means all of them."""
    roles = {p.role for p in user.postings_today if county.path.startswith(p.division.path)}
    if roles - {Role.DEPARTMENT_OFFICER}:
        return None
    return user.departments_at(county.path)


def account_for(
    county: Division, wanted: Sequence[tuple[str, str]], username: str | None = None
) -> User | None:
    """The account a command acts as: the one named, or the first with a current posting of these in the county."""
    if username:
        return User.objects.filter(username=username, is_active=True).first()
    for role, department in wanted:
        postings = Posting.objects.on(clock.today()).filter(
            division=county, role=role, user__is_active=True
        )
        if department:
            postings = postings.filter(department=department)
        posting = postings.select_related("user").order_by("pk").first()
        if posting is not None:
            return posting.user
    return None
