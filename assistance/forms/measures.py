"""Forms of measures, advance help and the household's folder."""

from typing import Any

from django import forms

from assistance.choices import AdvanceOutcome, EventType, PlanState
from assistance.forms.fields import ACCEPT, KindForm
from assistance.models import Measure, PlanItem
from fanpin.files.fields import FilesField
from fanpin.files.storing import ACCEPTED
from households.models import Household, Member

DATE = forms.DateInput(format="%Y-%m-%d")
SEVERAL = f"可选多个{ACCEPTED}，每个不超过 20 MB"


class MeasureForm(KindForm):
    units = {"amount": "元"}
    sections = (
        ("措施", "plan_item:2 item domain risk member note:2"),
        ("实施", "department start_on end_on amount project_no"),
    )

    class Meta:
        model = Measure
        fields = (
            "plan_item",
            "item",
            "domain",
            "risk",
            "member",
            "note",
            "department",
            "start_on",
            "end_on",
            "amount",
            "project_no",
        )
        widgets = {"start_on": DATE, "end_on": DATE}

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.household = household
        people = Member.objects.filter(household=household)
        self.fields["member"].queryset = people.filter(status__in=("active", "pending_out"))
        self.fields["member"].empty_label = "全户"
        items = PlanItem.objects.filter(plan__household=household, plan__state=PlanState.APPROVED)
        self.fields["plan_item"].queryset = items.select_related("risk")
        self.fields["plan_item"].empty_label = "不在一户一策内"


class DeliverForm(forms.Form):
    units = {"amount": "元"}
    sections = (("落实情况", "delivered_on amount note:2 evidence:4"),)
    delivered_on = forms.DateField(label="落实日期", widget=DATE)
    amount = forms.DecimalField(label="落实金额", max_digits=12, decimal_places=2, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)
    evidence = FilesField(label="落实凭证", help_text=SEVERAL)


class CancelForm(forms.Form):
    sections = (("取消", "reason:4"),)
    reason = forms.CharField(label="取消原因", max_length=200)


class AdvanceForm(forms.Form):
    sections = (("紧急情况", "event_type event_on case_no description:4 evidence:4"),)
    event_type = forms.ChoiceField(label="事件类型", choices=EventType.choices)
    event_on = forms.DateField(label="发生日期", widget=DATE)
    case_no = forms.CharField(label="线索或办件编号", max_length=40)
    description = forms.CharField(label="情况说明", max_length=300)
    evidence = FilesField(label="现场照片或部门通知", help_text=SEVERAL)


class SettleForm(forms.Form):
    sections = (("办结", "outcome note:3"),)
    outcome = forms.ChoiceField(label="办结结果", choices=AdvanceOutcome.choices)
    note = forms.CharField(label="乡镇说明", max_length=300, required=False)


class FileNoteForm(forms.Form):
    sections = (("资料", "is_present upload:2 note:4"),)
    is_present = forms.BooleanField(label="已归档", required=False, initial=True)
    upload = forms.FileField(
        label="扫描件",
        required=False,
        help_text=f"{ACCEPTED}，不超过 20 MB",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    note = forms.CharField(
        label="说明", max_length=200, required=False, help_text="没有扫描件的写明纸质资料存放位置"
    )
