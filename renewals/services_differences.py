"""Deciding about differences between the specialist's list and ours: what it would do, and doing it (N1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from gridops.accounts.models import Unit, User
from gridops.common import journal
from gridops.common.months import Month
from gridops.workbooks.dialect import update_many
from gridops.workbooks.store import lock_kind
from renewals.models import Difference, ExpiryWarning, SpecialistLine, Subscriber, WarningList
from renewals.rules_course import leads
from renewals.rules_reconcile import Deed, Facts, Left, settled_their_way
from renewals.services import bring_up_to_date
from renewals.services_reconcile import reconcile
from renewals.services_roster import settle_visits
from renewals.services_tally import retally

AT_ONCE = 5_000  # decided in one go; more are narrowed down first
PART = 900  # values in one question: SQLite binds no more than 999 on old builds
State = ExpiryWarning.State
OF_RECORD = ("expires_on", "status", "household", "duplicate_of_id")
OF_WARNING = ("expires_on", "state", "resume", "next_step", "next_on", "withdrawn_at", "withdrawn_by_id")
OF_DECISION = ("subscriber_id", "decision", "note", "decided_by_id", "decided_at", "effect")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision does about one difference; ``left`` says why nothing can be done."""

    row: Difference
    deed: Deed | None
    left: Left | None = None
    subscriber: Subscriber | None = None
    warning: ExpiryWarning | None = None  # of the month compared


@dataclass(slots=True)
class Decided:
    """What came of it: what was done, what was left open and why, and what others had decided meanwhile."""

    done: Counter[Deed] = field(default_factory=Counter)
    left: Counter[Left] = field(default_factory=Counter)
    meanwhile: list[Difference] = field(default_factory=list)
    gone: int = 0


def in_parts(values: Collection[Any]) -> Iterator[list[Any]]:
    """As many at a time as may be asked for at once."""
    known = list(values)
    return (known[at : at + PART] for at in range(0, len(known), PART))


