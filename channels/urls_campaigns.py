"""Addresses of campaigns, and of what is to be told."""

from django.urls import path

from channels import views_briefings, views_campaigns, views_campaigns_write

urlpatterns = [
    path("campaigns/", views_campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", views_campaigns_write.campaign_new, name="campaign-new"),
    path("campaigns/<int:pk>/", views_campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/sheet/", views_campaigns.campaign_sheet, name="campaign-sheet"),
    path("campaigns/<int:pk>/history/", views_campaigns.campaign_history, name="campaign-history"),
    path("campaigns/<int:pk>/edit/", views_campaigns_write.campaign_edit, name="campaign-edit"),
    path("campaigns/<int:pk>/publish/", views_campaigns_write.campaign_publish, name="campaign-publish"),
    path("campaigns/<int:pk>/end/", views_campaigns_write.campaign_end, name="campaign-end"),
    path("campaigns/<int:pk>/take-back/", views_campaigns_write.campaign_take_back, name="campaign-take-back"),
    path("campaigns/<int:pk>/copy/", views_campaigns_write.campaign_copy, name="campaign-copy"),
    path("campaigns/<int:pk>/drop/", views_campaigns_write.campaign_drop, name="campaign-drop"),
    path("campaigns/<int:pk>/files/", views_campaigns_write.campaign_file_add, name="campaign-file-add"),
    path("campaigns/files/<int:pk>/", views_campaigns.campaign_file, name="campaign-file"),
    path("campaigns/files/<int:pk>/remove/", views_campaigns_write.campaign_file_remove, name="campaign-file-remove"),
    path("briefings/", views_briefings.briefings, name="briefings"),
    path("briefings/tell/", views_briefings.tell, name="briefings-tell"),
    path("briefings/<int:pk>/untell/", views_briefings.untell, name="briefing-untell"),
    path("briefings/coverage/", views_briefings.coverage, name="briefing-coverage"),
]
