"""Jobs over the API: what runs, how far it is, cancel."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from fanpin.jobs import services
from fanpin.jobs.models import Job


class JobSerializer(serializers.ModelSerializer):
    percent = serializers.IntegerField(read_only=True)
    owner = serializers.CharField(source="owner.name", default="系统", read_only=True)

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "label",
            "owner",
            "status",
            "done",
            "total",
            "percent",
            "message",
            "error",
            "result_text",
            "result_url",
            "attempts",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """My own jobs and those of the divisions I am responsible for."""

    serializer_class = JobSerializer
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user).select_related("owner")

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel: at once when it waits, at its next step when it runs. Only for who started it."""
        job = self.get_object()
        if job.owner_id != request.user.pk:
            raise PermissionDenied("只有发起人可以操作这个任务")
        job = services.cancel(job, by=request.user)
        return Response(JobSerializer(job).data)


router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")
