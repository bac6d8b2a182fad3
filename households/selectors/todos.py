"""What waits for a user on the register: changes to decide, forms to fill, forms to review."""

from django.urls import reverse

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.web.extensions import Todo
from households.models import Collection, Household
from households.selectors.changes import waiting_for
from households.selectors.parameters import campaign_now
from households.selectors.register import uncollected


def waiting(user: User) -> list[Todo]:
    """The register's lines of the workbench."""
    return [*_changes(user), *_collection(user)]


def _changes(user: User) -> list[Todo]:
    if not (user.holds(Permission.REVIEW_CHANGES) or user.holds(Permission.CONFIRM_CHANGES)):
        return []
    count = waiting_for(user).count()
    return [
        Todo("changes", "待审核的人口变更", count, reverse("households:change_queue"), desk="农户")
    ]


def _collection(user: User) -> list[Todo]:
    campaign = campaign_now()
    if campaign is None:
        return []
    found = []
    listed = reverse("households:list")
    if user.holds(Permission.COLLECT):
        rows = Household.objects.within(user.scope_for(Permission.COLLECT)).filter(uncollected())
        found.append(
            (
                "待采集或待提交的采集表",
                rows.count(),
                f"{listed}?collection=open",
                campaign.collection_due_on,
            )
        )
    if user.holds(Permission.REVIEW_COLLECTION):
        forms = Collection.objects.within(user.scope_for(Permission.REVIEW_COLLECTION))
        count = forms.filter(campaign=campaign, state="checked").count()
        found.append(
            ("待审核的采集表", count, f"{listed}?collection=checked", campaign.entry_due_on)
        )
    return [
        Todo(
            "collection",
            label,
            n,
            url,
            due_on=due,
            overdue=n if due < clock.today() else 0,
            desk="农户",
        )
        for label, n, url, due in found
    ]
