"""Writing the split of a plan: figures by hand, locks, points and remarks, each over the value its writer saw (S6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from gridops.common.versions import as_text
from plans import workflow
from plans.cells import CONFLICT, FAULT, GONE, SAVED, Cell, CellResult, Place, compare, locked, say_conflict
from plans.forms_cells import Fault
from plans.forms_split import read_share
from plans.material import ProjectFigures
from plans.models import Plan, ProjectShare
from plans.services_cells import authors_of
from plans.services_edit import ShareEdit, edits_of, held, projects_of, split_over_projects
from projects.models import Project

# Which columns of a share an input's value stands in, for telling who wrote it.
COLUMNS = {"manual": ("net_adds", "is_manual"), "locked": ("is_manual",)}


def stored_shares(projects: Iterable[ProjectFigures], shares: dict[int, ProjectShare]) -> dict[Place, str]:
    """Every field of the split as stored, as text. A figure set by hand is a locked one."""
    found: dict[Place, str] = {}
    for project in projects:
        share, line = shares.get(project.id), f"share:{project.id}"
        by_hand = share is not None and share.is_manual
        found[line, "manual"] = as_text(share.net_adds) if share and by_hand else ""
        found[line, "locked"] = as_text(by_hand)
        found[line, "adjustment"] = as_text(share.adjustment if share else 0)
        found[line, "remark"] = share.remark if share else ""
    return found


def save_shares(plan: Plan, cells: Sequence[Cell]) -> list[CellResult]:
    """Save what was typed where it can be taken, and split the rest again (S6).

    A project that is not of the plan's grid refuses everything (404). ``plan`` is brought up to date.
    """
    with transaction.atomic():
        now = held(plan)
        sheet = ShareSheet(now)
        sheet.demand_own(cells)
        if now.state not in workflow.EDITABLE:
            results = locked(cells)
        else:
            results = [sheet.take(cell) for cell in cells]
            sheet.write()
        sheet.say_who(results)
    plan.refresh_from_db(fields=["state", "shortfall", "version", "net_adds"])
    return results


def forget(plan: Plan, everything: bool) -> bool:
    """Unlock all shares, or begin anew without points and remarks as well; False when the plan is locked."""
    with transaction.atomic():
        now = held(plan)
        if now.state not in workflow.EDITABLE:
            return False
        edits = {} if everything else {pk: replace(edit, manual=None) for pk, edit in edits_of(now).items()}
        _split(now, edits)
    plan.refresh_from_db(fields=["shortfall", "version"])
    return True


def split_anew(plan: Plan) -> bool:
    """Split again over the figures as they are now, everything typed kept; False when the plan is locked."""
    with transaction.atomic():
        now = held(plan)
        if now.state not in workflow.EDITABLE:
            return False
        _split(now, edits_of(now))
    plan.refresh_from_db(fields=["shortfall", "version"])
    return True


def _split(plan: Plan, edits: dict[int, ShareEdit]) -> None:
    split_over_projects(plan, edits)
    plan.version += 1
    plan.save()


class ShareSheet:
    """The split of a plan held for writing, while cells are written into it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.projects = {project.id: project for project in projects_of(plan)}
        self.shares = {share.project_id: share for share in plan.project_shares.all()}
        self.stored = stored_shares(self.projects.values(), self.shares)
        self.changes: dict[int, dict[str, Any]] = defaultdict(dict)

    def demand_own(self, cells: Iterable[Cell]) -> None:
        """404 unless every project is one of the plan's grid, in service or not any more."""
        unknown = {cell.pk for cell in cells} - self.projects.keys()
        own = Project.objects.filter(pk__in=unknown, grid=self.plan.grid_id).count() if unknown else 0
        if own < len(unknown):
            raise Http404

    def take(self, cell: Cell) -> CellResult:
        """What becomes of one cell; what is to be written is noted."""
        if cell.pk not in self.projects:
            return CellResult(cell, GONE, text=_("This project was taken out of service meanwhile."))
        now, new = self.stored[cell.place], read_share(cell.field, cell.value)
        if isinstance(new, Fault):
            return CellResult(cell, FAULT, now, new.text)
        result = compare(cell, as_text(new), now)
        if result.state == SAVED:
            self.changes[cell.pk][cell.field] = new
        return result

    def write(self) -> None:
        """Write what was noted and split the rest again."""
        if not self.changes:
            return
        edits = edits_of(self.plan)
        if self.projects.keys() - self.shares.keys():
            # a lock keeps what a project new since the last split is given now
            split_over_projects(self.plan, edits)
            self.shares = {share.project_id: share for share in self.plan.project_shares.all()}
        for pk, fields in self.changes.items():
            edits[pk] = self._edited(pk, edits.get(pk, ShareEdit()), fields)
        _split(self.plan, edits)

    def _edited(self, pk: int, edit: ShareEdit, fields: dict[str, Any]) -> ShareEdit:
        """The figure typed goes before the lock: a lock alone keeps what the share is now, opening it forgets it."""
        if "manual" in fields:
            edit = replace(edit, manual=fields["manual"])
        elif "locked" in fields:
            share = self.shares.get(pk)
            edit = replace(edit, manual=(share.net_adds if share else 0) if fields["locked"] else None)
        return replace(edit, **{name: fields[name] for name in ("adjustment", "remark") if name in fields})

    def say_who(self, results: Iterable[CellResult]) -> None:
        """Put conflicts into words: whose value stands there, and what it is."""
        clashing = [result for result in results if result.state == CONFLICT]
        shares = {pk: self.shares[pk].pk for pk in {one.cell.pk for one in clashing} if pk in self.shares}
        known = authors_of(ProjectShare, list(shares.values()))
        for result in clashing:
            columns = COLUMNS.get(result.cell.field, (result.cell.field,))
            places = [(shares.get(result.cell.pk, 0), name) for name in columns]
            by = next((known[place] for place in places if place in known), "")
            say_conflict(result, shown(result.cell, result.value), by)


def shown(cell: Cell, text: str) -> str:
    """Stored text as people read it."""
    if cell.field == "locked":
        return _("locked") if text == "True" else _("not locked")
    return text
