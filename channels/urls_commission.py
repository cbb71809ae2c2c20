"""Addresses of commission: what was paid, schemes, input against output."""

from django.urls import path

from channels import views_commission, views_schemes, views_weighing

urlpatterns = [
    path("commission/", views_commission.commission, name="commission"),
    path("commission/chart/", views_commission.commission_chart, name="commission-chart"),
    path("commission/rows/", views_commission.commission_rows, name="commission-rows"),
    path("commission/rows/export/", views_commission.commission_export, name="commission-export"),
    path("commission/rates/", views_schemes.rates, name="rates"),
    path("schemes/", views_schemes.schemes, name="schemes"),
    path("schemes/new/", views_schemes.scheme_new, name="scheme-new"),
    path("schemes/<int:pk>/", views_schemes.scheme, name="scheme"),
    path("schemes/<int:pk>/edit/", views_schemes.scheme_edit, name="scheme-edit"),
    path("schemes/<int:pk>/end/", views_schemes.scheme_end, name="scheme-end"),
    path("schemes/<int:pk>/next/", views_schemes.scheme_next, name="scheme-next"),
    path("schemes/<int:pk>/drop/", views_schemes.scheme_drop, name="scheme-drop"),
    path("schemes/<int:pk>/history/", views_schemes.scheme_history, name="scheme-history"),
    path("weighings/", views_weighing.weighings, name="weighings"),
    path("weighings/new/", views_weighing.weighing_new, name="weighing-new"),
    path("weighings/<int:pk>/", views_weighing.weighing, name="weighing"),
    path("weighings/<int:pk>/copy/", views_weighing.weighing_copy, name="weighing-copy"),
    path("weighings/<int:pk>/drop/", views_weighing.weighing_drop, name="weighing-drop"),
    path("weighings/<int:pk>/paper/", views_weighing.weighing_paper, name="weighing-paper"),
    path("weighings/<int:pk>/workbook/", views_weighing.weighing_workbook, name="weighing-workbook"),
]
