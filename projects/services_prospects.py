"""New projects: what a person does to them on their course, and the preparation steps that follow from it (F1, F2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridops.accounts.models import User
from gridops.workbooks.models import Batch, Row
from projects import rules_prospects as rules
from projects.models import (
    Ledger,
    Preparation,
    PreparationTemplate,
    Project,
    Prospect,
    ProspectTalk,
    Stage,
)
from projects.querysets_prospects import ProspectQuerySet
from projects.services_ledgers import touch

CHUNK = 2_000
RIVALS_LIMIT = 200  # characters that the ledger has room for


class Refused(Exception):
    """What was asked can't be done; its text says why. ``stale``: somebody else was quicker."""

    def __init__(self, message: object, *, stale: bool = False) -> None:
        super().__init__(str(message))
        self.stale = stale


class CodeTaken(Exception):
    """Another project has this code."""


CODE_TAKEN = gettext_lazy("Another project has this code already.")
STALE = gettext_lazy("The new project has changed in the meantime; look at it again.")
MOVE_FAULTS = {
    "missing": gettext_lazy("Say when this stage was reached."),
    "future": gettext_lazy("This day has not come yet."),
    "order": gettext_lazy("This day lies before that of the earlier stage “%(stage)s”, %(day)s."),
    "same": gettext_lazy("It stands at this stage already."),
}


# --- Looked at ---


def look(prospect: Prospect) -> None:
    """Somebody looked at it, whether or not there was news (F1: every month)."""
    prospect.looked_at = timezone.now()
    Prospect.objects.filter(pk=prospect.pk).update(looked_at=prospect.looked_at)


def add_talk(prospect: Prospect, talk: ProspectTalk, by: User) -> ProspectTalk:
    """Write down a talk; it is never changed afterwards (S1 counts them)."""
    with transaction.atomic():
        talk.prospect, talk.by = prospect, by
        talk.save()
        look(prospect)
    return talk


# --- The course ---


def _locked(prospect: Prospect, version: int) -> Prospect:
    """The row as it is now, kept from others until the transaction ends. Refused when ``version`` is not its own."""
    row = Prospect.objects.select_for_update().get(pk=prospect.pk)
    if row.version != version:
        raise Refused(STALE, stale=True)
    return row


def _write(row: Prospect) -> None:
    row.version += 1
    row.looked_at = timezone.now()
    row.save()


def _set_actual(row: Prospect, stage: str, days: Mapping[str, date | None]) -> None:
    for name, day in days.items():
        setattr(row, f"{name}_on", day)
    row.stage = stage


@transaction.atomic
def move(prospect: Prospect, version: int, to: str, days: Mapping[str, date], today: date, reason: str = "") -> None:
    """Move to stage ``to``; ``days`` of the stages that it reaches, a ``reason`` for a move back. Refused, MoveFault.

    Into service leads ``go_live`` only, and nothing leads back from there.
    """
    row = _locked(prospect, version)
    if not row.is_under_way or to == Stage.LIVE:
        raise Refused(_("This new project is in service or was given up; its stage stays."))
    if rules.rank(to) < rules.rank(row.stage):
        if not reason:
            raise Refused(_("Say why it goes back."))
        went = _("%(day)s back to “%(stage)s”: %(reason)s") % {
            "day": today.isoformat(),
            "stage": Stage(to).label,
            "reason": reason,
        }
        row.note = f"{row.note}\n{went}".strip()
    _set_actual(row, to, rules.moved(row.stage, to, row.actual, days, today))
    _write(row)
    keep_up(Prospect.objects.filter(pk=row.pk))


@transaction.atomic
def give_up(prospect: Prospect, version: int, reason: str, today: date) -> None:
    """Follow it no longer, for a reason. Refused when it is in service or given up already."""
    row = _locked(prospect, version)
    if not row.is_under_way:
        raise Refused(_("This new project is in service or was given up; its stage stays."))
    row.closed_on, row.closed_reason = today, reason
    _write(row)


@transaction.atomic
def take_up(prospect: Prospect, version: int) -> None:
    """Follow it again."""
    row = _locked(prospect, version)
    row.closed_on, row.closed_reason = None, ""
    _write(row)
    keep_up(Prospect.objects.filter(pk=row.pk))


@transaction.atomic
def go_live(
    prospect: Prospect, version: int, project: Project, days: Mapping[str, date], by: User, today: date
) -> Project:
    """投产: make the ledger row ``project`` and tie it to the new project, once (F2).

    Refused when there is one already, MoveFault for a day that can't be, CodeTaken.
    """
    row = Prospect.objects.select_for_update().get(pk=prospect.pk)
    if row.project_id is not None:
        raise Refused(_("The ledger row has been made already."), stale=True)
    row = _locked(prospect, version)
    if not row.is_under_way:
        raise Refused(_("This new project was given up; take it up again first."))
    _set_actual(row, Stage.LIVE, rules.moved(row.stage, Stage.LIVE, row.actual, days, today))
    project.grid_id, project.is_active = row.grid_id, True
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError as error:
        raise CodeTaken from error
    row.project = project
    _write(row)
    touch([project.pk], Ledger.BASICS, by)
    return project


