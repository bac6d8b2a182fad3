"""The 核实说明 of a household's annual form answers its open warnings: nobody writes the same twice.

The village's text is the explanation of each, the township's pass of the form accepts it, a return takes it back
(policy.md §11.4: an explanation of a warning needs the township; forms.md §6: a warning wants a 核实说明).
"""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from counties.models import Finding, FindingAction
from counties.models.findings import Origin, Severity, State
from counties.policies import findings as policies
from counties.services.findings import move
from counties.verbs import FINDING_ACCEPTED, FINDING_EXPLAINED, FINDING_REJECTED
from households.models import Collection

WITH_FORM = "随年度采集表"


def submitted(form: Collection, *, by: Any) -> None:
    """Every open warning that is with the village is explained by the form's 核实说明."""
    if not form.explanation:
        return
    for finding in _warnings(form).exclude(state=State.EXPLAINED):
        if policies.may_explain(by, finding).ok:
            move(finding, State.EXPLAINED, "explained", FINDING_EXPLAINED, form.explanation, by)


def passed(form: Collection, *, by: Any) -> None:
    """What the form explained is accepted with it."""
    for finding in _explained(form):
        if policies.may_review(by, finding).ok:
            move(finding, State.WAIVED, "accepted", FINDING_ACCEPTED, f"{WITH_FORM}审核通过", by)


def returned(form: Collection, *, by: Any) -> None:
    """A returned form takes its explanations back: the village answers anew."""
    for finding in _explained(form):
        if policies.may_review(by, finding).ok:
            target = State.DISPATCHED if finding.dispatched_at else State.OPEN
            move(finding, target, "rejected", FINDING_REJECTED, f"{WITH_FORM}退回：{form.note}", by)


def _warnings(form: Collection) -> QuerySet[Finding]:
    rows = (
        Finding.objects.live()
        .others()
        .exclude(origin=Origin.WARNING)
        .filter(severity=Severity.WARN, campaign=form.campaign_id)
    )
    return rows.filter(household=form.household_id).select_for_update(of=("self",))


def _explained(form: Collection) -> QuerySet[Finding]:
    """Explained in the words of this form; what the village explained by itself is judged by itself."""
    words = FindingAction.objects.filter(
        finding=OuterRef("pk"), verb="explained", note=form.explanation.strip()
    )
    return _warnings(form).filter(Exists(words), state=State.EXPLAINED).order_by("pk")
