"""Fills the demo: writes the rosters, imports them as an admin would, and lets the month's work run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone, translation

from channels.models import AgentStaff
from desk.demo import channels, history, month, renewals, rosters, sign_ins
from desk.demo.sign_ins import SignIn
from gridops.accounts.models import Membership, Role, User
from gridops.workbooks import services as workbooks
from gridops.workbooks.models import Batch

Say = Callable[[str], object]
# What each roster is to the workbook engine.
KINDS = {
    "组织人员": "people",
    "项目基础信息台账": "projects",
    "项目经营指标": "indicators",
    "代理商名册": "agents",
    "受理点名册": "outlets",
    "受理点业务量": "outlet_months",
    "佣金发放": "commission",
    "用户名册": "subscribers",
    "日通报": "daily_results",
    "任务下达": "targets",
    "项目竞争信息": "rivals",
    "新项目储备": "prospects",
}


def today() -> date:
    """The day as the grid managers' calendar has it."""
    return timezone.localdate()


def run(*, say: Say, today: date) -> None:
    """Fill an empty database. An interruption is noticed at the next start, which begins anew."""
    began = time.monotonic()
    passwords = sign_ins.known_passwords()
    if sign_ins.is_half_filled():
        wipe()
    sign_ins.keep([], complete=False)
    say("Filling the demo: one unit, 3 grids, 60 projects, 12,000 subscribers, through the Excel import ...")
    admin = first_admin(today)
    with TemporaryDirectory(prefix="gridops-demo-") as folder, translation.override("zh-hans"):
        written = rosters.write(Path(folder), today)
        for roster in (one for one in written if not one.late):
            batch = bring_in(roster.file, admin, KINDS[roster.title])
            if roster.came_in:
                history.backdate(batch, roster.came_in)
            say(f"  {roster.file.stem}: {batch.rows_read} rows")
        given = give_sign_ins(passwords, today)
        history.play(today)
        month.play(today, say)
        channels.play(today, say)
        renewals.play(today, [roster.file for roster in written if roster.late], Path(folder), say)
    sign_ins.keep(given, complete=True)
    say(f"The demo is filled ({time.monotonic() - began:.0f} s).")


def wipe() -> None:
    """Empty every table; only ever of a database that the demo has filled."""
    if not (sign_ins.is_demo() or sign_ins.is_half_filled()):
        raise CommandError("This database was not filled by the demo: its data stay.")
    call_command("flush", interactive=False, verbosity=0)


def first_admin(today: date) -> User:
    """Who imports the rosters; the first of them names this person too."""
    admin = User.objects.create_user(rosters.ADMIN_NO)
    Membership.objects.create(user=admin, role=Role.ADMIN, starts_on=today)
    return admin


def bring_in(file: Path, admin: User, kind: str) -> Batch:
    """Import one roster by the product's own import. Every row must be taken."""
    batch = workbooks.import_now(file, admin, kind)
    if batch.state != Batch.State.APPLIED or batch.rows_refused:
        raise CommandError(f"{file.name} was not imported: {batch.get_state_display()} {batch.fault or ''}")
    return batch


@transaction.atomic
def give_sign_ins(known: dict[str, str], today: date) -> list[SignIn]:
    """Passwords for the people of the roster, and for two of the agents' staff, who all are known by a number."""
    for number, staff in enumerate(AgentStaff.objects.order_by("agent__code", "pk")):
        staff.user = User.objects.create_user(f"Y{1001 + number}", name=staff.name, phone=staff.phone)
        Membership.objects.create(user=staff.user, role=Role.AGENT_STAFF, starts_on=today)
        staff.save(update_fields=["user"])
    wanted = (rosters.ADMIN_NO, rosters.SUPERVISOR_NO, rosters.SPECIALIST_NO, *rosters.MANAGER_NOS, *rosters.STAFF_NOS)
    people = User.objects.prefetch_related("memberships__grid").in_bulk(wanted, field_name="employee_no")
    return [_give(people[number], known.get(number) or sign_ins.make_password()) for number in wanted]


def _give(user: User, password: str) -> SignIn:
    user.set_password(password)
    user.save(update_fields=["password"])
    held = user.memberships.all()[0]
    with translation.override("zh-hans"):
        role = f"{held.get_role_display()} {held.grid or ''}".strip()
    return SignIn(user.employee_no, password, role, user.name)
