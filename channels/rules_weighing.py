"""An agent's input against their output, month by month, as typed: pure arithmetic in yuan and cents (P5).

*Ours*: products are rounded to the cent, half up. The break-even is how many new installs a month, at the case's own
mix of tiers and rates (without any: at the mean of its rates), bring as much as all input costs when the rest stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from channels.choices import PaidFor

ZERO, CENT = Decimal(0), Decimal("0.01")
MOST_CASES, MOST_LINES = 4, 24
MOST_MONEY, MOST_PEOPLE, MOST_COUNT = Decimal(9_999_999), Decimal(9_999), 999_999
#: what is typed besides the lines: inputs, then outputs; ``people`` are persons, all else yuan a month
SPENT = ("people", "wage", "rent", "rebates", "promotions", "spent")
EARNED = ("taken_back", "income")
#: what input is made of, once people and wage are one figure
INPUTS = ("wages", "rent", "rebates", "promotions", "spent")


@dataclass(frozen=True, slots=True)
class Line:
    """How many of a kind and speed tier (Mbit/s), at how many yuan apiece."""

    paid_for: str
    low: int = 0
    below: int | None = None
    rate: Decimal = ZERO
    count: int = 0

    @property
    def amount(self) -> Decimal:
        """What it brings."""
        return cents(self.rate * self.count)


@dataclass(frozen=True, slots=True)
class Case:
    """One way it may go: input and output of a month."""

    name: str = ""
    people: Decimal = ZERO
    wage: Decimal = ZERO
    rent: Decimal = ZERO
    rebates: Decimal = ZERO
    promotions: Decimal = ZERO
    spent: Decimal = ZERO
    taken_back: Decimal = ZERO
    income: Decimal = ZERO
    lines: tuple[Line, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)  # figure -> where the value it was filled with came from

    def figure(self, name: str) -> Decimal:
        """A typed figure; ``rate:2`` and ``count:2`` are those of line 2."""
        kind, _colon, at = name.partition(":")
        if at:
            return Decimal(getattr(self.lines[int(at)], kind))
        found: Decimal = getattr(self, kind)
        return found

    def changed(self, name: str, value: Decimal) -> Case:
        """The same but for one figure: what if."""
        kind, _colon, at = name.partition(":")
        new: dict[str, Any] = {kind: int(value) if kind == "count" else value}
        if not at:
            return replace(self, **new)
        lines = list(self.lines)
        lines[int(at)] = replace(lines[int(at)], **new)
        return replace(self, lines=tuple(lines))


@dataclass(frozen=True, slots=True)
class Result:
    """What a case comes to, in yuan a month.

    ``per_yuan``: yuan out per yuan in, None without input. ``break_even``: new installs, None where none bring
    anything. ``heaviest``: the input that weighs most, and its share in percent; None without input.
    """

    inputs: Mapping[str, Decimal]
    earned: Mapping[str, Decimal]
    cost: Decimal
    output: Decimal
    margin: Decimal
    per_yuan: Decimal | None
    break_even: int | None
    heaviest: tuple[str, Decimal] | None


def cents(value: Decimal) -> Decimal:
    """To the cent, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def weigh(case: Case) -> Result:
    """Input against output."""
    inputs = {"wages": cents(case.people * case.wage), **{name: getattr(case, name) for name in INPUTS[1:]}}
    earned = {kind: sum((one.amount for one in case.lines if one.paid_for == kind), ZERO) for kind in PaidFor.values}
    cost = sum(inputs.values(), ZERO)
    output = sum(earned.values(), ZERO) - case.taken_back + case.income
    return Result(
        inputs,
        earned,
        cost,
        output,
        margin=output - cost,
        per_yuan=(output / cost).quantize(CENT, ROUND_HALF_UP) if cost > 0 else None,
        break_even=_break_even(case.lines, cost - (output - earned[PaidFor.NEW_INSTALL])),
        heaviest=_heaviest(inputs, cost),
    )


def _break_even(lines: Sequence[Line], missing: Decimal) -> int | None:
    """How many new installs bring the ``missing`` yuan."""
    if missing <= 0:
        return 0
    own = [line for line in lines if line.paid_for == PaidFor.NEW_INSTALL]
    number, brought = sum(line.count for line in own), sum((line.amount for line in own), ZERO)
    if brought <= 0:
        rates = [line.rate for line in own if line.rate > 0]
        number, brought = len(rates), sum(rates, ZERO)
    return ceil(Fraction(missing) * number / Fraction(brought)) if brought > 0 else None


def _heaviest(inputs: Mapping[str, Decimal], cost: Decimal) -> tuple[str, Decimal] | None:
    if cost <= 0:
        return None
    name = max(inputs, key=lambda one: inputs[one])
    return name, (100 * inputs[name] / cost).quantize(Decimal("0.1"), ROUND_HALF_UP)


# --- As a sheet keeps them ---


def as_json(case: Case) -> dict[str, Any]:
    """A case as a weighing stores it: figures as text, exactly as they are."""
    lines = [
        {"for": one.paid_for, "low": one.low, "below": one.below, "rate": str(one.rate), "count": one.count}
        for one in case.lines
    ]
    figures = {name: str(getattr(case, name)) for name in (*SPENT, *EARNED)}
    return {"name": case.name, **figures, "lines": lines, "origin": dict(case.origin)}


def from_json(told: Mapping[str, Any]) -> Case:
    """The case that ``as_json`` wrote; what is missing is nothing."""
    lines = tuple(
        Line(one["for"], one.get("low", 0), one.get("below"), Decimal(one.get("rate", "0")), int(one.get("count", 0)))
        for one in told.get("lines", ())
    )
    figures = {name: Decimal(told.get(name, "0")) for name in (*SPENT, *EARNED)}
    return Case(told.get("name", ""), lines=lines, origin=told.get("origin", {}), **figures)