def ledger_row(prospect: Prospect) -> Project:
    """What the ledger row begins with: all that is known of the new project (P1)."""
    return Project(
        grid=prospect.grid,
        name=prospect.name,
        address=prospect.address,
        built_on=prospect.accepted_on,
        households=prospect.households,
        ports=prospect.ports,
        property_company=prospect.developer,
        property_contact=prospect.contact,
        property_phone=prospect.contact_phone,
        rivals="、".join(rival.name for rival in prospect.rivals.all())[:RIVALS_LIMIT],
        longitude=prospect.longitude,
        latitude=prospect.latitude,
    )


# --- Preparation steps ---


@transaction.atomic
def tick(step: Preparation, by: User, day: date | None, note: str | None = None) -> None:
    """Done on ``day``, or to be done after all (None)."""
    step.done_on, step.done_by = day, by if day else None
    changed = ["done_on", "done_by"]
    if note is not None:
        step.note = note
        changed.append("note")
    step.save(update_fields=changed)
    look(step.prospect)


@transaction.atomic
def set_due(step: Preparation, day: date | None) -> None:
    """Due on a day set by hand; None: it follows the plan again."""
    step.is_due_set = day is not None
    step.due_on = day or rules.due_day(step.prospect.planned[step.stage], step.days)
    step.save(update_fields=["is_due_set", "due_on"])
    look(step.prospect)


@transaction.atomic
def add_step(prospect: Prospect, step: Preparation) -> None:
    """A step of this new project alone."""
    step.prospect, step.is_due_set = prospect, step.due_on is not None
    step.save()
    look(prospect)


@transaction.atomic
def keep_up(prospects: ProspectQuerySet) -> None:
    """Give them the steps of the stages that lie ahead, once each, and let the days due follow their plans.

    Set-based and idempotent. What is done, or due on a day set by hand, is left alone.
    """
    templates = list(PreparationTemplate.objects.filter(is_active=True))
    rows = prospects.under_way().order_by("pk").iterator(chunk_size=CHUNK)
    chunk: list[Prospect] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            _keep_up(chunk, templates)
            chunk = []
    _keep_up(chunk, templates)


def _keep_up(prospects: list[Prospect], templates: list[PreparationTemplate]) -> None:
    steps = list(Preparation.objects.filter(prospect__in=[row.pk for row in prospects]).order_by())
    known = {(step.prospect_id, step.template_id) for step in steps}
    Preparation.objects.bulk_create(
        [
            Preparation(
                prospect=row,
                template=template,
                stage=template.stage,
                title=template.title,
                days=template.days,
                due_on=rules.due_day(row.planned[template.stage], template.days),
            )
            for row in prospects
            for template in templates
            if template.stage in rules.not_reached(row.stage) and (row.pk, template.pk) not in known
        ],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    planned = {row.pk: row.planned for row in prospects}
    moved = []
    for step in steps:
        due = rules.due_day(planned[step.prospect_id][step.stage], step.days)
        if step.done_on is None and not step.is_due_set and step.due_on != due:
            step.due_on = due
            moved.append(step)
    Preparation.objects.bulk_update(moved, ["due_on"], batch_size=500)


@transaction.atomic
def templates_changed(changed: list[PreparationTemplate]) -> None:
    """New steps reach all that are under way; steps not done yet take the new words and days of those that changed."""
    for template in changed:
        waiting = Preparation.objects.filter(template=template, done_on=None).exclude(prospect__stage=Stage.LIVE)
        waiting.update(stage=template.stage, title=template.title, days=template.days)
    keep_up(Prospect.objects.all())


# --- What an import brings ---


def after_import(batch: Batch) -> None:
    """What it made or changed was looked at; a new one past its approval has that day as the actual one, too."""
    made = Prospect.objects.filter(created_batch=batch)
    past = made.exclude(stage=Stage.FOUND).filter(approval_on=None, approval_planned_on__lte=timezone.localdate())
    past.update(approval_on=F("approval_planned_on"))
    changed = Row.objects.filter(batch=batch, state=Row.State.CHANGED).values("object_id")
    Prospect.objects.filter(pk__in=changed).update(looked_at=timezone.now())


def keep_all_up() -> None:
    """After an import was applied or undone: steps and their days fit the plans as they are now."""
    keep_up(Prospect.objects.all())


def set_plan(row: Prospect, before: rules.Plan) -> list[str]:
    """Bring the planned days along that follow from what changed since ``before``; the names of the fields set."""
    after = plan_of(row)
    found = rules.proposed(before, after)
    fields: dict[str, Any] = {}
    if found.accepted != after.accepted:
        fields["accepted_planned_on"] = found.accepted
    if found.live != after.live:
        fields["live_planned_on"] = found.live
    for name, day in fields.items():
        setattr(row, name, day)
    return list(fields)


def plan_of(row: Prospect) -> rules.Plan:
    """The planned days of ``row`` that hang together."""
    return rules.Plan(row.building_planned_on, row.building_months, row.accepted_planned_on, row.live_planned_on)
