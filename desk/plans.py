"""What plans ask for beside handing them in: goals far behind, targets that moved, comments to answer (S1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.items import DUE, Item
from gridops.accounts.models import Grid, Membership, Role, Unit
from gridops.common.months import Month
from plans.models import Plan, PlanComment
from plans.progress import GridProgress, Standing, progress_of
from plans.rules_progress import RED
from plans.services_targets import touched

NAMED = 2


class PlansAgenda:
    """The items of some grids, asked for in a constant number of queries, whoever shows them."""

    def __init__(self, grids: dict[int, Grid], today: date) -> None:
        self.grids, self.month = grids, Month.of(today)
        here = Grid.objects.filter(pk__in=grids)
        self.behind = {one.grid.pk: one for one in progress_of(here, self.month, today) if _red(one)}
        self.moved = {one.plan.grid_id: one for one in touched(here, self.month.plus(1)) if one.plan.is_editable}
        manager = Membership.objects.current(today).filter(
            role=Role.GRID_MANAGER, user=OuterRef("by"), grid=OuterRef("plan__grid")
        )
        comments = PlanComment.objects.open().filter(plan__in=Plan.objects.in_work().filter(grid__in=here)).order_by()
        counted = comments.annotate(by_manager=Exists(manager)).values_list("plan__grid", "plan", "by_manager")
        rows = list(counted.annotate(many=Count("pk")))
        self.to_answer = {grid: (plan, many) for grid, plan, by_manager, many in rows if not by_manager}
        self.answered = {grid: many for grid, _plan, by_manager, many in rows if by_manager}

    def of_grid(self, grid: Grid) -> Iterator[Item]:
        """A manager's."""
        if grid.pk in self.behind:
            yield self._behind(grid, self.behind[grid.pk])
        if grid.pk in self.moved:
            goals = _listed(move.label for move in self.moved[grid.pk].moved)
            url = reverse("plans:plan", args=[self.moved[grid.pk].plan.pk])
            yield Item(_("The target has changed · %(place)s") % {"place": grid}, goals, DUE, url)
        if grid.pk in self.to_answer:
            plan, many = self.to_answer[grid.pk]
            yield self._comments(str(grid), many, reverse("plans:plan", args=[plan]))

    def of_unit(self, unit: Unit) -> Iterator[Item]:
        """A supervisor's: all grids of the unit together."""
        grids = [pk for pk, grid in self.grids.items() if grid.unit_id == unit.pk]
        behind = [self.grids[pk].name for pk in grids if pk in self.behind]
        if behind:
            words = ngettext("%(count)s grid", "%(count)s grids", len(behind)) % {"count": len(behind)}
            url = reverse("plans:progress-list") + f"?month={self.month}"
            title = _("Goals far behind · %(place)s") % {"place": unit}
            yield Item(title, words + _(": ") + _listed(iter(behind)), DUE, url)
        if many := sum(self.answered.get(pk, 0) for pk in grids):
            yield self._comments(str(unit), many, reverse("plans:inbox") + f"?month={self.month.plus(1)}")

    @staticmethod
    def _behind(grid: Grid, one: GridProgress) -> Item:
        goals = _listed(goal.label + _(": ") + goal.words for goal in _red(one))
        url = reverse("plans:progress", args=[one.plan.pk]) if one.plan else ""
        return Item(_("Goals far behind · %(place)s") % {"place": grid}, goals, DUE, url)

    @staticmethod
    def _comments(place: str, many: int, url: str) -> Item:
        words = ngettext("%(count)s comment is open", "%(count)s comments are open", many) % {"count": many}
        return Item(_("Comments on plans · %(place)s") % {"place": place}, words, DUE, url)


def _red(one: GridProgress) -> list[Standing]:
    return [goal for goal in one.goals if goal.progress.state == RED]


def _listed(names: Iterator[str]) -> str:
    found = list(names)
    more = len(found) - NAMED
    words = "、".join(found[:NAMED])
    return _("%(names)s and %(n)s more") % {"names": words, "n": more} if more > 0 else words
