"""Plans as files: a workbook of one, a package of a month's (S1)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from openpyxl import Workbook

from gridops.common.months import Month
from gridops.workbooks.export import saved
from gridops.workbooks.printed_pages import add_page
from plans.layouts import pages_of
from plans.models import Plan
from plans.paper import Paper, Plans, papers_of

SET = 100  # plans that are read at once


@dataclass(slots=True)
class _Sink:
    """Takes what is written, and gives it away."""

    waiting: bytearray

    def write(self, data: bytes) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        """What has come in since."""
        found = bytes(self.waiting)
        self.waiting.clear()
        return found


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
    return _packed(ids, month, today, translation.get_language())


def _packed(ids: Sequence[int], month: Month, today: date, language: str | None) -> Iterator[bytes]:
    sink, used = _Sink(bytearray()), set[str]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for at in range(0, len(ids), SET):
            for paper in papers_of(Plan.objects.filter(pk__in=ids[at : at + SET]), month, today):
                # the answer's language is no longer set when its body is made
                with translation.override(language), write_plan(paper) as file:
                    archive.writestr(_once(_member(paper.plan), used), file.read())
                yield sink.taken()
    yield sink.taken()


def _member(plan: Plan) -> str:
    """Its name in the package: grids of several units may be called alike."""
    return "/".join("".join("_" if sign in '\\/:*?"<>|' else sign for sign in part).strip(". ") for part in (
        plan.grid.unit.name, file_name(plan)
    ))  # fmt: skip


def _once(name: str, used: set[str]) -> str:
    stem, _dot, ending = name.rpartition(".")
    found, number = name, 1
    while found in used:
        number += 1
        found = f"{stem} ({number}).{ending}"
    used.add(found)
    return found
