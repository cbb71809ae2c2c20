"""Addresses of meetings, matters and trainings."""

from django.urls import path

from channels import views_matters, views_meetings, views_meetings_hold, views_trainings

urlpatterns = [
    path("meetings/", views_meetings.meetings, name="meetings"),
    path("meetings/export/", views_meetings.meetings_export, name="meetings-export"),
    path("meetings/new/", views_meetings.meeting_new, name="meeting-new"),
    path("meetings/<int:pk>/", views_meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/edit/", views_meetings.meeting_edit, name="meeting-edit"),
    path("meetings/<int:pk>/agenda/", views_meetings.meeting_agenda, name="meeting-agenda"),
    path("meetings/<int:pk>/cancel/", views_meetings.meeting_cancel, name="meeting-cancel"),
    path("meetings/<int:pk>/paper/", views_meetings.meeting_paper, name="meeting-paper"),
    path("meetings/<int:pk>/history/", views_meetings.meeting_history, name="meeting-history"),
    path("meetings/<int:pk>/hold/", views_meetings_hold.meeting_hold, name="meeting-hold"),
    path("matters/", views_matters.matters, name="matters"),
    path("matters/export/", views_matters.matters_export, name="matters-export"),
    path("matters/new/", views_matters.matter_new, name="matter-new"),
    path("matters/<int:pk>/", views_matters.matter, name="matter"),
    path("matters/<int:pk>/<slug:step>/", views_matters.matter_step, name="matter-step"),
    path("trainings/", views_trainings.trainings, name="trainings"),
    path("trainings/record/", views_trainings.trainings_record, name="trainings-record"),
    path("trainings/<int:pk>/withdraw/", views_trainings.training_withdraw, name="training-withdraw"),
    path("outlets/<int:pk>/trainings/", views_trainings.outlet_trainings, name="outlet-trainings"),
]
