"""What was done about a warning: contacts, the second visits they owe, and who handed it to whom (C4, N4)."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.models import Agent, AgentStaff
from gridops.workbooks.models import Batch
from renewals.choices import Loss, Medium, Outcome, State
from renewals.querysets_contacts import (
    ContactPhotoQuerySet,
    ContactQuerySet,
    ContactsStandError,
    HandoverQuerySet,
    ReopeningQuerySet,
    SecondVisitQuerySet,
)


class Contact(models.Model):
    """One phone call or visit. Never changed, never deleted: a later one corrects it (``corrects``).

    ``key`` is made where the contact is typed in: sent twice, it is kept once. ``agent`` and ``staff`` are who followed
    the warning, ``by`` who wrote it down. ``batch`` is the import of a filled sheet that brought it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    warning = models.ForeignKey(
        "renewals.ExpiryWarning", models.PROTECT, db_index=False, related_name="contacts", verbose_name=_("warning")
    )
    subscriber = models.ForeignKey(
        "renewals.Subscriber", models.PROTECT, db_index=False, related_name="contacts", verbose_name=_("subscriber")
    )
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    staff = models.ForeignKey(
        AgentStaff, models.PROTECT, null=True, blank=True, db_index=False, related_name="contacts"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    medium = models.CharField(_("how"), max_length=8, choices=Medium.choices)
    outcome = models.CharField(_("result"), max_length=12, choices=Outcome.choices)
    at = models.DateTimeField(_("when"), default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    loss = models.CharField(_("reason"), max_length=10, choices=Loss.choices, blank=True)
    note = models.CharField(_("remark"), max_length=300, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy_m = models.PositiveIntegerField(null=True, blank=True, help_text=_("radius in metres"))
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    state_before = models.CharField(max_length=12, choices=State.choices)
    state_after = models.CharField(max_length=12, choices=State.choices)
    batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="contact_promise_has_a_day", condition=~Q(outcome="promised") | Q(promised_on__isnull=False)
            ),
            models.CheckConstraint(
                name="contact_void_corrects", condition=~Q(outcome="void") | Q(corrects__isnull=False)
            ),
            models.CheckConstraint(
                name="contact_place_is_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["warning", "at"], name="contact_by_warning"),
            models.Index(fields=["subscriber", "at"], name="contact_by_subscriber"),
            models.Index(fields=["staff", "at"], name="contact_by_staff", condition=Q(staff__isnull=False)),
            models.Index(fields=["by", "at"], name="contact_by_author"),
        ]
        verbose_name = pgettext_lazy("renewal", "contact")
        verbose_name_plural = pgettext_lazy("renewal", "contacts")

    def __str__(self) -> str:
        return f"{self.get_medium_display()} {self.get_outcome_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; one that is there stands as it was said."""
        if not self._state.adding:
            raise ContactsStandError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never."""
        raise ContactsStandError


class ContactPhoto(models.Model):
    """A photo of a visit; re-encoded, so that nothing of the camera is kept."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="photos")
    image = models.FileField(upload_to="contacts/%Y/%m/")
    small = models.FileField(upload_to="contacts/%Y/%m/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ContactPhotoQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]


class SecondVisit(models.Model):
    """A visit at the door that a failed contact owes, until it is settled by a contact or by the roster (C4)."""

    warning = models.ForeignKey("renewals.ExpiryWarning", models.PROTECT, db_index=False, related_name="second_visits")
    opened_by = models.OneToOneField(Contact, models.PROTECT, related_name="second_visit")
    due_on = models.DateField(_("due on"))
    settled_at = models.DateTimeField(pgettext_lazy("renewal", "settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, db_index=False, related_name="settled_visits"
    )

    objects = SecondVisitQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint("warning", name="one_open_visit", condition=Q(settled_at__isnull=True)),
            models.CheckConstraint(
                name="visit_settled_since", condition=Q(settled_by__isnull=True) | Q(settled_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["warning", "due_on"], name="visit_by_warning")]
        verbose_name = _("second visit")
        verbose_name_plural = _("second visits")

    def __str__(self) -> str:
        return f"{self.warning} {self.due_on}"


class Handover(models.Model):
    """A warning given to another agent or person, or taken back into the pool (agent None). Only ever added."""

    warning = models.ForeignKey(
        "renewals.ExpiryWarning", models.CASCADE, db_index=False, related_name="handovers", verbose_name=_("warning")
    )
    from_agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    to_agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    from_staff = models.ForeignKey(AgentStaff, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+")
    to_staff = models.ForeignKey(AgentStaff, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    why = models.CharField(_("reason"), max_length=200, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["warning", "at"], name="handover_by_warning")]
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")

    def __str__(self) -> str:
        return f"{self.warning} {self.at}"


class Reopening(models.Model):
    """A lost or unreachable warning taken up again, by hand or because the number was put right. Only ever added."""

    warning = models.ForeignKey(
        "renewals.ExpiryWarning", models.PROTECT, db_index=False, related_name="reopenings", verbose_name=_("warning")
    )
    number = models.BooleanField(_("the number was put right"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    why = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ReopeningQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(name="reopening_says_why", condition=Q(number=True) | ~Q(why="")),
        ]
        indexes = [models.Index(fields=["warning", "at"], name="reopening_by_warning")]
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")

    def __str__(self) -> str:
        return f"{self.warning} {self.at}"
