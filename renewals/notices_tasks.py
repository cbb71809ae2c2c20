"""Who is told of tasks about renewals: the grid's managers, when one is made, and while some are due or late (S7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gridops.accounts.models import Role, User
from gridops.accounts.querysets import MembershipQuerySet
from gridops.common.templatetags.gridops import day as day_name
from gridops.common.templatetags.gridops import month as month_name
from gridops.notices.registry import notice_kind
from gridops.notices.reminders import LATE_FOR, in_lines
from gridops.notices.services import Message, Say, notify
from renewals.models import RenewalTask

TASK = notice_kind("renewals.task", gettext_lazy("Tasks about renewals"))


def tell(task: RenewalTask) -> None:
    """Tell the grid's managers of a new task, in the caller's transaction; nobody their own."""
    people = User.objects.answering(Role.GRID_MANAGER, timezone.localdate(), grid=task.grid_id)
    told = people.exclude(pk=task.made_by_id)
    notify(told, TASK, f"renewal-task:{task.pk}", _made(task), _address(task))


def _address(task: RenewalTask) -> str:
    return reverse("renewals:tasks") + f"?month={task.month:%Y-%m}#task-{task.pk}"


def _made(task: RenewalTask) -> Say:
    def say() -> tuple[str, str]:
        values = {"grid": task.grid.name, "month": month_name(task.month), "day": day_name(task.due_on)}
        return _("Task about renewals of %(month)s, %(grid)s: by %(day)s") % values, task.what

    return say


def due_messages(today: date, held: MembershipQuerySet) -> Iterator[Message]:
    """Tasks due by tomorrow or late: one notice a day and grid, to its managers."""
    tomorrow = today + timedelta(days=1)
    rows = RenewalTask.objects.still_open().filter(due_on__range=(today - timedelta(days=LATE_FOR), tomorrow))
    by_grid: dict[int, list[RenewalTask]] = defaultdict(list)
    for task in rows.order_by("due_on", "pk"):
        by_grid[task.grid_id].append(task)
    if not by_grid:
        return
    managers = held.people_by_place(Role.GRID_MANAGER, today)
    for grid, tasks in by_grid.items():
        url = reverse("renewals:tasks") + f"?month={tasks[0].month:%Y-%m}"
        for user in managers.get(grid, ()):
            yield Message(user, TASK, f"renewal-tasks:{grid}:{today}", _due(tasks, today), url)


def _due(tasks: list[RenewalTask], today: date) -> Say:
    def say() -> tuple[str, str]:
        late = sum(1 for task in tasks if task.due_on < today)
        soon = len(tasks) - late
        told = [
            words % {"count": count}
            for count, words in (
                (late, ngettext("%(count)s task is late", "%(count)s tasks are late", late)),
                (soon, ngettext("%(count)s task is due by tomorrow", "%(count)s tasks are due by tomorrow", soon)),
            )
            if count
        ]
        lines = in_lines(f"{day_name(task.due_on)} · {task.what}" for task in tasks)
        return _("Renewals: %(tasks)s") % {"tasks": " · ".join(told)}, lines

    return say
