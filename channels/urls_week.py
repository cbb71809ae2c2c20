"""Addresses of the week and of the rounds."""

from django.urls import path

from channels import views_rounds, views_week

urlpatterns = [
    path("week/", views_week.week, name="week"),
    path("round/", views_rounds.round_page, name="round"),
    path("round/print/", views_rounds.round_print, name="round-print"),
    path("round/propose/", views_rounds.round_propose, name="round-propose"),
    path("round/change/", views_rounds.round_change, name="round-change"),
]
