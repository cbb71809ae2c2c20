"""What the page of the reconciled lists shows: how far both agree, and what a decision comes to, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.accounts.models import Unit, User
from gridops.common.months import Month
from gridops.common.templatetags.gridops import number as shown
from renewals.models import Difference, ExpiryWarning, SpecialistLine, WarningList
from renewals.rules_reconcile import Deed, Left

Kind = Difference.Kind


@dataclass(slots=True)
class Side:
    """One kind of difference: how many there are, how many are open, and of these how many for which reason."""

    kind: str
    title: str
    number: int = 0
    open: int = 0
    reasons: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    """A unit's month: how many stand on either list, on both, and where they differ; settled ones differ no more."""

    ours: int
    theirs: int
    both: int
    sides: list[Side]
    open: int
    settled: int
    has_lists: bool

    @property
    def compared(self) -> bool:
        """Whether both lists are there."""
        return bool(self.theirs) and self.has_lists


def figures_of(user: User, unit: Unit, month: Month) -> Figures:
    """As ``user`` sees it; a constant number of queries."""
    own = Difference.objects.for_user(user).filter(unit=unit, month=month.first).order_by()
    sides = {kind: Side(kind, str(label)) for kind, label in Kind.choices}
    words = dict(Difference.Reason.choices)
    current = own.filter(settled_at=None)
    for kind, reason, decision, number in current.values_list("kind", "reason", "decision").annotate(n=Count("pk")):
        side = sides[kind]
        side.number += number
        if not decision:
            side.open += number
            side.reasons.append((reason, str(words.get(reason, reason)), number))
    for side in sides.values():
        side.reasons.sort(key=lambda one: -one[2])
    lists = WarningList.objects.for_user(user).filter(grid__unit=unit, month=month.first)
    ours = ExpiryWarning.objects.live().filter(warning_list__in=lists).count()
    theirs = SpecialistLine.objects.for_user(user).filter(project__grid__unit=unit, month=month.first).count()
    return Figures(
        ours,
        theirs,
        both=ours - sides[Kind.ONLY_OURS].number - sides[Kind.EXPIRY].number,
        sides=list(sides.values()),
        open=sum(side.open for side in sides.values()),
        settled=own.exclude(settled_at=None).count(),
        has_lists=lists.exists(),
    )


def deeds_in_words(done: Counter[Deed]) -> list[str]:
    """What is done, a sentence each."""
    return [_deed(deed, number) for deed, number in done.most_common() if number]


def left_in_words(left: Counter[Left]) -> list[str]:
    """What is left open, and why, a sentence each."""
    return [_left(why, number) for why, number in left.most_common() if number]


def deciders(rows: Iterable[Difference]) -> str:
    """The names of those who decided about ``rows``."""
    names = sorted({row.decided_by.name for row in rows if row.decided_by})
    return _(", ").join(names)


def _deed(deed: Deed, n: int) -> str:
    texts = {
        Deed.KEEP: ngettext(
            "%(n)s stays as we have it; nothing else changes.", "%(n)s stay as we have them; nothing else changes.", n
        ),
        Deed.MOVE: ngettext(
            "The expiry of %(n)s subscriber becomes the specialist's.",
            "The expiry of %(n)s subscribers becomes the specialist's.",
            n,
        ),
        Deed.MAKE: ngettext(
            "%(n)s subscriber's record is made from the specialist's list.",
            "%(n)s subscribers' records are made from the specialist's list.",
            n,
        ),
        Deed.RESTORE: ngettext(
            "%(n)s subscriber's record is put right (in use, expiry as on the specialist's list) and listed.",
            "%(n)s subscribers' records are put right (in use, expiry as on the specialist's list) and listed.",
            n,
        ),
        Deed.OFF: ngettext(
            "%(n)s contract is taken off our list and stays off.",
            "%(n)s contracts are taken off our list and stay off.",
            n,
        ),
    }
    return texts[deed] % {"n": shown(n)}


def _left(why: Left, n: int) -> str:
    texts = {
        Left.OTHER_UNIT: ngettext(
            "%(n)s belongs to another unit: only there the record can be changed.",
            "%(n)s belong to another unit: only there the records can be changed.",
            n,
        ),
        Left.NO_DAY: ngettext(
            "%(n)s has no day of expiry on the specialist's list.",
            "%(n)s have no day of expiry on the specialist's list.",
            n,
        ),
        Left.BEFORE_START: ngettext(
            "%(n)s would expire before the contract's start.", "%(n)s would expire before the contracts' start.", n
        ),
        Left.CLOSED: ngettext(
            "%(n)s is renewed already, or settled otherwise.", "%(n)s are renewed already, or settled otherwise.", n
        ),
        Left.CHANGED: ngettext(
            "%(n)s has changed in the roster since: it is compared anew when the lists are brought up to date.",
            "%(n)s have changed in the roster since: they are compared anew when the lists are brought up to date.",
            n,
        ),
    }
    return texts[why] % {"n": shown(n)}
