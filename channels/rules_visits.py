"""What may be said about a visit or a call: pure, times and rules are passed in (C5 to C8)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from channels.choices import MatterKind, Piece

CLOCK_DIFFERENCE = timedelta(minutes=2)  # a telephone's clock may be ahead of ours
OWN_CORRECTION = timedelta(days=1)  # so long one's own is put right without saying why
LATE_AFTER = timedelta(days=1)  # what is recorded later than that stands out
CLOSE = timedelta(minutes=5)  # two visits at different outlets so close to each other stand out
PIECES: tuple[str, ...] = tuple(Piece.values)
ANSWERS: tuple[str, ...] = ("knows_manager", "knows_projects", *PIECES)  # yes, no, or not looked at
MOST_MATTERS = 3
NOTE_LENGTH, REASON_LENGTH, MATTER_LENGTH = 500, 200, 500
PLACES = 6  # decimals of a degree that are kept


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a campaign was known at an outlet (C7); None: not asked."""

    campaign: int
    owner: bool | None = None
    staff: bool | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A problem, or support asked for, that came up (C5)."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about a visit. ``told`` are briefings, ``trained`` names of the outlet's people (C9)."""

    at: datetime
    key: uuid.UUID = field(default_factory=uuid.uuid4)
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    accuracy_m: int | None = None
    far_reason: str = ""
    orders: int | None = None
    commission: Decimal | None = None
    knows_manager: bool | None = None
    knows_projects: bool | None = None
    sign: bool | None = None
    banner: bool | None = None
    x_stand: bool | None = None
    leaflets: bool | None = None
    posters: bool | None = None
    campaigns: Sequence[Known] = ()
    told: Sequence[int] = ()
    trained: Sequence[str] = ()
    matters: Sequence[Raised] = ()
    note: str = ""

    def answers(self) -> dict[str, bool | None]:
        """The yes-or-no questions by name."""
        return {name: getattr(self, name) for name in ANSWERS}


def tidied(said: Said) -> Said:
    """As it is kept: texts trimmed, nothing twice, what was not asked left out, half a place is none."""
    place = None if said.longitude is None or said.latitude is None else (said.longitude, said.latitude)
    return replace(
        said,
        longitude=round(place[0], PLACES) if place else None,
        latitude=round(place[1], PLACES) if place else None,
        accuracy_m=said.accuracy_m if place else None,
        far_reason=said.far_reason.strip(),
        campaigns=tuple(one for one in said.campaigns if (one.owner, one.staff) != (None, None)),
        told=tuple(dict.fromkeys(said.told)),
        trained=tuple(dict.fromkeys(name.strip() for name in said.trained if name.strip())),
        matters=tuple(dict.fromkeys(Raised(one.kind, one.what.strip()) for one in said.matters if one.what.strip())),
        note=said.note.strip(),
    )


def is_far(distance_m: float | None, accuracy_m: int | None, limit_m: int) -> bool:
    """Whether somebody was certainly further from the shop than ``limit_m``: the telephone's doubt counts for them."""
    return distance_m is not None and distance_m - (accuracy_m or 0) > limit_m


def faults_of_time(at: datetime, now: datetime, days: int, latest: datetime | None = None) -> dict[str, str]:
    """What is wrong with when it took place: yet to come, or so long ago that it is too late to say.

    A correction passes ``latest``, when it was first recorded: what was said then took place before.
    """
    if at > now + CLOCK_DIFFERENCE:
        return {"at": _("This time is yet to come.")}
    if latest is not None and at > latest + CLOCK_DIFFERENCE:
        return {"at": _("It was recorded before that time.")}
    if at < (latest or now) - timedelta(days=days):
        return {"at": _("That is more than %(days)s days ago: it can't be recorded any more.") % {"days": days}}
    return {}


def faults_of_text(said: Said) -> dict[str, str]:
    """What is too long, or too many."""
    errors: dict[str, str] = {}
    for name, text, most in (
        ("note", said.note, NOTE_LENGTH),
        ("far_reason", said.far_reason, REASON_LENGTH),
        *((f"matter_{number}_what", one.what, MATTER_LENGTH) for number, one in enumerate(said.matters, start=1)),
    ):
        if len(text) > most:
            errors[name] = _("At most %(limit)s characters.") % {"limit": most}
    for number, one in enumerate(said.matters, start=1):
        if one.kind not in MatterKind.values:
            errors[f"matter_{number}_kind"] = _("Choose a problem, or support.")
    if len(said.matters) > MOST_MATTERS:
        errors["matter_3_what"] = _("At most %(limit)s at a time.") % {"limit": MOST_MATTERS}
    return errors


def demands_reason(is_own: bool, recorded_at: datetime, now: datetime) -> bool:
    """Whether a correction has to say why: another's always, one's own after a day."""
    return not is_own or now - recorded_at > OWN_CORRECTION


def same_answers(kept: Mapping[str, object], said: Said) -> bool:
    """Whether what is kept is what is said once more; the time may be the server's, at either sending."""
    return all(getattr(said, name) == value for name, value in kept.items())
