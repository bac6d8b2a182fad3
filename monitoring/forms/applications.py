"""What a household says of itself: the same form on the public page and for the clerk at the telephone."""

from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator

from fanpin.regions.models import Division
from households.choices import choices
from monitoring.choices import ApplicationState, Channel
from monitoring.forms.parts import StepForm
from monitoring.models import Application

PHONE = RegexValidator(r"^(1\d{10}|0\d{9,11})$", "电话号码不对，请填11位手机号或带区号的固定电话")
TAIL = RegexValidator(r"^\d{4}$", "请填联系电话的最后四位数字")


class ApplicationForm(StepForm):
    head_name = forms.CharField(label="户主姓名", max_length=40)
    applicant = forms.CharField(
        label="申请人姓名", max_length=40, help_text="可由家人或邻居代为申请"
    )
    phone = forms.CharField(
        label="联系电话", max_length=12, validators=[PHONE],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    address = forms.CharField(label="组（社）和门牌", max_length=120, required=False)
    difficulties = forms.MultipleChoiceField(
        label="困难类型", choices=choices("risk_type"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    facts = forms.CharField(
        label="困难情况", min_length=4, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="家里遇到什么困难，从什么时候开始，花费多少",
    )  # fmt: skip


class PublicForm(ApplicationForm):
    agrees = forms.BooleanField(label="我已阅读并同意以上承诺授权")

    def given(self) -> dict[str, Any]:
        """What the service asks for."""
        return {name: value for name, value in self.cleaned_data.items() if name != "agrees"}


class ClerkForm(ApplicationForm):
    """With the village and how it reached us; the clerk reads the declaration aloud."""

    sections = (
        (
            "申请",
            "village channel head_name applicant phone address difficulties:4 facts:4 agrees:4",
        ),
    )
    village = forms.ModelChoiceField(Division.objects.none(), label="行政村")
    channel = forms.ChoiceField(
        label="申请方式",
        choices=[each for each in Channel.choices if each[0] != Channel.SCAN],
    )
    agrees = forms.BooleanField(label="已向申请人说明承诺授权，申请人同意")

    def __init__(self, *args: Any, villages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]
        if len(first := list(villages[:2])) == 1:
            self.fields["village"].initial = first[0].pk


class StatusForm(forms.Form):
    receipt = forms.CharField(
        label="受理编号", max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    tail = forms.CharField(
        label="联系电话后四位", max_length=4, validators=[TAIL],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip


class DeclineForm(forms.Form):
    reply = forms.CharField(
        label="原因和答复情况", min_length=4, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="何时以何种方式答复了申请人",
    )  # fmt: skip


class ApplicationFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="状态", choices=ApplicationState.choices, empty_label="全部"
    )
    channel = django_filters.ChoiceFilter(
        label="申请方式", choices=Channel.choices, empty_label="全部"
    )

    class Meta:
        model = Application
        fields = ("state", "channel")
