"""SQLite is refused at the start when parallel writers would lose updates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db.utils import ConnectionHandler

from gridops.common.checks import sqlite_is_safe_for_many_writers

SAFE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL",
}


def faults(monkeypatch: pytest.MonkeyPatch, place: Path, **options: Any) -> list[str | None]:
    """What the check says of a SQLite file with these options."""
    handler = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(place / "db.sqlite3"), "OPTIONS": options}}
    )
    monkeypatch.setattr("gridops.common.checks.connections", handler)
    found = [message.id for message in sqlite_is_safe_for_many_writers(["default"])]
    handler.close_all()
    return found


@pytest.mark.django_db
def test_the_products_own_options_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert faults(monkeypatch, tmp_path, **SAFE) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"init_command": "PRAGMA journal_mode=DELETE"}, "gridops.E001"),
        ({"timeout": 1}, "gridops.E002"),
        ({"transaction_mode": "DEFERRED"}, "gridops.E003"),
    ],
)
def test_an_unsafe_option_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: dict[str, Any], fault: str
) -> None:
    assert faults(monkeypatch, tmp_path, **{**SAFE, **change}) == [fault]


@pytest.mark.django_db
def test_the_database_of_the_tests_passes() -> None:
    assert sqlite_is_safe_for_many_writers(["default"]) == []
