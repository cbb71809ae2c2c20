"""The demo's weeks: each manager's visits and calls, what was found, trained, told, asked for (C5 to C9)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from channels.models import Briefing, Campaign, Outlet
from channels.rules_visits import PIECES, Known, Raised, Said
from channels.services_visits import record_call, record_visit
from desk.demo.figures import WEEKS_A_MONTH, strength
from desk.demo.moments import at, told
from gridops.accounts.models import User
from gridops.common.weeks import Week

BACK = 12  # weeks before this one
DILIGENCE = (0.97, 0.85, 0.6)  # of the managers, in their grids' order
NAMESPACE = uuid.UUID("6a2f3c1e-0d57-4a35-9d0e-3f6f0c7a9b11")
NOTES = ("", "", "老板希望多搞周末活动", "新来一名店员，已加微信", "对面电信店在搞包年促销", "")
ASKED = ("展架被风吹坏，需要换一个", "想要一台体验用的路由器", "报装电话常占线")


class Weeks:
    """Week by week, outlet by outlet, the same every time."""

    def __init__(self, today: date, managers: dict[int, User], campaigns: Sequence[Campaign]) -> None:
        self.today, self.now, self.managers, self.campaigns = today, timezone.now(), managers, campaigns
        rows = Outlet.objects.selling().select_related("grid__unit").prefetch_related("staff").order_by("code")
        self.outlets = list(rows)
        self.places = {grid: place for place, grid in enumerate(sorted(managers))}

    def play(self) -> None:
        """Some weeks, and this one so far."""
        for back in range(BACK, -1, -1):
            week = Week.of(self.today).plus(-back)
            for number, outlet in enumerate(self.outlets):
                if outlet.opened_on and outlet.opened_on > week.first:
                    continue
                self._week(week, back, number, outlet)

    def _week(self, week: Week, back: int, number: int, outlet: Outlet) -> None:
        random = Random(f"{week} {outlet.code}")  # noqa: S311 - nothing secret
        diligence = DILIGENCE[self.places[outlet.grid_id] % len(DILIGENCE)]
        manager = self.managers[outlet.grid_id]
        for call in range(2):
            moment = at(week.days[call * 2 + 1], 9 + number % 6) + timedelta(minutes=number)
            if random.random() < diligence and moment < self.now:
                key = uuid.uuid5(NAMESPACE, f"call {week} {outlet.code} {call}")
                record_call(outlet, key, random.random() < 0.9, moment, "", manager, moment)
        moment = at(week.days[number % 5], 14 + number % 3) + timedelta(minutes=7 * (number % 5))
        if random.random() < diligence and moment < self.now:
            with told(moment):
                record_visit(outlet, self._said(week, back, number, outlet, moment, random), manager, now=moment)

    def _said(self, week: Week, back: int, number: int, outlet: Outlet, moment: datetime, random: Random) -> Said:
        orders = max(0, round(random.gauss(strength(outlet.code, back / WEEKS_A_MONTH), 1)))
        complete = random.random() < 0.6
        missing = set() if complete else {random.choice(PIECES)}
        untold = Briefing.objects.live(week.last).filter(outlet=outlet, news__at__lt=moment) if back > 1 else []
        people = [person.name for person in outlet.staff.all()]
        near = outlet.longitude is not None and outlet.latitude is not None
        shift = Decimal("0.006") if number == 3 and back == 1 else Decimal("0.0004")
        return Said(
            at=moment,
            key=uuid.uuid5(NAMESPACE, f"visit {week} {outlet.code}"),
            longitude=outlet.longitude + shift if near and outlet.longitude is not None else None,
            latitude=outlet.latitude if near else None,
            accuracy_m=20 if near else None,
            far_reason="老板在另一家店，约在那边见" if number == 3 and back == 1 else "",
            orders=orders,
            commission=Decimal(orders * 40),
            knows_manager=random.random() < 0.9,
            knows_projects=random.random() < 0.8,
            campaigns=[Known(row.pk, random.random() < 0.85, random.random() < 0.7) for row in self._running(moment)],
            told=[row.pk for row in untold],
            trained=people if back == BACK - number % 4 and number % 3 else [],
            matters=[Raised("support", random.choice(ASKED))] if random.random() < 0.06 else [],
            note=random.choice(NOTES),
            **{piece: piece not in missing for piece in PIECES},
        )

    def _running(self, moment: datetime) -> list[Campaign]:
        day = timezone.localdate(moment)
        return [row for row in self.campaigns if row.starts_on <= day <= row.ends_on]
