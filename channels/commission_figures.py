"""What the page of commission shows of a month: sums, their trend, per agent, project and kind, from three queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from channels.choices import PaidFor
from channels.querysets_commission import PaidQuerySet
from channels.rules_commission import apiece, paid_for
from gridops.common.charts import Chart, ChartColumn, Series
from gridops.common.months import Month
from gridops.common.templatetags.gridops import money

MONTHS = 12
SHOWN = 20  # rows of each ranking on the page; the list holds all


@dataclass(slots=True)
class Sums:
    """Commission added up: in all, and what of it was taken back.

    ``by_kind``: what it was paid for -> how much for how many, of the rows that say how many.
    """

    paid: Decimal = Decimal(0)
    back: Decimal = Decimal(0)
    by_kind: dict[str, tuple[Decimal, int]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        """One of the rows of ``PaidQuerySet.sums``, with its kind."""
        self.paid += row["paid"]
        self.back += row["back"]
        kind = paid_for(row["kind"])
        amount, pieces = self.by_kind.get(kind, (Decimal(0), 0))
        self.by_kind[kind] = amount + (row["counted"] or 0), pieces + (row["pieces"] or 0)

    def pieces(self, kind: str) -> int:
        """How many of what it was paid for."""
        return self.by_kind.get(kind, (Decimal(0), 0))[1]

    def apiece(self, kind: str) -> Decimal | None:
        """What one of them cost; rows that don't say how many are left out."""
        return apiece(*self.by_kind[kind]) if kind in self.by_kind else None

    @property
    def installs(self) -> int:
        """New installs paid for."""
        return self.pieces(PaidFor.NEW_INSTALL)

    @property
    def renewals(self) -> int:
        """Renewals paid for."""
        return self.pieces(PaidFor.RENEWAL)

    @property
    def per_install(self) -> Decimal | None:
        """Commission for new installs per new install."""
        return self.apiece(PaidFor.NEW_INSTALL)

    @property
    def per_renewal(self) -> Decimal | None:
        """Commission for renewals per renewal."""
        return self.apiece(PaidFor.RENEWAL)


@dataclass(frozen=True, slots=True)
class Ranked:
    """An agent, a project or a kind with its sums."""

    pk: Any
    name: str
    code: str
    sums: Sums


@dataclass
class Figures:
    """One month of commission in rows that are already narrowed to a person's and to what was asked for."""

    rows: PaidQuerySet
    month: Month

    @cached_property
    def by_month(self) -> dict[Month, Sums]:
        """The last twelve months, oldest first."""
        first = self.month.plus(1 - MONTHS)
        found = {self.month.plus(back): Sums() for back in range(1 - MONTHS, 1)}
        for row in self.rows.between(first.first, self.month.first).sums("month", "kind"):
            found[Month.of(row["month"])].add(row)
        return found

    @property
    def now(self) -> Sums:
        """The month's."""
        return self.by_month[self.month]

    @property
    def before(self) -> Sums:
        """Those of the month before."""
        return self.by_month[self.month.plus(-1)]

    @property
    def difference(self) -> Decimal:
        """How much more was paid than in the month before."""
        return self.now.paid - self.before.paid

    @cached_property
    def _months_rows(self) -> PaidQuerySet:
        return self.rows.filter(month=self.month.first)

    @cached_property
    def agents(self) -> list[Ranked]:
        """Who was paid, most first."""
        return _ranked(self._months_rows.sums("agent", "agent__name", "agent__code", "kind"), "agent")

    @cached_property
    def projects(self) -> list[Ranked]:
        """For what, most first."""
        return _ranked(self._months_rows.sums("project", "project__name", "project__code", "kind"), "project")

    @cached_property
    def kinds(self) -> list[Ranked]:
        """As the roster calls them, most first."""
        found: dict[str, Ranked] = {}
        for row in self._months_rows.sums("kind"):
            found[row["kind"]] = Ranked(row["kind"], row["kind"], str(paid_for(row["kind"]).label), Sums())
            found[row["kind"]].sums.add(row)
        return sorted(found.values(), key=lambda one: -one.sums.paid)

    @property
    def trend(self) -> Chart:
        """Twelve months."""
        yuan = _("yuan")
        columns = [
            ChartColumn(_("month")),
            ChartColumn(_("commission paid"), 2, yuan),
            ChartColumn(pgettext("commission", "taken back"), 2, yuan),
            ChartColumn(_("per new install"), 2, yuan),
            ChartColumn(_("per renewal"), 2, yuan),
        ]
        rows = [
            [str(month), one.paid if one.by_kind else None, one.back or None, one.per_install, one.per_renewal]
            for month, one in self.by_month.items()
        ]
        return Chart(
            "paid", _("Commission paid in twelve months"), self._says(), "line", columns, rows, [Series(1, "bar")]
        )

    @property
    def apiece_chart(self) -> Chart:
        """Twelve months of what one new install and one renewal cost."""
        whole = self.trend
        columns = [whole.columns[0], *whole.columns[3:]]
        rows = [[row[0], *row[3:]] for row in whole.rows]
        says = _("Commission for new installs by their number, and for renewals by theirs.")
        return Chart("apiece", _("What one costs"), says, "line", columns, rows, [Series(1), Series(2)])

    def _says(self) -> str:
        paid = [one for one in self.by_month.values() if one.by_kind]
        if not paid:
            return _("Nothing was paid in these months.")
        text = _("%(paid)s yuan in this month, %(all)s yuan in %(months)s months with commission.")
        whole = sum((one.paid for one in paid), Decimal(0))
        return text % {"paid": money(self.now.paid), "all": money(whole), "months": len(paid)}


def _ranked(rows: Iterable[Mapping[str, Any]], by: str) -> list[Ranked]:
    found: dict[Any, Ranked] = {}
    for row in rows:
        if row[by] not in found:
            found[row[by]] = Ranked(row[by], row[f"{by}__name"], row[f"{by}__code"], Sums())
        found[row[by]].sums.add(row)
    return sorted(found.values(), key=lambda one: (-one.sums.paid, one.code))


def charts_of(figures: Figures) -> Sequence[Chart]:
    """Those of the page, by their names."""
    return [figures.trend, figures.apiece_chart]
