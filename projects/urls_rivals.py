"""Addresses of rivals' offers and their photos."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
