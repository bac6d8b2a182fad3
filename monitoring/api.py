"""Cases over the API: what they are, which steps are open to me, why the others are closed, and taking a step.

Prompts after changes of people beside them.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from fanpin.accounts.access import get_scoped_or_404
from fanpin.accounts.api import ActSerializer, RefusalSerializer, acts, checked, holds, user_of
from fanpin.accounts.roles import Permission as P
from monitoring.choices import (
    PROMPT_ANSWERS,
    EvaluationConclusion,
    EvaluationResult,
    PromptAnswer,
)
from monitoring.forms.cases import CaseForm
from monitoring.forms.steps import form_for
from monitoring.models import (
    Case,
    CaseDocument,
    CaseStep,
    Evaluation,
    EvaluationRisk,
    MonitoringObject,
    Prompt,
)
from monitoring.papers import listing
from monitoring.policies.evaluations import may_review
from monitoring.policies.prompts import may_answer
from monitoring.selectors import prompts as asked
from monitoring.selectors.case_facts import case_facts
from monitoring.selectors.case_file import case_file
from monitoring.services import cases, documents, evaluations, prompts
from monitoring.views.prompts import PromptFilters
from monitoring.workflow import papers
from monitoring.workflow.deciding import options
from monitoring.workflow.procedures import transition

REFUSALS = {400: RefusalSerializer, 403: RefusalSerializer, 404: RefusalSerializer}


class CaseLine(serializers.ModelSerializer):
    """A case in a list."""

    head_name = serializers.CharField(source="household.head_name", read_only=True)
    hh_code = serializers.CharField(source="household.hh_code", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Case
        fields = ("id", "number", "kind", "status", "status_label", "household", "hh_code", "head_name",
                  "category", "category_suggested", "is_four_haves", "is_flagged", "opened_on",
                  "due_on", "total_due_on", "ended_on", "end_reason", "reference_month",
                  "version")  # fmt: skip
        read_only_fields = fields


class StepLine(serializers.ModelSerializer):
    done_by = serializers.CharField(source="done_by.name", default="系统", read_only=True)

    class Meta:
        model = CaseStep
        fields = ("seq", "transition", "label", "source", "target", "done_at", "done_by", "role",
                  "unit", "reason", "snapshot_hash")  # fmt: skip
        read_only_fields = fields


class ReasonLine(serializers.Serializer):
    text = serializers.CharField()
    field = serializers.CharField()
    url = serializers.CharField()
    clause = serializers.CharField()


class PaperLine(serializers.Serializer):
    """A paper the step asks for: how many, how many lie ready, on which ground."""

    name = serializers.CharField(source="label")
    wanted = serializers.IntegerField()
    held = serializers.IntegerField()
    basis = serializers.CharField()


class DocumentLine(serializers.ModelSerializer):
    """A paper filed with the case; `step` is the number of the step it went along with."""

    step = serializers.IntegerField(source="step.seq", default=None, read_only=True)

    class Meta:
        model = CaseDocument
        fields = ("id", "kind", "original_name", "size", "sha256", "uploaded_at", "step")
        read_only_fields = fields


class DocumentRequest(serializers.Serializer):
    """One paper under its name: a photo or a PDF scan."""

    kind = serializers.CharField()
    upload = serializers.FileField()


class TransitionLine(serializers.Serializer):
    """A step out of the present status; `inputs` names what has to be handed in."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    open = serializers.BooleanField(help_text="现在可以由我办理")
    papers = PaperLine(many=True)
    inputs = serializers.ListField(child=serializers.CharField())
    reasons = ReasonLine(many=True)


