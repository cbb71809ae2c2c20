"""Addresses of the import wizard."""

from django.urls import path

from gridops.workbooks import views

app_name = "workbooks"

urlpatterns = [
    path("", views.batches, name="list"),
    path("upload/", views.upload, name="upload"),
    path("templates/<slug:kind>/", views.template, name="template"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/apply/", views.apply, name="apply"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/marked/", views.marked, name="marked"),
]
