"""How a share is drawn: what each factor contributed, as parts of one bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template

from plans.pages_split import longest_bar
from plans.rules import FACTORS

register = template.Library()

WIDTH = 200
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: whose it is, where it begins, how wide it is, of ``WIDTH`` in all."""

    kind: str
    x: str
    width: str


register.simple_tag(longest_bar, name="widest")


@register.inclusion_tag("plans/_why_bar.html")
def why_bar(share: Any, longest: float) -> dict[str, Any]:
    """The bar of a share. What an adjustment takes away ends it, as a part of its own."""
    unit, at, parts = WIDTH / longest, 0.0, []
    given = [(name, value) for name, value in (share.why or {}).items() if value]
    for name, value in given:
        opposite = name == FACTORS[-1] and share.net_adds * value < 0
        width = abs(value) * unit
        if opposite:
            at = max(at - width, 0.0)
        parts.append(Part(TAKEN if opposite else name, f"{at:.1f}", f"{width:.1f}"))
        at += width
    return {"parts": parts, "below": share.net_adds < 0, "width": WIDTH}
