"""Subscribers on contracts, and the lists of those whose contract expires (O6, S7, C4)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Grid
from gridops.workbooks.models import ImportedRow
from projects.models import Project
from renewals.choices import OPEN, Household, Loss, Outcome, State, Step
from renewals.querysets import SubscriberQuerySet, WarningListQuerySet, WarningQuerySet


class Subscriber(ImportedRow):
    """A household on a contract with an expiry date (O6)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")

    account = models.CharField(_("account"), max_length=32)
    name = models.CharField(_("subscriber name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    address = models.CharField(_("installation address"), max_length=200, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, db_index=False, related_name="subscribers", verbose_name=_("project")
    )
    product = models.CharField(_("product"), max_length=60, blank=True)
    speed_mbps = models.PositiveIntegerField(_("speed (Mbit/s)"), null=True, blank=True)
    monthly_fee = models.DecimalField(_("monthly fee (yuan)"), max_digits=8, decimal_places=2, null=True, blank=True)
    started_on = models.DateField(_("joined on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE
    )
    # found out by people, not by the roster
    household = models.CharField(
        _("household"), max_length=10, choices=Household.choices, blank=True, default="", db_default=""
    )
    duplicate_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="duplicates",
        verbose_name=_("duplicate of"),
    )

    objects = SubscriberQuerySet.as_manager()

    # set by ``with_number`` or ``SubscriberNumber.objects.put_on``, else there is none
    number: str
    number_wrong: bool

    class Meta:
        ordering = ["account"]
        constraints = [
            # not unique=True: on PostgreSQL that would add a second index, for LIKE
            models.UniqueConstraint("account", name="subscriber_account_once"),
            models.CheckConstraint(
                name="subscriber_expires_after_start",
                condition=Q(started_on__isnull=True) | Q(expires_on__isnull=True) | Q(expires_on__gte=F("started_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "expires_on"], name="subscriber_expiring"),
            # few rows; with the index above it tells how many contracts are to be listed without reading any of them
            models.Index(
                fields=["project", "expires_on"],
                name="subscriber_not_listed",
                condition=Q(status__in=["suspended", "closed"]) | Q(household="duplicate"),
            ),
            models.Index(fields=["project"], name="subscriber_households", condition=~Q(household="")),
            models.Index(fields=["phone"], name="subscriber_by_phone", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["name"], name="subscriber_by_name", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["duplicate_of"], name="subscriber_duplicates", condition=Q(duplicate_of__isnull=False)
            ),
        ]
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")

    def __str__(self) -> str:
        return self.account


class WarningList(models.Model):
    """The subscribers of a grid whose contract expires in a month (S7)."""

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="warning_lists", verbose_name=_("grid"))
    month = models.DateField(_("month"), help_text=_("first day of the month of expiry"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    tallied_on = models.DateField(
        null=True, editable=False, help_text=_("the day by which its tallies were counted; they look at what is due")
    )
    refreshed_at = models.DateTimeField(_("brought up to date"), default=timezone.now)

    objects = WarningListQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "grid__name"]
        constraints = [
            models.UniqueConstraint("grid", "month", name="warning_list_once"),
            models.CheckConstraint(name="warning_list_month_first_day", condition=Q(month__day=1)),
        ]
        verbose_name = _("warning list")
        verbose_name_plural = _("warning lists")

    def __str__(self) -> str:
        return f"{self.grid} {self.month:%Y-%m}"


class ExpiryWarning(models.Model):
    """One subscriber on a warning list: who follows them, where it stands, what is next (C4, N4).

    ``state`` changes by ``renewals.rules_course`` alone. ``resume`` is the state that one which the roster closed or
    withdrew goes back to when the roster takes it back. ``renewed_on`` is when somebody said so, or when the roster
    showed it; ``confirmed_on`` only when the roster showed it.
    """

    State = State

    warning_list = models.ForeignKey(WarningList, models.CASCADE, db_index=False, related_name="warnings")
    month = models.DateField(help_text=_("first day of the month of expiry"))
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, db_index=False, related_name="warnings", verbose_name=_("subscriber")
    )
    agent = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, db_index=False, related_name="warnings", verbose_name=_("agent")
    )
    staff = models.ForeignKey(
        AgentStaff,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="warnings",
        verbose_name=_("followed by"),
    )
    expires_on = models.DateField(_("expires on"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    resume = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    listed_at = models.DateTimeField(_("listed"), default=timezone.now)

    next_step = models.CharField(
        _("next step"), max_length=8, choices=Step.choices, blank=True, default="", db_default=""
    )
    next_on = models.DateField(_("next on"), null=True, blank=True, help_text=_("none when it is closed"))
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    contacts_made = models.PositiveSmallIntegerField(_("contacts"), default=0, db_default=0)
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True)
    last_outcome = models.CharField(
        _("last result"), max_length=12, choices=Outcome.choices, blank=True, default="", db_default=""
    )
    chance = models.PositiveSmallIntegerField(
        _("chance of renewal (%)"), null=True, blank=True, help_text=_("by what the like of them did before")
    )

    renewed_on = models.DateField(_("renewed on"), null=True, blank=True)
    renewed_until = models.DateField(_("renewed until"), null=True, blank=True)
    confirmed_on = models.DateField(_("seen in the roster on"), null=True, blank=True)
    lost_on = models.DateField(_("lost on"), null=True, blank=True)
    loss = models.CharField(
        _("reason of loss"), max_length=10, choices=Loss.choices, blank=True, default="", db_default=""
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("taken off by"),
        help_text=_("set: stays off the list until somebody puts it back"),
    )

    objects = WarningQuerySet.as_manager()

    class Meta:
        ordering = ["expires_on", "pk"]
        constraints = [
            models.UniqueConstraint("subscriber", "month", name="warned_once_per_month"),
            models.CheckConstraint(
                name="warning_state_fits_agent", condition=~Q(state="assigned") | Q(agent__isnull=False)
            ),
            models.CheckConstraint(
                name="warning_renewed_since", condition=~Q(state="renewed") | Q(renewed_on__isnull=False)
            ),
            models.CheckConstraint(
                name="warning_lost_for_a_reason", condition=~Q(state="lost") | (~Q(loss="") & Q(lost_on__isnull=False))
            ),
            models.CheckConstraint(
                name="warning_open_has_next",
                condition=~Q(state__in=OPEN) | (~Q(next_step="") & Q(next_on__isnull=False)),
            ),
        ]
        indexes = [
            # answers "is this list still right?" without reading the rows
            models.Index(fields=["warning_list", "expires_on", "subscriber", "state"], name="warning_by_list"),
            models.Index(fields=["agent", "month"], name="warning_by_agent"),
            # the work lists: what an agent, or a grid's manager, has to do by a day
            # the condition is one that a bound day implies, so that SQLite takes them too
            models.Index(
                fields=["agent", "next_step", "next_on"], name="warning_agent_next", condition=Q(next_on__isnull=False)
            ),
            models.Index(
                fields=["warning_list", "next_step", "next_on"],
                name="warning_list_next",
                condition=Q(next_on__isnull=False),
            ),
            models.Index(fields=["staff", "month"], name="warning_by_staff", condition=Q(staff__isnull=False)),
        ]
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")

    def __str__(self) -> str:
        return f"{self.subscriber} {self.expires_on}"

    @property
    def is_open(self) -> bool:
        """Whether it is still worked at."""
        return self.state in OPEN


auditlog.register(Subscriber, exclude_fields=["version", "created_batch"], mask_fields=["phone", "name"])

# Django looks for an app's models here.
from renewals.models_contacts import Contact, ContactPhoto, Handover, Reopening, SecondVisit  # noqa: E402
from renewals.models_follow import Chance, DayTally, LossTally, RenewalTask, Tally  # noqa: E402
from renewals.models_lists import Difference, ReturnedLine, SpecialistLine  # noqa: E402
from renewals.models_records import PastContract, SubscriberNote, SubscriberNumber  # noqa: E402

__all__ = [
    "Chance",
    "Contact",
    "ContactPhoto",
    "DayTally",
    "Difference",
    "ExpiryWarning",
    "Handover",
    "LossTally",
    "PastContract",
    "RenewalTask",
    "Reopening",
    "ReturnedLine",
    "SecondVisit",
    "SpecialistLine",
    "Subscriber",
    "SubscriberNote",
    "SubscriberNumber",
    "Tally",
    "WarningList",
]
