"""Addresses of meetings, matters and trainings."""

from django.urls import path

from channels import views_matters

urlpatterns = [
    path("matters/", views_matters.matters, name="matters"),
    path("matters/export/", views_matters.matters_export, name="matters-export"),
    path("matters/new/", views_matters.matter_new, name="matter-new"),
    path("matters/<int:pk>/", views_matters.matter, name="matter"),
    path("matters/<int:pk>/<slug:step>/", views_matters.matter_step, name="matter-step"),
]
