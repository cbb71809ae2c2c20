"""Addresses of the ledgers that are filled like Excel, and of their freshness."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_exports

urlpatterns: list[URLPattern] = [
    path("ledgers/<str:ledger>/export/", views_exports.ledger_export, name="ledger-export"),
]
