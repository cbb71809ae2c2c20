"""The course of a warning as docs/renewals.md draws it: ``python -m tests.renewals.course_drawing`` prints it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator

from renewals.choices import State
from renewals.rules_course import TRANSITIONS, WORKED

ANY = "open"
BY = {
    "contact": "a contact",
    "hand": "somebody's hand",
    "roster": "the roster",
    "system": "the calendar",
}


def drawing() -> str:
    """The diagram and the table below it."""
    return f"```mermaid\n{diagram()}\n```\n\n{table()}"


def diagram() -> str:
    """A state diagram; ``open`` stands for any of the states that are worked at."""
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    for step in TRANSITIONS:
        for source in nodes(step.sources):
            for target in nodes(step.targets):
                edges[source, target].append(step.event)
    lines = ["stateDiagram-v2", f'    state "any open one" as {ANY}', "    [*] --> listed", "    [*] --> assigned"]
    lines += [f"    {source} --> {target}: {' / '.join(events)}" for (source, target), events in edges.items()]
    return "\n".join(lines)


def table() -> str:
    """Every step: from where, to where, by whom, when."""
    rows = ["| step | from | to | by | when |", "|---|---|---|---|---|"]
    for step in TRANSITIONS:
        sources, targets = (", ".join(nodes(states)) for states in (step.sources, step.targets))
        rows.append(f"| {step.event} | {sources} | {targets} | {BY[step.by]} | {step.when} |")
    return "\n".join(rows)


def nodes(states: Iterable[State]) -> Iterator[str]:
    """The states in the order of the course; all open ones at once as ``open``."""
    found = set(states)
    if found >= WORKED:
        yield ANY
        found -= WORKED
    yield from (state.value for state in State if state in found)


if __name__ == "__main__":
    sys.stdout.write(drawing() + "\n")
