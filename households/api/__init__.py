"""The API of the register: one module for each noun, their routes in one router."""

from rest_framework.routers import SimpleRouter

from households.api import disputes, registry

router = SimpleRouter()
router.register("households", registry.HouseholdViewSet, basename="household")
router.register("members", registry.MemberViewSet, basename="member")
router.register("disputes", disputes.DisputeViewSet, basename="dispute")
