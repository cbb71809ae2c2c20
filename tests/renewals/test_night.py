"""The night's work: once a day for each unit, each by itself, and again after it was killed (N4)."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, Unit
from gridops.common.months import Month
from gridops.jobs.models import Job
from gridops.jobs.run import LeaseLost
from gridops.jobs.services import claim, work
from projects.models import Project
from renewals import services_night
from renewals.models import ExpiryWarning, WarningList
from renewals.tasks import OVERNIGHT, nightly
from tests import factories

pytestmark = [pytest.mark.django_db]
State = ExpiryWarning.State


def states() -> list[str]:
    return list(ExpiryWarning.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def warnings(project: Project, agent: Agent) -> None:
    """One that the roster shows renewed, one that is beyond the win-back window, one still open."""
    today = timezone.localdate()
    for before, later in ((10, 365), (80, 0), (5, 0)):
        subscriber = factories.make_subscriber(project, expires_on=today - timedelta(days=before))
        factories.make_warning(subscriber, agent=agent)
        subscriber.expires_on = today - timedelta(days=before) + timedelta(days=later)
        subscriber.save()


def test_each_unit_has_one_run_a_day_however_often_the_hour_strikes(
    unit: Unit, grid: Grid, other_unit: Unit, foreign_grid: Grid, bell: list[int]
) -> None:
    nightly()
    nightly()
    assert sorted(Job.objects.filter(kind=OVERNIGHT).values_list("unit", flat=True)) == [unit.pk, other_unit.pk]


def test_the_night_closes_what_the_roster_shows_and_ends_what_has_lapsed(
    unit: Unit, warnings: None, bell: list[int]
) -> None:
    nightly()
    work(Job.objects.get(unit=unit).pk)
    assert states() == [State.RENEWED, State.LOST, State.ASSIGNED]
    assert not WarningList.objects.exclude(tallied_on=timezone.localdate()).filter(warnings__state="assigned").exists()


def test_done_again_after_it_was_killed_it_ends_the_same(unit: Unit, warnings: None, bell: list[int]) -> None:
    nightly()
    job = Job.objects.get(unit=unit)
    with patch.object(services_night, "lapse", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        work(job.pk)
    assert states() == [State.RENEWED, State.ASSIGNED, State.ASSIGNED]
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work(job.pk)
    assert states() == [State.RENEWED, State.LOST, State.ASSIGNED]


def test_a_unit_that_fails_does_not_hold_up_the_others(
    unit: Unit, other_unit: Unit, foreign_grid: Grid, warnings: None, bell: list[int]
) -> None:
    nightly()
    with patch.object(services_night, "follow_roster", side_effect=[RuntimeError("broken"), 0]):
        for job in Job.objects.order_by("unit"):
            work(job.pk)
    assert dict(Job.objects.values_list("unit", "state")) == {
        unit.pk: Job.State.WAITING, other_unit.pk: Job.State.DONE,
    }  # fmt: skip


def test_a_list_that_was_made_takes_newcomers_and_one_that_was_not_waits_for_the_calendar(
    unit: Unit, project: Project, agent: Agent, bell: list[int]
) -> None:
    month = Month.of(timezone.localdate()).plus(1)
    made = factories.make_warning(factories.make_subscriber(project, expires_on=month.first), agent=agent)
    newcomer = factories.make_subscriber(project, expires_on=month.last)
    factories.make_subscriber(project, expires_on=Month.of(timezone.localdate()).last)
    nightly()
    work(Job.objects.get(unit=unit).pk)
    assert set(ExpiryWarning.objects.values_list("subscriber", flat=True)) == {made.subscriber_id, newcomer.pk}


def test_a_run_that_lost_its_lease_writes_nothing(unit: Unit, warnings: None, bell: list[int]) -> None:
    nightly()
    run = claim(Job.objects.get(unit=unit).pk)
    assert run is not None
    Job.objects.update(token=99)
    with pytest.raises(LeaseLost):
        services_night.see_through(unit, run)
    assert set(states()) == {State.ASSIGNED}
