"""Addresses of plans and targets."""

from django.urls import path

from plans import (
    views,
    views_comments,
    views_edit,
    views_paper,
    views_progress,
    views_renewal_targets,
    views_review,
    views_split,
    views_steps,
    views_targets,
    views_targets_split,
    views_targets_touched,
    views_versions,
    views_weights,
)

app_name = "plans"

urlpatterns = [
    path("", views.plan_list, name="list"),
    # a plan, and what saves it
    path("<int:pk>/", views_edit.plan, name="plan"),
    path("<int:pk>/cells/", views_edit.cells, name="cells"),
    path("<int:pk>/steps/new/", views_edit.step_new, name="step-new"),
    path("<int:pk>/steps/restore/", views_edit.step_restore, name="step-restore"),
    path("steps/<int:pk>/remove/", views_edit.step_remove, name="step-remove"),
    path("steps/suggested/", views_steps.proposed_steps, name="proposed-steps"),
    path("steps/suggested/propose/", views_steps.propose_step, name="propose-step"),
    path("steps/suggested/withdraw/", views_steps.withdraw_step, name="withdraw-step"),
    # its split
    path("<int:pk>/split/", views_split.split, name="split"),
    path("<int:pk>/split/cells/", views_split.split_cells, name="split-cells"),
    path("weights/", views_weights.weights, name="weights"),
    # its course and its review
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/revise/", views.revise, name="revise"),
    path("inbox/", views_review.inbox, name="inbox"),
    path("inbox/decide/", views_review.decide, name="decide"),
    path("<int:pk>/review/", views_review.review, name="review"),
    path("<int:pk>/approve/", views_review.approve, name="approve"),
    path("<int:pk>/return/", views_review.send_back, name="return"),
    path("<int:pk>/versions/", views_versions.versions, name="versions"),
    path("<int:pk>/versions/compare/", views_versions.compare, name="compare"),
    path("<int:pk>/comment/", views_comments.comment, name="comment"),
    path("comments/<int:pk>/settle/", views_comments.settle, name="comment-settle"),
    # its month
    path("progress/", views_progress.progress_list, name="progress-list"),
    path("<int:pk>/progress/", views_progress.progress, name="progress"),
    path("<int:pk>/settle/", views_progress.settle, name="settle"),
    path("steps/<int:pk>/tick/", views_progress.tick, name="tick"),
    # on paper
    path("workbooks/", views_paper.workbooks, name="workbooks"),
    path("<int:pk>/paper/", views_paper.paper, name="paper"),
    path("<int:pk>/workbook/", views_paper.workbook, name="workbook"),
    # targets
    path("targets/", views_targets.targets, name="targets"),
    path("targets/write/", views_targets.write_targets, name="targets-write"),
    path("targets/export/", views_targets.targets_export, name="targets-export"),
    path("targets/split/", views_targets_split.split, name="target-split"),
    path("targets/split/preview/", views_targets_split.preview, name="target-split-preview"),
    path("targets/touched/", views_targets_touched.touched_plans, name="touched"),
    path("targets/take-over/<int:pk>/", views_targets_touched.take_over_target, name="take-over"),
    path("targets/renewals/", views_renewal_targets.renewal_targets, name="renewal-targets"),
    path("targets/<int:grid>/<str:month>/", views_targets.target, name="target"),
]
