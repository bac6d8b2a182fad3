"""Findings and city summaries for programs: the same scope, permissions and refusals as the pages."""

from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from counties.closure import CHECKS
from counties.comparison import DIFFERENCES
from counties.models import (
    CitySummary,
    CountyFigure,
    CountySheet,
    Finding,
    HamletSheet,
    KeyCheck,
    KeyCheckReason,
    VillageSheet,
)
from counties.models.findings import LIVE_STATES, WarningAnswer
from counties.reports import figures
from counties.reports.as_json import report_as_json
from counties.rules.lines import HAMLET_LINES, VILLAGE_LINES
from counties.selectors import county_sheets, screening
from counties.selectors import findings as selectors
from counties.selectors.places import cities
from counties.services import findings as services
from counties.services import screening as screenings
from counties.services import warnings
from fanpin.accounts.api import holds
from fanpin.accounts.roles import Permission
from households.selectors.parameters import current_campaign

REMEDIES = {code: d.remedy for code, d in DIFFERENCES.items()} | {
    code: check.remedy for code, check in CHECKS.items()
}


class FindingSerializer(serializers.ModelSerializer[Finding]):
    remedy = serializers.SerializerMethodField()
    hh_code = serializers.CharField(source="household.hh_code", default=None)
    is_live = serializers.BooleanField(read_only=True)

    class Meta:
        model = Finding
        fields = (
            "id", "origin", "code", "title", "severity", "household", "hh_code", "member", "detail",
            "fields", "department", "state", "is_live", "owner_level", "due_on", "first_seen_at",
            "closed_at", "answer", "remedy",
        )  # fmt: skip
        read_only_fields = fields

    def get_remedy(self, finding: Finding) -> str:
        return selectors.remedy(finding, REMEDIES)


class TextSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(min_length=4, max_length=1000)


class AnswerSerializer(TextSerializer):
    answer = serializers.ChoiceField(choices=WarningAnswer.choices)


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class FindingViewSet(viewsets.ReadOnlyModelViewSet[Finding]):
    """疑点: list, one, and what can be done with it."""

    serializer_class = FindingSerializer
    permission_classes = (holds(Permission.VIEW_FINDINGS),)
    queryset = Finding.objects.none()

    def get_queryset(self) -> Any:
        user = self.request.user
        found = selectors.visible(user).order_by("pk")  # type: ignore[arg-type]
        for name in ("origin", "severity", "state", "code", "department", "owner_level"):
            if value := self.request.query_params.get(name):
                wanted = list(LIVE_STATES) if (name, value) == ("state", "live") else [value]
                found = found.filter(**{f"{name}__in": wanted})
        if household := self.request.query_params.get("household"):
            found = found.filter(household__hh_code=household)
        return found

    @extend_schema(
        parameters=[
            OpenApiParameter(name, str)
            for name in ("origin", "severity", "state", "code", "department", "owner_level", "household")
        ]
    )  # fmt: skip
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=TextSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def explain(self, request: Request, pk: str | None = None) -> Response:
        return self._act(request, TextSerializer, services.explain)

    @extend_schema(request=AnswerSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str | None = None) -> Response:
        return self._act(request, AnswerSerializer, warnings.answer)

    @extend_schema(request=NoteSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str | None = None) -> Response:
        return self._act(request, NoteSerializer, services.accept)

    @extend_schema(request=ReasonSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str | None = None) -> Response:
        return self._act(request, ReasonSerializer, services.reject)

    def _act(
        self, request: Request, form: type[serializers.Serializer[Any]], service: Any
    ) -> Response:
        finding = self.get_object()
        given = form(data=request.data)
        given.is_valid(raise_exception=True)
        service(finding, **given.validated_data, by=request.user)
        return Response(self.get_serializer(self.get_object()).data)


class SummarySerializer(serializers.ModelSerializer[CitySummary]):
    city = serializers.CharField(source="division_id", read_only=True)

    class Meta:
        model = CitySummary
        fields = (
            "city",
            "campaign",
            "version",
            "state",
            "as_of",
            "is_late",
            "sha256",
            "submitted_at",
        )
        read_only_fields = fields


class SummaryViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[CitySummary]):
    """市级汇总: the submitted versions; one city's numbers as they stand now."""

    serializer_class = SummarySerializer
    permission_classes = (holds(Permission.VIEW_SUMMARY),)
    queryset = CitySummary.objects.none()

    def get_queryset(self) -> Any:
        scope = self.request.user.scope_for(Permission.VIEW_SUMMARY)  # type: ignore[union-attr]
        return CitySummary.objects.within(scope).order_by("division", "-version")

    @extend_schema(responses=dict)
    def retrieve(self, request: Request, pk: str) -> Response:
        mine = cities(request.user, Permission.VIEW_SUMMARY)  # type: ignore[arg-type]
        city = get_object_or_404(mine, pk=pk)
        return Response(report_as_json(figures.compute(city, current_campaign())))


SHEET = ("division", "campaign", "state", "version", "changed_at", "submitted_at", "decided_at")


class VillageSheetSerializer(serializers.ModelSerializer[VillageSheet]):
    class Meta:
        model = VillageSheet
        fields = (*SHEET, *(line.name for line in VILLAGE_LINES))
        read_only_fields = fields


