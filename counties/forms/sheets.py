"""What is typed on a village or natural village sheet, in the order of the paper; and the filters of its lists."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from counties.models.sheets import FILLED_STATES, SheetState
from counties.rules.lines import Block, Line
from fanpin.regions.models import Division
from households.choices import choices
from households.forms.building import YES_NO, yes_no

PHONE = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$"


def field_of(line: Line) -> forms.Field:
    """Nothing is required here: an unfinished sheet may be saved."""
    given: dict[str, Any] = {"label": line.label, "required": False}
    match line.kind:
        case "int":
            return forms.IntegerField(min_value=line.least, max_value=line.most, **given)
        case "decimal":
            return forms.DecimalField(
                min_value=line.least, max_value=line.most, max_digits=line.digits,
                decimal_places=line.places, **given,
            )  # fmt: skip
        case "bool":
            return forms.TypedChoiceField(choices=YES_NO, coerce=yes_no, empty_value=None, **given)
        case "choice":
            return forms.ChoiceField(choices=[("", ""), *choices(line.codes)], **given)
        case "phone":
            return forms.RegexField(
                PHONE,
                error_messages={"invalid": "请填11位手机号，或写成0943-1234567"},
                widget=forms.TextInput(attrs={"inputmode": "tel"}),
                **given,
            )
        case _:
            return forms.CharField(max_length=line.length, **given)


class PlaceSheetForm(forms.Form):
    """The lines of one place. `previous` stands in grey beneath each field, `beside` says what the register counts."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        blocks: list[Block],
        values: Mapping[str, Any],
        version: int,
        previous: Mapping[str, Any],
        beside: Mapping[str, str],
        **kwargs: Any,
    ):
        lines = [line for _title, block in blocks for line in block if not line.system]
        initial = {line.name: _initial(values.get(line.name)) for line in lines}
        kwargs["initial"] = initial | {"version": version}
        super().__init__(*args, **kwargs)
        self.units = {line.name: line.unit for line in lines if line.unit}
        self.previous = {
            line.name: shown_before(previous[line.name], line) for line in lines if previous
        }
        for line in lines:
            self.fields[line.name] = field_of(line)
            self.fields[line.name].help_text = beside.get(line.name, "")
        self.blocks = [
            (title, " ".join(f"{line.name}:{line.span}" for line in block if not line.system))
            for title, block in blocks
        ]

    @property
    def values(self) -> dict[str, Any]:
        """The lines as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _initial(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value


def shown_before(value: Any, line: Line | None = None) -> Any:
    """Last year's answer; one that nobody gave reads —."""
    if value is None or value == "":
        return "—"
    if line is not None and line.places > 2:
        return f"{value:f}"
    return ("是" if value else "否") if isinstance(value, bool) else value


class ReturnSheetForm(forms.Form):
    note = forms.CharField(label="退回原因", max_length=500)


class PlaceFilter(django_filters.FilterSet):
    """The filters of the two lists; the division comes from the switcher above or from a link."""

    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("filled", "已采集及以上"), ("open", "未提交"), *SheetState.choices],
        method="in_state",
        empty_label="全部",
    )
    errors = django_filters.ChoiceFilter(
        label="疑点", choices=[("yes", "有错误")], method="with_errors", empty_label="全部"
    )

    class Meta:
        model = Division
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        if value == "filled":
            return rows.filter(sheet_state__in=FILLED_STATES)
        if value == "open":
            return rows.filter(sheet_state__in=("todo", "collected", "returned"))
        return rows.filter(sheet_state=value)

    def with_errors(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        return rows.filter(errors__gt=0)


class VillageFilter(PlaceFilter):
    listed = django_filters.ChoiceFilter(
        label="出列村",
        choices=[("yes", "是"), ("no", "否")],
        method="by_listing",
        empty_label="全部",
    )

    def by_listing(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(is_listed=value == "yes")


class SheetUploadForm(forms.Form):
    division = forms.ModelChoiceField(Division.objects.none(), label="导入到")
    file = forms.FileField(label="采集表文件", help_text="XLSX、XLS、ODS或CSV")

    def __init__(self, *args: Any, places: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = places  # type: ignore[attr-defined]
        self.fields["division"].initial = places.first()
