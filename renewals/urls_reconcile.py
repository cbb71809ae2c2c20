"""Addresses of the reconciled lists."""

from django.urls import path

from renewals import views_reconcile as views

urlpatterns = [
    path("reconcile/", views.reconcile, name="reconcile"),
    path("reconcile/<int:unit>/", views.unit, name="reconcile-unit"),
    path("reconcile/<int:unit>/export/", views.export, name="reconcile-export"),
    path("reconcile/<int:unit>/decide/", views.decide, name="reconcile-decide"),
    path("reconcile/undo/<int:pk>/", views.undo, name="reconcile-undo"),
]
