"""One line of 收支明细: on a day, or every month."""

from typing import Any

from django import forms

from households.models import Household
from households.selectors.members import roster
from households.selectors.receipts import BOOKED, line_label

MONTH = r"^20\d\d(0[1-9]|1[0-2])$"


def _month(label: str, help_text: str) -> forms.RegexField:
    return forms.RegexField(
        MONTH,
        label=label,
        required=False,
        help_text=help_text,
        error_messages={"invalid": "写作六位数字，例如202011"},
        widget=forms.TextInput({"inputmode": "numeric", "placeholder": "例如202011"}),
    )


class ReceiptForm(forms.Form):
    """What, whose, how much, when."""

    line = forms.ChoiceField(
        label="收支项目", choices=[("", ""), *((line, line_label(line)) for line in BOOKED)]
    )
    member = forms.ModelChoiceField(None, label="家庭成员", required=False, empty_label="全户")
    amount = forms.DecimalField(
        label="金额", max_digits=12, decimal_places=2, help_text="按月的填每月金额"
    )
    received_on = forms.DateField(label="收支日期", required=False, help_text="一次性的填写")
    first_month = _month("起始月份", "按月的填写，与收支日期二选一")
    last_month = _month("终止月份", "仍在继续的不填")
    note = forms.CharField(label="说明", required=False, max_length=120)
    units = {"amount": "元"}
    blocks = (("登记一笔", "line member amount received_on first_month last_month note:2"),)

    def __init__(self, *args: Any, household: Household, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = roster(household)  # type: ignore[attr-defined]
