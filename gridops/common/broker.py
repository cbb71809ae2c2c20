"""The broker that needs no server: an SQLite file. What it forgets costs nothing, since jobs are rows elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.utils import timezone

PREFIX = "sqla+sqlite:///"
KEPT = timedelta(days=1)


class QuickConnection(sqlite3.Connection):
    """Writes without waiting for the disk: a bell lost with the power is rung again by the sweep."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute("PRAGMA journal_mode=WAL").close()
        self.execute("PRAGMA synchronous=OFF").close()


def forget_delivered(url: str) -> int:
    """Delete what was delivered more than a day ago: the transport keeps it for ever. Returns how many there were."""
    if not url.startswith(PREFIX):
        return 0
    before = (timezone.now() - KEPT).strftime("%Y-%m-%d %H:%M:%S")
    with closing(sqlite3.connect(url.removeprefix(PREFIX), timeout=5, factory=QuickConnection)) as broker, broker:
        try:
            return broker.execute("DELETE FROM kombu_message WHERE visible = 0 AND timestamp < ?", [before]).rowcount
        except sqlite3.OperationalError:
            return 0  # busy, or nothing was ever sent: there is a next time
