"""Deputies during leave: who may be one, for how long, what they may do, and what is kept of it (O2, S1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridops.accounts import services as people
from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.accounts.services_deputies import Refused, candidates, end_deputyship, name_deputy
from tests import factories

ClientOf = Callable[[User], Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAGE = "/deputies/"


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def lend(away: User, deputy: User, first: int = 0, last: int = 6) -> Membership:
    """``deputy`` stands in for ``away``'s own role."""
    made = name_deputy(away.memberships.own().get(), deputy, in_days(first), in_days(last))
    deputy.refresh_from_db()
    return made


def posted(client: Client, held: Membership, deputy: User, first: int = 0, last: int = 6, query: str = "") -> int:
    days = {"starts_on": in_days(first).isoformat(), "ends_on": in_days(last).isoformat()}
    return client.post(PAGE + query, {"held": held.pk, "deputy": deputy.pk, **days}).status_code


# --- Naming one ---


def test_a_manager_names_a_colleague_who_then_works_in_the_grid_for_that_time(
    client_of: ClientOf, manager: User, colleague: User, grid: Grid
) -> None:
    assert posted(client_of(manager), manager.memberships.get(), colleague, 0, 6) == 302
    day = timezone.localdate()
    for moved, managed in ((0, True), (6, True), (7, False)):
        with time_machine.travel(timezone.now() + timedelta(days=moved), tick=False):
            found = User.objects.get(pk=colleague.pk)
            assert (grid.pk in found.scope.grid_ids) is managed
            assert Grid.objects.managed_by(found, timezone.localdate()).filter(pk=grid.pk).exists() is managed
    assert Membership.objects.deputyships().get().starts_on == day


def test_only_own_roles_are_lent_and_extra_fields_are_ignored(
    client_of: ClientOf, manager: User, colleague: User, supervisor: User, unit: Unit
) -> None:
    assert posted(client_of(manager), supervisor.memberships.get(), colleague) == 422
    days = {"starts_on": in_days(0).isoformat(), "ends_on": in_days(3).isoformat()}
    extra = {"role": Role.SUPERVISOR, "unit": unit.pk, "stands_in_for": supervisor.pk, "user": manager.pk}
    held = manager.memberships.get()
    client_of(manager).post(PAGE, {"held": held.pk, "deputy": colleague.pk, **days, **extra})
    made = Membership.objects.deputyships().get()
    assert (made.role, made.unit, made.stands_in_for) == (Role.GRID_MANAGER, None, manager)


def test_who_may_stand_in(
    manager: User, colleague: User, supervisor: User, specialist: User, stranger: User, agent_staff_user: User,
    admin_user: User, unit: Unit,
) -> None:  # fmt: skip
    disabled = factories.make_user("X1", role=Role.RENEWAL_SPECIALIST, unit=unit)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    found = set(candidates([unit], manager, timezone.localdate()))
    assert found == {colleague, supervisor, specialist}
    for outside in (stranger, agent_staff_user, admin_user, disabled, manager):
        with pytest.raises(Refused, match="same unit"):
            lend(manager, outside)


def test_agent_staff_with_a_second_role_never_stand_in(manager: User, agent_staff_user: User, unit: Unit) -> None:
    agent_staff_user.memberships.create(role=Role.RENEWAL_SPECIALIST, unit=unit, starts_on=factories.LONG_AGO)
    with pytest.raises(Refused, match="agent staff never"):
        lend(manager, agent_staff_user)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(3, 2, "before the first"), (-1, 2, "begin today or later"), (0, 60, "60 days at most")],
)
def test_a_time_that_makes_no_sense_is_refused_in_words(
    client_of: ClientOf, manager: User, colleague: User, first: int, last: int, words: str
) -> None:
    User.objects.update(language="en")
    client, held = client_of(manager), manager.memberships.get()
    assert posted(client, held, colleague, first, last) == 422
    with pytest.raises(Refused, match=words):
        lend(manager, colleague, first, last)
    assert not Membership.objects.deputyships().exists()


def test_whose_own_role_ends_before_does_not_stand_in(manager: User, colleague: User) -> None:
    colleague.memberships.update(ends_on=in_days(3))
    with pytest.raises(Refused, match="same unit"):
        lend(manager, colleague, 0, 6)
    assert lend(manager, colleague, 0, 3).ends_on == in_days(3)


@pytest.mark.parametrize("held_since", [factories.LONG_AGO, None])
def test_a_role_that_has_ended_meanwhile_is_not_lent(manager: User, colleague: User, held_since: date | None) -> None:
    held = manager.memberships.get()
    manager.memberships.update(starts_on=held_since or in_days(0))
    people.end_role(manager.memberships.get())
    with pytest.raises(Refused, match="not held"):
        name_deputy(held, colleague, in_days(0), in_days(3))


def test_sixty_days_are_allowed(manager: User, colleague: User) -> None:
    assert lend(manager, colleague, 0, 59).ends_on == in_days(59)


def test_overlaps_are_refused_and_what_follows_is_not(
    manager: User, colleague: User, specialist: User, supervisor: User, unit: Unit
) -> None:
    lend(manager, colleague, 2, 5)
    for first, last in ((0, 2), (5, 9), (3, 4), (0, 9)):
        with pytest.raises(Refused, match="stands in here already"):
            lend(manager, specialist, first, last)
    lend(manager, specialist, 6, 9)
    second = factories.make_user("S9", role=Role.SUPERVISOR, unit=unit)
    lend(supervisor, colleague, 6, 9)
    with pytest.raises(Refused, match="holds this role already"):
        lend(supervisor, second, 10, 12)


