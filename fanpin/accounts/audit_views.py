"""审计: who did what where, found by act and day; each reader inside their own places."""

from typing import Any

import django_filters as filters
from django.http import HttpRequest, HttpResponse

from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission
from fanpin.audit.models import AuditEntry
from fanpin.audit.verbs import SENTENCES, sentence
from fanpin.regions.models import Division, Level
from fanpin.web.lists import Column, render_list


def acts() -> list[tuple[str, str]]:
    """Every act by its sentence without a subject."""
    return sorted(
        ((verb, text.format(subject="").strip("：:")) for verb, text in SENTENCES.items()),
        key=lambda pair: pair[1],
    )


class AuditFilters(filters.FilterSet):
    verb = filters.ChoiceFilter(label="行为", choices=[], empty_label="全部")
    since = filters.DateFilter(label="从", field_name="acted_at", lookup_expr="date__gte")
    until = filters.DateFilter(label="到", field_name="acted_at", lookup_expr="date__lte")

    class Meta:
        model = AuditEntry
        fields = ("verb",)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Known only now: an app registers its acts when its services are first imported.
        self.filters["verb"].extra["choices"] = acts()


@requires(Permission.VIEW_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    scope = request.user.scope_for(Permission.VIEW_AUDIT)  # type: ignore[union-attr]
    chains = Division.objects.filter(level__in=(Level.PROVINCE, Level.COUNTY))
    names = dict(chains.values_list("code", "name"))
    columns = [
        Column("acted_at", "时间", sort=True),
        Column("actor_name", "经办人"),
        Column("role", "岗位"),
        Column("county_code", "区划", value=lambda e: names.get(e.county_code, "")),
        Column("verb", "行为", value=lambda e: sentence(e.verb, e.subject)),
        Column("note", "说明"),
        Column("seq", "序号", align="right"),
        Column("hash", "校验值", value=lambda e: e.hash[:12], hidden=True),
    ]
    return render_list(
        request,
        title="审计记录",
        queryset=AuditEntry.objects.within(scope).order_by("-acted_at", "-pk"),
        columns=columns,
        filters=AuditFilters,
        search=("subject", "actor_name", "note"),
        search_label="对象、经办人或说明",
        empty="没有符合条件的审计记录。",
    )
