"""Forms of a 一户一策: they judge shape only."""

from typing import Any

from django import forms

from assistance.choices import Conclusion, DocumentKind, Effect, LookBackResult
from assistance.forms.fields import ACCEPT, KindForm
from assistance.models import Plan, PlanItem, PlanRisk
from fanpin.files.storing import ACCEPTED
from households.models import Member

DATE = forms.DateInput(format="%Y-%m-%d")


class PlanForm(forms.ModelForm):
    sections = (
        ("制定", "made_on signed_on village_secretary township_cadre "
                 "helper helper_phone team_leader debts dev_measure_status"),
        ("家庭情况", "situation:4 adjust_note:4"),
    )  # fmt: skip

    class Meta:
        model = Plan
        fields = (
            "made_on",
            "signed_on",
            "village_secretary",
            "township_cadre",
            "helper",
            "helper_phone",
            "team_leader",
            "debts",
            "dev_measure_status",
            "situation",
            "adjust_note",
        )
        widgets = {"made_on": DATE, "signed_on": DATE}
        help_texts = {
            "dev_measure_status": "有劳动能力的户填写产业、就业、金融、公益性岗位帮扶是否已实施",
            "situation": "人口与劳动力、三保障和饮水、资产、收入支出情况",
            "adjust_note": "第2版起必填：为什么调整、调整了什么",
        }


class RiskForm(forms.ModelForm):
    sections = (("风险", "cause bearer description:2"),)

    class Meta:
        model = PlanRisk
        fields = ("cause", "bearer", "description")

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.plan = plan
        people = Member.objects.filter(household_id=plan.household_id)
        self.fields["bearer"].queryset = people.filter(status__in=("active", "pending_out"))
        self.fields["bearer"].empty_label = "全户"


class ItemForm(KindForm):
    units = {"amount": "元"}
    sections = (
        ("措施", "risk item domain quantity content:2 amount funding_source"),
        ("责任与时限", "responsible_name responsible_phone responsible_unit start_on deadline"),
    )

    class Meta:
        model = PlanItem
        fields = (
            "risk",
            "item",
            "domain",
            "content",
            "quantity",
            "amount",
            "funding_source",
            "responsible_name",
            "responsible_phone",
            "responsible_unit",
            "start_on",
            "deadline",
        )
        widgets = {"start_on": DATE, "deadline": DATE}

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.plan = plan
        self.fields["risk"].queryset = plan.risks.select_related("bearer")
        self.fields["risk"].empty_label = "普惠政策（不针对某项风险）"


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label="材料", choices=DocumentKind.choices)
    upload = forms.FileField(
        label="文件",
        help_text=f"{ACCEPTED}，不超过 20 MB",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )


class ReasonForm(forms.Form):
    sections = (("原因", "reason:4"),)
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea)


class ResultForm(forms.Form):
    sections = (("成效", "effect note:3"),)
    effect = forms.ChoiceField(label="对风险的成效", choices=Effect.choices)
    note = forms.CharField(label="成效说明", max_length=300, required=False)


class ConclusionForm(forms.Form):
    sections = (("结论", "conclusion note:3"),)
    conclusion = forms.ChoiceField(label="结论", choices=Conclusion.choices)
    note = forms.CharField(label="说明", max_length=300, required=False)


class LookBackForm(forms.Form):
    sections = (("回头看", "result note:3"),)
    result = forms.ChoiceField(label="回头看结果", choices=LookBackResult.choices)
    note = forms.CharField(
        label="情况",
        max_length=500,
        widget=forms.Textarea,
        help_text="风险准不准、措施对不对、责任人在不在、落没落实、有没有效、资料全不全",
    )
