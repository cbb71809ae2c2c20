"""Addresses of agents and outlets."""

from django.urls import path

from channels import urls_commission, urls_field, urls_meetings, urls_visits, urls_week, views, views_outlets

app_name = "channels"

urlpatterns = [
    path("agents/", views.agents, name="agents"),
    path("agents/export/", views.agents_export, name="agents-export"),
    path("agents/<int:pk>/", views.agent, name="agent"),
    path("agents/<int:pk>/edit/", views.agent_edit, name="agent-edit"),
    path("agents/<int:pk>/history/", views.agent_history, name="agent-history"),
    path("staff/<int:pk>/reveal/", views.reveal_staff, name="reveal-staff"),
    path("outlets/", views_outlets.outlets, name="outlets"),
    path("outlets/export/", views_outlets.outlets_export, name="outlets-export"),
    path("outlets/<int:pk>/", views_outlets.outlet, name="outlet"),
    path("outlets/<int:pk>/edit/", views_outlets.outlet_edit, name="outlet-edit"),
    path("outlets/<int:pk>/history/", views_outlets.outlet_history, name="outlet-history"),
    path("outlets/<int:pk>/reveal/", views_outlets.reveal_outlet, name="reveal-outlet"),
    path("around/<int:pk>/", views.around, name="around"),
    *urls_meetings.urlpatterns,
    *urls_visits.urlpatterns,
    *urls_field.urlpatterns,
    *urls_week.urlpatterns,
    *urls_commission.urlpatterns,
]
