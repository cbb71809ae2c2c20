"""What is paid for what, by which scheme, on a day; beginning and ending schemes (P5, C7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from channels.choices import PaidFor
from channels.commission_words import rates_text
from channels.models import Campaign, Ownership, Rate, Scheme
from channels.services import supervises
from gridops.accounts.models import Unit, User
from gridops.common.journal import Step, write_steps


@dataclass(frozen=True, slots=True)
class InForce:
    """The rates that hold in a unit on a day for those who are paid as ``payee``.

    ``general`` hold for every sale, ``campaigns`` for a sale under that campaign, in place of the general ones.
    """

    general: tuple[Rate, ...]
    campaigns: dict[Campaign, tuple[Rate, ...]]

    def find(self, paid_for: str, speed: int, campaign: Campaign | None = None) -> Rate | None:
        """What is paid for one of ``paid_for`` of that speed; a campaign that says nothing of it leaves the general."""
        own = self.campaigns.get(campaign, ()) if campaign else ()
        return _first(own, paid_for, speed) or _first(self.general, paid_for, speed)


def rates_of(unit: Unit | int | None, payee: str, day: date) -> InForce:
    """The rates in force in ``unit`` on ``day``; two queries. What goes with the draft of a campaign is not in force.

    *Ours*: for what a unit's own scheme speaks of, those of all units do not count.
    """
    general_or_out = Q(campaign__isnull=True) | Q(campaign__published_at__isnull=False)
    rows = Scheme.objects.of_unit(unit).filter(general_or_out, payee=payee).on(day)
    found = list(rows.select_related("campaign", "unit").prefetch_related("rates"))
    campaigns = dict.fromkeys(one.campaign for one in found if one.campaign)
    return InForce(
        _choose([one for one in found if one.campaign is None]),
        {campaign: _choose([one for one in found if one.campaign == campaign]) for campaign in campaigns if campaign},
    )


def _choose(schemes: Sequence[Scheme]) -> tuple[Rate, ...]:
    """The rates of the units' own schemes, and those of all units for what these do not speak of."""
    chosen: list[Rate] = []
    spoken: set[str] = set()
    for own in (True, False):
        rates = [rate for one in schemes if (one.unit_id is not None) == own for rate in one.rates.all()]
        chosen += [rate for rate in rates if rate.paid_for not in spoken]
        spoken |= {rate.paid_for for rate in rates}
    return tuple(sorted(chosen, key=lambda rate: (PaidFor.values.index(rate.paid_for), rate.speed_from)))


def _first(rates: Iterable[Rate], paid_for: str, speed: int) -> Rate | None:
    return next((rate for rate in rates if rate.paid_for == paid_for and rate.tier.holds(speed)), None)


def units_seen(user: User) -> QuerySet[Unit, Unit]:
    """The units whose rates the person may ask for: the own; agent staff: those for which their agent works."""
    own = Unit.objects.for_user(user)
    served = Ownership.objects.units_of_staff(user)
    return Unit.objects.filter(Q(pk__in=own.values("pk")) | Q(pk__in=served)).order_by("name")


# --- Writing schemes ---


class Taken(Exception):
    """On some of these days another scheme already says what is paid for the same."""

    def __init__(self, other: Scheme) -> None:
        super().__init__(str(other))
        self.other = other


class Changed(Exception):
    """Somebody saved the scheme in between, or it has begun to run."""


def may_edit_scheme(user: User, scheme: Scheme) -> bool:
    """Admins, and the supervisors of its unit; a scheme of all units is the admins' matter."""
    return user.scope.everything or (scheme.unit_id is not None and supervises(user, scheme.unit_id))


@transaction.atomic
def save_scheme(scheme: Scheme, rates: Sequence[Rate], by: User, *, expected: int | None, today: date) -> Scheme:
    """Store a scheme that has not run with all its rates; ``expected``: the version that was shown, None for a new one.

    ``Changed`` when it is another by now or has begun to run, ``Taken`` when another scheme holds on its days.
    """
    old = ""
    if expected is not None:
        old = _hold(scheme, expected, today)
    _demand_free(scheme, {rate.paid_for for rate in rates})
    scheme.save()
    scheme.rates.all().delete()
    for rate in rates:
        rate.scheme = scheme
    Rate.objects.bulk_create(rates)
    ordered = sorted(rates, key=lambda rate: (PaidFor.values.index(rate.paid_for), rate.speed_from))
    if (new := rates_text(ordered)) != old:
        write_steps(Scheme, [Step(scheme.pk, str(scheme), {"rates": (old or None, new)})], by.pk)
    return scheme


def _hold(scheme: Scheme, expected: int, today: date) -> str:
    """Take the stored scheme for writing; its rates in words."""
    stored = Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
    if stored.version != expected or stored.has_run(today):
        raise Changed
    scheme.version = expected + 1
    return rates_text(_ordered(stored))


def _ordered(scheme: Scheme) -> list[Rate]:
    return sorted(scheme.rates.all(), key=lambda rate: (PaidFor.values.index(rate.paid_for), rate.speed_from))


def _demand_free(scheme: Scheme, kinds: Collection[str]) -> None:
    """One answer a day: no other scheme of the same unit, payee and campaign speaks of the same on its days."""
    if scheme.unit_id:
        Unit.objects.held(scheme.unit_id)
    else:  # of all units
        list(Unit.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    same = Scheme.objects.filter(unit=scheme.unit, payee=scheme.payee, campaign=scheme.campaign)
    meeting = same.meeting(scheme.starts_on, scheme.ends_on).exclude(pk=scheme.pk)
    if other := meeting.filter(rates__paid_for__in=kinds).first():
        raise Taken(other)


@transaction.atomic
def rename_scheme(scheme: Scheme, expected: int) -> None:
    """Store the name and remark of a scheme, also of one that has run."""
    moved = Scheme.objects.filter(pk=scheme.pk, version=expected).update(version=expected + 1)
    if not moved:
        raise Changed
    scheme.version = expected + 1
    scheme.save()


@transaction.atomic
def end_scheme(scheme: Scheme, last: date, today: date) -> Scheme:
    """``last`` is its last day: today or later."""
    stored = Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
    if last < max(today, stored.starts_on) or (stored.ends_on and last > stored.ends_on):
        raise Changed
    stored.ends_on, stored.version = last, stored.version + 1
    stored.save()
    return stored


@transaction.atomic
def succeed(scheme: Scheme, first: date, by: User, today: date) -> Scheme:
    """Begin the next scheme on ``first``, with the same rates to be changed; the old one ends the day before."""
    stored = Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
    if first <= max(today, stored.starts_on):
        raise Changed
    ends_on = stored.ends_on if stored.ends_on and stored.ends_on >= first else None
    if stored.ends_on is None or stored.ends_on >= first:
        stored.ends_on, stored.version = first - timedelta(days=1), stored.version + 1
        stored.save()
    fresh = Scheme(
        unit=stored.unit,
        name=stored.name,
        payee=stored.payee,
        campaign=stored.campaign,
        starts_on=first,
        ends_on=ends_on,
        note=stored.note,
    )
    names = ("paid_for", "speed_from", "speed_below", "amount", "note")
    rates = [Rate(**{name: getattr(rate, name) for name in names}) for rate in _ordered(stored)]
    return save_scheme(fresh, rates, by, expected=None, today=today)


@transaction.atomic
def drop_scheme(scheme: Scheme, today: date) -> None:
    """Take away a scheme that has not begun."""
    stored = Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
    if stored.starts_on <= today:
        raise Changed
    stored.delete()
