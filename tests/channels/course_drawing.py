"""The courses of shops and matters as docs/channels.md draws them: ``python -m tests.channels.course_drawing``."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from channels import rules_matters, rules_pipeline
from channels.choices import MatterState, Stage

STEPS = {
    rules_pipeline.FORWARD: "forward",
    rules_pipeline.BACK: "back",
    rules_pipeline.GIVE_UP: "given up",
    rules_pipeline.TAKE_UP: "taken up again",
}


def shops() -> str:
    """From found to selling. The picture shows the way stage by stage, and what is given up; the table has all."""
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.FOUND.value}"]
    lines += [f"    {stage.value} --> {rules_pipeline.following(stage)}" for stage in rules_pipeline.OPEN]
    lines += [
        f"    {source} --> {one.target.value}: {STEPS[one.kind]}"
        for one in rules_pipeline.TRANSITIONS
        if Stage.GIVEN_UP in (one.target, *one.sources)
        for source in listed(Stage, one.sources).split(", ")
    ]
    rows = ["| step | from | to | a reason |", "|---|---|---|---|"]
    for one in rules_pipeline.TRANSITIONS:
        reason = "is said" if one.reasoned else ""
        rows.append(f"| {STEPS[one.kind]} | {listed(Stage, one.sources)} | {one.target.value} | {reason} |")
    return drawn(lines, rows)


def matters() -> str:
    """From asked to answered back."""
    lines = ["stateDiagram-v2", f"    [*] --> {MatterState.OPEN.value}"]
    rows = ["| step | from | to | also by who asked |", "|---|---|---|---|"]
    for event, one in rules_matters.TRANSITIONS.items():
        name, asked = event.replace("_", " "), "yes" if one.asked else ""
        sources = [state for state in MatterState if state in one.sources]
        if one.target:
            lines += [f"    {state.value} --> {one.target.value}: {name}" for state in sources]
        target = one.target.value if one.target else "stays"
        rows.append(f"| {name} | {listed(MatterState, one.sources)} | {target} | {asked} |")
    return drawn(lines, rows)


def listed(order: Iterable[Stage] | Iterable[MatterState], found: Iterable[str]) -> str:
    """The states found, in their order."""
    held = set(found)
    return ", ".join(state.value for state in order if state in held)


def drawn(lines: Iterable[str], rows: Iterable[str]) -> str:
    """The diagram and the table below it."""
    return "\n".join(("```mermaid", *lines, "```", "", *rows))


DRAWINGS = {"shops": shops, "matters": matters}

if __name__ == "__main__":
    for name, drawing in DRAWINGS.items():
        sys.stdout.write(f"<!-- {name} -->\n{drawing()}\n<!-- /{name} -->\n\n")
