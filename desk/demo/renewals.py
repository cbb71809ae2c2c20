"""The demo's renewals: lists of four months worked at by many people, differences, filled sheets, tasks."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image, ImageDraw

from channels.models import Agent
from desk.demo import facts, month, rosters
from desk.demo.moments import at, told
from desk.demo.plans import supervisor
from desk.demo.renewals_stories import VISIT, Told, story
from gridops.accounts.models import Unit, User
from gridops.common.months import Month
from gridops.common.photos import Photo, clean_photo
from gridops.jobs import services as jobs
from gridops.workbooks import services as workbooks
from gridops.workbooks.export import write_sheet
from renewals import anomalies, services_chance, services_differences, services_tasks
from renewals.choices import State
from renewals.models import Contact, Difference, ExpiryWarning, SubscriberNumber, WarningList
from renewals.rules_course import Said
from renewals.services_assign import hand_over
from renewals.services_contacts import record
from renewals.services_course import counted_once
from renewals.services_out import SHAPES, Share, rows_of, write_share
from renewals.services_records import set_right
from renewals.services_tally import retally
from renewals.sheets_specialist import SpecialistSheet

Say = Callable[[str], object]
BACK = (-2, -1)  # months whose lists are made for the demo; the calendar owes the others
LAGS = facts.AGENTS[3]
TALKED_ABOUT = {-2: 0.1, -1: 0.5, 0: 0.9}  # of a month's list, for the sake of time
SPREAD = 61  # minutes between two contacts of a day
FILLED, NUMBERS, HANDED_OUT = 6, 4, 5


def play(today: date, late: Sequence[Path], folder: Path, say: Say) -> None:
    """Work at the lists; then comes the roster that shows who renewed, and the rest follows."""
    this, unit = Month.of(today), Unit.objects.get(name=facts.UNIT)
    for back in BACK:
        of = this.plus(back)
        jobs.start("renewals.warning-lists", key=f"demo:lists:{of}", month=of, unit=unit)
        month.drafted(of)
    people, renewing = Callers.known(), _accounts(late)
    for row in WarningList.objects.filter(grid__unit=unit).select_related("grid").order_by("month", "pk"):
        work_at(row, today, renewing, people)
    bring_back_a_sheet(this, today)
    admin = User.objects.get(employee_no=rosters.ADMIN_NO)
    for file in late:
        bring_in(file, admin, "subscribers")
    date_renewals(today)
    compare(unit, folder)
    find_numbers(today, people)
    settle(unit, today)
    say(f"  {Contact.objects.count()} contacts about the contracts of four months")


# --- Calls and visits ---


@dataclass(slots=True)
class Callers:
    """Who calls for an agent, and for the pool of a grid."""

    staff: dict[int, list[User]] = field(default_factory=dict)
    managers: dict[int, User] = field(default_factory=dict)
    lagging: int = 0

    @classmethod
    def known(cls) -> Callers:
        """As they are in the database."""
        found = cls(lagging=Agent.objects.get(name=LAGS).pk)
        for user in User.objects.filter(agent_staff__isnull=False).select_related("agent_staff").order_by("pk"):
            found.staff.setdefault(user.agent_staff.agent_id, []).append(user)
        for user in User.objects.filter(memberships__role="grid_manager").prefetch_related("memberships"):
            found.managers[user.memberships.all()[0].grid_id] = user
        return found

    def caller(self, warning: ExpiryWarning) -> User:
        """One of the agent's people, the same for a subscriber every time."""
        own = self.staff.get(warning.agent_id or 0)
        return own[warning.subscriber_id % len(own)] if own else self.managers[warning.warning_list.grid_id]


def work_at(listed: WarningList, today: date, renewing: set[str], people: Callers) -> None:
    """All that was done about a list so far, in the order in which it was done."""
    rows = ExpiryWarning.objects.live().filter(warning_list=listed).select_related("subscriber", "warning_list")
    part = TALKED_ABOUT.get(_months(today, listed.month), 1.0)
    done: list[tuple[datetime, ExpiryWarning, Told]] = []
    for row in rows.order_by("pk"):
        account = row.subscriber.account
        if Random(f"part {account}").random() > part:  # noqa: S311 - nothing secret
            continue
        lags = row.agent_id == people.lagging and listed.month >= Month.of(today).first
        told_of = story(account, row.expires_on, today, renews=account in renewing, lags=lags)
        done += [(_moment(one.day, row.pk), row, one) for one in told_of]
    now, photo = timezone.now(), _photo()
    with transaction.atomic(), counted_once(today):
        WarningList.objects.hold([listed.pk])
        for moment, row, one in sorted(done, key=lambda item: (item[0], item[1].pk)):
            if moment < now:
                shown = [photo] if one.medium == VISIT and one.loss and row.pk % 25 == 0 else []
                record(row.pk, _said(row, one, moment), people.caller(row), photos=shown, now=moment)
                photo = _photo() if shown else photo


