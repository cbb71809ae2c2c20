"""The renewal specialist's own list beside ours, where they differ, and the filled sheets that come back (N1, N2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Unit
from gridops.workbooks.models import ImportedRow
from projects.models import Project
from renewals.choices import Loss, Medium, Outcome
from renewals.querysets_lists import DifferenceQuerySet, ReturnedLineQuerySet, SpecialistLineQuerySet


class SpecialistLine(ImportedRow):
    """A row of the specialist's own list of who expires in a month (续费明细)."""

    month = models.DateField(_("month"), help_text=_("first day of the month of expiry"))
    account = models.CharField(_("account"), max_length=32)
    name = models.CharField(_("subscriber name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, db_index=False, related_name="specialist_lines", verbose_name=_("project")
    )
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    product = models.CharField(_("product"), max_length=60, blank=True)
    monthly_fee = models.DecimalField(_("monthly fee (yuan)"), max_digits=8, decimal_places=2, null=True, blank=True)

    objects = SpecialistLineQuerySet.as_manager()

    class Meta:
        ordering = ["month", "account"]
        constraints = [
            models.UniqueConstraint("month", "account", name="specialist_line_once"),
            models.CheckConstraint(name="specialist_line_month_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["month", "project"], name="specialist_line_by_project")]
        verbose_name = _("row of the specialist's list")
        verbose_name_plural = _("specialist's list")

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m}"


class Difference(models.Model):
    """Where the specialist's list of a month and ours do not agree about an account, and what was decided.

    ``theirs_on`` and ``ours_on`` are the days of expiry that each side has. A decision stays while the days stay; when
    they change it is open again, ``earlier`` being what was decided. ``found_at`` is when it got these days. A decided
    one that vanished is kept, ``settled_at``; an open one that vanished is deleted.
    """

    class Kind(models.TextChoices):
        ONLY_THEIRS = "theirs", _("only on the specialist's list")
        ONLY_OURS = "ours", _("only on our list")
        EXPIRY = "expiry", _("expiry differs")

    class Reason(models.TextChoices):
        # only on the specialist's list, because with us ...
        UNKNOWN = "unknown", _("account is not in the roster")
        INACTIVE = "inactive", _("suspended or closed in the roster")
        OTHER_MONTH = "other_month", _("expires in another month")
        NO_EXPIRY = "no_expiry", _("no expiry in the roster")
        OTHER_UNIT = "other_unit", _("belongs to another unit")
        DUPLICATE = "duplicate", _("settled as a duplicate")
        TAKEN_OFF = "taken_off", _("taken off the list by hand")
        NOT_LISTED = "not_listed", _("not yet on the list")
        # only on ours, because with them ...
        MISSING = "missing", _("missing on their list")
        OTHER_LIST = "other_list", _("on their list of a month nearby")
        ELSEWHERE = "elsewhere", _("on the list of another unit")
        # on both
        SAME_MONTH = "same_month", _("another day of the month")

    class Decision(models.TextChoices):
        THEIRS = "theirs", _("the specialist is right")
        OURS = "ours", _("ours stays")

    unit = models.ForeignKey(Unit, models.CASCADE, db_index=False, related_name="+", verbose_name=_("unit"))
    month = models.DateField(_("month"), help_text=_("first day of the month of expiry"))
    kind = models.CharField(_("difference"), max_length=8, choices=Kind.choices)
    reason = models.CharField(_("why"), max_length=12, choices=Reason.choices, default="", db_default="")
    account = models.CharField(_("account"), max_length=32)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+", verbose_name=_("project"))
    subscriber = models.ForeignKey(
        "renewals.Subscriber", models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    ours_on = models.DateField(_("ours"), null=True, blank=True)
    theirs_on = models.DateField(_("the specialist's"), null=True, blank=True)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    decision = models.CharField(
        _("decision"), max_length=8, choices=Decision.choices, blank=True, default="", db_default=""
    )
    note = models.CharField(_("remark"), max_length=200, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    earlier = models.CharField(
        _("decided before"), max_length=8, choices=Decision.choices, blank=True, default="", db_default=""
    )
    effect = models.JSONField(null=True, blank=True, editable=False, help_text=_("what the decision changed"))
    seen_at = models.DateTimeField(default=timezone.now, editable=False, help_text=_("last found by comparing"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "account"]
        constraints = [
            models.UniqueConstraint("unit", "month", "account", name="difference_once"),
            models.CheckConstraint(
                name="difference_decided_by_someone", condition=Q(decision="") | Q(decided_by__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "month", "kind", "decision"], name="difference_by_kind"),
            # undoing a roster asks of each subscriber whether something refers to it
            models.Index(fields=["subscriber"], name="difference_by_subscriber", condition=Q(subscriber__isnull=False)),
        ]
        verbose_name = _("difference")
        verbose_name_plural = _("differences")

    def __str__(self) -> str:
        return f"{self.account} {self.get_kind_display()}"


class ReturnedLine(ImportedRow):
    """A row of an agent's list that came back filled: what was typed, before it becomes a contact (C4)."""

    month = models.DateField(_("month"), help_text=_("first day of the month of expiry"))
    account = models.CharField(_("account"), max_length=32)
    day = models.DateField(_("day of the contact"))
    medium = models.CharField(_("how"), max_length=8, choices=Medium.choices)
    outcome = models.CharField(_("result"), max_length=12, choices=Outcome.choices)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    loss = models.CharField(_("reason"), max_length=10, choices=Loss.choices, blank=True)
    note = models.CharField(_("remark"), max_length=300, blank=True)
    contact = models.OneToOneField(
        "renewals.Contact", models.SET_NULL, null=True, blank=True, editable=False, related_name="returned_line"
    )
    why_not = models.CharField(
        max_length=200, blank=True, default="", db_default="", editable=False, help_text="why no contact came of it"
    )

    objects = ReturnedLineQuerySet.as_manager()

    class Meta:
        ordering = ["month", "account", "day"]
        constraints = [
            models.UniqueConstraint("account", "month", "day", "medium", name="returned_line_once"),
            models.CheckConstraint(name="returned_line_month_first_day", condition=Q(month__day=1)),
        ]
        verbose_name = _("row of a filled list")
        verbose_name_plural = _("filled lists")

    def __str__(self) -> str:
        return f"{self.account} {self.day}"
