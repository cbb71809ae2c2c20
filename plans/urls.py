"""Addresses of plans and targets."""

from django.urls import include, path

from plans import views, views_steps

app_name = "plans"

urlpatterns = [
    path("", views.plan_list, name="list"),
    path("", include("plans.urls_review")),
    path("targets/", include("plans.urls_targets")),
    path("steps/suggested/", views_steps.proposed_steps, name="proposed-steps"),
    path("steps/suggested/propose/", views_steps.propose_step, name="propose-step"),
    path("steps/suggested/withdraw/", views_steps.withdraw_step, name="withdraw-step"),
    path("", include("plans.urls_progress")),
    path("", include("plans.urls_paper")),
    path("", include("plans.urls_edit")),
    path("", include("plans.urls_split")),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/revise/", views.revise, name="revise"),
]
