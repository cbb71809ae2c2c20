"""Addresses of the promotion timetable."""

from django.urls import path

from promotions import views, views_agent

app_name = "promotions"

urlpatterns = [
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/remove/", views.remove, name="session-remove"),
    path("agents/<int:pk>/sessions/", views_agent.agent, name="agent"),
    path("grids/<int:grid>/sessions/new/", views.new, name="session-new"),
]
