"""Addresses of the week and of the rounds."""

from django.urls import path

from channels import views_week

urlpatterns = [
    path("week/", views_week.week, name="week"),
]
