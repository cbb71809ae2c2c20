"""Addresses of subscribers and warning lists."""

from django.urls import path

from renewals import (
    urls_anomalies,
    urls_follow,
    urls_out,
    urls_reconcile,
    urls_records,
    urls_work,
    views,
    views_agent,
    views_assign,
    views_subscribers,
)

app_name = "renewals"

urlpatterns = [
    path("warnings/", views.lists, name="lists"),
    path("warnings/<int:pk>/", views.warning_list, name="list"),
    path("warnings/<int:pk>/hand-out/", views_assign.hand_out, name="hand-out"),
    path("agents/<int:pk>/", views_agent.agent, name="agent"),
    path("subscribers/", views_subscribers.subscribers, name="subscribers"),
    path("subscribers/export/", views_subscribers.export, name="subscribers-export"),
    path("subscribers/<int:pk>/", views_subscribers.subscriber, name="subscriber"),
    path("subscribers/<int:pk>/history/", views_subscribers.history, name="subscriber-history"),
    path("subscribers/<int:pk>/reveal/", views_subscribers.reveal, name="reveal"),
    *urls_anomalies.urlpatterns,
    *urls_follow.urlpatterns,
    *urls_records.urlpatterns,
    *urls_out.urlpatterns,
    *urls_reconcile.urlpatterns,
    *urls_work.urlpatterns,
]
