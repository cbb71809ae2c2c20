"""The words of channel work, for the pure rules and the models alike (C1, C5 to C10, P5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """How far a shop has been won (C10). Which step leads where is data of ``channels.rules_pipeline``."""

    FOUND = "found", pgettext_lazy("outlet", "found")
    TALKED = "talked", pgettext_lazy("outlet", "talked")
    SIGNED = "signed", pgettext_lazy("outlet", "signed")
    LAID_OUT = "laid_out", pgettext_lazy("outlet", "laid out")
    SELLING = "selling", pgettext_lazy("outlet", "selling")
    GIVEN_UP = "given_up", pgettext_lazy("outlet", "given up")


class Piece(models.TextChoices):
    """The five ones (C8)."""

    SIGN = "sign", pgettext_lazy("five ones", "sign")
    BANNER = "banner", pgettext_lazy("five ones", "banner")
    X_STAND = "x_stand", pgettext_lazy("five ones", "X-stand")
    LEAFLETS = "leaflets", pgettext_lazy("five ones", "leaflets")
    POSTERS = "posters", pgettext_lazy("five ones", "posters")


class Way(models.TextChoices):
    """How somebody was told or spoken to."""

    VISIT = "visit", pgettext_lazy("told by", "visit")
    CALL = "call", pgettext_lazy("told by", "phone call")
    MEETING = "meeting", pgettext_lazy("told by", "meeting")
    MESSAGE = "message", pgettext_lazy("told by", "message")


class MatterKind(models.TextChoices):
    """What an agent or outlet brought up (C1, C5)."""

    PROBLEM = "problem", _("problem")
    SUPPORT = "support", _("support asked for")


class MatterState(models.TextChoices):
    """Where a matter stands. Which step leads where is data of ``channels.rules_matters``."""

    OPEN = "open", pgettext_lazy("matter", "open")
    ANSWERED = "answered", pgettext_lazy("matter", "answered")  # an answer is there, who asked has not got it yet
    CLOSED = "closed", pgettext_lazy("matter", "closed")


class PaidFor(models.TextChoices):
    """What commission is paid for (P5)."""

    NEW_INSTALL = "new_install", _("new install")
    RENEWAL = "renewal", pgettext_lazy("commission", "renewal")
    UPGRADE = "upgrade", _("speed upgrade")
    OTHER = "other", pgettext_lazy("commission", "other")


class Payee(models.TextChoices):
    """Who gets it."""

    AGENT = "agent", _("agent")
    OUTLET = "outlet", _("outlet")


class AgendaKind(models.TextChoices):
    """What an item of a meeting's agenda is about (C1)."""

    FIGURES = "figures", pgettext_lazy("agenda", "operating situation")
    CAMPAIGN = "campaign", pgettext_lazy("agenda", "campaign")
    GOAL = "goal", pgettext_lazy("agenda", "goal of a project")
    MATTER = "matter", pgettext_lazy("agenda", "open matter")
    TRAINING = "training", pgettext_lazy("agenda", "training")
    OTHER = "other", pgettext_lazy("agenda", "other")
