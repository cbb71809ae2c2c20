"""Addresses of projects."""

from django.urls import include, path

from projects import views

app_name = "projects"

urlpatterns = [
    path("", views.project_list, name="list"),
    path("export/", views.export, name="export"),
    path("", include("projects.urls_ledgers")),
    path("", include("projects.urls_daily")),
    path("", include("projects.urls_rivals")),
    path("", include("projects.urls_analysis")),
    path("", include("projects.urls_prospects")),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
]