class CaseDetail(CaseLine):
    steps = StepLine(many=True, read_only=True)
    documents = DocumentLine(many=True, read_only=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = (*CaseLine.Meta.fields, "parameters_used", "steps", "documents", "transitions")
        read_only_fields = fields

    @extend_schema_field(TransitionLine(many=True))
    def get_transitions(self, case: Case) -> Any:
        facts = case_facts(case)
        found = []
        for option in options(facts, user_of(self.context["request"])):
            t = option.transition
            found.append(
                {
                    "name": t.name,
                    "label": t.label,
                    "target": t.target,
                    "open": option.verdict.ok,
                    "inputs": form_for(facts, t).asked,
                    "papers": papers.of_step(facts, t),
                    "reasons": option.verdict.all_reasons,
                }
            )
        return TransitionLine(found, many=True).data


class FileLinks(serializers.Serializer):
    """Where a paper is downloaded, in each format; every download is recorded."""

    pdf = serializers.CharField()
    docx = serializers.CharField()


class PaperCopyLine(FileLinks):
    """One copy: `number` is the visit, meeting or decision it is about, `on` its day."""

    number = serializers.IntegerField()
    on = serializers.DateField()


class CasePaperLine(serializers.Serializer):
    """A paper of the case, or why there is none yet; `blank`: the form to fill in by hand."""

    key = serializers.CharField()
    title = serializers.CharField()
    step = serializers.CharField()
    is_ready = serializers.BooleanField()
    reason = serializers.CharField()
    copies = PaperCopyLine(many=True)
    blank = FileLinks(allow_null=True)


def _papers_of(case: Case) -> list[dict[str, Any]]:
    def links(key: str, number: int) -> dict[str, str]:
        return {
            kind: reverse("monitoring:case_paper", args=[case.pk, key, number, kind])
            for kind in ("pdf", "docx")
        }

    return [
        {
            "key": line.key,
            "title": line.title,
            "step": line.step,
            "is_ready": line.is_ready,
            "reason": line.reason,
            "copies": [
                {"number": c.number, "on": c.on, **links(line.key, c.number)} for c in line.copies
            ],
            "blank": links(line.key, listing.BLANK) if line.has_blank else None,
        }
        for line in listing.lines(case_file(case))
    ]


class StepRequest(serializers.Serializer):
    """`inputs`: values by the names that the transition lists; `version` refuses a case that moved since."""

    version = serializers.IntegerField(required=False)
    inputs = serializers.DictField(required=False)


@extend_schema_view(
    list=extend_schema(responses={200: CaseLine, **REFUSALS}),
    retrieve=extend_schema(responses={200: CaseDetail, **REFUSALS}),
)
class CaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Monitoring cases inside the caller's scope."""

    serializer_class = CaseLine
    permission_classes = (holds(P.VIEW_CASES),)
    filter_backends = (DjangoFilterBackend,)
    filterset_fields = ("kind", "status", "household", "category")
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        return (
            Case.objects.within(user_of(self.request).scope)
            .select_related(
                "household", "household__village", "object", "object__household", "episode"
            )
            .order_by("-opened_on", "-pk")
        )

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        case = get_scoped_or_404(self.get_queryset(), user_of(request), pk=kwargs["pk"])
        return Response(CaseDetail(case, context=self.get_serializer_context()).data)

    @extend_schema(
        request={"multipart/form-data": DocumentRequest},
        responses={201: DocumentLine, **REFUSALS},
    )
    @action(
        detail=True,
        methods=["post"],
        parser_classes=(JSONParser, MultiPartParser, FormParser),
    )
    def documents(self, request: Request, pk: str) -> Response:
        """File a paper with the case, as on its page; steps ask for papers by name."""
        case = get_scoped_or_404(self.get_queryset(), user_of(request), pk=pk)
        asked = DocumentRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        row = documents.attach(case, given["upload"], kind=given["kind"], by=user_of(request))
        return Response(DocumentLine(row).data, status=201)

    @extend_schema(responses={200: CasePaperLine(many=True), **REFUSALS})
    @action(detail=True, pagination_class=None, filter_backends=())
    def papers(self, request: Request, pk: str) -> Response:
        """The papers of the procedure made from this case, with their addresses, or why there is none yet."""
        case = get_scoped_or_404(self.get_queryset(), user_of(request), pk=pk)
        return Response(CasePaperLine(_papers_of(case), many=True).data)

    @extend_schema(request=StepRequest, responses={200: CaseDetail, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="transitions/(?P<name>[a-z_]+)")
    def take(self, request: Request, pk: str, name: str) -> Response:
        """Take a step; refused with every reason, exactly as on the page."""
        case = get_scoped_or_404(self.get_queryset(), user_of(request), pk=pk)
        t = transition(case.kind, name)
        if t is None or not t.permission:
            raise Http404
        asked = StepRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        form = form_for(case_facts(case), t, asked.validated_data.get("inputs") or {"-": ""})
        case = cases.apply(
            case,
            name,
            by=user_of(request),
            inputs=_inputs(form),
            version=asked.validated_data.get("version"),
        )
        return Response(CaseDetail(case, context=self.get_serializer_context()).data)


def _inputs(form: CaseForm) -> Any:
    """The form of the page judges the shape here too."""
    if form.is_valid():
        return form.inputs()
    raise ValidationError({name: list(errors) for name, errors in form.errors.items()})


class PromptLine(serializers.ModelSerializer):
    """What a change of people asks of a monitored household; amounts in 元 a head and year."""

    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    hh_code = serializers.CharField(source="household.hh_code", read_only=True)
    head_name = serializers.CharField(source="household.head_name", read_only=True)
    village_name = serializers.CharField(source="household.village.name", read_only=True)

    class Meta:
        model = Prompt
        fields = ("id", "kind", "kind_label", "household", "hh_code", "head_name", "village_name",
                  "change", "risk", "reason", "per_capita_before", "per_capita_after", "line",
                  "opened_at", "due_on", "is_open", "answer")  # fmt: skip
        read_only_fields = fields


class PromptDetail(PromptLine):
    answered_by = serializers.CharField(source="answered_by.name", default=None, read_only=True)
    answers = serializers.SerializerMethodField(help_text="可选的办理结果")
    acts = serializers.SerializerMethodField()

    class Meta:
        model = Prompt
        fields = (*PromptLine.Meta.fields, "note", "answered_at", "answered_by", "answers", "acts")
        read_only_fields = fields

    def get_answers(self, prompt: Prompt) -> list[str]:
        return list(PROMPT_ANSWERS[prompt.kind])

    @extend_schema_field(ActSerializer(many=True))
    def get_acts(self, prompt: Prompt) -> Any:
        return acts(answer=may_answer(user_of(self.context["request"]), prompt))


class PromptRequest(serializers.Serializer):
    answer = serializers.ChoiceField(choices=PromptAnswer.choices)
    note = serializers.CharField(help_text="情况说明")


@extend_schema_view(
    list=extend_schema(responses={200: PromptLine}),
    retrieve=extend_schema(responses={200: PromptDetail, 404: RefusalSerializer}),
)
class PromptViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """人口变动提示"""

    queryset = Prompt.objects.none()
    permission_classes = (holds(P.VIEW_CASES),)
    filter_backends = (DjangoFilterBackend,)
    filterset_class = PromptFilters

    def get_queryset(self) -> QuerySet[Prompt]:
        return asked.listed(user_of(self.request))

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return PromptLine if self.action == "list" else PromptDetail

    @extend_schema(request=PromptRequest, responses={200: PromptDetail, **REFUSALS})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """A person answers; no state changes by itself."""
        prompt = self.get_object()
        given = checked(PromptRequest, request.data)
        answered = prompts.answer(prompt, by=user_of(request), **given)
        return Response(PromptDetail(answered, context=self.get_serializer_context()).data)


class EvaluationRiskLine(serializers.ModelSerializer):
    """What became of a recorded risk."""

    cause = serializers.CharField(source="risk.cause", read_only=True)

    class Meta:
        model = EvaluationRisk
        fields = ("risk", "cause", "result", "note")
        read_only_fields = fields


class EvaluationLine(serializers.ModelSerializer):
    """帮扶成效评估 of one household in one year; amounts in 元 a head and year."""

    household = serializers.IntegerField(source="object.household_id", read_only=True)
    hh_code = serializers.CharField(source="object.household.hh_code", read_only=True)
    head_name = serializers.CharField(source="object.household.head_name", read_only=True)

    class Meta:
        model = Evaluation
        fields = ("id", "household", "hh_code", "head_name", "year", "state", "evaluated_on",
                  "conclusion", "household_agrees", "income_pc", "line", "delivered",
                  "undelivered", "red", "made_at", "reviewed_at")  # fmt: skip
        read_only_fields = fields


class EvaluationDetail(EvaluationLine):
    risks = EvaluationRiskLine(many=True, read_only=True)
    acts = serializers.SerializerMethodField()

    class Meta:
        model = Evaluation
        fields = (*EvaluationLine.Meta.fields, "visitors", "effect", "next_steps", "disagreement",
                  "words", "opinion", "risks", "acts")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ActSerializer(many=True))
    def get_acts(self, row: Evaluation) -> Any:
        return acts(review=may_review(user_of(self.context["request"]), row))


class EvaluationRiskRequest(serializers.Serializer):
    risk = serializers.IntegerField()
    result = serializers.ChoiceField(choices=EvaluationResult.choices)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class EvaluationRequest(serializers.Serializer):
    household = serializers.IntegerField()
    evaluated_on = serializers.DateField()
    visitors = serializers.ListField(child=serializers.CharField(max_length=40))
    conclusion = serializers.ChoiceField(choices=EvaluationConclusion.choices)
    effect = serializers.CharField()
    next_steps = serializers.CharField(required=False, allow_blank=True, default="")
    household_agrees = serializers.BooleanField()
    disagreement = serializers.CharField(required=False, allow_blank=True, default="")
    risks = EvaluationRiskRequest(many=True)


class ReviewRequest(serializers.Serializer):
    accept = serializers.BooleanField()
    opinion = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


@extend_schema_view(
    list=extend_schema(responses={200: EvaluationLine}),
    retrieve=extend_schema(responses={200: EvaluationDetail, 404: RefusalSerializer}),
)
class EvaluationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """帮扶成效评估"""

    queryset = Evaluation.objects.none()
    permission_classes = (holds(P.VIEW_CASES),)
    filter_backends = (DjangoFilterBackend,)
    filterset_fields = ("year", "state", "conclusion")

    def get_queryset(self) -> QuerySet[Evaluation]:
        rows = Evaluation.objects.within(user_of(self.request).scope)
        return rows.select_related("object__household", "reviewed_by").prefetch_related(
            "risks__risk"
        )

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return EvaluationLine if self.action == "list" else EvaluationDetail

    @extend_schema(request=EvaluationRequest, responses={201: EvaluationDetail, **REFUSALS})
    def create(self, request: Request) -> Response:
        """Hand in this year's evaluation of a household, or a returned one again."""
        given = checked(EvaluationRequest, request.data)
        rows = MonitoringObject.objects.select_related("household")
        obj = get_scoped_or_404(rows, user_of(request), household_id=given.pop("household"))
        results = {r["risk"]: (r["result"], r["note"]) for r in given.pop("risks")}
        row = evaluations.record(obj, by=user_of(request), results=results, **given)
        return Response(self._detail(row), status=201)

    @extend_schema(request=ReviewRequest, responses={200: EvaluationDetail, **REFUSALS})
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """The township passes it or returns it with a reason."""
        found = self.get_object()
        given = checked(ReviewRequest, request.data)
        row = evaluations.review(found, by=user_of(request), **given)
        return Response(self._detail(row))

    def _detail(self, row: Evaluation) -> Any:
        return EvaluationDetail(row, context=self.get_serializer_context()).data


router = SimpleRouter()
router.register("cases", CaseViewSet, basename="case")
router.register("evaluations", EvaluationViewSet, basename="evaluation")
router.register("prompts", PromptViewSet, basename="prompt")
urlpatterns = router.urls
