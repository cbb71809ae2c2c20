"""Addresses of outlets, of shops to win, of their assessment."""

from django.urls import path

from channels import views_assessment, views_outlets, views_pipeline

urlpatterns = [
    path("outlets/", views_outlets.outlets, name="outlets"),
    path("outlets/export/", views_outlets.outlets_export, name="outlets-export"),
    path("outlets/<int:pk>/", views_outlets.outlet, name="outlet"),
    path("outlets/<int:pk>/edit/", views_outlets.outlet_edit, name="outlet-edit"),
    path("outlets/<int:pk>/history/", views_outlets.outlet_history, name="outlet-history"),
    path("outlets/<int:pk>/reveal/", views_outlets.reveal_outlet, name="reveal-outlet"),
    path("outlets/<int:pk>/photo/", views_outlets.outlet_photo, name="outlet-photo"),
    path("outlets/<int:pk>/photo/edit/", views_outlets.photo_edit, name="outlet-photo-edit"),
    path("outlets/<int:pk>/counter/", views_outlets.counter_new, name="counter-new"),
    path("counter/<int:pk>/", views_outlets.counter_edit, name="counter-edit"),
    path("counter/<int:pk>/remove/", views_outlets.counter_remove, name="counter-remove"),
    path("counter/<int:pk>/reveal/", views_outlets.reveal_counter, name="reveal-counter"),
    path("outlets/<int:pk>/step/<str:stage>/", views_pipeline.move, name="outlet-step"),
    path("pipeline/", views_pipeline.pipeline, name="pipeline"),
    path("pipeline/table/", views_pipeline.table, name="pipeline-table"),
    path("pipeline/export/", views_pipeline.export, name="pipeline-export"),
    path("pipeline/new/", views_pipeline.found, name="pipeline-new"),
    path("assessment/", views_assessment.assessment, name="assessment"),
    path("assessment/export/", views_assessment.assessment_export, name="assessment-export"),
    path("outlets/<int:pk>/assessment/", views_assessment.outlet_assessment, name="outlet-assessment"),
]
