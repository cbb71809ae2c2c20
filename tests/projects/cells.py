"""Typing into a ledger's cells, as the grid's script does."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from gridops.common.months import Month
from projects.models import Project

Typed = tuple[Project | int, str, object, object]  # row, field, what was typed, what was seen


def this_month() -> Month:
    """The running month."""
    return Month.of(timezone.localdate())


def send(client: Client, ledger: str, *cells: Typed, month: Month | None = None, query: str = "") -> Any:
    """The answer to saving ``cells``."""
    told = [
        {"row": row if isinstance(row, int) else row.pk, "field": field, "value": value, "was": was}
        for row, field, value, was in cells
    ]
    body = {"month": str(month or this_month()), "cells": told}
    return client.post(f"/projects/ledgers/{ledger}/save/{query}", body, content_type="application/json")


def put(
    client: Client, ledger: str, *cells: Typed, month: Month | None = None, query: str = ""
) -> list[dict[str, Any]]:
    """What became of each cell."""
    answer = send(client, ledger, *cells, month=month, query=query)
    assert answer.status_code == 200, answer.content
    told: list[dict[str, Any]] = answer.json()["cells"]
    return told


def rows_of(client: Client, ledger: str, query: str = "") -> dict[int, dict[str, Any]]:
    """The rows of a ledger, by project."""
    return {row["id"]: row for row in client.get(f"/projects/ledgers/{ledger}/rows/{query}").json()["rows"]}
