"""Records that may be one household twice, found within a project, and settled several at once (N3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Unit, User
from gridops.accounts.reveal import just_revealed
from gridops.common.ids import read_id
from projects.models import Project
from renewals.choices import Household
from renewals.models import Subscriber, SubscriberNumber
from renewals.querysets import ALIKE_MOST
from renewals.services_records import settle_households
from renewals.views import READERS

SIZE = 20
WAYS = {"phone": gettext_lazy("the same phone"), "address": gettext_lazy("the same address")}


@dataclass(frozen=True, slots=True)
class Place:
    """Where is looked: a grid or a whole unit of the person's scope. ``key`` is how an address names it."""

    key: str
    name: str
    grids: list[int]


def places(user: User) -> list[Place]:
    """Every unit in which the person sees several grids, and every grid, unit by unit."""
    by_unit: dict[Unit, list[Grid]] = {}
    for grid in Grid.objects.for_user(user).select_related("unit").order_by("unit__name", "name"):
        by_unit.setdefault(grid.unit, []).append(grid)
    found = []
    for unit, grids in by_unit.items():
        if len(grids) > 1:
            found.append(Place(f"unit-{unit.pk}", str(unit), [grid.pk for grid in grids]))
        found += [Place(f"grid-{grid.pk}", str(grid), [grid.pk]) for grid in grids]
    return found


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Records of one project with the same phone, or the same address; posted, the chosen ones are settled."""
    user = signed_in(request)
    offered = places(user)
    asked = request.GET.get("place", "")
    place = next((one for one in offered if one.key == asked), offered[0] if offered and not asked else None)
    way = request.GET.get("by", "phone")
    if place is None or way not in WAYS:
        raise Http404
    if request.method == "POST":
        _settle(request)
        return redirect(
            request.path + "?" + urlencode({"place": place.key, "by": way, "after": request.GET.get("after", "")})
        )
    after = read_id(request.GET.get("after") or "0")
    projects = list(Project.objects.filter(grid__in=place.grids).order_by().values_list("pk", flat=True))
    groups = list(Subscriber.objects.within(projects).alike(way).filter(first__gt=after)[: SIZE + 1])
    context: dict[str, Any] = {
        "places": offered,
        "place": place,
        "ways": WAYS.items(),
        "way": way,
        "groups": _members(groups[:SIZE], way),
        "after": after,
        "next": groups[SIZE - 1]["first"] if len(groups) > SIZE else 0,
        "most": ALIKE_MOST,
        "revealed": just_revealed(request),
    }
    return render(request, "renewals/duplicates.html", context)


def _members(groups: list[dict[str, Any]], way: str) -> list[list[Subscriber]]:
    """The records of each group: the one that should stay first, that is the one whose contract runs longest."""
    by_key: dict[tuple[int, str], list[Subscriber]] = {(group["project"], group[way]): [] for group in groups}
    projects, values = {key[0] for key in by_key}, {key[1] for key in by_key}
    alike = {"project__in": projects, f"{way}__in": values}
    for row in Subscriber.objects.undoubled().filter(**alike).select_related("project").order_by("pk"):
        by_key.get((row.project_id, getattr(row, way)), []).append(row)
    found = list(by_key.values())
    SubscriberNumber.objects.put_on([row for rows in found for row in rows])
    for rows in found:
        rows.sort(key=lambda row: (row.expires_on is not None, row.expires_on, row.pk), reverse=True)
    return found


def _settle(request: HttpRequest) -> None:
    """Every group that was ticked: the record that stays, the others its duplicates. All of it, or nothing."""
    user, chosen = signed_in(request), []
    for first in request.POST.getlist("take"):
        members = {read_id(text) for text in request.POST.getlist(f"members-{first}")}
        stays = read_id(request.POST.get(f"stays-{first}") or "0")
        if stays not in members or not 1 < len(members) <= ALIKE_MOST:
            raise Http404
        chosen.append((stays, members - {stays}))
    ids = {pk for stays, others in chosen for pk in (stays, *others)}
    rows = Subscriber.objects.for_user(user).in_bulk(ids)
    if len(chosen) > SIZE or len(rows) != len(ids):
        raise Http404
    note, now, settled = request.POST.get("note", "").strip()[:500], timezone.now(), 0
    try:
        with transaction.atomic():
            for stays, others in sorted(chosen):
                doubles = [rows[pk] for pk in others]
                settled += settle_households(doubles, Household.DUPLICATE, user, now, rows[stays], note)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return
    text = ngettext("%(count)s record is a duplicate now.", "%(count)s records are duplicates now.", settled)
    messages.success(request, text % {"count": settled}) if settled else messages.info(
        request, _("Nothing was ticked.")
    )
