"""Addresses of the ledgers that are filled like Excel, and of their freshness."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_exports, views_freshness, views_ledger_cards, views_ledgers

urlpatterns: list[URLPattern] = [
    path("freshness/", views_freshness.freshness, name="freshness"),
    path("freshness/confirm/", views_freshness.confirm, name="freshness-confirm"),
    path("ledgers/<str:ledger>/", views_ledgers.ledger_page, name="ledger"),
    path("ledgers/<str:ledger>/rows/", views_ledgers.ledger_rows, name="ledger-rows"),
    path("ledgers/<str:ledger>/save/", views_ledgers.ledger_save, name="ledger-save"),
    path("ledgers/<str:ledger>/confirm/", views_ledgers.ledger_confirm, name="ledger-confirm"),
    path("ledgers/<str:ledger>/layout/", views_ledgers.ledger_layout, name="ledger-layout"),
    path("ledgers/<str:ledger>/reveal/", views_ledgers.ledger_reveal, name="ledger-reveal"),
    path("ledgers/<str:ledger>/<int:pk>/", views_ledger_cards.card, name="ledger-row"),
    path("ledgers/<str:ledger>/<int:pk>/<str:field>/history/", views_ledgers.cell_history, name="ledger-cell-history"),
    path("ledgers/<str:ledger>/export/", views_exports.ledger_export, name="ledger-export"),
]
