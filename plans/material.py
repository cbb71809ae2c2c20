"""What a plan is made from: targets, the projects' last known figures, expiring contracts, unfinished steps.

Everything is asked for a set of grids at once: the number of queries does not depend on how many grids there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from channels.models import Ownership
from gridops.accounts.models import Membership
from gridops.common.months import Month
from plans.carry_over import Grids, Unfinished, unfinished_steps
from plans.models import GOALS, ProposedStep, Target
from plans.rules import Figures, free_ports, unserved
from plans.rules_steps import Hints
from projects.models import MonthlyIndicator, Project
from promotions.models import Session
from promotions.rules import Planned
from renewals.models import ExpiryWarning, Subscriber, WarningList

__all__ = [
    "Expiring",
    "Grids",
    "Material",
    "ProjectFigures",
    "expiring_by_project",
    "expiring_of",
    "figures_of",
    "load",
]


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """A project with its last known figures; ``figures`` is what the split looks at. Occupancy from 0 to 100.

    ``used`` is None where neither ports in use nor billing users were ever reported.
    """

    id: int
    name: str
    ports: int
    used: int | None
    figures: Figures
    occupancy: float | None = None

    @property
    def utilisation(self) -> float | None:
        """Ports in use of all ports, from 0 to 100; None without ports, or when it is not known."""
        return 100 * self.used / self.ports if self.ports and self.used is not None else None


@dataclass(frozen=True, slots=True)
class Expiring:
    """Contracts of a grid that expire in the month, with an agent or (agent None) in the manager's pool."""

    agent: int | None
    code: str
    number: int


@dataclass(slots=True)
class Material:
    """All that the draft of one grid's plan is made from."""

    grid: int
    manager: str = ""
    target: Mapping[str, Any] | None = None
    projects: list[ProjectFigures] = field(default_factory=list)
    expiring: list[Expiring] = field(default_factory=list)
    unfinished: list[Unfinished] = field(default_factory=list)
    sessions: list[Planned] = field(default_factory=list)
    suggested: list[tuple[str, int | None, str]] = field(default_factory=list)
    hints: Hints = field(default_factory=Hints)


def load(grids: Grids, month: Month, today: date) -> list[Material]:
    """The material of each grid of ``grids``, in a constant number of queries."""
    found = {pk: Material(pk) for pk in grids.order_by("pk").values_list("pk", flat=True)}
    for row in Target.objects.filter(grid__in=grids, month=month.first).values("grid_id", *GOALS):
        found[row.pop("grid_id")].target = row
    for grid, name in Membership.objects.manager_names(grids, today).items():
        found[grid].manager = name
    for grid, projects in figures_of(grids, month).items():
        found[grid].projects = projects
    for grid, expiring in expiring_of(grids, month, today).items():
        found[grid].expiring = expiring
    for grid, steps in unfinished_steps(grids, month).items():
        found[grid].unfinished = steps
    sessions = Session.objects.filter(grid__in=grids, day__range=(month.first, month.last))
    for grid, project, day, slot in sessions.order_by("day", "pk").values_list("grid_id", "project_id", "day", "slot"):
        found[grid].sessions.append(Planned(project, day, slot))
    waiting = ProposedStep.objects.filter(grid__in=grids).waiting(month.first).order_by("at", "pk")
    for grid, what, project, measure in waiting.values_list("grid_id", "what", "project", "measure"):
        found[grid].suggested.append((what, project, measure))
    return list(found.values())


def figures_of(grids: Grids, month: Month) -> dict[int, list[ProjectFigures]]:
    """The projects in service of each grid in order of code, with the last figures known before ``month``."""
    last = MonthlyIndicator.objects.filter(
        project=OuterRef("pk"), month__lt=month.first, billing_users__isnull=False
    ).order_by("-month")
    latest = {f"last_{name}": Subquery(last.values(name)[:1]) for name in ("billing_users", "ports", "ports_used")}
    projects = Project.objects.filter(grid__in=grids, is_active=True).order_by("code").annotate(**latest)
    rows = projects.values_list("grid_id", "pk", "code", "name", "households", "occupancy", "ports", *latest)
    found: dict[int, list[ProjectFigures]] = defaultdict(list)
    for grid, pk, code, name, households, occupancy, own_ports, users, ports, used in rows:
        total = ports if ports is not None else own_ports or 0
        figures = Figures(
            code,
            existing=users or 0,
            free_ports=free_ports(total, used, users),
            unserved=unserved(households, occupancy, users),
        )
        in_use = used if used is not None else users
        found[grid].append(ProjectFigures(pk, name, total, in_use, figures, occupancy))
    return found


def expiring_of(grids: Grids, month: Month, today: date) -> dict[int, list[Expiring]]:
    """Contracts expiring in ``month`` by grid and agent: from the warning list; without one, from subscribers."""
    counts = {key: sum(by_project.values()) for key, by_project in expiring_by_project(grids, month, today).items()}
    found: dict[int, list[Expiring]] = defaultdict(list)
    for (grid, agent, code), number in sorted(counts.items(), key=lambda item: (item[0][0], item[0][2])):
        found[grid].append(Expiring(agent, code, number))
    return found


def expiring_by_project(grids: Grids, month: Month, today: date) -> dict[tuple[int, int | None, str], Counter[int]]:
    """(grid, agent, agent's code) -> project -> contracts expiring in ``month``; agent None is the manager's pool."""
    found: dict[tuple[int, int | None, str], Counter[int]] = defaultdict(Counter)
    listed = WarningList.objects.filter(grid__in=grids, month=month.first)
    warned = ExpiryWarning.objects.live().filter(warning_list__in=listed).order_by()
    for grid, agent, code, project, number in warned.values_list(
        "warning_list__grid", "agent", "agent__code", "subscriber__project"
    ).annotate(Count("pk")):
        found[grid, agent, code or ""][project] += number
    unlisted = grids.exclude(warning_lists__month=month.first)
    expiring = Subscriber.objects.filter(
        project__grid__in=unlisted,
        status=Subscriber.Status.ACTIVE,
        expires_on__range=(month.first, month.last),
    ).order_by()
    owners = _owners(unlisted, today)
    for grid, project, number in expiring.values_list("project__grid", "project").annotate(Count("pk")):
        found[(grid, *owners.get(project, (None, "")))][project] += number
    return found


def _owners(grids: Grids, today: date) -> dict[int, tuple[int | None, str]]:
    rows = Ownership.objects.on(today).filter(project__grid__in=grids).order_by("starts_on", "pk")
    return {project: (agent, code) for project, agent, code in rows.values_list("project", "agent", "agent__code")}
