"""Indicators of the county sheet in the stock admin, with import and export (design.md decision 16)."""

from django.contrib import admin

from counties.models import Indicator
from households.admin import AuditedAdmin, AuditedResource


class IndicatorResource(AuditedResource):
    class Meta:
        model = Indicator
        import_id_fields = ("code", "division", "effective_from")
        exclude = ("id",)
        clean_model_instances = True
        skip_unchanged = True


@admin.register(Indicator)
class IndicatorAdmin(AuditedAdmin):
    resource_classes = [IndicatorResource]
    list_display = (
        "group", "code", "name", "unit", "kind", "is_required", "from_system", "department",
        "effective_from", "effective_to",
    )  # fmt: skip
    list_filter = ("group", "department", "from_system")
    search_fields = ("code", "name")
    raw_id_fields = ("division",)
