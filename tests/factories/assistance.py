"""Plans and measures for tests, made through the services."""

import datetime
from typing import Any

from assistance.models import Measure, Plan
from assistance.services import measures, plan_lines, plans
from fanpin import clock
from fanpin.accounts.models import User
from households.models import Household
from households.services import standing
from tests.factories import register

HEALTH = {"category": "health", "item": "health.aid", "domain": "guarantee"}
WORK = {"category": "employment", "item": "employment.training", "domain": "employment"}


def put_under_monitoring(household: Household, state: str = "monitored") -> Household:
    """As monitoring's own services leave the household's standing; only for tests below monitoring."""
    standing.set_monitoring(household.pk, state=state, monitor_type="marginal")
    household.refresh_from_db()
    return household


def item_fields(**more: Any) -> dict[str, Any]:
    return {
        **HEALTH,
        "content": "申请医疗救助",
        "responsible_name": "李干事",
        "responsible_phone": "13900000000",
        "responsible_unit": "镇卫生院",
        "deadline": clock.today() + datetime.timedelta(days=30),
        **more,
    }


def complete_plan(household: Household, *, by: User, risks: tuple[str, ...] = ("illness",)) -> Plan:
    """A draft that may be submitted: four parties, every risk with a measure, the signed page."""
    plan = plans.draft(
        household,
        by=by,
        made_on=clock.today(),
        village_secretary="赵书记",
        township_cadre="钱干部",
        helper="孙帮扶",
        dev_measure_status="implemented",
        team_leader="周队长",
        situation="三口之家，一人患病",
        adjust_note="按回退情况调整",
        signed_on=clock.today(),
    )
    named = {risk.cause: risk for risk in plan.risks.all()}
    for cause in risks:
        risk = named.get(cause) or plan_lines.add_risk(plan, by=by, cause=cause)
        if not risk.items.exists():
            plan_lines.add_item(plan, by=by, **item_fields(risk=risk))
    plans.add_document(plan, by=by, upload=register.paper("签字页.pdf"), kind="signature")
    return plan


def approved_plan(
    household: Household, *, by: User, checker: User, risks: tuple[str, ...] = ("illness",)
) -> Plan:
    plan = plans.submit(complete_plan(household, by=by, risks=risks), by=by)
    return plans.approve(plan, by=checker, note="同意")


def delivered_measure(
    household: Household, *, by: User, risk: str = "illness", **fields: Any
) -> Measure:
    """A measure with its proof."""
    measure = measures.plan(
        household, by=by, risk=risk, start_on=clock.today(), department="medical_insurance",
        **{**HEALTH, **fields},
    )  # fmt: skip
    return measures.deliver(
        measure, by=by, delivered_on=clock.today(), amount=3000, evidence=[register.paper()]
    )
