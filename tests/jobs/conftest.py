"""Kinds of work for the tests, taken out of the register again after each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gridops.jobs.registry import KINDS, ClosingKind, Kind, MonthlyKind
from gridops.jobs.run import Run

Handle = Callable[[Run], None]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handle], str]:
    """Register a handler as the kind "test" and give back that name."""

    def register(handle: Handle) -> str:
        monkeypatch.setitem(KINDS, "test", Kind("test", "Test work", handle))
        return "test"

    return register


@pytest.fixture
def only_monthly_kinds(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handle], None]:
    """The calendar owes these two kinds and no others: lists (20th, 25th) and plans (23rd, 28th)."""

    def register(handle: Handle) -> None:
        for name in [name for name, known in KINDS.items() if isinstance(known, MonthlyKind | ClosingKind)]:
            monkeypatch.delitem(KINDS, name)
        for name, rule in (("lists", "warning_list"), ("plans", "plan")):
            made = MonthlyKind(name, name.title(), handle, f"{rule}_early_day", f"{rule}_due_day")
            monkeypatch.setitem(KINDS, name, made)

    return register
