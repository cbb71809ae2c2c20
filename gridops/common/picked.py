"""The rows of a list that a form was sent for: the ticked ones, or all that the list's filter finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django_filters import FilterSet

from gridops.common.ids import read_id

MOST_TICKED = 500  # ours; all that a filter finds can be more

R = TypeVar("R", bound="QuerySet[Any]")


def picked_rows(request: HttpRequest, rows: R, filters: Callable[[QueryDict, R], FilterSet]) -> R | None:
    """Of ``rows``, what is ticked (``pick``), or all (``every``) that ``filters`` finds for the list's ``query``.

    None when nothing is ticked; an id that is not among ``rows`` refuses the whole.
    """
    if "every" in request.POST:
        found = filters(QueryDict(request.POST.get("query", "").lstrip("?")), rows)
        if not found.form.is_valid():
            raise Http404
        return rows.filter(pk__in=found.qs.order_by().values("pk"))
    ids = {read_id(text) for text in request.POST.getlist("pick")}
    if not ids:
        return None
    rows = rows.filter(pk__in=ids) if len(ids) <= MOST_TICKED else rows.none()
    if rows.count() != len(ids):
        raise Http404
    return rows
