"""Small tables in the stock admin, with import and export: policy data and campaigns (design.md decision 16)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from import_export.fields import Field
from import_export.resources import ModelResource

from fanpin.audit.recording import record
from fanpin.clock.days import forget_calendar
from fanpin.clock.models import CalendarDay
from households.models import Campaign, Parameter, PolicyItem
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


@admin.register(Parameter)
class ParameterAdmin(AuditedAdmin):
    resource_classes = [ParameterResource]
    list_display = ("title", "key", "division", "value", "effective_from", "effective_to", "basis")
    list_filter = ("key",)
    raw_id_fields = ("division",)

    @admin.display(description="名称")
    def title(self, row: Parameter) -> str:
        return row.label


@admin.register(PolicyItem)
class PolicyItemAdmin(AuditedAdmin):
    resource_classes = [PolicyItemResource]
    list_display = ("list_key", "code", "label", "active", "effective_from", "effective_to")
    list_filter = ("list_key", "active")
    raw_id_fields = ("division",)


@admin.register(Campaign)
class CampaignAdmin(AuditedAdmin):
    list_display = ("year", "name", "income_from", "income_to", "is_current")


@admin.register(CalendarDay)
class CalendarDayAdmin(AuditedAdmin):
    list_display = ("day", "is_working", "name")
    date_hierarchy = "day"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_calendar()