def store(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the fields ``names`` of ``rows``, all of one model, in one statement."""
    if rows:
        update_many(
            type(rows[0]), "id", names, [[row.pk, *(_sent(getattr(row, name)) for name in names)] for row in rows]
        )


def _sent(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


# --- What it would do ---


def effects_of(rows: Sequence[Difference], decision: str, *, hold: bool = False) -> list[Effect]:
    """What ``decision`` would do about ``rows``, all of one unit and month; ``hold``: records are held meanwhile."""
    if decision == Difference.Decision.OURS:
        return [Effect(row, Deed.KEEP) for row in rows]
    records = {row.pk: row for row in _records([row.subscriber_id for row in rows if row.subscriber_id], hold)}
    month = rows[0].month if rows else None
    warnings = {row.subscriber_id: row for row in _warnings(records) if row.month == month}
    known = {row.account for part in in_parts([r.account for r in rows if not r.subscriber_id]) for row in _known(part)}
    return [
        _effect(
            row,
            records.get(row.subscriber_id or 0),
            warnings.get(row.subscriber_id or 0),
            turned_up=row.account in known and row.reason == Difference.Reason.UNKNOWN,
        )
        for row in rows
    ]


def _effect(row: Difference, record: Subscriber | None, warning: ExpiryWarning | None, *, turned_up: bool) -> Effect:
    facts = Facts(
        row.kind,
        row.reason,
        row.theirs_on,
        row.ours_on,
        known=record is not None,
        starts_on=record.started_on if record else None,
        expires_on=record.expires_on if record else None,
        state=warning.state if warning else "",
    )
    found = Left.CHANGED if turned_up else settled_their_way(facts, row.month)
    if isinstance(found, Left):
        return Effect(row, None, found)
    return Effect(row, found, subscriber=record, warning=warning)


def _records(keys: Collection[int], hold: bool) -> Iterator[Subscriber]:
    for part in in_parts(sorted(keys)):
        found = Subscriber.objects.filter(pk__in=part).order_by("pk")
        yield from found.select_for_update(no_key=True) if hold else found


def _known(accounts: list[str]) -> Iterator[Subscriber]:
    yield from Subscriber.objects.filter(account__in=accounts).only("account")


def _warnings(keys: Collection[int]) -> Iterator[ExpiryWarning]:
    for part in in_parts(keys):
        yield from ExpiryWarning.objects.filter(subscriber__in=part)


# --- Doing it ---


def decide(
    unit: Unit,
    month: Month,
    ids: Collection[int],
    decision: str,
    note: str,
    by: User,
    now: datetime,
    seen: datetime | None = None,
) -> Decided:
    """Decide about the differences ``ids`` of a unit's month, in one transaction.

    Those that somebody else decided meanwhile, that are gone, or whose days have changed since they were ``seen``, are
    left as they are and reported.
    """
    with transaction.atomic():
        work = Work(unit, month, by, now)
        work.hold(ids)
        rows = [row for row in _rows(unit, month, ids) if seen is None or row.found_at <= seen]
        open_rows = [row for row in rows if not row.decision]
        result = Decided(meanwhile=[row for row in rows if row.decision], gone=len(set(ids)) - len(rows))
        effects = effects_of(open_rows, decision, hold=True)
        result.left.update(effect.left for effect in effects if effect.left)
        doing = [effect for effect in effects if effect.deed]
        result.done.update(effect.deed for effect in doing if effect.deed)
        work.do(doing)
        for effect in doing:
            row = effect.row
            row.decision, row.note, row.decided_by, row.decided_at = decision, note, by, now
        store([effect.row for effect in doing], OF_DECISION)
        work.finish()
    return result


def _rows(unit: Unit, month: Month, ids: Collection[int]) -> list[Difference]:
    own = Difference.objects.filter(unit=unit, month=month.first).select_related("decided_by")
    return [row for part in in_parts(sorted(ids)) for row in own.filter(pk__in=part)]


class Work:
    """Records, warnings and lists of a unit while a decision changes them, or is taken back."""

    def __init__(self, unit: Unit, month: Month, by: User, now: datetime) -> None:
        self.unit, self.by, self.now = unit, by, now
        self.months = {month}
        self.lists: list[int] = []
        self.warnings: dict[int, ExpiryWarning] = {}

    def hold(self, ids: Collection[int], also: Collection[date] = ()) -> None:
        """Hold the records of the differences ``ids``, then the lists of every month that they, or ``also``, can touch.

        Records before lists, as whoever writes a contact that tells of the household does. An import of the roster
        writes records in no order: one of both at a time.
        """
        lock_kind("subscribers")
        self.months |= {Month.of(day) for day in also}
        named: set[int] = set()
        for part in in_parts(ids):
            rows = Difference.objects.filter(pk__in=part)
            named.update(rows.exclude(subscriber=None).order_by().values_list("subscriber", flat=True))
            for days in rows.order_by().values_list("ours_on", "theirs_on", "subscriber__expires_on").distinct():
                self.months |= {Month.of(day) for day in days if day}
        Subscriber.objects.hold(named)
        self.lists = list(self._lists().order_by("pk").values_list("pk", flat=True))
        WarningList.objects.hold(self.lists)

    def _lists(self) -> Any:
        return WarningList.objects.filter(grid__unit=self.unit, month__in=[month.first for month in self.months])

    def do(self, effects: Sequence[Effect]) -> None:
        """Change records and warnings, and note with each difference what was changed."""
        self._make([effect for effect in effects if effect.deed == Deed.MAKE])
        changed = {effect.subscriber.pk: _wanted(effect) for effect in effects if effect.subscriber}
        records = {effect.subscriber.pk: effect.subscriber for effect in effects if effect.subscriber}
        before = {pk: _values(record) for pk, record in records.items()}
        self.write(records, changed)
        for effect in effects:
            if effect.subscriber is None:
                continue
            warning = self.warnings.get(effect.warning.pk, effect.warning) if effect.warning else None
            row, pk = effect.row, effect.subscriber.pk
            row.effect = {"deed": effect.deed, "version": records[pk].version, "was": _plain(before[pk])}
            if warning is not None and effect.deed == Deed.OFF:
                self.take_off(warning, self.by.pk)
            elif warning is not None and warning.withdrawn_by_id is not None:
                row.effect["withdrawn_by"] = warning.withdrawn_by_id
                warning.withdrawn_by_id = None
                self.warnings[warning.pk] = warning

    def _make(self, effects: Sequence[Effect]) -> None:
        lines: dict[str, SpecialistLine] = {}
        for part in in_parts([effect.row.account for effect in effects]):
            own = SpecialistLine.objects.filter(month=min(row.row.month for row in effects), account__in=part)
            lines |= {line.account: line for line in own}
        made = Subscriber.objects.bulk_create(
            Subscriber(
                account=line.account,
                name=line.name,
                phone=line.phone,
                project_id=line.project_id,
                product=line.product,
                monthly_fee=line.monthly_fee,
                expires_on=line.expires_on,
            )
            for line in lines.values()
        )
        fields = ("account", "project", "expires_on")
        steps = [
            journal.Step(one.pk, one.account, {name: (None, getattr(one, name)) for name in fields}, made=True)
            for one in made
        ]
        journal.write_steps(Subscriber, steps, self.by.pk)
        keys = {one.account: one.pk for one in made}
        for effect in effects:
            row, key = effect.row, keys[effect.row.account]
            row.subscriber_id, row.effect = key, {"deed": Deed.MAKE, "version": 1, "made": key}

    def write(self, records: dict[int, Subscriber], wanted: dict[int, dict[str, Any]]) -> None:
        """Give ``records`` the ``wanted`` values, with their history; their warnings follow a day that moves."""
        steps, touched = [], []
        held: dict[int, list[ExpiryWarning]] = {}
        for warning in _warnings(records):
            held.setdefault(warning.subscriber_id, []).append(warning)
        for pk, record in records.items():
            changes = {name: (getattr(record, name), new) for name, new in wanted[pk].items()}
            changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
            if not changes:
                continue
            for name, (_old, new) in changes.items():
                setattr(record, name, new)
            record.version += 1
            touched.append(record)
            steps.append(journal.Step(pk, record.account, {k.removesuffix("_id"): v for k, v in changes.items()}))
            if "expires_on" in changes:
                self._follow(held.get(pk, []), *changes["expires_on"])
        store(touched, (*OF_RECORD, "version"))
        journal.write_steps(Subscriber, steps, self.by.pk)

    def _follow(self, warnings: Sequence[ExpiryWarning], old: date | None, new: date | None) -> None:
        """A day put right is no renewal: within the month the warning moves along, beyond it is withdrawn."""
        for warning in warnings:
            if warning.expires_on != old:
                continue
            if new is not None and new.replace(day=1) == warning.month:
                if warning.next_step == "call" and warning.next_on:
                    warning.next_on += new - warning.expires_on
                warning.expires_on = new
            elif leads("expiry moved", warning.state):
                self.take_off(warning, None)
            self.warnings[warning.pk] = warning

    def take_off(self, warning: ExpiryWarning, by: int | None) -> None:
        """Withdrawn: by hand (it stays off), or by its day (None)."""
        if warning.state != State.WITHDRAWN:
            warning.resume, warning.state = warning.state, State.WITHDRAWN
        warning.next_step, warning.next_on = "", None
        warning.withdrawn_at, warning.withdrawn_by_id = self.now, by
        self.warnings[warning.pk] = warning

    def finish(self) -> None:
        """Write the warnings, bring the lists up to date, count them, compare anew."""
        store(list(self.warnings.values()), OF_WARNING)
        held = set(self._lists().values_list("month", flat=True))
        for month in sorted(month for month in self.months if month.first in held):
            bring_up_to_date(self.unit, month, self.now)
        settle_visits(self.lists, self.now)
        retally(self.lists, timezone.localdate(self.now))
        for month in sorted(self.months):
            reconcile(self.unit, month, self.now)


def _values(record: Subscriber) -> dict[str, Any]:
    return {name: getattr(record, name) for name in OF_RECORD}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _wanted(effect: Effect) -> dict[str, Any]:
    """The values that the record is to have."""
    row, record = effect.row, effect.subscriber
    if record is None or effect.deed == Deed.OFF:
        return {}
    wanted: dict[str, Any] = {"expires_on": row.theirs_on or record.expires_on}
    if effect.deed == Deed.RESTORE:
        wanted["status"] = Subscriber.Status.ACTIVE.value
        if record.household == "duplicate":
            wanted |= {"household": "", "duplicate_of_id": None}
    return wanted
