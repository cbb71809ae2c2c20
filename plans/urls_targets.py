"""Addresses of targets."""

from django.urls import path

from plans import views_targets as views

urlpatterns = [
    path("", views.targets, name="targets"),
    path("<int:grid>/<str:month>/", views.target, name="target"),
]
