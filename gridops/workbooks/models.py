"""An import is a record with a state, and rows that carry their faults."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.jobs.models import Job
from gridops.workbooks.faults import message
from gridops.workbooks.querysets import BatchQuerySet, HeaderMatchQuerySet, RowQuerySet


class Batch(models.Model):
    """One uploaded workbook on its way: matched, checked, applied, perhaps undone.

    ``sha256`` ties the file that was checked to the file that is applied.
    """

    class State(models.TextChoices):
        READING = "reading", _("reading")  # header being looked for
        MATCHED = "matched", _("columns matched")  # waits for the person to confirm the columns
        CHECKING = "checking", _("checking")
        CHECKED = "checked", _("checked")  # preview; waits for the person
        APPLYING = "applying", _("applying")
        APPLIED = "applied", _("applied")
        UNDOING = "undoing", _("undoing")
        UNDONE = "undone", _("undone")
        REFUSED = "refused", _("refused")  # nothing was written; ``fault`` says why

    kind = models.CharField(_("kind"), max_length=40, blank=True)
    file = models.FileField(_("file"), upload_to="workbooks/%Y/%m/")
    file_name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="batches")
    uploaded_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    fault = models.JSONField(null=True, blank=True, help_text="why it was refused: code and parameters")

    sheet_name = models.CharField(max_length=100, blank=True)
    header_row = models.PositiveIntegerField(default=0, help_text="1 is the first row of the sheet")
    headers = models.JSONField(default=list, help_text="the header cells as written")
    month = models.DateField(
        _("month"), null=True, blank=True, help_text="first day of the month that all rows are of, by the title"
    )
    sample = models.JSONField(default=list, help_text="the first rows below the header, for the columns page")
    columns = models.JSONField(default=dict, help_text="column index -> field name")
    fields = models.JSONField(default=list, help_text="the order in which its rows keep their values")

    rows_read = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_same = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_skipped = models.PositiveIntegerField(default=0, help_text="blank rows and totals, not counted as read")

    valid_only = models.BooleanField(default=False)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    rows_kept = models.PositiveIntegerField(default=0, help_text="rows that undoing kept, since someone edited them")
    marked_file = models.FileField(upload_to="workbooks/%Y/%m/", blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="when its files and rows were dropped")

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="batch_rows_add_up",
                condition=Q(
                    rows_read=models.F("rows_new")
                    + models.F("rows_changed")
                    + models.F("rows_same")
                    + models.F("rows_refused")
                ),
            ),
        ]
        verbose_name = _("import batch")
        verbose_name_plural = _("import batches")

    def __str__(self) -> str:
        return f"{self.pk} {self.file_name}"

    @property
    def is_working(self) -> bool:
        """Whether a job is at it."""
        return self.state in (self.State.READING, self.State.CHECKING, self.State.APPLYING, self.State.UNDOING)

    @property
    def fault_text(self) -> str:
        """Why it was refused, or must be checked again, in the reader's language."""
        return message(self.fault["code"], self.fault["params"]) if self.fault else ""


class Row(models.Model):
    """A row of the sheet that does something or was refused.

    Rows that change nothing are only counted, unless the kind wants them remembered (``Sheet.keeps_same``).
    """

    class State(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        REFUSED = "refused", _("refused")
        SAME = "same", _("unchanged")

    pk = models.CompositePrimaryKey("batch_id", "number")
    # written by the engine alone, a hundred thousand at a time: no check of the reference for each
    batch = models.ForeignKey(Batch, models.CASCADE, db_index=False, db_constraint=False, related_name="rows")
    number = models.PositiveIntegerField(help_text="row number in the sheet, 1 is the first")
    state = models.CharField(max_length=10, choices=State.choices)
    key = models.CharField(max_length=200, db_default="", help_text="natural key, as written")
    object_id = models.BigIntegerField(null=True, help_text="of a new one only where its table can't name the batch")
    object_version = models.PositiveIntegerField(null=True, help_text="version the preview compared with")
    values = models.JSONField(null=True, help_text="plain values in the order of the batch's fields")
    before = models.JSONField(null=True, help_text="the same as they were, of changed ones")
    faults = models.JSONField(null=True, help_text="[{cell, column, code, params}]")
    notes = models.JSONField(null=True, help_text="values read one way of two: [{cell, column, code, params}]")
    kept = models.BooleanField(db_default=False, help_text="undoing left this row, since someone edited it")

    objects = RowQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(
                fields=["batch", "state", "number"], name="row_by_state", condition=Q(state__in=["changed", "refused"])
            ),
            models.Index(fields=["object_id", "batch"], name="row_by_object", condition=Q(object_id__isnull=False)),
        ]


class HeaderMatch(models.Model):
    """A header that someone mended by hand: next time it maps itself; where no admin did, for them alone."""

    kind = models.CharField(max_length=40)
    header = models.CharField(max_length=100, help_text="normalised")
    field = models.CharField(max_length=60, blank=True, help_text="empty: this column is not imported")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)
    only_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", help_text="none: for all"
    )

    objects = HeaderMatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "header", name="header_match_once", condition=Q(only_for=None)),
            models.UniqueConstraint("kind", "header", "only_for", name="header_match_once_each"),
        ]


class ImportedRow(models.Model):
    """Base of every row that rosters write: a version against lost edits, and the batch that made it."""

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_batch = models.ForeignKey(
        Batch,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        db_constraint=False,  # the engine alone writes it, a hundred thousand at a time
        related_name="+",
        verbose_name=_("made by import"),
    )

    class Meta:
        abstract = True
