"""Addresses of targets."""

from django.urls import path

from plans import views_targets as views
from plans import views_targets_split, views_targets_touched

urlpatterns = [
    path("", views.targets, name="targets"),
    path("write/", views.write_targets, name="targets-write"),
    path("export/", views.targets_export, name="targets-export"),
    path("split/", views_targets_split.split, name="target-split"),
    path("split/preview/", views_targets_split.preview, name="target-split-preview"),
    path("touched/", views_targets_touched.touched_plans, name="touched"),
    path("take-over/<int:pk>/", views_targets_touched.take_over_target, name="take-over"),
    path("<int:grid>/<str:month>/", views.target, name="target"),
]
