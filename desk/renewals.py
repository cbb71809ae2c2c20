"""What renewals ask for: what is due today, tasks, anomalies, differences, and how a month stands (S7, C4, N2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.items import DONE, DUE, LATE, OPEN, Item, standing
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.common.templatetags.gridops import month as month_name
from gridops.common.templatetags.gridops import number, percent
from renewals.anomalies import PROJECT, Findings, Tested, findings_of, owner_of
from renewals.choices import Step
from renewals.models import Difference, ExpiryWarning, RenewalTask, Tally, WarningList
from renewals.own_figures import Own, own_figures
from renewals.querysets import WarningQuerySet
from renewals.querysets_follow import counts_of
from renewals.rules_follow import Counts

Due = Mapping[str, tuple[int, int]]  # step -> how many are due, how many of them since before today


class RenewalsAgenda:
    """The items of some grids, asked for in a constant number of queries, whoever shows them.

    ``managed``: by grid, with what is due today; else by unit, from what is counted.
    """

    def __init__(self, grids: dict[int, Grid], today: date, *, managed: bool) -> None:
        self.grids, self.today, self.month = grids, today, Month.of(today)
        units = {grid.unit_id: grid.unit for grid in grids.values()} if managed else {}
        self.units = units or {unit.pk: unit for unit in Unit.objects.filter(grids__in=grids).distinct()}
        self.findings = findings_of(self.units.values(), self.month, today)
        tasks = RenewalTask.objects.still_open().filter(grid__in=grids)
        self.tasks: dict[int, list[RenewalTask]] = defaultdict(list)
        for task in tasks:
            self.tasks[task.grid_id].append(task)
        self.due: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        self.listed: set[int] = set()
        self.counts: dict[int, Counts] = {}
        self.differences: dict[tuple[int, date], int] = {}
        if managed:
            self._read_due()
        else:
            self._read_counts()

    def _read_due(self) -> None:
        lists = WarningList.objects.filter(grid__in=self.grids)
        self.listed = set(lists.filter(month=self.month.first).values_list("grid", flat=True))
        rows = ExpiryWarning.objects.filter(warning_list__in=lists)
        for grid, step, many, late in _due(rows, "warning_list__grid", self.today):
            self.due[grid][step] = (many, late)

    def _read_counts(self) -> None:
        rows = Tally.objects.filter(warning_list__grid__in=self.grids, warning_list__month=self.month.first)
        for row in rows.sums("warning_list__grid__unit"):
            self.counts[row["warning_list__grid__unit"]] = counts_of(row)
        waiting = Difference.objects.undecided().filter(unit__in=self.units, month__gte=self.month.first).order_by()
        for unit, month, many in waiting.values_list("unit", "month").annotate(Count("pk")):
            self.differences[unit, month] = many

    # --- A manager's ---

    def of_grid(self, grid: Grid) -> Iterator[Item]:
        """What is due today, what lags, what is a task."""
        due = self.due.get(grid.pk, {})
        if due or grid.pk in self.listed:
            url = reverse("renewals:work") + f"?grid={grid.pk}"
            title = _("Renewals today · %(place)s") % {"place": grid}
            yield Item(title, due_words(due), state_of(due), url, self.today if due else None)
        yield from self._tasks(str(grid), self.tasks.get(grid.pk, []))
        yield from self._anomalies(str(grid), self.findings.get(grid.unit_id), [grid.pk])

    # --- A unit's ---

    def of_unit(self, unit: Unit, *, decides: bool) -> Iterator[Item]:
        """How the month stands, what is overdue, what lags; ``decides``: differences to the specialist's list, too."""
        counts = self.counts.get(unit.pk)
        if counts and counts.expiring:
            late = counts.overdue
            words = ngettext("%(count)s step overdue", "%(count)s steps overdue", late) % {"count": number(late)}
            url = reverse("renewals:follow") + f"?month={self.month}&unit={unit.pk}"
            title = _("Renewals of %(month)s · %(place)s") % {"month": month_name(self.month.first), "place": unit}
            detail = month_words(counts) + (f" · {words}" if late else "")
            yield Item(title, detail, DUE if late else OPEN, url, self.month.last)
        if decides:
            for (of, month), many in sorted(self.differences.items()):
                if of == unit.pk:
                    words = ngettext("%(count)s difference to decide", "%(count)s differences to decide", many)
                    title = _("The specialist's list of %(month)s · %(place)s")
                    url = reverse("renewals:reconcile") + f"?month={Month.of(month)}&unit={unit.pk}"
                    about = {"month": month_name(month), "place": unit}
                    yield Item(title % about, words % {"count": number(many)}, DUE, url)
        grids = [pk for pk, grid in self.grids.items() if grid.unit_id == unit.pk]
        yield from self._anomalies(str(unit), self.findings.get(unit.pk), grids)
        yield from self._tasks(str(unit), [task for pk in grids for task in self.tasks.get(pk, [])], waits=True)

    def _tasks(self, place: str, tasks: list[RenewalTask], *, waits: bool = False) -> Iterator[Item]:
        """``waits``: others do them, so only late ones are shown."""
        late = [task for task in tasks if task.is_late(self.today)]
        if not tasks or (waits and not late):
            return
        first = min(tasks, key=lambda task: (task.due_on, task.pk))
        words = ngettext("%(count)s task is open", "%(count)s tasks are open", len(tasks)) % {"count": len(tasks)}
        if late:
            words += " · " + _("%(count)s overdue") % {"count": len(late)}
        url = reverse("renewals:tasks") + f"?month={Month.of(first.month)}"
        title = _("Tasks about renewals · %(place)s") % {"place": place}
        yield Item(title, words, standing(first.due_on, self.today), url, first.due_on)

    def _anomalies(self, place: str, findings: Findings | None, grids: Collection[int]) -> Iterator[Item]:
        """Those that nobody made a task of yet."""
        found = [one for one in findings.within(grids) if self._is_new(one, grids)] if findings else []
        if not found:
            return
        where = sum(1 for one in found if one.subject.kind == PROJECT)
        who = len(found) - where
        parts = [
            words % {"count": many}
            for many, words in (
                (who, ngettext("%(count)s of agents", "%(count)s of agents", who)),
                (where, ngettext("%(count)s of projects", "%(count)s of projects", where)),
            )
            if many
        ]
        unit = self.grids[next(iter(grids))].unit_id
        url = reverse("renewals:anomalies") + f"?month={self.month}&unit={unit}"
        yield Item(_("Anomalies of renewals · %(place)s") % {"place": place}, " · ".join(parts), DUE, url)

    def _is_new(self, one: Tested, grids: Collection[int]) -> bool:
        same = (one.kind, *owner_of(one.subject))
        return any(
            grid in grids and same not in {(task.kind, task.agent_id, task.project_id) for task in self.tasks[grid]}
            for grid in one.lagging()
        )


