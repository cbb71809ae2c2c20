"""How a row's history says what changed."""

from __future__ import annotations

from datetime import UTC, datetime, time

from gridops.accounts.models import Grid, User
from gridops.common.history import entries_of
from tests import factories
from tests import factories_channels as make


def test_moments_are_told_by_the_clock_on_the_wall(grid: Grid, manager: User) -> None:
    meeting = make.make_meeting(grid, manager, starts_at=datetime(2026, 11, 25, 17, 30, tzinfo=UTC))
    said = {change.field: change.new for entry in entries_of(meeting, 5) for change in entry.changes}
    assert said["starts_at"] == "2026-11-26 01:30"
    outlet = factories.make_outlet(grid, opens_at=time(9, 30))
    assert {change.new for change in entries_of(outlet, 1)[0].changes if change.field == "opens_at"} == {"09:30"}


def test_a_step_itself_says_who_made_a_row_and_every_field_is_called_by_its_name(
    unit: object, supervisor: User
) -> None:
    campaign = make.make_campaign(supervisor)
    labels = {change.field: change.label for entry in entries_of(campaign, 5) for change in entry.changes}
    assert "made_by" not in labels
    assert "made_at" not in labels
    assert labels["published_at"] not in ("", "published at")
