"""Addresses of the page that follows a month, and of an agent's own figures."""

from django.urls import path

from renewals import views_follow

urlpatterns = [
    path("follow/", views_follow.follow, name="follow"),
    path("follow/export/", views_follow.follow_export, name="follow-export"),
    path("my-figures/", views_follow.my_figures, name="my-figures"),
]
