"""Addresses of the plan's page and of what saves it."""

from django.urls import path

from plans import views_edit

urlpatterns = [
    path("<int:pk>/", views_edit.plan, name="plan"),
    path("<int:pk>/cells/", views_edit.cells, name="cells"),
    path("<int:pk>/steps/new/", views_edit.step_new, name="step-new"),
    path("<int:pk>/steps/restore/", views_edit.step_restore, name="step-restore"),
    path("steps/<int:pk>/remove/", views_edit.step_remove, name="step-remove"),
]
