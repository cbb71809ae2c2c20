"""Addresses of the ledgers that are filled like Excel, and of their freshness."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
