"""Addresses of plans and targets."""

from django.urls import path

from plans import views, views_targets

app_name = "plans"

urlpatterns = [
    path("", views.plan_list, name="list"),
    path("inbox/", views.inbox, name="inbox"),
    path("targets/", views_targets.targets, name="targets"),
    path("targets/<int:grid>/<str:month>/", views_targets.target, name="target"),
    path("steps/<int:pk>/tick/", views.tick, name="tick"),
    path("<int:pk>/", views.plan, name="plan"),
    path("<int:pk>/review/", views.review, name="review"),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/return/", views.send_back, name="return"),
    path("<int:pk>/revise/", views.revise, name="revise"),
]
