"""What is typed to submit a city summary late and to send one back."""

from collections.abc import Sequence
from typing import Any

from django import forms

from fanpin.regions.models import Division


class SubmitForm(forms.Form):
    late_reason = forms.CharField(
        label="逾期原因（截止日期后上报时必填）", max_length=200, required=False
    )
    no_data_reason = forms.CharField(
        label="无数据说明",
        max_length=300,
        required=False,
        help_text="没有农户数据的县（区）为什么没有工作对象",
    )

    def __init__(self, *args: Any, without_data: Sequence[Division] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not without_data:
            del self.fields["no_data_reason"]
            return
        names = "、".join(county.name for county in without_data)
        self.fields["no_data_reason"].label = f"无数据说明（{names}）"


class ReturnForm(forms.Form):
    county = forms.ModelChoiceField(Division.objects.none(), label="退回的县")
    reason = forms.CharField(label="退回原因", min_length=4, max_length=300)

    def __init__(self, *args: Any, counties: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["county"].queryset = counties  # type: ignore[attr-defined]
