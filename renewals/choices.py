"""The words of a warning's course: its states, the kinds of contact, their results, reasons of loss (C4, N4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a warning stands (N4). Which step leads where is data of ``renewals.rules_course``."""

    LISTED = "listed", _("listed")  # nobody owns the project: the manager's own pool
    ASSIGNED = "assigned", _("assigned")
    CONTACTED = "contacted", _("contacted")  # reached, and promised by a day
    SECOND_VISIT = "second_visit", _("second visit due")
    UNREACHABLE = "unreachable", _("unreachable")  # the number has to be checked
    RENEWED = "renewed", pgettext_lazy("renewal", "renewed")
    LOST = "lost", _("lost")
    WITHDRAWN = "withdrawn", _("withdrawn")  # expiry moved away, or taken off the list by hand


OPEN = (State.LISTED, State.ASSIGNED, State.CONTACTED, State.SECOND_VISIT, State.UNREACHABLE)


class Medium(models.TextChoices):
    """How somebody was spoken to (C4)."""

    CALL = "call", _("phone call")
    VISIT = "visit", _("visit at the door")


class Outcome(models.TextChoices):
    """What a contact came to."""

    RENEWED = "renewed", pgettext_lazy("renewal", "renewed")
    PROMISED = "promised", _("promised by a date")
    REFUSED = "refused", pgettext_lazy("renewal", "refused")
    NO_ANSWER = "no_answer", _("no answer")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    MOVED = "moved", _("moved away")
    VOID = "void", _("recorded by mistake")  # by a correction only


class Loss(models.TextChoices):
    """Why somebody did not renew."""

    PRICE = "price", _("too expensive")
    RIVAL = "rival", _("went to a rival")
    QUALITY = "quality", _("network quality")
    SERVICE = "service", pgettext_lazy("renewal", "service")
    MOVED = "moved", _("moved away")
    UNUSED = "unused", _("no longer needed")
    LAPSED = "lapsed", _("no result in the win-back window")  # set by the system alone
    OTHER = "other", _("other reason")


class Step(models.TextChoices):
    """What is to be done next about a warning."""

    CALL = "call", _("call")
    PROMISE = "promise", _("ask about the promise")
    VISIT = "visit", _("second visit")
    NUMBER = "number", _("check the number")


class Household(models.TextChoices):
    """What was found out about a household, where it is not simply lived in (N3)."""

    MOVED = "moved", _("moved away")
    VACANT = "vacant", _("vacant")
    DUPLICATE = "duplicate", _("duplicate")
