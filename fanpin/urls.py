"""Composition: names every app once."""

from django.contrib import admin
from django.urls import include, path

from fanpin.embedded.views import healthz
from fanpin.navigation import workbench

urlpatterns = [
    path("", workbench, name="workbench"),
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("fanpin.accounts.urls")),
    path("regions/", include("fanpin.accounts.region_urls")),
    path("households/", include("households.urls")),
    path("monitoring/", include("monitoring.urls")),
    path("assistance/", include("assistance.urls")),
    path("counties/", include("counties.urls")),
    path("jobs/", include("fanpin.jobs.urls")),
    path("web/", include("fanpin.web.urls")),
    path("api/v1/", include("fanpin.api")),
    path("admin/", admin.site.urls),
]

handler400 = "fanpin.web.views.bad_request"
handler403 = "fanpin.web.views.forbidden"
handler404 = "fanpin.web.views.not_found"
handler500 = "fanpin.web.views.server_error"
