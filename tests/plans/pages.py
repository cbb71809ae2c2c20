"""What a browser sends back from the page of a plan."""

from __future__ import annotations

from typing import Any

from django.test import Client

CARRY = ("improvement", "done", "done_note")  # fields that only a carried step shows


def fields(response: Any) -> dict[str, str]:
    """The plan's form, unchanged."""
    form, plan = response.context["form"], response.context["plan"]
    inputs = [*form.goals().values(), form.note()]
    inputs += [one for row in form.step_rows() for one in row.inputs.values() if row.carried or one.field not in CARRY]
    return {one.name: one.value for one in inputs} | {"version": str(plan.version), "base": form.base()}


def cell(line: str, field: str, value: str, was: str | None = "") -> dict[str, Any]:
    """A cell as the page's script sends it."""
    return {"line": line, "field": field, "value": value, "was": was}


def send(client: Client, url: str, *cells: dict[str, Any], **more: Any) -> Any:
    """Cells as the page's script sends them."""
    return client.post(url, {"cells": list(cells), **more}, content_type="application/json")
