"""What the addresses of ``access.TABLE`` point at: three grids with one of everything, and a person of every role."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from channels.models import OwnerChange
from gridops.accounts.models import Membership, Role
from gridops.common.months import Month
from gridops.jobs.models import Job
from gridops.notices.models import Notice
from gridops.workbooks.export import write_sheet
from gridops.workbooks.models import Batch
from plans.models import ActionStep, Plan, PlanComment
from promotions.models import Session, Slot
from renewals.models import Difference, RenewalTask, SubscriberNumber
from tests import factories
from tests import factories_channels as make

MONTH = date(2026, 12, 1)
Side = SimpleNamespace


def make_side(unit: Any, name: str) -> Side:
    """A grid with one of everything in it."""
    side = Side(unit=unit, grid=factories.make_grid(unit, f"{name}-grid"))
    side.manager = factories.make_manager(side.grid, name=f"{name}-manager")
    side.membership = side.manager.memberships.get()
    side.deputyship = _deputyship(side, name)
    side.project = factories.make_project(side.grid, f"{name}-P1", name=f"{name}-project")
    side.prospect = factories.make_prospect(side.grid, f"{name}-prospect")
    side.preparation = side.prospect.preparations.first()
    side.agent = factories.make_agent(f"{name}-D1", name=f"{name}-agent", owns=[side.project])
    side.staff = factories.make_agent_staff(side.agent, f"{name}-staff")
    side.outlet = factories.make_outlet(side.grid, f"{name}-W1", name=f"{name}-outlet", near=[side.project])
    _channel_work(side, name)
    side.subscriber = factories.make_subscriber(side.project, f"{name}-U1", expires_on=MONTH)
    side.number = SubscriberNumber.objects.create(
        subscriber=side.subscriber, phone="19912340000", is_right=False, by=side.manager
    )
    side.offer = factories.make_offer(side.project, text=f"{name}-offer")
    side.photo = factories.make_photo(side.offer, side.manager)
    side.warning = factories.make_warning(side.subscriber, agent=side.agent)
    side.warning_list = side.warning.warning_list
    side.contact = factories.make_contact(side.warning, side.manager)
    side.contact_photo = factories.make_contact_photo(side.contact, side.manager)
    side.difference = Difference.objects.create(
        unit=unit, month=MONTH, kind="ours", reason="missing", account=f"{name}-U1", project=side.project
    )
    side.task = RenewalTask.objects.create(
        grid=side.grid, month=MONTH, kind="other", what=f"{name}-task", due_on=MONTH, made_by=side.manager
    )
    side.plan = Plan.objects.create(grid=side.grid, month=MONTH)
    side.step = ActionStep.objects.create(plan=side.plan, what=f"{name}-step")
    side.comment = PlanComment.objects.create(plan=side.plan, line="note", text=f"{name}-comment", by=side.manager)
    side.session = Session.objects.create(grid=side.grid, project=side.project, day=MONTH, slot=Slot.choices[0][0])
    side.batch = _batch(side)
    side.notice = Notice.objects.create(user=side.manager, kind="", key="1", title=f"{name}-notice")
    side.run = Job.objects.create(
        kind="warning_lists",
        key=f"run:{side.grid.pk}",
        month=MONTH,
        unit=unit,
        state=Job.State.DONE,
        finished_at=timezone.now(),
        requested_by=side.manager,
    )
    return side


def _channel_work(side: Side, name: str) -> None:
    of_unit = "foreign" if name == "foreign" else "unit"  # what whoever works in the unit may see
    paper = ContentFile(b"%PDF-1.4", "paper.pdf")
    side.contract = make.make_contract(side.agent, side.unit, file=paper, file_name=f"{name}-paper.pdf")
    side.owner_change = OwnerChange.objects.create(
        project=side.project, from_agent=side.agent, starts_on=date(2100, 1, 1), by=side.manager
    )
    side.campaign = make.make_campaign(side.manager, side.unit, f"{of_unit}-campaign")
    side.campaign_file = make.make_campaign_file(side.campaign, side.manager)
    side.visit = make.make_visit(side.outlet, side.manager, note=f"{name}-visit")
    side.visit_photo = make.make_visit_photo(side.visit, side.manager, "sign")
    side.outlet_call = make.make_call(side.outlet, side.manager)
    for field in (side.outlet.photo, side.outlet.photo_small):
        field.save("shop.jpg", ContentFile(b"jpeg"))
    side.counter_staff = side.outlet.staff.create(name=f"{name}-counter", phone="19900002222")
    side.meeting = make.make_meeting(side.grid, side.manager, title=f"{name}-meeting", agents=[side.agent])
    side.training = make.make_training(side.outlet, side.manager, f"{name}-counter")
    side.matter = make.make_matter(side.grid, side.manager, what=f"{name}-matter", agent=side.agent)
    side.briefing = make.make_briefing(outlet=side.outlet, about={"project": side.project})
    side.scheme = make.make_scheme(side.unit, name=f"{of_unit}-scheme")
    side.paid = make.make_paid(side.agent, side.project, Month.of(MONTH))
    side.weighing = make.make_weighing(side.agent, side.unit, side.manager, title=f"{name}-weighing")


def _deputyship(side: Side, name: str) -> Membership:
    made: Membership = factories.make_user(name=f"{name}-deputy").memberships.create(
        role=Role.GRID_MANAGER,
        grid=side.grid,
        stands_in_for=side.manager,
        starts_on=date(2100, 1, 1),
        ends_on=date(2100, 1, 9),
    )
    return made


def _batch(side: Side) -> Batch:
    return Batch.objects.create(
        kind="returned",
        file=ContentFile(write_sheet("1", ["项目编码"], [["?"]]).read(), "x.xlsx"),
        file_name="x.xlsx",
        sha256="0" * 64,
        uploaded_by=side.manager,
        sheet_name="1",
        header_row=1,
        headers=["项目编码"],
        rows_read=1,
        rows_refused=1,
    )


def make_world() -> Side:
    """Three grids, and a person of every role who belongs to the first (the unit roles to its unit)."""
    unit = factories.make_unit()
    own = make_side(unit, "own")
    staff_user = factories.make_user(role=Role.AGENT_STAFF)
    factories.make_agent_staff(own.agent, user=staff_user)
    people = {
        "M": own.manager,
        "S": factories.make_user(role=Role.SUPERVISOR, unit=unit),
        "R": factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=unit),
        "A": factories.make_user(role=Role.ADMIN),
        "G": staff_user,
    }
    return Side(
        own=own,
        neighbour=make_side(unit, "neighbour"),
        foreign=make_side(factories.make_unit(), "foreign"),
        people=people,
    )