# --- Agent staff ---


def of_agent_staff(user: User, today: date) -> Iterator[Item]:
    """What is due today, how the month stands for their agent, and its place; next month's list."""
    rows = ExpiryWarning.objects.filter(agent__staff__user=user)
    due = {step: (many, late) for _agent, step, many, late in _due(rows, "agent", today)}
    work = reverse("renewals:work")
    yield Item(_("Today's calls and visits"), due_words(due), state_of(due), work, today if due else None)
    month = Month.of(today)
    if own := own_figures(user, month, today):
        yield from _own(own, month)
    following = month.plus(1)
    mine = Tally.objects.filter(agent__staff__user=user, warning_list__month=following.first)
    coming = mine.by("warning_list__month").get(following.first)
    if coming and coming.expiring:
        title = _("Subscribers expiring in %(month)s") % {"month": month_name(following.first)}
        yield Item(title, month_words(coming), OPEN, reverse("renewals:lists") + f"?month={following}", following.last)


def _own(own: Own, month: Month) -> Iterator[Item]:
    title = _("Subscribers expiring in %(month)s") % {"month": month_name(month.first)}
    for place in own.places:
        counts = place.counts
        if not counts.expiring:
            continue
        words = month_words(counts)
        if place.rank.place:
            rank = _("place %(place)s of %(of)s in %(unit)s")
            words += " · " + rank % {"place": place.rank.place, "of": place.rank.of, "unit": place.unit}
        state = DONE if counts.renewed + counts.lost >= counts.expiring else OPEN
        yield Item(title, words, state, reverse("renewals:my-figures") + f"?month={month}", month.last)


# --- In words ---


def _due(rows: WarningQuerySet, by: str, today: date) -> Iterator[tuple[int, str, int, int]]:
    """(place, step, how many are due by today, how many since before today) of open warnings."""
    found = rows.filter(next_step__in=Step.values, next_on__lte=today).order_by()
    yield from found.values_list(by, "next_step").annotate(
        many=Count("pk"), late=Count("pk", filter=Q(next_on__lt=today))
    )


def state_of(due: Due) -> str:
    """Late when a second visit or a promise is overdue, due while there is anything."""
    if any(due.get(step, (0, 0))[1] for step in (Step.VISIT, Step.PROMISE)):
        return LATE
    return DUE if due else DONE


def due_words(due: Due) -> str:
    """What is due, by kind, and how many of it since before today."""
    if not due:
        return _("nothing is due")
    many = {step: due.get(step, (0, 0))[0] for step in Step.values}
    parts = [
        words % {"count": number(many[step])}
        for step, words in (
            (Step.PROMISE, ngettext("%(count)s promise", "%(count)s promises", many[Step.PROMISE])),
            (Step.VISIT, ngettext("%(count)s second visit", "%(count)s second visits", many[Step.VISIT])),
            (Step.CALL, ngettext("%(count)s call", "%(count)s calls", many[Step.CALL])),
            (Step.NUMBER, ngettext("%(count)s number to check", "%(count)s numbers to check", many[Step.NUMBER])),
        )
        if many[step]
    ]
    late = sum(one[1] for one in due.values())
    return " · ".join([*parts, *([_("%(count)s overdue") % {"count": number(late)}] if late else [])])


def month_words(counts: Counts) -> str:
    """How a month stands: renewed of all that expire, and how many nobody has contacted."""
    values = {"done": number(counts.renewed), "all": number(counts.expiring), "share": percent(counts.rate)}
    words = _("%(done)s of %(all)s renewed (%(share)s)") % values
    left = counts.due - counts.due_contacted
    calls = ngettext("%(count)s due and not contacted", "%(count)s due and not contacted", left)
    return words + (" · " + calls % {"count": number(left)} if left else "")
