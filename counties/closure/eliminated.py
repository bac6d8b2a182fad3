"""Households marked as out of risk that are not: what the elimination itself would refuse on today (CC-11)."""

import polars as pl

from counties.closure.check import ClosureCheck, Values
from fanpin.clock import month_of
from households.models import Household
from households.selectors.parameters import Policy
from monitoring.models import Episode, MonitoringObject
from monitoring.selectors import criteria, standing

_ROW = {
    "household_id": pl.Int64(),
    "member_id": pl.Int64(),
    "division_path": pl.String(),
    "subject": pl.String(),
    "detail": pl.String(),
}


def not_out_of_risk(values: Values) -> pl.DataFrame:
    """A row for each criterion of policy.md §5.1 and each 不消 condition in force that does not hold.

    One evaluator, one list and one set of facts with the gate of an elimination, as of the campaign's day.
    """
    policy = Policy(values["day"])
    month = month_of(policy.on)
    gone = list(
        MonitoringObject.objects.filter(
            state="eliminated",
            household__county_code=values["county"],
            household__ended_on__isnull=True,
        )
        .select_related("household")
        .order_by("household_id")
    )
    methods = _methods(gone)
    asked = [
        standing.Asked(o.household, is_natural=methods.get(o.pk) == "natural", month=month)
        for o in gone
    ]
    facts = standing.facts_of(asked, policy)
    rows = []
    for obj in gone:
        household = obj.household
        conditions = standing.conditions(household.division_path, policy)
        method = methods.get(obj.pk, "")
        found = criteria.judge(facts[household.pk], conditions, method, known=False)
        rows += [_row(household, c.code, _words(c)) for c in found if c.findings]
        if not (obj.contact_name and obj.contact_phone):
            rows.append(_row(household, "contact", "缺少监测联系人或电话"))
    return pl.DataFrame(rows, schema=_ROW, orient="row")


def _methods(objects: list[MonitoringObject]) -> dict[int, str]:
    """How the risk of each object went, by its last episode."""
    rows = Episode.objects.filter(object__in=objects).order_by("object_id", "-seq")
    return dict(rows.distinct("object_id").values_list("object_id", "method"))


def _words(criterion: criteria.Criterion) -> str:
    return f"{criterion.code} {criterion.label}：" + "；".join(f.text for f in criterion.findings)


def _row(household: Household, subject: str, detail: str) -> tuple[int, None, str, str, str]:
    key = f"household:{household.pk}:{subject}"
    return household.pk, None, household.division_path, key, detail


CC_11 = ClosureCheck(
    code="CC-11",
    title="已标注风险消除但条件不足",
    kind="逻辑",
    owner_level="county",
    remedy="风险未真正消除的办理风险消除回退；信息不全的补齐措施、监测联系人",
    clause="业务规程 §5.1、§5.3",
    needs=("monitoring_line", "min_months_monitored"),
    frame=not_out_of_risk,
)
