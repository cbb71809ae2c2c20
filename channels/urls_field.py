"""Addresses of the visit on a phone. The worker stands below the page: it reaches no other."""

from django.urls import path

from channels import views_field

urlpatterns = [
    path("field/", views_field.field, name="field"),
    path("field/worker.js", views_field.worker, name="field-worker"),
    path("field/manifest.webmanifest", views_field.manifest, name="field-manifest"),
]
