"""What is typed when a finding is moved."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from counties.models import Finding
from counties.models.findings import Origin, OwnerLevel, Severity, State, WarningAnswer
from counties.selectors.findings import mine
from fanpin import clock
from fanpin.files.fields import FilesField
from fanpin.files.storing import ACCEPTED
from fanpin.regions.models import Division, Level
from households.choices import choices


class ExplainForm(forms.Form):
    text = forms.CharField(
        label="情况说明", widget=forms.Textarea(attrs={"rows": 3}), min_length=4, max_length=1000
    )
    evidence = FilesField(
        label="佐证材料", required=False, help_text="照片（JPG、PNG）或 PDF，可多选"
    )


class AnswerForm(ExplainForm):
    """One of the five answers to a department's warning, with its note."""

    answer = forms.ChoiceField(label="答复", choices=[("", "请选择"), *WarningAnswer.choices])


class NoteForm(forms.Form):
    note = forms.CharField(label="意见", required=False, max_length=500)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="退回原因", max_length=500)


class WaiveForm(forms.Form):
    reason = forms.CharField(label="豁免原因", min_length=4, max_length=500)
    until = forms.DateField(
        label="有效期至",
        required=False,
        help_text="到期后重新列为疑点；不填按允许的最长期限",
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(label="撤销原因", min_length=4, max_length=500)


class ResidenceForm(forms.Form):
    """实际居住: why the register stands although the police's book says otherwise, always with a paper."""

    text = forms.CharField(
        label="实际居住情况", min_length=4, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="在何处居住、与谁共同生活、从何时起",
    )  # fmt: skip
    evidence = forms.FileField(
        label="证明材料", help_text=f"村级评议记录、邻里证明等，{ACCEPTED}，20 MB 以内"
    )


class DispatchForm(forms.Form):
    due_on = forms.DateField(label="限期", widget=forms.DateInput(attrs={"type": "date"}))


class FindingFilter(django_filters.FilterSet):
    """The filters of the list; all of them stay in the address."""

    origin = django_filters.ChoiceFilter(label="来源", choices=Origin.choices)
    severity = django_filters.ChoiceFilter(label="级别", choices=Severity.choices)
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("live", "未销号"), ("mine", "待我处理"), *State.choices],
        method="in_state",
    )
    code = django_filters.CharFilter(label="规则编号", method="with_codes")
    department = django_filters.ChoiceFilter(label="部门", choices=choices("department"))
    owner_level = django_filters.ChoiceFilter(label="处理层级", choices=OwnerLevel.choices)
    blocking = django_filters.ChoiceFilter(
        label="县级闭合",
        choices=[("yes", "阻断项"), ("no", "其他疑点")],
        method="stands_in_the_way",
    )
    division = django_filters.ChoiceFilter(label="区划", method="below", choices=())
    batch = django_filters.NumberFilter(
        label="预警批次", field_name="ledger_row__batch", widget=forms.HiddenInput
    )
    answer = django_filters.ChoiceFilter(label="预警答复", choices=WarningAnswer.choices)
    since = django_filters.DateFilter(
        label="发现日期起", field_name="first_seen_at", lookup_expr="date__gte"
    )
    overdue = django_filters.BooleanFilter(label="逾期", method="late", widget=forms.CheckboxInput)

    class Meta:
        model = Finding
        fields: list[str] = []

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any):
        super().__init__(*args, request=request, **kwargs)
        scope = request.user.scope  # type: ignore[union-attr]
        places = Division.objects.within(scope).filter(
            level__in=(Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)
        )
        rows = list(places.order_by("path").values_list("path", "name")[:600])
        asked = (self.data or {}).get("division", "")
        if asked and asked not in dict(rows):
            rows += Division.objects.within(scope).filter(path=asked).values_list("path", "name")
        self.filters["division"].extra["choices"] = rows

    def in_state(self, queryset: Any, _name: str, value: str) -> QuerySet[Finding]:
        if value == "mine":
            return queryset.filter(mine(self.request.user))
        return queryset.live() if value == "live" else queryset.filter(state=value)

    def with_codes(self, queryset: Any, _name: str, value: str) -> QuerySet[Finding]:
        return queryset.filter(code__in=[code.strip() for code in value.split(",")])

    def stands_in_the_way(self, queryset: Any, _name: str, value: str) -> QuerySet[Finding]:
        return queryset.blocking() if value == "yes" else queryset.others()

    def below(self, queryset: Any, _name: str, value: str) -> QuerySet[Finding]:
        return queryset.filter(division_path__startswith=value)

    def late(self, queryset: Any, _name: str, value: bool) -> QuerySet[Finding]:
        return queryset.live().filter(due_on__lt=clock.today()) if value else queryset


class ProposalFilter(FindingFilter):
    """What a village asks of the proposals: where, how far, late or not."""

    origin = severity = code = department = owner_level = None