def _said(row: ExpiryWarning, one: Told, moment: datetime) -> Said:
    place: dict[str, Any] = {}
    project = row.subscriber.project_id
    if one.medium == VISIT and row.pk % 3 and project:
        where = PLACES.get(project) or PLACES.setdefault(project, _place(row))
        place = dict(zip(("longitude", "latitude"), where, strict=False)) if where[0] is not None else {}
    return Said(one.medium, one.outcome, moment, one.promised_on, one.loss, one.note, **place)


PLACES: dict[int, tuple[Any, Any]] = {}


def _place(row: ExpiryWarning) -> tuple[Any, Any]:
    return row.subscriber.project.longitude, row.subscriber.project.latitude


def _moment(day: date, number: int) -> datetime:
    return at(day, 9) + timedelta(minutes=SPREAD * (number % 9))


def _photo() -> Photo:
    """A door with a note on it."""
    image = Image.new("RGB", (640, 480), "#c9d2dc")
    draw = ImageDraw.Draw(image)
    draw.rectangle((210, 60, 430, 470), fill="#7a5233", outline="#4a321f", width=6)
    draw.ellipse((392, 260, 416, 284), fill="#e2c04a")
    draw.rectangle((280, 150, 360, 210), fill="#fffbe0", outline="#b8a75a")
    file = io.BytesIO()
    image.save(file, "JPEG")
    return clean_photo(SimpleUploadedFile("door.jpg", file.getvalue(), "image/jpeg"))


def find_numbers(today: date, people: Callers) -> None:
    """Some wrong numbers were put right since: neighbours and property companies know them."""
    wrong = SubscriberNumber.objects.filter(is_right=False).select_related("subscriber").order_by("-pk")[:NUMBERS]
    for number, row in enumerate(wrong):
        by = next(iter(people.managers.values()))
        set_right(row.subscriber, f"1990001{number:04d}", by, min(at(today, 9), timezone.now()), "物业登记的号码")


# --- The roster, the specialist's list, a filled sheet ---


def _accounts(late: Iterable[Path]) -> set[str]:
    """Who renewed by the roster that is still to come."""
    found = set()
    for file in late:
        rows = load_workbook(file, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True)
        found |= {str(row[0]) for row in rows if row[11] == "在用"}
    return found


def bring_in(file: Path, by: User, kind: str) -> None:
    """Import it, as a person would."""
    batch = workbooks.import_now(file, by, kind)
    if batch.rows_refused or batch.state != batch.State.APPLIED:
        raise RuntimeError(f"{file.name} was not imported: {batch.state} {batch.fault}")


def date_renewals(today: date) -> None:
    """Who was seen in the roster alone renewed around the end of the contract, not all on the day of the import."""
    rows = list(ExpiryWarning.objects.filter(state=State.RENEWED, renewed_on=timezone.localdate()))
    for row in rows:
        row.renewed_on = min(row.expires_on - timedelta(days=row.pk % 11 - 2), today)
    ExpiryWarning.objects.bulk_update(rows, ["renewed_on"], batch_size=300)
    closed = list(ExpiryWarning.objects.filter(state=State.LOST, lost_on=timezone.localdate()).exclude(resume=""))
    for row in closed:
        row.lost_on = min(row.expires_on + timedelta(days=row.pk % 14), today)
    ExpiryWarning.objects.bulk_update(closed, ["lost_on"], batch_size=300)


