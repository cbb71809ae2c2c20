"""Once a day: what is to be told, and what is overdue, to whoever answers for it (C6, C7).

Asked of the database each hour, in a constant number of queries; the key names the day. Numbers only, and grids.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Briefing, Ownership
from gridops.accounts.models import Grid, Membership, Role
from gridops.notices.registry import notice_kind
from gridops.notices.reminders import in_lines
from gridops.notices.services import Message, Say

TO_TELL = notice_kind("channels.to-tell", gettext_lazy("Outlets and agents are to be told what is new"))
LATE_TELLING = notice_kind("channels.late-telling", gettext_lazy("Outlets and agents of my unit are told too late"))

Counts = dict[int, tuple[int, int]]  # grid -> to tell, of these overdue


def due_messages(today: date) -> Iterator[Message]:
    """To managers what is to be told in their grids, to supervisors what is overdue in their unit; once a day."""
    found = _counts(today)
    if not found:
        return
    held = Membership.objects.all()
    managers = held.people_by_place(Role.GRID_MANAGER, today)
    grids = {grid.pk: grid for grid in Grid.objects.filter(pk__in=found).select_related("unit").order_by("name")}
    for pk, grid in grids.items():
        url = reverse("channels:briefings") + f"?grid={pk}"
        for user in managers.get(pk, ()):
            yield Message(user, TO_TELL, f"to-tell:{pk}:{today}", _of_grid(grid, *found[pk]), url)
    supervisors = held.people_by_place(Role.SUPERVISOR, today)
    for unit, late in _late_units(grids, found).items():
        for user in supervisors.get(unit, ()):
            yield Message(
                user,
                LATE_TELLING,
                f"late-telling:{unit}:{today}",
                _of_unit(late),
                reverse("channels:briefing-coverage"),
            )


def _counts(today: date) -> Counts:
    """What is to be told in each grid: to its outlets, to agents about its projects, or campaigns where they work."""
    rows = Briefing.objects.live(today).order_by()
    found: Counts = {}

    def add(grid: int, waits: int, late: int) -> None:
        before = found.get(grid, (0, 0))
        found[grid] = (before[0] + waits, before[1] + late)

    late = Count("pk", filter=Q(due_on__lt=today))
    for path in ("outlet__grid", "news__project__grid"):
        part = rows.filter(**{"outlet__isnull": path != "outlet__grid", f"{path}__isnull": False})
        for grid, n, k in part.values_list(path).annotate(n=Count("pk"), k=late):
            add(grid, n, k)
    of_agents = rows.filter(agent__isnull=False, news__campaign__isnull=False).values_list(
        "agent", "news__campaign__unit"
    )
    waiting = list(of_agents.annotate(n=Count("pk"), k=late))
    held = Ownership.objects.on(today).filter(agent__in={agent for agent, *_rest in waiting})
    places: dict[int, set[tuple[int, int]]] = {}
    for agent, grid, of in held.order_by().values_list("agent", "project__grid", "project__grid__unit").distinct():
        places.setdefault(agent, set()).add((grid, of))
    for agent, unit, n, k in waiting:
        for grid, of in places.get(agent or 0, ()):
            if unit in (None, of):
                add(grid, n, k)
    return found


def _late_units(grids: dict[int, Grid], found: Counts) -> dict[int, list[tuple[Grid, int]]]:
    """Unit -> its grids with something overdue."""
    made: dict[int, list[tuple[Grid, int]]] = {}
    for pk, grid in grids.items():
        if late := found[pk][1]:
            made.setdefault(grid.unit_id, []).append((grid, late))
    return made


def _of_grid(grid: Grid, waits: int, late: int) -> Say:
    def say() -> tuple[str, str]:
        words = ngettext("%(count)s thing is to be told", "%(count)s things are to be told", waits) % {"count": waits}
        title = _("%(grid)s: %(words)s") % {"grid": grid.name, "words": words}
        text = ngettext("%(count)s of them is overdue.", "%(count)s of them are overdue.", late) % {"count": late}
        return title, text if late else _("Tell outlets and agents, then tick it off.")

    return say


def _of_unit(late: list[tuple[Grid, int]]) -> Say:
    def say() -> tuple[str, str]:
        number = sum(count for _grid, count in late)
        title = ngettext("%(count)s thing is told too late", "%(count)s things are told too late", number)
        lines = (_("%(grid)s: %(count)s overdue") % {"grid": grid.name, "count": count} for grid, count in late)
        return title % {"count": number}, in_lines(lines)

    return say
