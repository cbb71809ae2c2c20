"""Addresses of visits and calls, and of what a telephone takes along."""

from django.urls import path

from channels import views_calls, views_corrections, views_pack, views_visit_lists, views_visits

urlpatterns = [
    path("pack/", views_pack.pack, name="pack"),
    path("outlets/<int:pk>/visit/", views_visits.visit_new, name="visit-new"),
    path("outlets/<int:pk>/visit/record/", views_visits.visit_record, name="visit-record"),
    path("outlets/<int:pk>/call/", views_calls.outlet_call, name="outlet-call"),
    path("outlets/<int:pk>/call/record/", views_calls.call_record, name="call-record"),
    path("visits/", views_visit_lists.visits, name="visits"),
    path("visits/export/", views_visit_lists.visits_export, name="visits-export"),
    path("calls/", views_visit_lists.calls, name="calls"),
    path("calls/export/", views_visit_lists.calls_export, name="calls-export"),
    path("visits/<int:pk>/", views_visits.visit, name="visit"),
    path("visits/<int:pk>/correct/", views_corrections.visit_correct, name="visit-correct"),
    path("calls/<int:pk>/correct/", views_corrections.call_correct, name="call-correct"),
    path("visits/photos/<int:pk>/", views_visits.visit_photo, name="visit-photo"),
]
