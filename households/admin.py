"""Small tables in the stock admin, with import and export: policy data and campaigns (design.md decision 16)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from import_export.resources import ModelResource

from fanpin.audit.recording import record
from fanpin.clock.days import forget_calendar
from fanpin.clock.models import CalendarDay
from households.models import Campaign, Parameter, PolicyItem
from households.services.policy import PARAMETER_SET


class ParameterResource(ModelResource):
    class Meta:
        model = Parameter
        import_id_fields = ("key", "division", "effective_from")
        fields = ("key", "division", "value", "effective_from", "effective_to", "basis")
        clean_model_instances = True


class PolicyItemResource(ModelResource):
    class Meta:
        model = PolicyItem
        import_id_fields = ("list_key", "code", "division", "effective_from")
        exclude = ("id",)
        clean_model_instances = True


class AuditedAdmin(ImportExportModelAdmin):
    """Every change in the admin is recorded like any other; nothing is deleted, rows are ended."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = {name: form.initial.get(name) for name in form.changed_data} if change else {}
        super().save_model(request, obj, form, change)
        path = obj.division.path if hasattr(obj, "division") else "/62/"
        after = {name: form.cleaned_data.get(name) for name in form.changed_data}
        record(PARAMETER_SET, by=request.user, on=obj, path=path, before=before, after=after)


@admin.register(Parameter)
class ParameterAdmin(AuditedAdmin):
    resource_classes = [ParameterResource]
    list_display = ("key", "division", "value", "effective_from", "effective_to", "basis")
    list_filter = ("key",)
    raw_id_fields = ("division",)


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
