"""Who may do what with a 一户一策, and when it is ready (policy.md §8.1)."""

from django.urls import reverse

from assistance.choices import OPEN_STATES, DocumentKind, PlanState
from assistance.models import Plan, PlanDuty, PlanItem
from assistance.selectors import coverage
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.choices import label
from households.models import Household
from households.policies.locks import unlocked

PLANNED_FOR = ("approved", "monitored", "eliminating", "rolling_back", "relabelling", "eliminated")
CLAUSE = "通知一(六)"


def _may(user: User, permission: Permission, household: Household) -> Verdict:
    if not user.may(permission, household.division_path):
        return Verdict.denied(f"您的岗位没有“{permission.label}”权限，或该户不在您的辖区")
    if household.ended_on:
        return Verdict.no(f"该户已于{household.ended_on:%Y-%m-%d}销户，不能再办理")
    return unlocked(household.division_path)


def needs_plan(household: Household) -> Verdict:
    """A plan is made for a monitoring object, or a household helped in advance."""
    if household.monitoring_state in PLANNED_FOR:
        return Verdict.yes()
    if PlanDuty.objects.filter(household=household).exists():
        return Verdict.yes()
    if coverage.open_advance_help(household.pk):
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"该户当前为“{household.monitoring_label}”，经审定纳入监测（或乡镇确认先行帮扶）后再制定一户一策",
            clause=CLAUSE,
        )
    )


def may_draft(user: User, household: Household) -> Verdict:
    """Open the first or the next version."""
    verdict = _may(user, Permission.EDIT_PLANS, household) & needs_plan(household)
    waiting = Plan.objects.filter(household=household, state=PlanState.SUBMITTED).first()
    if waiting:
        verdict &= Verdict.no(
            Reason(
                f"第{waiting.version}版正待乡镇审核，审核后才能开立新版本",
                url=reverse("assistance:plan", args=[waiting.pk]),
            )
        )
    return verdict


def may_new_version(user: User, household: Household) -> Verdict:
    """Only when nothing is being made."""
    verdict = may_draft(user, household)
    draft = Plan.objects.filter(household=household, state__in=OPEN_STATES).first()
    if draft and draft.state != PlanState.SUBMITTED:
        verdict &= Verdict.no(
            Reason(
                f"第{draft.version}版{draft.get_state_display()}，请在该版本上修改",
                url=reverse("assistance:plan", args=[draft.pk]),
            )
        )
    return verdict


def may_edit(user: User, plan: Plan) -> Verdict:
    """Change a draft; anything else is read-only."""
    verdict = _may(user, Permission.EDIT_PLANS, plan.household)
    if plan.is_editable:
        return verdict
    said = {
        PlanState.SUBMITTED: "已提交乡镇审核，须退回后才能修改",
        PlanState.APPROVED: "已审核通过，请开立新版本后修改",
        PlanState.CLOSED: "是历史版本，只能查看",
    }[PlanState(plan.state)]
    return verdict & Verdict.no(f"第{plan.version}版{said}")


def may_submit(user: User, plan: Plan) -> Verdict:
    """Every reason why the plan is not ready for the township, all at once."""
    return may_edit(user, plan) & Verdict(
        (*_header_gaps(plan), *_risk_gaps(plan), *_item_gaps(plan))
    )


def _header_gaps(plan: Plan) -> list[Reason]:
    edit = reverse("assistance:plan_edit", args=[plan.pk])
    wanted = {
        "made_on": "制定日期",
        "village_secretary": "村党组织书记",
        "township_cadre": "包村干部",
        "helper": "帮扶责任人",
        "signed_on": "户主签字日期",
    }
    found = [
        Reason(f"未填写{name}", url=edit, field=key)
        for key, name in wanted.items()
        if not getattr(plan, key)
    ]
    if plan.version > 1 and not plan.adjust_note:
        found.append(Reason("新版本须填写调整说明", url=edit, field="adjust_note", clause=CLAUSE))
    if not plan.documents.filter(kind=DocumentKind.SIGNATURE).exists():
        found.append(
            Reason(
                "未上传户主签字页",
                url=reverse("assistance:plan", args=[plan.pk]) + "#documents",
                clause="通知一(六)",
            )
        )
    return found


def _risk_gaps(plan: Plan) -> list[Reason]:
    add_risk = reverse("assistance:risk_add", args=[plan.pk])
    add_item = reverse("assistance:item_add", args=[plan.pk])
    risks = list(plan.risks.prefetch_related("items"))
    if not risks:
        return [Reason("未登记任何返贫致贫风险", url=add_risk, clause=CLAUSE)]
    duty = PlanDuty.objects.filter(household=plan.household).first()
    named = {risk.cause for risk in risks}
    found = [
        Reason(
            f"识别时的风险“{label('risk_type', code)}”没有列入计划",
            url=add_risk,
            clause="通知一(六)",
        )
        for code in (duty.risks if duty else [])
        if code not in named
    ]
    found += [
        Reason(
            f"风险“{risk}”没有对应措施",
            url=f"{add_item}?risk={risk.pk}",
            clause="通知一(六)",
        )
        for risk in risks
        if not risk.items.all()
    ]
    return found


def _item_gaps(plan: Plan) -> list[Reason]:
    """A measure that says nothing of who or until when cannot be stored; what is left is the missing phone."""
    return [
        Reason(f"措施“{item}”未填写责任人电话", url=reverse("assistance:item_edit", args=[item.pk]))
        for item in plan.items.filter(responsible_phone="")
    ]


def may_decide(user: User, plan: Plan) -> Verdict:
    """Township approves or returns; whoever submitted may not (maker is not checker)."""
    verdict = _may(user, Permission.APPROVE_PLANS, plan.household)
    if plan.state != PlanState.SUBMITTED:
        verdict &= Verdict.no(f"第{plan.version}版{plan.get_state_display()}，不在待审核状态")
    elif plan.submitted_by_id == user.pk:
        verdict &= Verdict.denied("提交人不能审核自己提交的一户一策，请由另一名审核人员办理")
    return verdict


def may_record_result(user: User, plan: Plan) -> Verdict:
    """Effects, conclusion and look-back are written on the version in force only."""
    verdict = _may(user, Permission.EDIT_PLANS, plan.household)
    if not plan.is_in_force:
        verdict &= Verdict.no(
            f"第{plan.version}版{plan.get_state_display()}，成效登记在执行中的版本上"
        )
    return verdict


def may_change_item(user: User, item: PlanItem) -> Verdict:
    return may_edit(user, item.plan)
