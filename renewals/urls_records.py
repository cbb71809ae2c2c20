"""Addresses of what is kept about a subscriber."""

from django.urls import path

from renewals import views_duplicates, views_records

urlpatterns = [
    path("subscribers/duplicates/", views_duplicates.duplicates, name="duplicates"),
    path("subscribers/<int:pk>/note/", views_records.note_add, name="subscriber-note"),
    path("subscribers/<int:pk>/number/", views_records.number_add, name="subscriber-number"),
    path("subscribers/<int:pk>/number/judge/", views_records.number_judge, name="number-judge"),
    path("subscribers/<int:pk>/household/", views_records.household, name="subscriber-household"),
    path("numbers/<int:pk>/reveal/", views_records.number_reveal, name="reveal-number"),
]
