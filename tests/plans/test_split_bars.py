"""How shares and past months are drawn: parts that add up, on one scale, below 0 too."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridops.common.months import Month
from plans.models import ProjectShare
from plans.pages_split import TREND_HEIGHT, drawn, longest_bar
from plans.rules import Figures, split_net_adds
from plans.templatetags.split_bars import WIDTH, why_bar

FIGURES = st.tuples(*[st.integers(0, 500)] * 3, st.integers(-40, 40), st.none() | st.integers(-9, 40))
MONTHS = [Month(2026, 9), Month(2026, 10), Month(2026, 11)]


@given(st.integers(-60, 200), st.lists(FIGURES, min_size=1, max_size=6))
def test_every_bar_keeps_within_the_longest_and_its_parts_stand_side_by_side(
    target: int, rows: list[tuple[int, int, int, int, int | None]]
) -> None:
    split = split_net_adds(target, [Figures(f"P{index}", *row) for index, row in enumerate(rows)])
    shares = [ProjectShare(net_adds=share, why=split.why(code)) for code, share in split.net_adds.items()]
    longest = longest_bar(shares)
    for share in shares:
        drawn_parts = why_bar(share, longest)["parts"]
        assert all(float(part.x) >= 0 and float(part.width) >= 0 for part in drawn_parts)
        assert all(float(part.x) + float(part.width) <= WIDTH + 0.2 for part in drawn_parts)
        # what is taken away lies over the end of the rest, which then shows the share itself
        kept = [part for part in drawn_parts if part.kind != "taken"]
        taken = sum(float(part.width) for part in drawn_parts if part.kind == "taken")
        shown = sum(float(part.width) for part in kept) - taken
        assert shown == pytest.approx(WIDTH * abs(share.net_adds) / longest, abs=0.5)


def test_past_months_stand_above_or_below_one_line_and_unknown_ones_are_left_out() -> None:
    past = drawn(MONTHS, {date(2026, 9, 1): 6, date(2026, 11, 1): -2})
    assert [(one.value, one.x) for one in past] == [(6, 0), (None, 10), (-2, 20)]
    line = TREND_HEIGHT * 6 / 8
    assert (float(past[0].y), float(past[0].height)) == (0, line)
    assert (float(past[2].y), float(past[2].height)) == (line, TREND_HEIGHT - line)
