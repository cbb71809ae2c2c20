"""Addresses about long and monthly work."""

from django.urls import path

from gridops.jobs import views, views_runs

app_name = "jobs"

urlpatterns = [
    path("runs/", views_runs.runs, name="runs"),
    path("runs/month/", views_runs.run_month, name="run-month"),
    path("runs/<int:pk>/", views_runs.run, name="run"),
    path("runs/<int:pk>/again/", views_runs.run_again, name="run-again"),
    path("<int:pk>/progress/", views.progress, name="progress"),
]