def test_one_person_stands_in_for_one_at_a_place(supervisor: User, colleague: User, unit: Unit) -> None:
    second = factories.make_user("S9", role=Role.SUPERVISOR, unit=unit)
    lend(supervisor, colleague, 0, 5)
    with pytest.raises(Refused, match="stands in here already"):
        lend(second, colleague, 5, 8)


def test_who_is_away_stands_in_for_nobody(manager: User, colleague: User, specialist: User) -> None:
    lend(colleague, specialist, 0, 5)
    with pytest.raises(Refused, match="is away"):
        lend(manager, colleague, 5, 8)


def test_a_deputy_cannot_name_a_deputy_in_turn(
    client_of: ClientOf, supervisor: User, specialist: User, colleague: User
) -> None:
    lent = lend(supervisor, specialist)
    client = client_of(specialist)
    assert client.get(PAGE).context["form"] is None
    assert posted(client, lent, colleague) == 200
    assert Membership.objects.deputyships().count() == 1


def test_an_admin_names_one_for_anybody_and_others_do_not(
    client_of: ClientOf, manager: User, colleague: User, supervisor: User, admin_user: User
) -> None:
    query = f"?person={manager.pk}"
    assert posted(client_of(supervisor), manager.memberships.get(), colleague, query=query) == 404
    assert posted(client_of(admin_user), manager.memberships.get(), colleague, query=query) == 302
    assert Membership.objects.deputyships().get().stands_in_for == manager


def test_the_database_keeps_deputies_for_a_time_and_never_for_oneself(manager: User, grid: Grid) -> None:
    for fields in ({"ends_on": None}, {"ends_on": in_days(2), "stands_in_for": manager}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(
                **{"user": manager, "role": Role.GRID_MANAGER, "grid": grid, "starts_on": in_days(0),
                   "stands_in_for": factories.make_user(), **fields}
            )  # fmt: skip


# --- Sessions, ending ---


def test_a_time_that_begins_later_throws_nobody_out_today(client_of: ClientOf, manager: User, colleague: User) -> None:
    client = client_of(colleague)
    lend(manager, colleague, 1, 5)
    assert client.get(PAGE).status_code == 200
    lend(manager, colleague, 6, 8)
    end_deputyship(Membership.objects.deputyships().earliest("starts_on"))
    assert client.get(PAGE).status_code == 200
    lent = lend(manager, colleague, 0, 2)
    assert client.get(PAGE).status_code == 302
    client = client_of(colleague)
    end_deputyship(lent)
    assert client.get(PAGE).status_code == 302


def test_ending_early_takes_the_rights_at_once_and_keeps_the_history(
    client_of: ClientOf, manager: User, colleague: User, grid: Grid
) -> None:
    lent = lend(manager, colleague)
    Membership.objects.filter(pk=lent.pk).update(starts_on=in_days(-3))
    assert client_of(colleague).post(reverse("accounts:end-deputy", args=[lent.pk])).status_code == 404
    assert client_of(manager).post(reverse("accounts:end-deputy", args=[lent.pk])).status_code == 302
    lent.refresh_from_db()
    assert lent.ends_on == in_days(-1)
    assert grid.pk not in User.objects.get(pk=colleague.pk).scope.grid_ids
    assert colleague.name in client_of(manager).get(PAGE).content.decode()


def test_a_role_that_ends_ends_its_deputies(manager: User, colleague: User, grid: Grid) -> None:
    lend(manager, colleague, 0, 5)
    lend(manager, colleague, 8, 9)
    people.end_role(manager.memberships.own().get())
    assert grid.pk not in User.objects.get(pk=colleague.pk).scope.grid_ids
    assert not Membership.objects.deputyships().lasting(timezone.localdate()).exists()


def test_a_deputy_who_leaves_the_unit_stands_in_no_longer(manager: User, colleague: User, grid: Grid) -> None:
    lend(manager, colleague, 0, 5)
    people.end_role(colleague.memberships.own().get())
    assert not User.objects.get(pk=colleague.pk).scope.grid_ids


def test_another_role_of_the_unit_keeps_the_deputy(manager: User, colleague: User, unit: Unit) -> None:
    lend(manager, colleague, 0, 5)
    colleague.memberships.create(role=Role.RENEWAL_SPECIALIST, unit=unit, starts_on=factories.LONG_AGO)
    people.end_role(colleague.memberships.own().get(role=Role.GRID_MANAGER))
    assert Membership.objects.deputyships().current(timezone.localdate()).exists()


def test_disabling_who_is_away_leaves_the_deputy_at_work(manager: User, colleague: User, grid: Grid) -> None:
    lend(manager, colleague)
    people.set_active(manager, False)
    assert grid.pk in User.objects.get(pk=colleague.pk).scope.grid_ids


# --- Names ---


def test_the_deputy_is_not_called_the_manager_while_there_is_one(manager: User, colleague: User, grid: Grid) -> None:
    lend(manager, colleague)
    today = timezone.localdate()
    assert Membership.objects.manager_names([grid.pk], today) == {grid.pk: manager.name}
    Membership.objects.own().filter(user=manager).update(ends_on=in_days(-1))
    assert Membership.objects.manager_names([grid.pk], today) == {grid.pk: colleague.name}


# --- Pages ---


def test_supervisors_see_their_units_deputies_and_admins_all(
    client_of: ClientOf, manager: User, colleague: User, supervisor: User, foreign_supervisor: User, admin_user: User
) -> None:
    lend(manager, colleague)
    shown = {
        user: len(client_of(user).get(PAGE).context["others"]) for user in (supervisor, foreign_supervisor, admin_user)
    }
    assert shown == {supervisor: 1, foreign_supervisor: 0, admin_user: 1}
    User.objects.filter(pk=admin_user.pk).update(language="en")
    page = client_of(admin_user).get(reverse("accounts:person", args=[colleague.pk])).content.decode()
    assert f"deputy of {manager.name}" in page
