"""The kinds of work of an import; a job's payload holds the batch's id."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.jobs.registry import job
from gridops.jobs.run import Run
from gridops.workbooks import services


@job(services.READ, _("reading a workbook"))
def read(run: Run) -> None:
    """Find header and kind."""
    services.do_read(run)


@job(services.CHECK, _("checking a workbook"))
def check(run: Run) -> None:
    """Check every row."""
    services.do_check(run)


@job(services.APPLY, _("applying an import"))
def apply(run: Run) -> None:
    """Write the rows."""
    services.do_apply(run)


@job(services.UNDO, _("undoing an import"))
def undo(run: Run) -> None:
    """Take the rows back."""
    services.do_undo(run)


@shared_task(name="workbooks.forget_old")
def forget_old() -> None:
    """Every night: drop files and rows that have outlived their use."""
    services.forget_old(timezone.now())
