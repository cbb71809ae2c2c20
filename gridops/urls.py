"""All addresses, nested by resource. Apps are named as strings: the ground imports nothing above it."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from gridops.jobs.views_health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("desk.urls")),
    path("", include("gridops.accounts.urls")),
    path("admin/", admin.site.urls),  # for superusers: schedules, second factors
    path("notices/", include("gridops.notices.urls")),
    path("jobs/", include("gridops.jobs.urls")),
    path("health/", health, name="health"),
    path("projects/", include("projects.urls")),
    path("channels/", include("channels.urls")),
    path("promotions/", include("promotions.urls")),
    path("renewals/", include("renewals.urls")),
    path("imports/", include("gridops.workbooks.urls")),
    path("plans/", include("plans.urls")),
]
