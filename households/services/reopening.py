"""A form that was already submitted goes back to the village when its facts change afterwards."""

from fanpin import clock
from fanpin.accounts.models import User
from households.models import Collection, Household


def reopen_collection(household: Household, *, by: User) -> None:
    """checked / reviewed → collected, so that the township sees the changed form again."""
    Collection.objects.filter(
        household=household, campaign__is_current=True, state__in=("checked", "reviewed")
    ).update(
        state="collected",
        note="提交后信息有修改，须重新提交",
        changed_at=clock.now(),
        changed_by=by,
    )
