"""Addresses of anomalies and tasks."""

from django.urls import path

from renewals import views_anomalies, views_tasks

urlpatterns = [
    path("anomalies/", views_anomalies.anomalies, name="anomalies"),
    path("anomalies/<int:unit>/<str:month>/task/", views_anomalies.make_task, name="task-make"),
    path("tasks/", views_tasks.tasks, name="tasks"),
    path("tasks/new/", views_tasks.task_new, name="task-new"),
    path("tasks/<int:pk>/done/", views_tasks.task_done, name="task-done"),
    path("tasks/<int:pk>/reopen/", views_tasks.task_reopen, name="task-reopen"),
]
