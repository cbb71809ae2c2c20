"""Addresses of commission: what was paid, schemes, input against output."""

from django.urls import path

from channels import views_commission

urlpatterns = [
    path("commission/", views_commission.commission, name="commission"),
    path("commission/chart/", views_commission.commission_chart, name="commission-chart"),
    path("commission/rows/", views_commission.commission_rows, name="commission-rows"),
    path("commission/rows/export/", views_commission.commission_export, name="commission-export"),
]
