"""The form of a visit as its page lays it out: questions, the five ones, campaigns, news, people, what came up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from channels.choices import Piece
from channels.forms_visits import MATTERS, VisitForm
from channels.models import Campaign, Visit
from channels.visit_material import Shop


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is answered by yes, no, or not looked at."""

    name: str
    label: Any
    value: str
    errors: list[str]
    last: bool | None = None
    photo: Any = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to be ticked."""

    what: Any
    ticked: bool
    state: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A campaign, and whether owner and staff know it."""

    campaign: Campaign
    owner: Question
    staff: Question


@dataclass(frozen=True, slots=True)
class Matter:
    """A line for something that came up."""

    number: int
    kind: str
    what: str
    errors: list[str]


@dataclass(frozen=True, slots=True)
class Fields:
    """All parts of the form."""

    manager: Question
    projects: Question
    five: list[Question]
    campaigns: list[Asked]
    news: list[Tick]
    people: list[Tick]
    matters: list[Matter]


def fields_of(form: VisitForm, shop: Shop, today: date) -> Fields:
    """The form's parts, with what was typed, or what is proposed."""
    told, trained = set(form.listed("told")), set(form.listed("trained"))
    return Fields(
        manager=_question(form, "knows_manager", shop.last),
        projects=_question(form, "knows_projects", shop.last),
        five=[_question(form, piece, shop.last, Piece(piece).label) for piece in Piece.values],
        campaigns=[_asked(form, one) for one in shop.campaigns],
        news=[Tick(one, str(one.pk) in told) for one in shop.news],
        people=[Tick(one, one.name in trained, one.standing(today)) for one in shop.learners],
        matters=[_matter(form, number) for number in MATTERS],
    )


def _value(form: VisitForm, name: str) -> str:
    """What was typed, or is proposed, as the control knows it."""
    if form.is_bound:
        return str(form.data.get(name, ""))
    value = form.initial.get(name)
    return {True: "yes", False: "no", None: ""}.get(value, str(value))


def _errors(form: VisitForm, *names: str) -> list[str]:
    return [str(text) for name in names for text in form.errors.get(name, [])]


def _question(form: VisitForm, name: str, last: Visit | None, label: Any = "") -> Question:
    photo = f"photo_{name}"
    before = getattr(last, name) if last is not None else None
    return Question(
        name, label, _value(form, name), _errors(form, name), before, form[photo] if photo in form.fields else None
    )


def _asked(form: VisitForm, campaign: Campaign) -> Asked:
    names = [f"campaign_{campaign.pk}_{whose}" for whose in ("owner", "staff")]
    owner, staff = (Question(name, "", _value(form, name), _errors(form, name)) for name in names)
    return Asked(campaign, owner, staff)


def _matter(form: VisitForm, number: int) -> Matter:
    kind, what = f"matter_{number}_kind", f"matter_{number}_what"
    return Matter(number, _value(form, kind) or "problem", _value(form, what), _errors(form, kind, what))
