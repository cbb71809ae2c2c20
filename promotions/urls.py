"""Addresses of the promotion timetable."""

from django.urls import path

from promotions import views

app_name = "promotions"

urlpatterns = [
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/remove/", views.remove, name="session-remove"),
    path("grids/<int:grid>/sessions/new/", views.new, name="session-new"),
]
