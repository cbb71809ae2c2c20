"""Who sees campaigns, schemes and leaves that are not theirs (any more): nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from channels.models import Agent, Campaign, Matter, Scheme
from channels.services_commission import rates_of, units_seen
from gridops.accounts.models import Absence, Grid, Role, Unit, User
from projects.models import Project
from tests import factories
from tests import factories_channels as make

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


def test_rates_of_a_unit_are_not_the_agents_any_more_once_it_works_there_no_longer(
    agent_staff_user: User, agent: Agent, unit: Unit, other_unit: Unit, foreign_project: Project, client_of: SignIn
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    held = factories.make_ownership(foreign_project, agent)
    mine, theirs = make.make_scheme(unit), make.make_scheme(other_unit)
    assert set(Scheme.objects.for_user(agent_staff_user)) == {mine, theirs}
    held.ends_on = yesterday
    held.save()
    assert set(Scheme.objects.for_user(agent_staff_user)) == {mine}
    assert list(units_seen(agent_staff_user)) == [unit]
    assert client_of(agent_staff_user).get(f"/channels/schemes/{theirs.pk}/").status_code == 404


def test_drafts_are_seen_by_those_who_write_them_alone(
    supervisor: User, manager: User, admin_user: User, unit: Unit, other_unit: Unit, client_of: SignIn
) -> None:
    of_all = make.make_campaign(admin_user, None, published_at=None)
    own, foreign = (make.make_campaign(admin_user, one, published_at=None) for one in (unit, other_unit))
    supervisor.memberships.create(role=Role.RENEWAL_SPECIALIST, unit=other_unit, starts_on=factories.LONG_AGO)
    seen = {person: set(Campaign.objects.for_user(person)) for person in (supervisor, manager, admin_user)}
    assert seen == {supervisor: {own}, manager: set(), admin_user: {of_all, own, foreign}}
    assert client_of(supervisor).get(f"/channels/campaigns/{of_all.pk}/").status_code == 404


def test_what_goes_with_a_draft_is_neither_shown_nor_in_force(
    manager: User, supervisor: User, unit: Unit, client_of: SignIn
) -> None:
    draft = make.make_campaign(supervisor, unit, "未公布的方案", published_at=None)
    scheme = make.make_scheme(unit, campaign=draft)
    assert not Scheme.objects.for_user(manager).exists()
    assert Scheme.objects.for_user(supervisor).get() == scheme
    assert not rates_of(unit, "agent", timezone.localdate()).campaigns
    client = client_of(manager)
    assert client.get(f"/channels/schemes/{scheme.pk}/").status_code == 404
    assert "未公布的方案" not in client.get("/channels/commission/rates/").content.decode()
    Campaign.objects.filter(pk=draft.pk).update(published_at=timezone.now())
    assert list(rates_of(unit, "agent", timezone.localdate()).campaigns) == [draft]


def test_whoever_works_for_a_grid_no_longer_sees_none_of_its_matters(
    manager: User, grid: Grid, foreign_grid: Grid, client_of: SignIn
) -> None:
    matter = make.make_matter(grid, manager)
    assert Matter.objects.for_user(manager).get().owner == manager
    manager.memberships.update(grid=foreign_grid)
    assert client_of(manager).get(f"/channels/matters/{matter.pk}/").status_code == 404


def test_a_supervisor_sees_no_leave_of_who_left_the_unit_before(
    supervisor: User, manager: User, foreign_grid: object
) -> None:
    today = timezone.localdate()
    manager.memberships.update(ends_on=today - timedelta(days=10))
    then, now = (
        Absence.objects.create(user=manager, starts_on=day, ends_on=day, note="病假", made_by=manager)
        for day in (today - timedelta(days=20), today)
    )
    assert set(Absence.objects.for_user(supervisor)) == {then}
    assert set(Absence.objects.for_user(manager)) == {then, now}
