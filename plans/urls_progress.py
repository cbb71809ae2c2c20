"""Addresses of following a plan through its month."""

from django.urls import path

from plans import views_progress as views

urlpatterns = [
    path("progress/", views.progress_list, name="progress-list"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/settle/", views.settle, name="settle"),
    path("steps/<int:pk>/tick/", views.tick, name="tick"),
]
