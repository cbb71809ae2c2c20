"""Addresses about long and monthly work."""

from django.urls import path

from gridops.jobs import views

app_name = "jobs"

urlpatterns = [
    path("<int:pk>/progress/", views.progress, name="progress"),
]
