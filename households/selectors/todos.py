"""What waits for a user on the register: changes to decide, forms to fill, forms to review."""

from django.urls import reverse

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.extensions import Todo
from households.models import Collection, Household
from households.selectors import disputes
from households.selectors.changes import waiting_for
from households.selectors.limits import limit_for, waiting_todo
from households.selectors.parameters import campaign_now
from households.selectors.register import uncollected


def waiting(user: User) -> list[Todo]:
    """The register's lines of the workbench."""
    return [*_changes(user), *_disputes(user), *_collection(user)]


def _disputes(user: User) -> list[Todo]:
    """Two villages and one person: to answer, or to decide."""
    waits = [
        ("待答复的两村核对", P.EDIT_HOUSEHOLDS, disputes.to_answer),
        ("待裁定的两村核对", P.REVIEW_CHANGES, disputes.to_decide),
        ("待裁定的两村核对", P.CONFIRM_CHANGES, disputes.to_decide),
    ]
    url = reverse("households:disputes") + "?waiting=mine"
    for text, permission, rows in waits:
        if not user.holds(permission):
            continue
        found = list(rows(user).order_by("due_on").values_list("due_on", flat=True))
        late = sum(day < clock.today() for day in found)
        if found:
            return [Todo("disputes", text, len(found), url, found[0], late, "orange", "农户")]
    return []


def _changes(user: User) -> list[Todo]:
    if not (user.holds(P.REVIEW_CHANGES) or user.holds(P.CONFIRM_CHANGES)):
        return []
    limit = limit_for("change_review_days", user.scope)
    url = reverse("households:change_queue")
    return [waiting_todo("changes", "待审核的人口变更", waiting_for(user), url, limit, desk="农户")]


def _collection(user: User) -> list[Todo]:
    campaign = campaign_now()
    if campaign is None:
        return []
    found = []
    listed = reverse("households:list")
    if user.holds(P.COLLECT):
        rows = Household.objects.within(user.scope_for(P.COLLECT)).filter(uncollected())
        found.append(
            (
                "待采集或待提交的采集表",
                rows.count(),
                f"{listed}?collection=open",
                campaign.collection_due_on,
            )
        )
    if user.holds(P.REVIEW_COLLECTION):
        forms = Collection.objects.within(user.scope_for(P.REVIEW_COLLECTION))
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
