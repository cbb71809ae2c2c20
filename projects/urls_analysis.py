"""Addresses of the efficiency analysis and the map."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
