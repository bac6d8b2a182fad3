"""两村核对 over the API: both villages see it, one answers, the level above decides; as on its page."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fanpin.accounts.api import (
    ActSerializer,
    MaskedIdField,
    RefusalSerializer,
    acts,
    checked,
    holds,
    user_of,
)
from fanpin.accounts.roles import Permission as P
from households.models import Dispute
from households.policies import disputes as policies
from households.selectors import disputes as selectors
from households.services import disputes
from households.views.disputes import DisputeFilters

REFUSALS = {400: RefusalSerializer, 403: RefusalSerializer, 404: RefusalSerializer}
NOTE_LENGTH = 500


class DisputeLine(serializers.ModelSerializer):
    """One task of two villages. Each side learns its own household, of the other the village only."""

    state_label = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField(help_text="人员姓名，按本方登记")
    id_no = MaskedIdField(source="id18")
    claimant_village = serializers.SerializerMethodField(help_text="申报村")
    holder_village = serializers.SerializerMethodField(help_text="现在册村")
    claimant = serializers.SerializerMethodField(help_text="申报户，只对申报方列出")
    holder = serializers.SerializerMethodField(help_text="现在册户，只对现在册方列出")
    reason = serializers.CharField(source="change.reason", read_only=True)
    changed_on = serializers.DateField(source="change.changed_on", read_only=True)

    class Meta:
        model = Dispute
        fields = ("id", "state", "state_label", "name", "id_no", "claimant_village",
                  "holder_village", "claimant", "holder", "reason", "changed_on", "due_on",
                  "answer", "opened_at")  # fmt: skip
        read_only_fields = fields

    def _sees(self, path: str) -> bool:
        return user_of(self.context["request"]).scope.covers(path)

    def _village(self, path: str) -> str:
        """Asked once for all rows of an answer."""
        known: dict[str, str] = self.root.__dict__.setdefault("_villages", {})
        if path not in known:
            rows: Any = self.root.instance
            known.update(selectors.villages_of([rows] if isinstance(rows, Dispute) else rows))
        return known[path]

    def get_state_label(self, row: Dispute) -> str:
        return row.state_for(user_of(self.context["request"]).scope)

    def get_name(self, row: Dispute) -> str:
        return row.name_for(user_of(self.context["request"]).scope)

    def get_claimant_village(self, row: Dispute) -> str:
        return self._village(row.claimant_path)

    def get_holder_village(self, row: Dispute) -> str:
        return self._village(row.holder_path)

    def get_claimant(self, row: Dispute) -> int | None:
        return row.change.household_id if self._sees(row.claimant_path) else None

    def get_holder(self, row: Dispute) -> int | None:
        return row.holder_id if self._sees(row.holder_path) else None


class DisputeDetail(DisputeLine):
    opened_by = serializers.CharField(source="opened_by.name", read_only=True)
    answered_by = serializers.CharField(source="answered_by.name", default=None, read_only=True)
    decided_by = serializers.CharField(source="decided_by.name", default=None, read_only=True)
    acts = serializers.SerializerMethodField()

    class Meta:
        model = Dispute
        fields = (*DisputeLine.Meta.fields, "note", "opened_by", "answer_note", "answered_at",
                  "answered_by", "decision_note", "decided_at", "decided_by", "acts")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ActSerializer(many=True))
    def get_acts(self, row: Dispute) -> Any:
        user = user_of(self.context["request"])
        return acts(
            answer=policies.may_answer(user, row),
            decide=policies.may_decide(user, row),
            withdraw=policies.may_withdraw(user, row),
        )


class DisputeAnswer(serializers.Serializer):
    answer = serializers.ChoiceField(choices=Dispute.Answer.choices)
    note = serializers.CharField(max_length=NOTE_LENGTH, help_text="情况说明")


class DisputeDecision(serializers.Serializer):
    moves = serializers.BooleanField(help_text="true 转到申报户，false 维持原户")
    note = serializers.CharField(max_length=NOTE_LENGTH, help_text="裁定意见")


@extend_schema_view(
    list=extend_schema(responses={200: DisputeLine}),
    retrieve=extend_schema(responses={200: DisputeDetail, 404: RefusalSerializer}),
)
class DisputeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """两村核对"""

    queryset = Dispute.objects.none()
    permission_classes = (holds(P.VIEW_HOUSEHOLDS),)
    filter_backends = (DjangoFilterBackend,)
    filterset_class = DisputeFilters

    def get_queryset(self) -> QuerySet[Dispute]:
        return selectors.listed(user_of(self.request))

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return DisputeLine if self.action == "list" else DisputeDetail

    @extend_schema(request=DisputeAnswer, responses={200: DisputeDetail, **REFUSALS})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """What the village says that has the person."""
        row = self.get_object()
        given = checked(DisputeAnswer, request.data)
        return self._shown(disputes.answer(row, by=user_of(request), **given))

    @extend_schema(request=DisputeDecision, responses={200: DisputeDetail, **REFUSALS})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """The level above both decides once they disagree or the day has passed."""
        row = self.get_object()
        given = checked(DisputeDecision, request.data)
        return self._shown(disputes.decide(row, by=user_of(request), **given))

    @extend_schema(request=None, responses={200: DisputeDetail, **REFUSALS})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """The village that asked takes its increase back."""
        return self._shown(disputes.withdraw(self.get_object(), by=user_of(request)))

    def _shown(self, row: Dispute) -> Response:
        return Response(DisputeDetail(row, context=self.get_serializer_context()).data)
