"""Addresses of the plan on paper."""

from django.urls import path

from plans import views_paper as views

urlpatterns = [
    path("workbooks/", views.workbooks, name="workbooks"),
    path("<int:pk>/paper/", views.paper, name="paper"),
    path("<int:pk>/workbook/", views.workbook, name="workbook"),
]
