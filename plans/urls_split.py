"""Addresses of the split and its weights."""

from django.urls import path

from plans import views_split, views_weights

urlpatterns = [
    path("<int:pk>/split/", views_split.split, name="split"),
    path("<int:pk>/split/cells/", views_split.split_cells, name="split-cells"),
    path("weights/", views_weights.weights, name="weights"),
]
