"""Households and members over the API: the services, scope and refusals of the pages."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from fanpin.accounts.access import get_scoped_or_404
from fanpin.accounts.api import (
    MaskedIdField,
    MaskedPhoneField,
    RefusalSerializer,
    checked,
    holds,
    user_of,
)
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division, Level
from households.forms.households import HouseholdForm
from households.forms.members import MemberForm
from households.indicators import later_fields
from households.models import Household, Member, MemberChange
from households.policies.households import may_unmask
from households.selectors import register
from households.selectors.members import listed
from households.selectors.parameters import later_on
from households.services import changes, households, members
from households.views.register import HouseholdFilter

REFUSALS = {400: RefusalSerializer, 403: RefusalSerializer, 404: RefusalSerializer}
STANDING = ("head_name", "family_size", "monitoring_state", "monitor_type", "open_errors",
            "open_warnings", "next_due_on", "next_due_text", "income_pc", "income_from",
            "income_to")  # fmt: skip


class HouseholdLine(serializers.ModelSerializer):
    """A household in a list."""

    head_id_no = MaskedIdField()
    village_name = serializers.CharField(source="village.name", read_only=True)

    class Meta:
        model = Household
        fields = ("id", "hh_code", "national_hh_no", "village", "village_name", "hh_type",
                  "head_id_no", *STANDING, "ended_on", "version")  # fmt: skip
        read_only_fields = fields


class _InUse(serializers.ModelSerializer):
    """Shows the columns of later sheets only where they are in use."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        home = instance if isinstance(instance, Household) else instance.household
        if not self._later_on(home):
            for name in later_fields(instance._meta.label):
                shown.pop(name, None)
        return shown

    def _later_on(self, home: Household) -> bool:
        """Asked once for each county in an answer."""
        known = self.root.__dict__.setdefault("_later", {})
        if home.county_code not in known:
            known[home.county_code] = later_on(home.division_path)
        return known[home.county_code]


class MemberDetail(_InUse):
    """A person; numbers are masked, the whole one is asked for with a reason."""

    id_no = MaskedIdField()
    disability_cert_no = MaskedIdField()
    member_phone = MaskedPhoneField()
    left_reason = serializers.CharField(read_only=True)

    class Meta:
        model = Member
        fields = ("id", "household", *MemberForm.columns, "disability_cert_no", "disability_type",
                  "disability_level", "work_region", "status", "joined_on", "left_on",
                  "left_reason", "version")  # fmt: skip
        read_only_fields = fields


class HouseholdDetail(HouseholdLine, _InUse):
    bank_card_no = MaskedIdField()
    phone = MaskedPhoneField()
    filler_phone = MaskedPhoneField()

    class Meta:
        model = Household
        fields = ("id", "hh_code", "village", "village_name", "head_id_no", *HouseholdForm.columns,
                  *STANDING, "public_post_count", "labour_count", "migrant_count", "created_at",
                  "updated_at", "ended_on", "ended_reason", "version")  # fmt: skip
        read_only_fields = fields


class _Shape(serializers.ModelSerializer):
    """Judges shape only: uniqueness, locks and everything else is the service's to say."""

    def get_validators(self) -> list[Any]:
        return []

    def build_standard_field(self, name: str, field: Any) -> Any:
        kind, kwargs = super().build_standard_field(name, field)
        kwargs.pop("validators", None)
        return kind, kwargs


class MemberFields(_Shape):
    class Meta:
        model = Member
        fields = MemberForm.columns
        extra_kwargs = {"name": {"required": True, "allow_blank": False}}


class MemberPatch(MemberFields):
    version = serializers.IntegerField(help_text="读取时的版本号；他人已修改时拒绝并列出双方的值")

    class Meta(MemberFields.Meta):
        fields = (*MemberForm.columns, "version")


class HouseholdPatch(_Shape):
    version = serializers.IntegerField(help_text="读取时的版本号；他人已修改时拒绝并列出双方的值")

    class Meta:
        model = Household
        fields = (*HouseholdForm.columns, "version")


class HouseholdNew(_Shape):
    """A household with its members; exactly one member is the head (relation 02)."""

    village = serializers.PrimaryKeyRelatedField(
        queryset=Division.objects.filter(level=Level.VILLAGE)
    )
    members = MemberFields(many=True, allow_empty=False)

    class Meta:
        model = Household
        fields = ("village", *HouseholdForm.columns, "members")


