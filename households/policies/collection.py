"""When this year's form may move on: collected → submitted by the village → reviewed by the township."""

from django.urls import NoReverseMatch, reverse

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.choices import label
from households.models import Collection, IncomeStatement
from households.policies.households import permitted
from households.policies.locks import unlocked
from households.selectors.income import annual
from households.selectors.members import roster

OPEN = ("todo", "returned", "collected")


def _at(collection: Collection, states: tuple[str, ...]) -> Verdict:
    household = collection.household
    verdict = unlocked(household.division_path, collection.campaign)
    if household.ended_on is not None:
        verdict &= Verdict.no(f"该户已于{household.ended_on}销户，不再采集")
    if collection.state not in states:
        verdict &= Verdict.no(
            f"当前为“{label('collect_status', collection.state)}”，不能办理这一步"
        )
    return verdict


def may_collect(user: User, collection: Collection) -> Verdict:
    """Say that the form is filled: this year's income is confirmed, there is a head."""
    path = collection.household.division_path
    verdict = permitted(user, Permission.COLLECT, path) & _at(collection, ("todo", "returned"))
    return verdict & _filled(collection)


def may_submit(user: User, collection: Collection) -> Verdict:
    """Hand the form to the township: filled, and no error left open."""
    path = collection.household.division_path
    verdict = permitted(user, Permission.COLLECT, path) & _at(collection, OPEN)
    return verdict & _filled(collection) & _clean(collection)


def may_review(user: User, collection: Collection) -> Verdict:
    """Pass the village's form; not one's own."""
    path = collection.household.division_path
    verdict = permitted(user, Permission.REVIEW_COLLECTION, path) & _at(collection, ("checked",))
    if collection.changed_by_id == user.pk:
        verdict &= Verdict.no(Reason("提交人不能审核自己提交的采集表", clause="业务规程 §2.2"))
    return verdict & _clean(collection)


def may_return(user: User, collection: Collection) -> Verdict:
    path = collection.household.division_path
    return permitted(user, Permission.REVIEW_COLLECTION, path) & _at(
        collection, ("checked", "reviewed")
    )


def explained(collection: Collection, text: str) -> Verdict:
    """Warnings do not stop a form, but somebody has looked at each and says so (核实说明)."""
    warnings = collection.household.open_warnings
    if not warnings or text.strip():
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"还有{warnings}条提示，请逐条核实，改正或填写核实说明后再提交",
            url=_findings(collection.household_id),
            field="explanation",
        )
    )


def _filled(collection: Collection) -> Verdict:
    household = collection.household
    verdict = Verdict.yes()
    if not roster(household).filter(relation="02").exists():
        url = reverse("households:members", args=[household.pk])
        verdict &= Verdict.no(Reason("本户没有户主，请先登记或变更户主", url=url))
    statement = annual(household, collection.campaign)
    if statement is None or statement.state != IncomeStatement.State.CONFIRMED:
        url = reverse("households:income", args=[household.pk])
        verdict &= Verdict.no(Reason(f"{collection.campaign}收入测算表尚未填写并确认", url=url))
    return verdict


def _clean(collection: Collection) -> Verdict:
    household = collection.household
    if not household.open_errors:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"还有{household.open_errors}条错误未改正或说明，请逐条处理",
            url=_findings(household.pk),
        )
    )


def _findings(pk: int) -> str:
    """The findings tab belongs to an app above; without it the reason stands alone."""
    try:
        return reverse("counties:household", args=[pk])
    except NoReverseMatch:
        return ""
