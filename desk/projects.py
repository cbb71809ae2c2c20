"""What is due about projects: ledgers to be seen to (P), figures of last month (P2), new projects (F1, F2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.items import DONE, DUE, LATE, OPEN, Item
from gridops.accounts.models import Grid, Unit
from gridops.common.months import Month
from projects.models import Ledger, Preparation, Project, Prospect
from projects.rules_freshness import standing

SOON = timedelta(days=7)  # steps of new projects that are due within a week are named


class ProjectsAgenda:
    """The items of some grids, asked for in a constant number of queries, whoever shows them."""

    def __init__(self, grids: dict[int, Grid], today: date) -> None:
        self.grids, self.today, self.month = grids, today, Month.of(today)
        soon, here = today + SOON, list(grids)
        projects, prospects = Project.objects.filter(grid__in=here), Prospect.objects.filter(grid__in=here)
        steps = Preparation.objects.filter(prospect__grid__in=here)
        self.fresh = {row["grid"]: row for row in projects.freshness(self.month.first)}
        missing = projects.unreported(self.month.plus(-1).first).order_by()
        self.missing = dict(missing.values_list("grid").annotate(Count("pk")))
        self.late_steps, self.soon_steps = steps.overdue(today).per_grid(), steps.due(soon).per_grid()
        self.late_next = prospects.next_step_due(today - timedelta(days=1)).per_grid()
        self.soon_next = prospects.next_step_due(soon).per_grid()
        self.unseen = prospects.not_looked_at(self.month).per_grid()

    def of_grid(self, grid: Grid, urgent_days: int) -> Iterator[Item]:
        """A manager's."""
        yield from self._items([grid.pk], str(grid), f"grid={grid.pk}", urgent_days)

    def of_unit(self, unit: Unit, urgent_days: int) -> Iterator[Item]:
        """A supervisor's: all grids of the unit together."""
        grids = [pk for pk, grid in self.grids.items() if grid.unit_id == unit.pk]
        yield from self._items(grids, str(unit), "", urgent_days)

    def _items(self, grids: list[int], place: str, query: str, urgent_days: int) -> Iterator[Item]:
        if any(grid in self.fresh for grid in grids):
            yield self._ledgers(grids, place, query, urgent_days)
        if missing := _sum(self.missing, grids):
            words = ngettext(
                "%(count)s project has no figures for last month",
                "%(count)s projects have no figures for last month",
                missing,
            )
            url = reverse("projects:ledger", args=["indicators"]) + f"?month={self.month.plus(-1)}&{query}".rstrip("&")
            title = _("Month indicators · %(grid)s") % {"grid": place}
            yield Item(title, words % {"count": missing}, DUE, url, self.month.last)
        yield from self._prospects(grids, place, query)

    def _ledgers(self, grids: list[int], place: str, query: str, urgent_days: int) -> Item:
        """How many projects each ledger was not seen to of, this month (P)."""
        rows = [self.fresh[grid] for grid in grids if grid in self.fresh]
        unseen = {ledger: sum(row["projects"] - row[ledger.value] for row in rows) for ledger in Ledger}
        state = standing(max(unseen.values()), self.month, self.today, urgent_days)
        told = [f"{ledger.label} {number}" for ledger, number in unseen.items() if number]
        detail = _("not seen to this month: %(ledgers)s") % {"ledgers": " · ".join(told)}
        done = _("every project's ledgers were seen to this month")
        left = [ledger for ledger, number in unseen.items() if number]
        which = left[0].value if len(left) == 1 else "any"
        return Item(
            _("Ledgers · %(place)s") % {"place": place},
            detail if told else done,
            {"done": DONE, "open": OPEN}.get(state, DUE),
            reverse("projects:freshness") + f"?month={self.month}&untouched={which}&{query}".rstrip("&"),
            self.month.last if told else None,
        )

    def _prospects(self, grids: list[int], place: str, query: str) -> Iterator[Item]:
        """Steps of new projects that are late or due within a week, and those not looked at this month (F1, F2)."""
        late = _sum(self.late_steps, grids) + _sum(self.late_next, grids)
        soon = _sum(self.soon_steps, grids) + _sum(self.soon_next, grids) - late
        unseen = _sum(self.unseen, grids)
        told = [
            text % {"count": number}
            for number, text in (
                (late, ngettext("%(count)s step is late", "%(count)s steps are late", late)),
                (soon, ngettext("%(count)s step is due within a week", "%(count)s steps are due within a week", soon)),
                (
                    unseen,
                    ngettext(
                        "%(count)s was not looked at this month", "%(count)s were not looked at this month", unseen
                    ),
                ),
            )
            if number
        ]
        if told:
            which = "attention=overdue" if late else "" if soon else "attention=unseen"
            asked = "&".join(part for part in (which, query) if part)
            yield Item(
                _("New projects · %(place)s") % {"place": place},
                " · ".join(told),
                LATE if late else DUE if soon else OPEN,
                reverse("projects:prospects") + (f"?{asked}" if asked else ""),
                None if late or soon else self.month.last,
            )


def _sum(counted: dict[int, int], grids: Iterable[int]) -> int:
    return sum(counted.get(grid, 0) for grid in grids)
