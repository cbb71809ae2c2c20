"""A small world of renewals in the database, for tests that do anything in any order, and what must hold after each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum

from gridops.accounts.models import Role
from gridops.common.months import Month
from gridops.workbooks import services as workbooks
from gridops.workbooks.models import Batch
from renewals.choices import OPEN, Loss, Medium, Outcome, State
from renewals.models import Contact, ExpiryWarning, SecondVisit, Tally, WarningList
from renewals.rules_course import FAILED_CALL, TRANSITIONS, Said
from renewals.services import bring_up_to_date
from renewals.services_assign import hand_over
from renewals.services_contacts import correct, record
from renewals.services_course import closed_from_above, hold, reopen
from renewals.services_records import set_right
from renewals.services_roster import follow_roster, lapse
from renewals.services_tally import counted_today
from tests import factories
from tests.workbooks.books import book, upload

START = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
DAYS = (date(2026, 12, 2), date(2026, 12, 15), date(2026, 12, 31))
MONTHS = (Month(2026, 12), Month(2027, 1))
ROSTERS = {  # days by which the roster moves an expiry, and the state of the account
    "as it was": (0, "在用"),
    "corrected": (9, "在用"),
    "next month": (20, "在用"),
    "new term": (365, "在用"),
    "closed": (0, "拆机"),
}
CONTACT, HAND, ELSE = {"contact"}, {"hand"}, {"roster", "system"}


class World:
    """Three subscribers on the list of December; an agent with a person, a manager, a clock."""

    def __init__(self) -> None:
        self.now = START
        self.unit = factories.make_unit()
        grid = factories.make_grid(self.unit)
        self.manager = factories.make_manager(grid)
        self.admin = factories.make_user(role=Role.ADMIN)
        project = factories.make_project(grid)
        self.agents = [factories.make_agent(owns=[project]), factories.make_agent(), None]
        user = factories.make_user(role=Role.AGENT_STAFF)
        factories.make_agent_staff(self.agents[0], user=user)  # type: ignore[arg-type]
        self.people = [self.manager, user]
        self.subscribers = [factories.make_subscriber(project, expires_on=day) for day in DAYS]
        self.project = project
        self.batches: list[Batch] = []
        self.seen: dict[int, Any] = {}
        self.do("make lists")

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Everybody's clock shows this world's time."""
        with patch("django.utils.timezone.now", lambda: self.now):
            yield

    def do(self, what: str, *values: Any) -> None:
        """One act, refused or not, and then everything must hold."""
        self.now += timedelta(minutes=7)
        before = dict(ExpiryWarning.objects.values_list("pk", "state"))
        with self.clock():
            try:
                with transaction.atomic():
                    by = getattr(self, what.replace(" ", "_"))(*values)
            except ValidationError:
                by = set()
        self.check(before, by)

    # --- acts: each gives whose steps it may take (None: any that contacts lead to) ---

    def make_lists(self) -> set[str]:
        for month in MONTHS:
            bring_up_to_date(self.unit, month, self.now)
        return ELSE

    def night(self) -> set[str]:
        follow_roster(self.unit, self.now.date(), self.now)
        lapse(self.unit, self.now.date(), self.now)
        return ELSE

    def wait(self, days: int) -> set[str]:
        self.now += timedelta(days=days)
        return ELSE

    def contact(self, which: int, said: tuple[Medium, Outcome], hours_ago: int, who: int) -> set[str] | None:
        rows = ExpiryWarning.objects.order_by("pk")
        row = rows[which % len(rows)]
        at = self.now - timedelta(hours=hours_ago)
        promised = at.date() + timedelta(days=3) if said[1] == Outcome.PROMISED else None
        loss = Loss.PRICE.value if said[1] == Outcome.REFUSED else ""
        told = Said(*said, at, promised_on=promised, loss=loss)
        made = record(row.pk, told, self.people[who], now=self.now)
        assert record(row.pk, told, self.people[who], now=self.now).again
        assert made.contact.warning_id == row.pk
        return CONTACT if hours_ago == 0 else None

    def correction(self, which: int, outcome: Outcome) -> set[str] | None:
        rows = Contact.objects.filter(corrected_by=None).order_by("pk")
        if not rows:
            return CONTACT
        row = rows[which % len(rows)]
        loss = Loss.PRICE.value if outcome == Outcome.REFUSED else ""
        promised = row.at.date() + timedelta(days=2) if outcome == Outcome.PROMISED else None
        correct(row.pk, Said(row.medium, outcome, row.at, promised_on=promised, loss=loss), self.manager, self.now)
        return None

    def roster(self, which: int, what: str) -> set[str]:
        """An import of one row, through the engine."""
        days, status = ROSTERS[what]
        expires_on = DAYS[which] + timedelta(days=days)
        name = f"王{self.now:%d%H%M}"  # no file like one that was there before
        row = [self.subscribers[which].account, self.project.code, expires_on.isoformat(), status, name]
        rows = [["用户账号", "项目编码", "到期日期", "状态", "用户姓名"], row]
        batch = workbooks.finish(workbooks.receive(upload(book(rows)), self.admin, "subscribers"))
        batch = workbooks.finish(workbooks.confirm_columns(batch))
        batch = workbooks.finish(workbooks.apply(batch, valid_only=False))
        assert batch.state == Batch.State.APPLIED, batch.fault
        self.batches.append(batch)
        return ELSE

    def undo(self) -> set[str]:
        if self.batches:
            workbooks.finish(workbooks.undo(self.batches.pop()))
        return ELSE

    def hand(self, which: int, to: int) -> set[str]:
        pk = sorted(ExpiryWarning.objects.values_list("pk", flat=True))[which]
        hand_over(ExpiryWarning.objects.filter(pk=pk), self.agents[to], None, self.manager, "x", self.now)
        return HAND

    def take_up(self, which: int) -> set[str]:
        pk = sorted(ExpiryWarning.objects.values_list("pk", flat=True))[which]
        reopen(pk, self.manager, "x", self.now)
        return HAND

    def number(self, which: int) -> set[str]:
        set_right(self.subscribers[which], "19900009999", self.manager, self.now)
        return HAND

    # --- what must hold ---

    def check(self, before: dict[int, str], by: set[str] | None) -> None:
        """After every act."""
        self.contacts_stand()
        rows = list(ExpiryWarning.objects.all())
        assert len({(row.warning_list_id, row.subscriber_id) for row in rows}) == len(rows)
        assert {row.pk for row in rows} >= before.keys()
        for row in rows:
            assert bool(row.next_step and row.next_on) is (row.state in OPEN), row.state
            assert bool(row.next_step or row.next_on) is (row.state in OPEN), row.state
            self.visits_owed(row)
            self.as_contacts_led(row)
            if row.pk in before and by is not None:
                assert row.state in reached(before[row.pk], by), (before[row.pk], row.state, by)
        self.counts_hold(rows)

    def contacts_stand(self) -> None:
        now = {row["id"]: row for row in Contact.objects.values()}
        assert all(now[pk] == row for pk, row in self.seen.items())
        self.seen = now

    def visits_owed(self, row: ExpiryWarning) -> None:
        visits = list(SecondVisit.objects.filter(warning=row).select_related("opened_by", "settled_by"))
        waiting = [visit for visit in visits if visit.settled_at is None]
        assert len(waiting) == (row.state == State.SECOND_VISIT), (row.state, len(waiting))
        for call in Contact.objects.effective().filter(warning=row):
            if (call.medium, call.outcome) in FAILED_CALL:
                assert any(
                    visit.opened_by.at <= call.at and (visit.settled_by is None or visit.settled_by.at >= call.at)
                    for visit in visits
                )

    def as_contacts_led(self, row: ExpiryWarning) -> None:
        """What is stored is what a replay gives, but for what closed it from above."""
        with transaction.atomic():
            held = hold(row.pk, self.now)
        standing = held.replayed(held.entries()).standing
        assert (row.contacts_made, row.last_outcome) == (standing.contacts_made, standing.last_outcome)
        if not closed_from_above(row):
            assert (row.state, row.loss, row.renewed_on) == (standing.state, standing.loss, standing.renewed_on)
        elif row.resume and row.resume != State.LOST:  # that may be by the calendar or the roster, too
            assert fitting(row.resume) == fitting(standing.state)

    def counts_hold(self, rows: list[ExpiryWarning]) -> None:
        """The tallies, as their readers see them, are what counting gives."""
        counted_today(list(WarningList.objects.values_list("pk", flat=True)), self.now.date())
        live = [row for row in rows if row.state != State.WITHDRAWN]
        expected = {
            "expiring": len(live),
            "contacted": sum(row.contacts_made > 0 for row in live),
            "renewed": sum(row.state == State.RENEWED for row in live),
            "lost": sum(row.state == State.LOST for row in live),
        }
        found = Tally.objects.aggregate(**{name: Sum(name) for name in expected})
        assert {name: number or 0 for name, number in found.items()} == expected


def fitting(state: str) -> str:
    """Untouched is untouched, whoever has it."""
    return State.ASSIGNED if state == State.LISTED else state


def reached(state: str, by: set[str]) -> set[str]:
    """Where steps taken by these lead from ``state``, in any number."""
    found = {state}
    while True:
        more = {
            str(target) for step in TRANSITIONS if step.by in by and step.sources & found for target in step.targets
        }
        if more <= found:
            return found
        found |= more
