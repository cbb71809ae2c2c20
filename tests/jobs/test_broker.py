"""The broker that needs no server stays small."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from kombu import Connection

from gridops.common.broker import forget_delivered


def test_what_was_delivered_is_forgotten_after_a_day_and_what_waits_is_not(tmp_path: Path) -> None:
    url = f"sqla+sqlite:///{tmp_path}/broker.sqlite3"
    with Connection(url, transport_options=settings.EMBEDDED_BROKER_OPTIONS) as connection:
        queue = connection.SimpleQueue("bells")
        for number in range(3):
            queue.put({"job": number})
        queue.get(timeout=5).ack()
        assert forget_delivered(url) == 0
        long_ago = (timezone.now() - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")
        with closing(sqlite3.connect(tmp_path / "broker.sqlite3")) as database, database:
            database.execute("UPDATE kombu_message SET timestamp = ?", [long_ago])
        assert forget_delivered(url) == 1
        assert queue.get(timeout=5).payload == {"job": 1}


def test_a_broker_that_was_never_used_or_is_another_is_left_alone(tmp_path: Path) -> None:
    assert forget_delivered(f"sqla+sqlite:///{tmp_path}/broker.sqlite3") == 0
    assert forget_delivered("redis://127.0.0.1:6379/0") == 0
