"""The income form: totals and parts in the order of the paper form, figures of the statement before beneath."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from households.forms.building import ColumnsForm, fill
from households.models import IncomeStatement
from households.selectors.income import ALL_LINES, LATER_PARTS, PARTS, TOTALS

BLOCKS: tuple[tuple[str, str], ...] = (
    ("一、工资性收入", "inc_wage inc_wage_migrant " + " ".join(LATER_PARTS["inc_wage"])),
    ("二、生产经营性收入", "inc_business " + " ".join(PARTS["inc_business"])),
    ("三、财产性收入", "inc_property " + " ".join(PARTS["inc_property"])),
    (
        "四、转移性收入",
        " ".join(("inc_transfer", *PARTS["inc_transfer"], *LATER_PARTS["inc_transfer"])),
    ),
    ("五、支出与理赔", "exp_business exp_offset_subsidy claim_income self_pay"),
)


class IncomeForm(ColumnsForm):
    """Every line in 元. A total left empty is made from its parts."""

    model = IncomeStatement
    columns = ALL_LINES
    blocks = BLOCKS

    def __init__(
        self,
        *args: Any,
        row: IncomeStatement | None = None,
        before: IncomeStatement | None = None,
        booked: Mapping[str, Decimal] | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, row=row, **kwargs)
        self.booked = dict(booked or {})
        self.initial.update(self.booked)
        self.previous = {name: getattr(before, name) for name in ALL_LINES} if before else {}
        for name in TOTALS:
            self.fields[name].label += "（合计）" if name in PARTS else ""  # type: ignore[operator]
        for name, parts in PARTS.items():
            self.fields[name].help_text = "填了分项的，合计由系统相加"
            filled = row is not None and any(getattr(row, part) is not None for part in parts)
            if filled or any(part in self.booked for part in parts):
                self.initial[name] = None
        fill(self, {"inc_wage": {"autofocus": True}})


class NoteForm(forms.Form):
    note = forms.CharField(label="原因", max_length=300)


class SubmitForm(forms.Form):
    """What the caseworker found out about the warnings that stay."""

    explanation = forms.CharField(
        label="核实说明",
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text="逐条说明提示的情况，例如：收入比上年减少，因户主住院三个月未务工。"
        "乡镇随采集表一并审核，不必再到“疑点处置”填写",
    )


class EventForm(forms.Form):
    """For which event, in which month: the window follows."""

    purpose = forms.ChoiceField(
        label="用途",
        choices=[pair for pair in IncomeStatement.Purpose.choices if pair[0] != "annual"],
    )
    month = forms.RegexField(
        r"^20\d\d(0[1-9]|1[0-2])$",
        label="基准月份",
        error_messages={"invalid": "写作六位数字，例如202111"},
        widget=forms.TextInput({"placeholder": "例如202111", "inputmode": "numeric"}),
    )
