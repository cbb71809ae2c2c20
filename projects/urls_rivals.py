"""Addresses of rivals' offers and their photos."""

from __future__ import annotations

from django.urls import URLPattern, path

from projects import views_operators, views_rivals

urlpatterns: list[URLPattern] = [
    path("rivals/", views_rivals.moves, name="rival-moves"),
    path("rivals/export/", views_rivals.moves_export, name="rival-moves-export"),
    path("rivals/operators/", views_operators.operators, name="operators"),
    path("rivals/<int:pk>/edit/", views_rivals.edit, name="rival-edit"),
    path("rivals/<int:pk>/answer/", views_rivals.answer, name="rival-answer"),
    path("rivals/<int:pk>/again/", views_rivals.again, name="rival-again"),
    path("rivals/<int:pk>/photos/", views_rivals.add_photos, name="rival-photos"),
    path("rivals/<int:pk>/remove/", views_rivals.remove, name="rival-remove"),
    path("rivals/<int:pk>/history/", views_rivals.history, name="rival-history"),
    path("rivals/photos/<int:pk>/", views_rivals.photo, name="rival-photo"),
    path("rivals/photos/<int:pk>/remove/", views_rivals.remove_photo, name="rival-photo-remove"),
    path("<int:pk>/rivals/", views_rivals.timeline, name="rivals"),
    path("<int:pk>/rivals/new/", views_rivals.new, name="rival-new"),
    path("<int:pk>/rivals/measure/", views_rivals.measure, name="rival-measure"),
]
