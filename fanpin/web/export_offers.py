"""Whether a list may leave the system as a file, and with full numbers (policy.md Appendix B, design decision 12).

The kernel knows the two grants by name only; accounts say who holds them where.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

EXPORT, UNMASK = "export_households", "unmask"


@dataclass(frozen=True)
class Offer:
    """What the list's head offers: the address to repeat, and whether full numbers may be asked for."""

    address: str
    in_full: bool


def offered(request: HttpRequest, columns: Sequence[Any]) -> Offer | None:
    """None for whoever may not export what this list shows."""
    user = request.user
    if not user.is_authenticated or not covers(user, EXPORT):
        return None
    in_full = any(column.hides for column in columns) and covers(user, UNMASK)
    return Offer(request.get_full_path(), in_full)


def covers(user: Any, permission: str) -> bool:
    """Whether the grant reaches everything the page at hand shows."""
    granted = user.scope_for(permission)
    return bool(user.scope.paths) and all(granted.covers(path) for path in user.scope.paths)


def require(user: Any, *, full: bool) -> None:
    if not covers(user, EXPORT):
        raise PermissionDenied("您的岗位在此区划没有“导出农户”权限")
    if full and not covers(user, UNMASK):
        raise PermissionDenied("您的岗位在此区划没有“查看完整证件号码”权限")
