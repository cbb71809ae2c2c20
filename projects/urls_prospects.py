"""Addresses of new projects."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_prospect_course as course
from projects import views_prospects as views

urlpatterns: list[URLPattern] = [
    path("prospects/", views.board, name="prospects"),
    path("prospects/table/", views.table, name="prospect-table"),
    path("prospects/export/", views.export, name="prospect-export"),
    path("prospects/new/", views.new, name="prospect-new"),
    path("prospects/preparations/", views.preparations, name="preparations"),
    path("prospects/<int:pk>/", views.detail, name="prospect"),
    path("prospects/<int:pk>/edit/", views.edit, name="prospect-edit"),
    path("prospects/<int:pk>/history/", views.history, name="prospect-history"),
    path("prospects/<int:pk>/reveal/", views.reveal, name="prospect-reveal"),
    path("prospects/<int:pk>/move/", course.move, name="prospect-move"),
    path("prospects/<int:pk>/live/", course.live, name="prospect-live"),
    path("prospects/<int:pk>/give-up/", course.give_up, name="prospect-give-up"),
    path("prospects/<int:pk>/take-up/", course.take_up, name="prospect-take-up"),
    path("prospects/<int:pk>/look/", course.look, name="prospect-look"),
    path("prospects/<int:pk>/next-step/", course.next_step, name="prospect-next-step"),
    path("prospects/<int:pk>/talks/", course.talk, name="prospect-talk"),
    path("prospects/<int:pk>/steps/", course.add_step, name="prospect-add-step"),
    path("prospects/steps/<int:pk>/tick/", course.tick, name="prospect-tick"),
    path("prospects/steps/<int:pk>/due/", course.due, name="prospect-due"),
]
