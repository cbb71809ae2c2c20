"""The versions of a plan that were handed in, and any two of them compared (S1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from gridops.accounts.guards import for_roles, signed_in
from gridops.common.ids import read_id
from plans import pages_review
from plans.checks import due_on
from plans.compare import SAME, Content, content_of
from plans.models import Plan, PlanVersion
from plans.services_comments import comments_of
from plans.views import READERS, plan_of

NOW = "now"


@for_roles(*READERS)
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every time that this grid's plan of the month was handed in, and what came of it."""
    plan = plan_of(request, pk)
    handed_in = pages_review.handed_in(plan)
    context = {
        "plan": plan,
        "handed_in": handed_in,
        "chosen": _default_pair(handed_in),
        "revisions": Plan.objects.filter(grid=plan.grid_id, month=plan.month).exclude(pk=plan.pk).order_by("revision"),
        "comments": comments_of(plan, signed_in(request)),
        "due": due_on(plan),
    }
    return render(request, "plans/versions.html", context)


def _default_pair(handed_in: list[pages_review.Handed]) -> tuple[str, str]:
    """The last two versions; of a single one, it and the plan as it is now."""
    pks = [str(one.version.pk) for one in handed_in]
    return (pks[1], pks[0]) if len(pks) > 1 else (pks[0] if pks else NOW, NOW)


@for_roles(*READERS)
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions of this grid and month, the older one first; one may be the plan as it is now."""
    plan = plan_of(request, pk)
    sides = sorted((_side(plan, request.GET.get(name, "")) for name in ("old", "new")), key=lambda side: side.place)
    only = request.GET.get("only", "1") == "1"
    parts = pages_review.parts_of(sides[0].content, sides[1].content, only=only)
    context = {
        "plan": plan,
        "old": sides[0],
        "new": sides[1],
        "parts": parts,
        "only": only,
        "changed": any(seen.line.kind != SAME for _title, rows, _same in parts for seen in rows),
        "due": due_on(plan),
    }
    return render(request, "plans/compare.html", context)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared. ``place`` puts the older one first."""

    key: str
    title: str
    content: Content
    place: tuple[int, int]
    at: datetime | None = None


def _side(plan: Plan, key: str) -> Side:
    if key in ("", NOW):
        return Side(NOW, _("as it is now"), content_of(plan), (plan.revision, 1_000_000))
    same = PlanVersion.objects.filter(plan__grid=plan.grid_id, plan__month=plan.month).select_related("plan")
    found = get_object_or_404(same, pk=read_id(key))
    title = pages_review.version_title(found.plan, found.number)
    return Side(key, title, found.content, (found.plan.revision, found.number), found.at)
