"""Addresses of the efficiency analysis and the map."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_map

urlpatterns: list[URLPattern] = [
    path("map/", views_map.map_page, name="map"),
    path("<int:pk>/place/", views_map.place, name="place"),
]
