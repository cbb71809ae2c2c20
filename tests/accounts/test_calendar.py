"""Public holidays and leave: entered, read, heeded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.defaults import decided, fill
from gridops.accounts.forms_calendar import read_days
from gridops.accounts.models import Absence, Grid, Holiday, Membership, Role, User
from gridops.accounts.services_calendar import (
    LeaveRefused,
    add_leave,
    away,
    calendar,
    end_leave,
    manned,
    workday_after,
    years_without_holidays,
)
from tests import factories

TODAY = timezone.localdate()
NOTICE = """一、元旦：1月1日（星期五）至3日（星期日）放假，共3天。
二、春节：2月5日（农历除夕、星期五）至11日（星期四）放假调休，共7天。1月31日（星期日）、2月20日（星期六）上班。
三、清明节：4月5日（星期一）放假，与周末连休。"""


def in_days(n: int) -> date:
    return TODAY + timedelta(days=n)


# --- Public holidays ---


@pytest.mark.parametrize(("year", "off", "worked"), [(2025, 28, 5), (2026, 33, 6)])
def test_the_days_decided_are_shipped(year: int, off: int, worked: int) -> None:
    days = decided(year)
    assert len({day.day for day in days}) == len(days)
    assert sum(not day.is_workday for day in days) == off
    made_up = [day.day for day in days if day.is_workday]
    assert len(made_up) == worked
    assert all(day.weekday() > 4 for day in made_up)


@pytest.mark.django_db
def test_a_new_database_knows_them_and_what_admins_entered_stays() -> None:
    assert Holiday.objects.get(day=date(2026, 2, 14)).is_workday
    Holiday.objects.filter(day__year=2025).delete()
    Holiday.objects.get(day=date(2026, 10, 1)).delete()
    fill()
    assert Holiday.objects.filter(day__year=2025).count() == len(decided(2025))
    assert not Holiday.objects.filter(day=date(2026, 10, 1)).exists()


@pytest.mark.django_db
def test_due_days_pass_over_the_spring_festival() -> None:
    assert workday_after(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert workday_after(date(2026, 2, 14), 1) == date(2026, 2, 24)
    Holiday.objects.all().delete()
    assert calendar(date(2026, 2, 1), date(2026, 2, 28)).works(date(2026, 2, 16))


def test_the_state_councils_notice_is_read_as_it_is_published() -> None:
    days = {day.day: day for day in read_days(NOTICE, 2027)}
    assert [day.isoformat() for day, row in days.items() if row.is_workday] == ["2027-01-31", "2027-02-20"]
    assert days[date(2027, 2, 11)].name == "春节"
    assert days[date(2027, 4, 5)].name == "清明节"
    assert len(days) == 3 + 7 + 2 + 1


def test_a_list_of_days_is_read_line_by_line() -> None:
    days = read_days("2027-10-01 至 2027-10-07 国庆节\n\n2027/9/26 补班 国庆节\n2027年12月31日 司庆", 2027)
    assert [(str(day.day), day.name, day.is_workday) for day in (days[0], days[1], days[-1])] == [
        ("2027-09-26", "国庆节", True),
        ("2027-10-01", "国庆节", False),
        ("2027-12-31", "司庆", False),
    ]


@pytest.mark.parametrize(
    "text", ["元旦放假", "2027-02-30 春节", "2027-01-05 至 2027-01-01 元旦", "1月1日至12月31日 全年"]
)
def test_a_line_without_a_readable_day_is_named(text: str) -> None:
    with pytest.raises(ValidationError):
        read_days(f"2027-05-01 劳动节\n{text}", 2027)


@pytest.mark.django_db
def test_an_admin_adds_removes_and_pastes(admin_user: User) -> None:
    client = factories.client_of(admin_user)
    address = f"{reverse('accounts:holidays')}?year=2027"
    assert client.post(address, {"act": "list", "text": NOTICE}).status_code == 302
    assert Holiday.objects.filter(day__year=2027).count() == 13
    client.post(address, {"act": "remove", "day": "2027-01-02"})
    client.post(address, {"act": "add", "day": "2027-05-01", "name": "劳动节"})
    assert Holiday.objects.filter(day__year=2027).count() == 13
    client.post(address, {"act": "list", "text": "2027-01-01 元旦", "replace": "on"})
    assert [str(day) for day in Holiday.objects.filter(day__year=2027).values_list("day", flat=True)] == ["2027-01-01"]
    assert Holiday.objects.filter(day__year=2026).exists()
    assert client.post(address, {"act": "list", "text": "2026-01-01 元旦"}).status_code == 422
    assert client.post(address, {"act": "remove", "day": "x"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["x", "1999", "99999", "２０２６"])
def test_a_year_that_is_none_is_not_there(admin_user: User, year: str) -> None:
    assert factories.client_of(admin_user).get(f"{reverse('accounts:holidays')}?year={year}").status_code == 404


@pytest.mark.django_db
def test_in_december_an_empty_next_year_is_asked_for() -> None:
    assert years_without_holidays(date(2026, 11, 30)) == []
    assert years_without_holidays(date(2026, 12, 1)) == [2027]
    assert years_without_holidays(date(2027, 1, 1)) == [2027]


# --- Leave ---


@pytest.mark.django_db
def test_days_of_leave_are_known_and_leaves_do_not_overlap(manager: User) -> None:
    add_leave(manager, in_days(2), in_days(4), "年假", manager)
    assert away([manager.pk], in_days(3), in_days(9)) == {manager.pk: {in_days(3), in_days(4)}}
    for first, last in ((4, 6), (1, 2), (1, 9), (3, 3)):
        with pytest.raises(LeaveRefused):
            add_leave(manager, in_days(first), in_days(last), "", manager)
    add_leave(manager, in_days(5), in_days(6), "", manager)
    with pytest.raises(LeaveRefused):
        add_leave(manager, in_days(20), in_days(19), "", manager)


@pytest.mark.django_db
def test_a_leave_not_begun_is_taken_back_one_that_runs_ends_one_that_is_over_stands(manager: User) -> None:
    coming, running, over = (
        add_leave(manager, in_days(first), in_days(last), "", manager) for first, last in ((3, 4), (-1, 2), (-9, -8))
    )
    assert [end_leave(row) for row in (coming, running, over)] == [True, True, False]
    left = list(Absence.objects.values_list("starts_on", "ends_on"))
    assert left == [(in_days(-1), in_days(-1)), (in_days(-9), in_days(-8))]


@pytest.mark.django_db
def test_a_grid_is_manned_by_its_manager_or_a_deputy(grid: Grid, manager: User, colleague: User) -> None:
    add_leave(manager, in_days(0), in_days(3), "", manager)
    Membership.objects.create(
        user=colleague, role=Role.GRID_MANAGER, grid=grid, stands_in_for=manager, starts_on=TODAY, ends_on=in_days(1)
    )
    days = manned([grid.pk], in_days(0), in_days(4), TODAY)[grid.pk]
    assert days == {in_days(0), in_days(1), in_days(4)}
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert manned([grid.pk], in_days(0), in_days(4), TODAY)[grid.pk] == {in_days(0), in_days(1)}


def leave(user: User, **data: Any) -> Any:
    return factories.client_of(user).post(reverse("accounts:leave"), data)


def entered(person: User | None = None) -> dict[str, Any]:
    return {"starts_on": in_days(1), "ends_on": in_days(2), **({"person": person.pk} if person else {})}


@pytest.mark.django_db
def test_each_enters_their_own_and_supervisors_the_units(
    manager: User, specialist: User, supervisor: User, stranger: User, admin_user: User
) -> None:
    assert leave(manager, **entered()).status_code == 302
    assert leave(specialist, **entered(manager)).status_code == 422
    assert leave(supervisor, **entered(specialist)).status_code == 302
    assert leave(supervisor, **entered(stranger)).status_code == 422
    assert leave(admin_user, **entered(stranger)).status_code == 302
    people = [manager, specialist, stranger]
    assert sorted(Absence.objects.values_list("user", flat=True)) == sorted(one.pk for one in people)


@pytest.mark.django_db
def test_who_may_enter_a_leave_may_take_it_back_and_nobody_else(
    manager: User, specialist: User, supervisor: User, foreign_supervisor: User
) -> None:
    row = add_leave(manager, in_days(1), in_days(2), "", manager)
    assert leave(specialist, end=row.pk).status_code == 404
    assert leave(foreign_supervisor, end=row.pk).status_code == 404
    assert leave(supervisor, end=row.pk).status_code == 302
    assert not Absence.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "last"), [(-40, 1), (1, 400), (5, 3)])
def test_a_leave_out_of_reach_is_refused_at_its_field(manager: User, first: int, last: int) -> None:
    answer = leave(manager, starts_on=in_days(first), ends_on=in_days(last))
    assert answer.status_code == 422
    assert answer.context["form"].errors
