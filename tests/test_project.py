"""The project itself: what no single app can see."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from gridops.accounts.models import Role, User


def test_the_system_check_finds_nothing() -> None:
    call_command("check", fail_level="WARNING")


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_cast_holds_the_roles_it_is_named_for(
    manager: User,
    colleague: User,
    stranger: User,
    supervisor: User,
    specialist: User,
    admin_user: User,
    agent_staff_user: User,
) -> None:
    assert manager.scope.grid_ids < supervisor.scope.grid_ids == specialist.scope.grid_ids
    assert colleague.scope.grid_ids < supervisor.scope.grid_ids
    assert not stranger.scope.grid_ids & supervisor.scope.grid_ids
    assert admin_user.scope.everything
    assert agent_staff_user.scope.has(Role.AGENT_STAFF)
    assert not agent_staff_user.scope.grid_ids