class HamletSheetSerializer(serializers.ModelSerializer[HamletSheet]):
    class Meta:
        model = HamletSheet
        fields = (*SHEET, *(line.name for line in HAMLET_LINES))
        read_only_fields = fields


class CountySheetSerializer(serializers.ModelSerializer[CountySheet]):
    figures = serializers.SerializerMethodField()

    class Meta:
        model = CountySheet
        fields = (*SHEET, "figures")
        read_only_fields = fields

    def get_figures(self, sheet: CountySheet) -> dict[str, str | None]:
        given = county_sheets.answers(sheet)
        return {code: None if value is None else str(value) for code, value in given.items()}


class SheetViewSet(viewsets.ReadOnlyModelViewSet[Any]):
    """Filled sheets of a campaign, by division code; `campaign` defaults to the current one."""

    model: type[Any]
    lookup_field = "division_id"
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> Any:
        permissions = self.permission_classes[0].permissions  # type: ignore[union-attr]
        scope = self.request.user.scope_for(*permissions)  # type: ignore[union-attr]
        asked = self.request.query_params.get("campaign", "")
        campaign = int(asked) if asked.isdigit() else current_campaign().pk
        found = self.model.objects.within(scope).filter(campaign=campaign)
        if state := self.request.query_params.get("state"):
            found = found.filter(state=state)
        return found.order_by("division")

    @extend_schema(parameters=[OpenApiParameter("campaign", int), OpenApiParameter("state", str)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class VillageSheetViewSet(SheetViewSet):
    """行政村表."""

    serializer_class = VillageSheetSerializer
    permission_classes = (holds(Permission.VIEW_HOUSEHOLDS),)
    model = VillageSheet
    queryset = VillageSheet.objects.none()


class HamletSheetViewSet(SheetViewSet):
    """自然村表."""

    serializer_class = HamletSheetSerializer
    permission_classes = (holds(Permission.VIEW_HOUSEHOLDS),)
    model = HamletSheet
    queryset = HamletSheet.objects.none()


class CountySheetViewSet(SheetViewSet):
    """县表."""

    serializer_class = CountySheetSerializer
    permission_classes = (holds(Permission.VIEW_SUMMARY, Permission.FILL_COUNTY_SHEET),)
    model = CountySheet
    queryset = CountySheet.objects.none()

    def get_queryset(self) -> Any:
        figures_with = Prefetch("figures", CountyFigure.objects.select_related("indicator"))
        return super().get_queryset().prefetch_related(figures_with)


class KeyCheckReasonSerializer(serializers.ModelSerializer[KeyCheckReason]):
    class Meta:
        model = KeyCheckReason
        fields = (
            "code", "title", "key_group", "points", "member", "detail", "figure", "source",
            "source_on", "first_seen_at",
        )  # fmt: skip
        read_only_fields = fields


class KeyCheckSerializer(serializers.ModelSerializer[KeyCheck]):
    hh_code = serializers.CharField(source="household.hh_code", read_only=True)
    standing = KeyCheckReasonSerializer(many=True, read_only=True)

    class Meta:
        model = KeyCheck
        fields = (
            "id", "household", "hh_code", "colour", "points", "state", "first_seen_at",
            "waiting_from", "clue", "dismissed_at", "dismissed_reason", "standing",
        )  # fmt: skip
        read_only_fields = fields


class DismissSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=4, max_length=500)


class KeyCheckViewSet(viewsets.ReadOnlyModelViewSet[KeyCheck]):
    """重点核查户: ranked, each with the reasons that stand; listing and dismissing."""

    serializer_class = KeyCheckSerializer
    permission_classes = (holds(Permission.VIEW_CASES),)
    queryset = KeyCheck.objects.none()

    def get_queryset(self) -> Any:
        found = screening.with_reasons(screening.visible(self.request.user))  # type: ignore[arg-type]
        for name in ("state", "colour"):
            if value := self.request.query_params.get(name):
                found = found.filter(**{name: value})
        return found

    @extend_schema(parameters=[OpenApiParameter(name, str) for name in ("state", "colour")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=NoteSerializer, responses=KeyCheckSerializer)
    @action(detail=True, methods=["post"], url_path="list")
    def list_household(self, request: Request, pk: str | None = None) -> Response:
        return self._act(request, NoteSerializer, screenings.list_household)

    @extend_schema(request=DismissSerializer, responses=KeyCheckSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        return self._act(request, DismissSerializer, screenings.dismiss)

    def _act(
        self, request: Request, form: type[serializers.Serializer[Any]], service: Any
    ) -> Response:
        row = self.get_object()
        given = form(data=request.data)
        given.is_valid(raise_exception=True)
        service(row, **given.validated_data, by=request.user)
        return Response(self.get_serializer(self.get_object()).data)


router = SimpleRouter()
router.register("findings", FindingViewSet, basename="finding")
router.register("key-checks", KeyCheckViewSet, basename="key-check")
router.register("summaries", SummaryViewSet, basename="summary")
router.register("village-sheets", VillageSheetViewSet, basename="village-sheet")
router.register("hamlet-sheets", HamletSheetViewSet, basename="hamlet-sheet")
router.register("county-sheets", CountySheetViewSet, basename="county-sheet")

urlpatterns = router.urls
