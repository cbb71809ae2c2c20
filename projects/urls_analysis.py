"""Addresses of the efficiency analysis and the map."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_analysis, views_map

urlpatterns: list[URLPattern] = [
    path("analysis/", views_analysis.analysis, name="analysis"),
    path("analysis/export/", views_analysis.export, name="analysis-export"),
    path("<int:pk>/analysis/", views_analysis.project_analysis, name="project-analysis"),
    path("<int:pk>/analysis/export/", views_analysis.project_export, name="project-analysis-export"),
    path("map/", views_map.map_page, name="map"),
    path("<int:pk>/place/", views_map.place, name="place"),
]
