"""Addresses of following a plan through its month."""

from django.urls import path

from plans import views_progress as views

urlpatterns = [
    path("steps/<int:pk>/tick/", views.tick, name="tick"),
]