class ChangeFields(serializers.Serializer):
    """Why and when somebody joined or left, with the papers: `papers` names `documents` one by one."""

    reason = serializers.CharField()
    changed_on = serializers.DateField()
    hukou_basis = serializers.CharField(required=False, allow_blank=True)
    counter_hh_code = serializers.CharField(required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True)
    papers = serializers.ListField(child=serializers.CharField(), required=False)
    documents = serializers.ListField(child=serializers.FileField(), required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        names, files = data.pop("papers", []), data.pop("documents", [])
        if len(names) != len(files):
            raise serializers.ValidationError(
                {"papers": "每份材料须写明名称，名称与文件数量须一致"}
            )
        data["documents"] = list(zip(names, files, strict=True))
        return data


class IncreaseFields(ChangeFields, MemberFields):
    dispute = serializers.BooleanField(
        required=False, help_text="该人员在另一户在册时，提请两村核对，原户转出后继续办理"
    )

    class Meta(MemberFields.Meta):
        fields = (*MemberForm.columns, "reason", "changed_on", "hukou_basis", "counter_hh_code",
                  "note", "papers", "documents", "dispute")  # fmt: skip


class ChangeLine(serializers.ModelSerializer):
    class Meta:
        model = MemberChange
        fields = ("id", "household", "member", "kind", "reason", "changed_on", "hukou_basis",
                  "state", "made_at")  # fmt: skip
        read_only_fields = fields


class ReasonGiven(serializers.Serializer):
    reason = serializers.CharField(help_text="查看完整证件号码的事由，记入审计")


class FullNumber(serializers.Serializer):
    id_no = serializers.CharField()


CHANGE = ("reason", "changed_on", "hukou_basis", "counter_hh_code", "note", "documents", "dispute")
SEARCH = OpenApiParameter(
    "q", str, description="户主、成员姓名，拼音首字母，户号，证件号码或其末几位"
)
DIVISION = OpenApiParameter("division", str, description="区划代码，只取该区划以内的农户")


@extend_schema_view(
    list=extend_schema(parameters=[SEARCH, DIVISION]),
    retrieve=extend_schema(responses={200: HouseholdDetail, 404: RefusalSerializer}),
)
class HouseholdViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """农户"""

    queryset = Household.objects.none()
    permission_classes = (holds(P.VIEW_HOUSEHOLDS),)
    filter_backends = (DjangoFilterBackend,)
    filterset_class = HouseholdFilter

    def get_queryset(self) -> QuerySet[Household]:
        user = user_of(self.request)
        rows = register.register(user, self._division())
        text = self.request.query_params.get("q", "").strip()
        return register.search(rows, text) if text and self.action == "list" else rows

    def filter_queryset(self, queryset: Any) -> Any:
        # An ended household has left the list, not the register.
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return HouseholdLine if self.action == "list" else HouseholdDetail

    def _division(self) -> Division | None:
        code = self.request.query_params.get("division", "")
        if not code or self.action != "list":
            return None
        return get_scoped_or_404(Division.objects, user_of(self.request), pk=code)

    @extend_schema(request=HouseholdNew, responses={201: HouseholdDetail, **REFUSALS})
    def create(self, request: Request) -> Response:
        """Register a household with its members."""
        data = checked(HouseholdNew, request.data)
        village, people = data.pop("village"), data.pop("members")
        get_scoped_or_404(Division.objects, user_of(request), pk=village.pk)
        made = households.register(
            village=village, fields=data, members=people, by=user_of(request)
        )
        return Response(HouseholdDetail(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=HouseholdPatch, responses={200: HouseholdDetail, **REFUSALS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a household's own facts; `version` is required."""
        household = self.get_object()
        data = checked(HouseholdPatch, request.data, partial=True)
        version = _version(data)
        saved = households.edit(household, fields=data, version=version, by=user_of(request))
        return Response(HouseholdDetail(saved).data)

    @extend_schema(methods=["GET"], responses={200: MemberDetail(many=True)}, filters=False)
    @extend_schema(
        methods=["POST"], request=IncreaseFields, responses={201: ChangeLine, **REFUSALS}
    )
    @action(
        detail=True,
        methods=["get", "post"],
        parser_classes=(JSONParser, MultiPartParser, FormParser),
        pagination_class=None,
    )
    def members(self, request: Request, pk: str) -> Response:
        """The members; POST reports that somebody joined (成员增加), which waits for the township."""
        household = self.get_object()
        if request.method == "GET":
            return Response(MemberDetail(listed(household), many=True).data)
        data = checked(IncreaseFields, request.data)
        about = {name: data.pop(name) for name in CHANGE if name in data}
        change = changes.increase(household, fields=data, by=user_of(request), **about)
        return Response(ChangeLine(change).data, status=status.HTTP_201_CREATED)


class MemberViewSet(mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """家庭成员"""

    queryset = Member.objects.none()
    serializer_class = MemberDetail
    permission_classes = (holds(P.VIEW_HOUSEHOLDS),)

    def get_queryset(self) -> QuerySet[Member]:
        return Member.objects.within(user_of(self.request).scope).select_related("household")

    @extend_schema(request=MemberPatch, responses={200: MemberDetail, **REFUSALS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a member's facts; `version` is required."""
        member = self.get_object()
        data = checked(MemberPatch, request.data, partial=True)
        version = _version(data)
        saved = members.edit(member, fields=data, version=version, by=user_of(request))
        return Response(MemberDetail(saved).data)

    @extend_schema(request=ChangeFields, responses={201: ChangeLine, **REFUSALS})
    @action(
        detail=True,
        methods=["post"],
        parser_classes=(JSONParser, MultiPartParser, FormParser),
    )
    def decrease(self, request: Request, pk: str) -> Response:
        """Report that the member left (成员减少); it waits for the township."""
        member = self.get_object()
        data = checked(ChangeFields, request.data)
        change = changes.decrease(member, by=user_of(request), **data)
        return Response(ChangeLine(change).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonGiven, responses={200: FullNumber, **REFUSALS})
    @action(detail=True, methods=["post"])
    def number(self, request: Request, pk: str) -> Response:
        """The whole identity number: needs the permission and a reason, and is recorded."""
        member = self.get_object()
        may_unmask(user_of(request), member.household).require()
        reason = checked(ReasonGiven, request.data)["reason"]
        shown = members.show_number(member, reason=reason, by=user_of(request))
        return Response({"id_no": shown})


def _version(data: dict[str, Any]) -> int:
    if "version" not in data:
        raise serializers.ValidationError({"version": "请带上读取时的版本号"})
    return data.pop("version")