def compare(unit: Unit, folder: Path) -> None:
    """The specialist's own list of the newest month, which differs a little; some differences are decided."""
    newest = WarningList.objects.filter(grid__unit=unit).latest("month").month
    of, specialist = Month.of(newest), User.objects.get(employee_no=rosters.SPECIALIST_NO)
    listed = ExpiryWarning.objects.live().filter(month=newest).select_related("subscriber__project").order_by("pk")
    rows = [_line(of, row) for at_, row in enumerate(listed) if at_ % 45 != 7]
    for number, row in enumerate(rows[5::60]):
        row[5] = of.day(1 + (row[5].day + 3 + number) % 28)
    if not rows:
        return
    rows += [[*rows[n][:1], f"88099{n:05d}", *rows[n][2:]] for n in range(0, len(rows), 120)]
    file = folder / f"续费明细{of.year}年{of.month}月.xlsx"
    header = [SpecialistSheet().column(name).header for name in LINE]
    with write_sheet("续费明细", header, rows) as made:
        file.write_bytes(made.read())
    bring_in(file, specialist, "renewal_details")
    found = Difference.objects.filter(unit=unit, month=newest).order_by("pk")
    theirs = list(found.filter(kind=Difference.Kind.EXPIRY).values_list("pk", flat=True)[:2])
    ours = list(found.filter(kind=Difference.Kind.ONLY_OURS).values_list("pk", flat=True)[:3])
    now = timezone.now()
    services_differences.decide(unit, of, theirs, "theirs", "以计费系统为准", specialist, now)
    services_differences.decide(unit, of, ours, "ours", "已与客户核实", specialist, now)


LINE = ("month", "account", "name", "phone", "project_id", "expires_on", "product", "monthly_fee")


def _line(of: Month, row: ExpiryWarning) -> list[Any]:
    who = row.subscriber
    return [
        *(str(of), who.account, who.name, who.phone, who.project.code),
        *(row.expires_on, who.product, who.monthly_fee),
    ]


def bring_back_a_sheet(this: Month, today: date) -> None:
    """An agent's list of the month goes out, is filled in, and the manager imports it."""
    agent = Agent.objects.get(name=facts.AGENTS[1])
    rows = ExpiryWarning.objects.worked().filter(month=this.first, agent=agent, contacts_made=0)
    if not rows.exists():
        return
    listed = WarningList.objects.filter(month=this.first, warnings__in=rows).select_related("grid")[0]
    share = Share(this, agent, listed.grid.name)
    with write_share(share, rows_of(rows)) as file:
        book = load_workbook(io.BytesIO(file.read()))
    sheet, first = book.worksheets[0], list(SHAPES).index("day") + 1
    for number in range(min(FILLED, sheet.max_row - 2)):
        result = ("无人接听", "已续费", "不续费")[number % 3]
        filled: tuple[Any, ...] = (today - timedelta(days=1), "电话", result)
        for at_, value in enumerate(filled):
            sheet.cell(3 + number, first + at_, value)
    out = io.BytesIO()
    book.save(out)
    manager = Callers.known().managers[listed.grid_id]
    workbooks.import_now(ContentFile(out.getvalue(), share.file_name), manager, "returned")


# --- What follows ---


def settle(unit: Unit, today: date) -> None:
    """Lists and chances are counted; some of a pool are handed out; who lags is asked about it."""
    now, this = timezone.now(), Month.of(today)
    lists = list(WarningList.objects.filter(grid__unit=unit).values_list("pk", flat=True))
    pool = ExpiryWarning.objects.worked().filter(agent=None, month__gte=this.first).order_by("-month", "pk")
    some = ExpiryWarning.objects.filter(pk__in=list(pool.values_list("pk", flat=True)[:HANDED_OUT]))
    by = supervisor()
    if first := some.select_related("warning_list__grid").first():
        agent = Agent.objects.filter(ownerships__project__grid=first.warning_list.grid).order_by("pk")[0]
        hand_over(some, agent, None, by, "项目移交代理商跟进", now)
    with transaction.atomic():
        WarningList.objects.hold(lists)
        retally(lists, today)
    services_chance.refresh(unit, today)
    findings = anomalies.findings_of([unit], this, today)[unit.pk]
    with told(min(at(today, 9), now)):
        for one in findings.anomalies[:1]:
            asked = services_tasks.Asked("约谈负责人，三天内补齐未联系用户", today + timedelta(days=3), by, now)
            services_tasks.make_from(findings, one, this, asked, None)


def _months(today: date, first: date) -> int:
    return (first.year - today.year) * 12 + first.month - today.month
