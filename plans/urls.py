"""Addresses of plans and targets."""

from django.urls import path

from plans import views, views_steps, views_targets

app_name = "plans"

urlpatterns = [
    path("", views.plan_list, name="list"),
    path("inbox/", views.inbox, name="inbox"),
    path("targets/", views_targets.targets, name="targets"),
    path("targets/<int:grid>/<str:month>/", views_targets.target, name="target"),
    path("steps/<int:pk>/tick/", views.tick, name="tick"),
    path("steps/suggested/", views_steps.proposed_steps, name="proposed-steps"),
    path("steps/suggested/propose/", views_steps.propose_step, name="propose-step"),
    path("steps/suggested/withdraw/", views_steps.withdraw_step, name="withdraw-step"),
    path("<int:pk>/", views.plan, name="plan"),
    path("<int:pk>/review/", views.review, name="review"),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/return/", views.send_back, name="return"),
    path("<int:pk>/revise/", views.revise, name="revise"),
]
