"""What is typed to adjust a division."""

from typing import Any

from django import forms

from counties.models import DivisionChange
from counties.policies.adjustments import LEVELS
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import path_to


class AdjustForm(forms.Form):
    """One form for the four kinds; what a kind does not need stays empty."""

    kind = forms.ChoiceField(label="调整方式")
    effective_on = forms.DateField(label="生效日期", widget=forms.DateInput(attrs={"type": "date"}))
    document_no = forms.CharField(label="批准文号", max_length=60)
    new_name = forms.CharField(
        label="新名称", max_length=60, required=False, help_text="更名、新设行政村时填写"
    )
    target = forms.ModelChoiceField(
        Division.objects.none(), label="并入或划入", required=False, empty_label="",
        help_text="并入时必选；划出到新设的行政村时不选",
    )  # fmt: skip
    hamlets = forms.MultipleChoiceField(
        label="划出的自然村", required=False, widget=forms.CheckboxSelectMultiple
    )
    new_code = forms.CharField(
        label="新设行政村代码", max_length=12, required=False, help_text="12位国家统计用区划代码"
    )
    note = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, division: Division, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in DivisionChange.Kind if division.level in LEVELS[kind]]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["target"].queryset = _targets(division)  # type: ignore[attr-defined]
        if division.level == Level.VILLAGE:
            below = Division.objects.filter(parent=division, valid_until=None).order_by("code")
            self.fields["hamlets"].choices = list(below.values_list("code", "name"))  # type: ignore[attr-defined]
        else:
            del self.fields["hamlets"], self.fields["new_code"]
        if division.level == Level.TOWNSHIP:
            del self.fields["target"]

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def _targets(division: Division) -> Any:
    rows = Division.objects.filter(level=division.level, valid_until=None).exclude(pk=division.pk)
    if division.level == Level.HAMLET:
        return rows.filter(parent=division.parent_id).order_by("path")
    return rows.filter(path__startswith=path_to(division.path, "county")).order_by("path")
