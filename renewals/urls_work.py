"""Addresses of today's work, of one warning and what is recorded about it."""

from django.urls import path

from renewals import views_contacts, views_work

urlpatterns = [
    path("work/", views_work.work, name="work"),
    path("work/<int:pk>/call/", views_work.call, name="call"),
    path("work/<int:pk>/", views_contacts.warning, name="warning"),
    path("work/<int:pk>/record/", views_contacts.record, name="record"),
    path("work/<int:pk>/reopen/", views_contacts.reopen, name="reopen"),
    path("contacts/<int:pk>/correct/", views_contacts.correct, name="correct"),
    path("contacts/photos/<int:pk>/", views_contacts.photo, name="contact-photo"),
]
