"""Addresses about notices: each person's own."""

from django.urls import path

from gridops.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.notices, name="list"),
    path("read/", views.read_all, name="read-all"),
    path("<int:pk>/", views.open_notice, name="open"),
    path("<int:pk>/read/", views.read, name="read"),
    path("settings/", views.choices, name="settings"),
    path("settings/trial/", views.trial, name="trial"),
]
