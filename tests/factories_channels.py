"""Rows of channel work for tests, with defaults that pass every constraint."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.crypto import get_random_string
from PIL import Image

from channels.models import (
    Agent,
    Briefing,
    Call,
    Campaign,
    CampaignFile,
    Contract,
    Matter,
    Meeting,
    News,
    OrderTraining,
    Outlet,
    Paid,
    Rate,
    Scheme,
    Visit,
    VisitPhoto,
    Weighing,
)
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from projects.models import Project

LONG_AGO, FAR_OFF = date(2020, 1, 1), date(2099, 12, 31)
_numbers = count(1)


def make_visit(outlet: Outlet, by: User, **fields: Any) -> Visit:
    """``by`` came to ``outlet`` just now."""
    return Visit.objects.create(outlet=outlet, by=by, **fields)


def make_call(outlet: Outlet, by: User, *, reached: bool = True, **fields: Any) -> Call:
    """``by`` called ``outlet`` just now."""
    return Call.objects.create(outlet=outlet, by=by, reached=reached, **fields)


def make_visit_photo(visit: Visit, by: User, piece: str = "") -> VisitPhoto:
    """A photo of a visit, four pixels in size."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3)).save(file, "JPEG")
    image, small = (ContentFile(file.getvalue(), f"{get_random_string(16)}.jpg") for _size in range(2))
    return VisitPhoto.objects.create(visit=visit, piece=piece, image=image, small=small, width=4, height=3, by=by)


def make_campaign(by: User, unit: Unit | None = None, name: str = "", **fields: Any) -> Campaign:
    """A campaign in force, of ``unit`` or of all units."""
    values = {"offer": "500M 79元/月", "starts_on": LONG_AGO, "ends_on": FAR_OFF, "published_at": timezone.now()}
    return Campaign.objects.create(made_by=by, unit=unit, name=name or f"方案{next(_numbers)}", **(values | fields))


def make_campaign_file(campaign: Campaign, by: User) -> CampaignFile:
    """A leaflet of ``campaign``."""
    file = ContentFile(b"%PDF-1.4", f"{get_random_string(16)}.pdf")
    return CampaignFile.objects.create(campaign=campaign, file=file, name="单页.pdf", size=8, by=by)


def make_briefing(
    *, outlet: Outlet | None = None, agent: Agent | None = None, news: News | None = None, **fields: Any
) -> Briefing:
    """``outlet`` or ``agent`` has to hear of ``news``: by default that a project around was renamed."""
    if news is None:
        news = News.objects.create(**fields.pop("about"), changes={"name": ["旧名", "新名"]})
    return Briefing.objects.create(news=news, outlet=outlet, agent=agent, **({"due_on": timezone.localdate()} | fields))


def make_meeting(grid: Grid, by: User, *, agents: list[Agent] | None = None, **fields: Any) -> Meeting:
    """A meeting of ``grid``, planned, with one person of each of ``agents``."""
    values = {
        "title": f"例会{next(_numbers)}",
        "starts_at": datetime(2026, 12, 1, 2, tzinfo=UTC),
        "month": date(2026, 12, 1),
    }
    meeting = Meeting.objects.create(grid=grid, made_by=by, **(values | fields))
    for agent in agents or []:
        meeting.attendees.create(agent=agent, name="负责人")
    return meeting


def make_training(outlet: Outlet, by: User, person: str, **fields: Any) -> OrderTraining:
    """``person`` of ``outlet`` was shown today how to order by phone."""
    values = {"on": timezone.localdate(), "valid_until": FAR_OFF}
    return OrderTraining.objects.create(outlet=outlet, by=by, person=person, **(values | fields))


def make_matter(grid: Grid, by: User, **fields: Any) -> Matter:
    """Something that ``by`` was asked for in ``grid``, and owns."""
    values = {"what": f"问题{next(_numbers)}", "owner": by, "due_on": timezone.localdate() + timedelta(days=3)}
    return Matter.objects.create(grid=grid, raised_by=by, **(values | fields))


def make_contract(agent: Agent, unit: Unit, **fields: Any) -> Contract:
    """A contract of ``agent`` that runs."""
    values = {"number": f"HT-{next(_numbers)}", "starts_on": LONG_AGO, "ends_on": FAR_OFF}
    return Contract.objects.create(agent=agent, unit=unit, **(values | fields))


def make_scheme(unit: Unit | None = None, *, amount: int = 50, **fields: Any) -> Scheme:
    """A scheme in force that pays agents ``amount`` yuan for a new install of any speed."""
    values = {"name": f"佣金方案{next(_numbers)}", "payee": "agent", "starts_on": LONG_AGO}
    scheme = Scheme.objects.create(unit=unit, **(values | fields))
    Rate.objects.create(scheme=scheme, paid_for="new_install", amount=amount)
    return scheme


def make_paid(agent: Agent, project: Project, month: Month, amount: int = 100, **fields: Any) -> Paid:
    """What ``agent`` was paid for ``project`` in ``month``."""
    values = {"kind": "新装佣金", "quantity": 2}
    return Paid.objects.create(agent=agent, project=project, month=month.first, amount=amount, **(values | fields))


def make_weighing(agent: Agent, unit: Unit, by: User, **fields: Any) -> Weighing:
    """Input against output of ``agent``, nothing typed yet."""
    values = {"title": f"测算{next(_numbers)}", "month": date(2026, 12, 1)}
    return Weighing.objects.create(agent=agent, unit=unit, made_by=by, **(values | fields))
