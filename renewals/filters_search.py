"""Looking for subscribers by words: each way to read them asks its own index for a few, so no way is slow (N3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.models import Project
from renewals.models import Subscriber, SubscriberNumber
from renewals.rules_search import Place, Words, place_of

FEW = 1_000  # so many rows are found at once and listed by their ids
NAMED = 500  # so many projects are looked at
SCANNED = 60  # in so many projects addresses are looked through
LAST = "\U0010ffff"


def begins(name: str, words: str) -> Q:
    """Field ``name`` begins with ``words``, so that its index serves it on either database."""
    if connection.vendor == "postgresql":
        return Q(**{f"{name}__startswith": words})
    return Q(**{f"{name}__gte": words, f"{name}__lt": words + LAST})


def account_begins(words: str) -> Q:
    """The index of accounts is in the order of the database's language."""
    return Q(account__gte=words, account__lte=words + "z" * 8, account__startswith=words)


@dataclass
class Found:
    """What the words found: rows by id, whole projects, and conditions that too many rows meet to list them."""

    ids: set[int] = field(default_factory=set)
    projects: list[int] = field(default_factory=list)
    wide: Q = field(default_factory=Q)
    hint: str | Promise = ""

    @property
    def only_projects(self) -> bool:
        """Whether whole projects are all that was found."""
        return bool(self.projects) and not self.ids and not self.wide

    @property
    def condition(self) -> Q:
        """Which rows these are."""
        parts = [Q(pk__in=self.ids)] if self.ids else []
        parts += [Q(project__in=self.projects)] if self.projects else []
        parts += [self.wide] if self.wide else []
        return reduce(or_, parts, Q()) if parts else Q(pk__in=[])


class Search:
    """One search. ``named`` are the projects in which the person may look, ``near`` their ids unless they are many."""

    def __init__(self, words: Words, named: QuerySet[Project, Project], near: Collection[int] | None) -> None:
        self.words, self.named = words, named
        self.near = near if near is not None and len(near) <= SCANNED else None
        self.found = Found()

    def run(self) -> Found:
        """Ask for each way to read the words."""
        words = self.words
        if words.account:
            self._ask(account_begins(words.account))
        if words.number:
            self._ask(begins("phone", words.number))
            tried = SubscriberNumber.objects.filter(begins("phone", words.number)).order_by()
            self.found.ids.update(tried.values_list("subscriber", flat=True)[:FEW])
        if words.tail and self.near is not None:
            self._ask(Q(project__in=self.near, phone__endswith=words.tail))
        if words.name:
            self._ask(begins("name", words.name))
        if not self._in_projects() and words.place:
            self._at(words.place)
        return self.found

    def _ask(self, condition: Q, place: Place | None = None) -> None:
        rows = Subscriber.objects.filter(condition).order_by().values_list("pk", "address")[: FEW + 1]
        if len(rows) > FEW:
            self.found.wide |= condition
        else:
            self.found.ids.update(pk for pk, address in rows if place is None or place.fits(address))

    def _in_projects(self) -> bool:
        """Whether the words begin with projects; then what follows is looked for there."""
        behind: dict[str, list[int]] = {}
        for pk, name, code in self._named_so():
            rest = self.words.after((name, code))
            if rest is not None:
                behind.setdefault(rest, []).append(pk)
        for rest, projects in behind.items():
            if rest:
                self._behind(rest, projects)
            else:
                self.found.projects += projects
        return bool(behind)

    def _named_so(self) -> Collection[tuple[int, str, str]]:
        heads = self.words.heads
        if not heads:
            return []
        called = Q(name__in=self.words.beginnings) | Q(code__in=heads)
        for head in heads:
            called |= Q(code__iexact=head) | Q(name__icontains=head)
        return self.named.filter(called).order_by("pk").values_list("pk", "name", "code")[:NAMED]

    def _behind(self, rest: str, projects: list[int]) -> None:
        place = place_of(rest)
        if len(projects) > SCANNED:
            self.found.hint = _("Many projects are called so; type more of the project's name.")
        elif place:
            self._at(place, projects)
        else:
            self._ask(Q(project__in=projects) & (begins("name", rest) | Q(address__contains=rest)))

    def _at(self, place: Place, projects: Collection[int] | None = None) -> None:
        """Addresses in ``projects``, else in the person's own, if these are few enough to look through."""
        within = self.near if projects is None else projects
        if within is None:
            self.found.hint = _("For an address type the project, too, or choose a grid.")
            return
        condition = Q(project__in=within)
        for part in place.parts:
            condition &= reduce(or_, (Q(address__contains=way) for way in part.ways))
        self._ask(condition, place)


def search(typed: str, named: QuerySet[Project, Project], near: Collection[int] | None) -> Found:
    """What ``typed`` finds."""
    words = Words.read(typed)
    return Search(words, named, near).run() if words.text else Found()
