"""Addresses of the figures of a day."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_daily

urlpatterns: list[URLPattern] = [
    path("daily/", views_daily.daily, name="daily"),
    path("daily/<int:pk>/save/", views_daily.save, name="daily-save"),
]
