"""Which counties and cities a user works with."""

from django.db.models import QuerySet

from fanpin.accounts.models import User
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
