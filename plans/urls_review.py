"""Addresses of the review."""

from django.urls import path

from plans import views as plan_views
from plans import views_comments, views_versions
from plans import views_review as views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/decide/", views.decide, name="decide"),
    path("<int:pk>/review/", views.review, name="review"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/withdraw/", plan_views.withdraw, name="withdraw"),
    path("<int:pk>/return/", views.send_back, name="return"),
    path("<int:pk>/versions/", views_versions.versions, name="versions"),
    path("<int:pk>/versions/compare/", views_versions.compare, name="compare"),
    path("<int:pk>/comment/", views_comments.comment, name="comment"),
    path("comments/<int:pk>/settle/", views_comments.settle, name="comment-settle"),
]
