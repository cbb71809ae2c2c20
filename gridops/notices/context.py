"""The bell in the bar above every page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest

from gridops.accounts.models import User
from gridops.notices.models import Notice

SHOWN = 99


def bell(request: HttpRequest) -> dict[str, Callable[[], int]]:
    """How many notices the person has not read, up to one more than are shown; asked for by pages with the bar only."""
    user = getattr(request, "user", None)
    return {"unread_notices": partial(_unread, user)} if user is not None and user.is_authenticated else {}


def _unread(user: User) -> int:
    return Notice.objects.for_user(user).unread().order_by()[: SHOWN + 1].count()
