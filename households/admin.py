"""Small tables in the stock admin, with import and export: policy data and campaigns (design.md decision 16)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from import_export.fields import Field
from import_export.resources import ModelResource

from fanpin.audit.recording import record
from fanpin.clock.days import forget_calendar
from fanpin.clock.models import CalendarDay
from households.models import Campaign, Parameter, PolicyItem
from households.parameters import PARAMETERS, POLICY_LISTS
from households.selectors.wording import in_words
from households.services.policy import PARAMETER_SET


class AuditedResource(ModelResource):
    """Heads are the Chinese names of the fields; every row that is written is recorded."""

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        field = super().field_from_django_field(field_name, django_field, readonly)
        field.column_name = str(django_field.verbose_name)
        return field

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if not self._is_dry_run(kwargs):
            after = {name: str(value) for name, value in row.items() if value not in (None, "")}
            record(PARAMETER_SET, by=kwargs["user"], on=instance, path=_path(instance), after=after,
                   note="后台导入")  # fmt: skip


class ParameterResource(AuditedResource):
    class Meta:
        model = Parameter
        import_id_fields = ("key", "division", "effective_from")
        fields = ("key", "division", "value", "effective_from", "effective_to", "basis")
        clean_model_instances = True
        skip_unchanged = True


class PolicyItemResource(AuditedResource):
    class Meta:
        model = PolicyItem
        import_id_fields = ("list_key", "code", "division", "effective_from")
        exclude = ("id",)
        clean_model_instances = True
        skip_unchanged = True


def _path(row: Any) -> str:
    return row.division.path if hasattr(row, "division") else "/62/"


class AuditedAdmin(ImportExportModelAdmin):
    """Every change in the admin is recorded like any other; nothing is deleted, rows are ended."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = {name: form.initial.get(name) for name in form.changed_data} if change else {}
        super().save_model(request, obj, form, change)
        after = {name: form.cleaned_data.get(name) for name in form.changed_data}
        record(PARAMETER_SET, by=request.user, on=obj, path=_path(obj), before=before, after=after)


admin.site.site_header = admin.site.site_title = "防返贫动态监测：系统维护"
admin.site.index_title = "政策数据"


class ByChineseName(admin.SimpleListFilter):
    """A filter whose values are codes and whose choices are their Chinese names."""

    names: Mapping[str, str] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.names.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class ByParameter(ByChineseName):
    title, parameter_name = "参数", "key"
    names = {key: kind.label for key, kind in PARAMETERS.items()}


class ByList(ByChineseName):
    title, parameter_name = "清单", "list_key"
    names = POLICY_LISTS


class CodedAdmin(AuditedAdmin):
    """A table whose code is chosen and found by its Chinese name."""

    coded = ""
    names: Mapping[str, str] = {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == self.coded:
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=[("", "请选择"), *self.names.items()]
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        found, repeated = super().get_search_results(request, queryset, search_term)
        keys = [key for key, name in self.names.items() if search_term and search_term in name]
        return found | queryset.filter(**{f"{self.coded}__in": keys}), repeated


@admin.register(Parameter)
class ParameterAdmin(CodedAdmin):
    resource_classes = [ParameterResource]
    coded = "key"
    names = ByParameter.names
    fields = ("key", "division", "value", "effective_from", "effective_to", "basis")
    list_display = (
        "title", "words", "unit", "division", "effective_from", "effective_to", "basis",
    )  # fmt: skip
    list_filter = (ByParameter,)
    list_per_page = 50
    search_fields = ("key", "basis", "division__name")
    search_help_text = "按名称、代码、区划或依据查找"
    raw_id_fields = ("division",)

    @admin.display(description="参数", ordering="key")
    def title(self, row: Parameter) -> str:
        return row.label

    @admin.display(description="取值")
    def words(self, row: Parameter) -> str:
        return in_words(row)

    @admin.display(description="单位")
    def unit(self, row: Parameter) -> str:
        return PARAMETERS[row.key].unit if row.key in PARAMETERS else ""


@admin.register(PolicyItem)
class PolicyItemAdmin(CodedAdmin):
    resource_classes = [PolicyItemResource]
    coded = "list_key"
    names = POLICY_LISTS
    list_display = ("label", "kind", "code", "active", "effective_from", "effective_to")
    list_filter = (ByList, "active")
    list_per_page = 50
    search_fields = ("label", "code", "basis")
    search_help_text = "按清单、名称、代码或依据查找"
    raw_id_fields = ("division",)

    @admin.display(description="清单", ordering="list_key")
    def kind(self, row: PolicyItem) -> str:
        return POLICY_LISTS.get(row.list_key, row.list_key)


@admin.register(Campaign)
class CampaignAdmin(AuditedAdmin):
    list_display = ("year", "name", "income_from", "income_to", "is_current")


@admin.register(CalendarDay)
class CalendarDayAdmin(AuditedAdmin):
    list_display = ("day", "is_working", "name")
    list_filter = ("is_working",)
    search_fields = ("name",)
    search_help_text = "按节日名称查找"
    date_hierarchy = "day"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_calendar()
