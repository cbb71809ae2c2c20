"""A first draft of the promotion timetable: a fair rotation of a grid's projects over the days of a month (S4)."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

SLOTS = ("morning", "afternoon", "evening")


@dataclass(frozen=True, slots=True)
class Planned:
    """A session of a project (by its key) in a slot of a day."""

    project: int
    day: date
    slot: str


def fair_rotation(
    projects: Sequence[int], days: Sequence[date], per_day: int, kept: Iterable[Planned] = ()
) -> list[Planned]:
    """Sessions that bring every day of ``days`` up to ``per_day``, beside those ``kept``, which stay as they are.

    Projects take turns in the order given: who had fewest so far comes next, so that the numbers of two projects
    never differ by more than one (unless ``kept`` ones do). Nobody comes twice on a day while another has not come.
    On a day slots differ as long as there are enough of them, and a project's slots take turns.
    """
    by_day: dict[date, list[Planned]] = {}
    for session in kept:
        by_day.setdefault(session.day, []).append(session)
    counts = Counter(session.project for sessions in by_day.values() for session in sessions)
    slots_of: dict[int, list[int]] = {project: [0] * len(SLOTS) for project in projects}
    for sessions in by_day.values():
        for session in sessions:
            if session.project in slots_of:
                slots_of[session.project][SLOTS.index(session.slot)] += 1
    queue = [(counts[project], order, project) for order, project in enumerate(projects)]
    heapq.heapify(queue)
    turn, planned = len(projects), []
    most = min(per_day, len(projects) * len(SLOTS))
    for day in days:
        today = by_day.get(day, [])
        for project, slot in _fill_day(queue, slots_of, today, most - len(today), turn):
            planned.append(Planned(project, day, slot))
        turn += max(most, 1)
    return planned


def _fill_day(
    queue: list[tuple[int, int, int]], slots_of: dict[int, list[int]], kept: list[Planned], missing: int, turn: int
) -> list[tuple[int, str]]:
    """Choose ``missing`` sessions of one day; ``queue`` holds (sessions so far, turn, project)."""
    used = [0] * len(SLOTS)
    taken: dict[int, set[int]] = {}
    for session in kept:
        index = SLOTS.index(session.slot)
        used[index] += 1
        taken.setdefault(session.project, set()).add(index)
    chosen: list[tuple[int, str]] = []
    for number in range(missing):
        aside = []
        # Those with fewest sessions on this day first, then the queue's own order.
        least = 0 if len(taken) < len(queue) else min(len(taken.get(project, ())) for _, _, project in queue)
        if least == len(SLOTS):
            break
        while len(taken.get(queue[0][2], ())) > least:
            aside.append(heapq.heappop(queue))
        count, _, project = queue[0]
        heapq.heapreplace(queue, (count + 1, turn + number, project))
        for entry in aside:
            heapq.heappush(queue, entry)
        held, mine = slots_of[project], taken.setdefault(project, set())
        slot = min((s for s in range(len(SLOTS)) if s not in mine), key=lambda s: (used[s], held[s], s))
        used[slot] += 1
        held[slot] += 1
        mine.add(slot)
        chosen.append((project, SLOTS[slot]))
    return chosen
