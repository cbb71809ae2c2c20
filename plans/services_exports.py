"""Plans as files: a workbook of one, a package of a month's (S1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from openpyxl import Workbook

from gridops.common.months import Month
from gridops.workbooks.export import saved
from gridops.workbooks.package import fit_for_file, zipped
from gridops.workbooks.printed_pages import add_page
from plans.layouts import pages_of
from plans.models import Plan
from plans.paper import Paper, Plans, papers_of

SET = 100  # plans that are read at once


def write_plan(paper: Paper) -> IO[bytes]:
    """The plan as a workbook in a temporary file, at its start; in the language of the moment."""
    book = Workbook(write_only=True)
    for page in pages_of(paper):
        add_page(book, page)
    return saved(book)


def file_name(plan: Plan) -> str:
    """What the plan's file is called: the grid, the month, and from the second on the revision."""
    revision = f"-{_('revision %(number)s') % {'number': plan.revision}}" if plan.revision > 1 else ""
    return f"{capfirst(_('monthly plan'))}-{plan.grid.name}-{Month.of(plan.month)}{revision}.xlsx"


def package(plans: Plans, month: Month, today: date) -> Iterator[bytes]:
    """Plans of a month, each as its own workbook, in one zip that leaves while it is made.

    They are read ``SET`` at a time, each set in a constant number of queries.
    """
    ids = list(plans.order_by("grid__unit__name", "grid__name", "-revision").values_list("pk", flat=True))
    return zipped(_packed(ids, month, today, translation.get_language()))


def _packed(ids: Sequence[int], month: Month, today: date, language: str | None) -> Iterator[tuple[str, IO[bytes]]]:
    for at in range(0, len(ids), SET):
        for paper in papers_of(Plan.objects.filter(pk__in=ids[at : at + SET]), month, today):
            # the answer's language is no longer set when its body is made
            with translation.override(language):
                member = _member(paper.plan), write_plan(paper)
            yield member


def _member(plan: Plan) -> str:
    """Its name in the package: grids of several units may be called alike."""
    return "/".join(fit_for_file(part) for part in (plan.grid.unit.name, file_name(plan)))
