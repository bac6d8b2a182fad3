"""The risks and measures of a plan: written while it is a draft; effects are recorded on the version in force."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assistance import verbs
from assistance.choices import Conclusion, Effect, LookBackResult
from assistance.models import Plan, PlanItem, PlanRisk
from assistance.policies import plans as policies
from assistance.validators import measure_kind
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from households.models import Member
from households.services.telling import tell

ITEM_FIELDS = ("risk", "category", "item", "domain", "content", "quantity", "amount",
               "responsible_name", "responsible_phone", "responsible_unit", "start_on", "deadline",
               "funding_source")  # fmt: skip


@transaction.atomic
def add_risk(
    plan: Plan, *, by: User, cause: str, bearer: Member | None = None, description: str = ""
) -> PlanRisk:
    """Name one more risk of the household."""
    plan = _locked(plan)
    policies.may_edit(by, plan).require()
    risk = PlanRisk(plan=plan)
    _save_risk(risk, {"cause": cause, "bearer": bearer, "description": description})
    _record(verbs.PLAN_RISK_RECORDED, plan, by, after={"risk": str(risk)})
    return risk


@transaction.atomic
def change_risk(risk: PlanRisk, *, by: User, **fields: Any) -> PlanRisk:
    plan = _locked(risk.plan)
    policies.may_edit(by, plan).require()
    _save_risk(risk, fields)
    _record(verbs.PLAN_RISK_RECORDED, plan, by, after={"risk": str(risk)})
    return risk


@transaction.atomic
def remove_risk(risk: PlanRisk, *, by: User) -> None:
    """Take a risk out of a draft; its measures must go first."""
    plan = _locked(risk.plan)
    policies.may_edit(by, plan).require()
    if risk.items.exists():
        raise ValidationError(f"“{risk}”下还有计划措施，请先删去或改为针对其他风险")
    _record(verbs.PLAN_RISK_REMOVED, plan, by, before={"risk": str(risk)})
    risk.delete()


@transaction.atomic
def add_item(plan: Plan, *, by: User, **fields: Any) -> PlanItem:
    """Foresee a measure: fields of PlanItem; `risk` None is 普惠."""
    plan = _locked(plan)
    policies.may_edit(by, plan).require()
    item = PlanItem(plan=plan)
    _save_item(item, fields)
    _record(verbs.PLAN_ITEM_RECORDED, plan, by, after={"item": str(item), "amount": item.amount})
    return item


@transaction.atomic
def change_item(item: PlanItem, *, by: User, **fields: Any) -> PlanItem:
    plan = _locked(item.plan)
    policies.may_edit(by, plan).require()
    _save_item(item, fields)
    _record(verbs.PLAN_ITEM_RECORDED, plan, by, after={"item": str(item), "amount": item.amount})
    return item


@transaction.atomic
def remove_item(item: PlanItem, *, by: User) -> None:
    """Take a measure out of a draft."""
    plan = _locked(item.plan)
    policies.may_edit(by, plan).require()
    if item.measures.exists():
        raise ValidationError("该计划措施已有落实记录，不能删去")
    _record(verbs.PLAN_ITEM_REMOVED, plan, by, before={"item": str(item)})
    item.delete()


@transaction.atomic
def record_result(risk: PlanRisk, *, by: User, effect: str, note: str = "") -> PlanRisk:
    """What became of a risk: 已消除, 有缓解, 无变化, 加重."""
    plan = _locked(risk.plan)
    policies.may_record_result(by, plan).require()
    before = {"effect": risk.effect}
    risk.effect, risk.effect_note, risk.effect_on = Effect(effect), note, clock.today()
    risk.save(update_fields=["effect", "effect_note", "effect_on"])
    _record(
        verbs.PLAN_RESULT,
        plan,
        by,
        before=before,
        after={"risk": str(risk), "effect": effect},
        note=note,
    )
    tell([plan.household_id], "measure")
    return risk


@transaction.atomic
def conclude(plan: Plan, *, by: User, conclusion: str, note: str = "") -> Plan:
    """Go on, adjust, or propose elimination."""
    plan = _locked(plan)
    policies.may_record_result(by, plan).require()
    plan.conclusion, plan.conclusion_note = Conclusion(conclusion), note
    plan.save(update_fields=["conclusion", "conclusion_note"])
    _record(verbs.PLAN_CONCLUDED, plan, by, after={"conclusion": conclusion}, note=note)
    return plan


@transaction.atomic
def look_back(plan: Plan, *, by: User, result: str, note: str) -> Plan:
    """回头看 of the year: are risks, measures, people and papers still right (notice 一(六))."""
    plan = _locked(plan)
    policies.may_record_result(by, plan).require()
    if not note.strip():
        raise ValidationError({"note": "请写明回头看情况：风险、措施、责任人、落实、成效、资料"})
    plan.reviewed_on, plan.review_result, plan.review_note = (
        clock.today(),
        LookBackResult(result),
        note,
    )
    plan.save(update_fields=["reviewed_on", "review_result", "review_note"])
    _record(verbs.PLAN_LOOKED_BACK, plan, by, after={"result": result}, note=note)
    tell([plan.household_id], "measure")
    return plan


def _save_risk(risk: PlanRisk, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(risk, name, value)
    if risk.bearer and risk.bearer.household_id != risk.plan.household_id:
        raise ValidationError({"bearer": "涉及成员不是本户成员"})
    if risk.cause == "other" and not risk.description.strip():
        raise ValidationError({"description": "风险为“其他”时须写明具体情况"})
    risk.full_clean(exclude=["plan"])
    risk.validate_constraints()
    risk.save()


def _save_item(item: PlanItem, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(ITEM_FIELDS)
    if unknown:
        raise TypeError(f"not part of a plan item: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(item, name, value)
    if item.risk and item.risk.plan_id != item.plan_id:
        raise ValidationError({"risk": "所选风险不属于本计划"})
    # The content says what 其他 is.
    measure_kind(item.category, item.item, item.content)
    item.full_clean(exclude=["plan"])
    item.save()


def _locked(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("household").get(pk=plan.pk)


def _record(verb: str, plan: Plan, by: User, **rest: Any) -> None:
    record(verb, by=by, on=plan, path=plan.household.division_path, **rest)
