"""Addresses of agents and outlets."""

from django.urls import path

from channels import (
    urls_agents,
    urls_campaigns,
    urls_commission,
    urls_field,
    urls_meetings,
    urls_outlets,
    urls_visits,
    urls_week,
    views,
)

app_name = "channels"

urlpatterns = [
    *urls_agents.urlpatterns,
    path("around/<int:pk>/", views.around, name="around"),
    *urls_outlets.urlpatterns,
    *urls_meetings.urlpatterns,
    *urls_visits.urlpatterns,
    *urls_field.urlpatterns,
    *urls_week.urlpatterns,
    *urls_commission.urlpatterns,
    *urls_campaigns.urlpatterns,
]
