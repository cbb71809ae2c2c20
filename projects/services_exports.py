"""The ledgers of a month as files in the handbook's layout, which import again without a change (P1, P2, P3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from gridops.workbooks.printed import TOTAL, Form, write_form
from projects.layouts import EYE, Layout, layout_of
from projects.models import CounterMeasure, Ledger, MonthlyIndicator, Project, ProjectSnapshot, RivalOffer
from projects.rules import net_adds
from projects.sheets_rivals import MEASURE, offer_field

ALL_GRIDS = "全部网格"
CHUNK = 2_000
Values = dict[str, Any]


@dataclass(slots=True)
class LedgerFile:
    """A file at its start, what it is called, how many rows of projects it holds."""

    name: str
    content: IO[bytes]
    rows: int


@dataclass(slots=True)
class Sums:
    """Adds up what passes: columns by field, and the parts of ratios, where both are known."""

    fields: Sequence[str]
    added: dict[str, Any] = field(default_factory=dict)
    ratios: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: int = 0

    def add(self, values: Values) -> None:
        """One row."""
        self.rows += 1
        for name in self.fields:
            if values.get(name) is not None:
                self.added[name] = self.added.get(name, 0) + values[name]

    def add_ratio(self, name: str, part: int | None, whole: int | None) -> None:
        """The parts of one row's ratio."""
        if part is not None and whole:
            parts, wholes = self.ratios.get(name, (0, 0))
            self.ratios[name] = parts + part, wholes + whole

    @property
    def values(self) -> Values:
        """The totals."""
        return {**self.added, **{name: part / whole for name, (part, whole) in self.ratios.items()}}


def write_ledger(user: User, ledger: str, month: Month, grid: Grid | None = None) -> LedgerFile:
    """The ledger of a month, of one grid or of all that ``user`` may see; a constant number of queries.

    Basics of a past month are those kept when it ended; figures are the month's own; of rivals what was known then.
    """
    grids = [grid] if grid else list(Grid.objects.for_user(user).select_related("unit"))
    layout = layout_of(ledger, several_grids=len(grids) > 1)
    sums = Sums([one.field for one in layout.shown if one.total])
    source = {Ledger.BASICS: basics, Ledger.INDICATORS: indicators, Ledger.RIVALS: rivals}[Ledger(ledger)]
    title = f"{layout.title} · {place(grids)} · {month.year}年{month.month}月"

    def rows() -> Iterator[list[Any]]:
        for values in source(user, month, grid, layout, sums):
            sums.add(values)
            yield [values.get(name) for name in layout.fields]

    content = write_form(Form(layout.title, title, layout.columns), rows(), _total(layout, sums))
    return LedgerFile(f"{layout.title}-{place(grids)}-{month}.xlsx", content, sums.rows)


def place(grids: Sequence[Grid]) -> str:
    """What the title names: a grid, a unit, or all there is."""
    if len(grids) == 1:
        return grids[0].name
    units = {grid.unit.name for grid in grids}
    return units.pop() if len(units) == 1 else ALL_GRIDS


def _total(layout: Layout, sums: Sums) -> Callable[[], list[Any]] | None:
    if not sums.fields:
        return None
    return lambda: [{layout.fields[0]: TOTAL, **sums.values}.get(name) for name in layout.fields]


def _of(rows: Any, user: User, grid: Grid | None, path: str = "grid") -> Any:
    rows = rows.for_user(user)
    return rows.filter(**{path: grid}) if grid else rows


def _percent(value: Decimal | float | None) -> Any:
    """Per cent as a fraction, which spreadsheets show in per cent."""
    return None if value is None else round(value / 100, 6)


def basics(user: User, month: Month, grid: Grid | None, layout: Layout, _sums: Sums) -> Iterator[Values]:
    """The projects in service, or those that were when a past month ended."""
    natures, own = layout.words("nature"), set(layout.fields)
    if month < Month.of(timezone.localdate()):
        kept = _of(ProjectSnapshot.objects.of_month(month.first), user, grid, "project__grid")
        kept = kept.filter(is_active=True).select_related("project__grid")
        found = ((row, row.project) for row in kept.order_by("project__grid__name", "project__code").iterator(CHUNK))
    else:
        live = _of(Project.objects.in_list(), user, grid).filter(is_active=True)
        found = ((row, row) for row in live.order_by("grid__name", "code").iterator(CHUNK))
    for row, project in found:
        yield {name: getattr(row, name) for name in own if hasattr(row, name)} | {
            "code": project.code,
            "nature": natures.get(row.nature, ""),
            "occupancy": _percent(row.occupancy),
            "market_share": _percent(row.market_share),
            "grid_id": project.grid.name,
            "agent_name": project.agent_name,
        }


def indicators(user: User, month: Month, grid: Grid | None, layout: Layout, sums: Sums) -> Iterator[Values]:
    """The projects in service, and those that have figures of the month; last month's figures beside them."""
    months = MonthlyIndicator.objects.filter(month__in=[month.plus(back).first for back in (0, -1, -2)])
    figures = {(row.project_id, row.month): row for row in _of(months, user, grid, "project__grid")}
    none = MonthlyIndicator()
    for project in _projects(user, grid):
        now = figures.get((project.pk, month.first))
        before, oldest = (figures.get((project.pk, month.plus(back).first), none) for back in (-1, -2))
        if now is None and not project.is_active:
            continue
        now = now or none
        sums.add_ratio("renewal_rate", now.renewals_done, now.renewals_due)
        sums.add_ratio("port_utilisation", now.ports_used, now.ports)
        sums.add_ratio("last_port_utilisation", before.ports_used, before.ports)
        yield {name: getattr(now, name) for name in layout.fields if hasattr(now, name)} | {
            "project_id": project.code,
            "project_name": project.name,
            "last_net_adds": net_adds(before.net_adds, before.billing_users, oldest.billing_users),
            "last_renewals": before.renewals_done,
            "renewal_rate": _percent(now.renewal_rate),
            "last_port_utilisation": _percent(before.port_utilisation),
            "target_port_utilisation": _percent(now.target_port_utilisation),
            "port_utilisation": _percent(now.port_utilisation),
            "last_commission": before.commission,
            EYE: project.grid.name,
        }


def rivals(user: User, month: Month, grid: Grid | None, _layout: Layout, _sums: Sums) -> Iterator[Values]:
    """The projects in service, with what each operator offered last, and our answer, as known when the month ended."""
    newest = _of(RivalOffer.objects.latest(month.last), user, grid, "project__grid")
    offers: dict[int, Values] = {}
    for project_id, operator, text in newest.values_list("project", "operator", "text"):
        offers.setdefault(project_id, {})[offer_field(operator)] = text
    noted = _of(CounterMeasure.objects.latest(month.last), user, grid, "project__grid")
    measures = dict(noted.values_list("project", "text"))
    for project in _projects(user, grid):
        if project.is_active:
            yield {
                **offers.get(project.pk, {}),
                "project_id": project.code,
                "project_name": project.name,
                MEASURE: measures.get(project.pk),
                EYE: project.grid.name,
            }


def _projects(user: User, grid: Grid | None) -> Iterator[Project]:
    found: Iterator[Project] = _of(Project.objects.in_list(), user, grid).order_by("grid__name", "code").iterator(CHUNK)
    return found
