"""Addresses of the desk."""

from django.urls import path

from desk import views

app_name = "desk"

urlpatterns = [
    path("", views.home, name="home"),
    path("calendar/", views.month, name="calendar"),
]
