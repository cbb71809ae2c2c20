"""Addresses of lists to be filled, and of reports to be pasted."""

from django.urls import path

from renewals import views_out, views_reports

urlpatterns = [
    path("warnings/<int:pk>/sheets/", views_out.list_sheets, name="list-sheets"),
    path("work/sheet/", views_out.own_sheet, name="own-sheet"),
    path("reports/", views_reports.reports, name="reports"),
]
