"""Input against output: what holds for any figures (P5)."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.rules_weighing import EARNED, INPUTS, Case, Line, as_json, from_json, weigh

money = st.decimals(0, 99_999, places=2)
lines = st.lists(
    st.builds(
        Line,
        paid_for=st.sampled_from(["new_install", "renewal", "upgrade", "other"]),
        low=st.sampled_from([0, 100, 500]),
        rate=st.decimals(0, 500, places=2),
        count=st.integers(0, 300),
    ),
    max_size=6,
).map(tuple)
cases = st.builds(
    Case,
    people=st.decimals(0, 20, places=1),
    wage=money,
    rent=money,
    rebates=money,
    promotions=money,
    spent=money,
    taken_back=money,
    income=money,
    lines=lines,
)
NEW = "new_install"


@given(cases)
@settings(max_examples=60)
def test_the_margin_is_what_comes_out_less_what_goes_in(case: Case) -> None:
    found = weigh(case)
    assert found.cost == sum(found.inputs.values())
    assert found.margin == sum(found.earned.values()) - case.taken_back + case.income - found.cost
    assert all(value == round(value, 2) for value in (*found.inputs.values(), *found.earned.values(), found.margin))
    assert (found.per_yuan is None) == (found.cost == 0)
    assert found.heaviest is None or found.inputs[found.heaviest[0]] == max(found.inputs.values())


@given(cases, st.decimals("0.50", 500, places=2), st.integers(1, 300))
@settings(max_examples=60)
def test_at_the_break_even_input_is_covered_and_one_below_it_is_not(case: Case, rate: Decimal, count: int) -> None:
    case = Case(
        **{name: getattr(case, name) for name in ("people", "wage", "rent", "rebates", "promotions", "spent")},
        **{name: getattr(case, name) for name in EARNED},
        lines=(*(line for line in case.lines if line.paid_for != NEW), Line(NEW, rate=rate, count=count)),
    )
    at = weigh(case).break_even
    assert at is not None
    there = weigh(case.changed(f"count:{len(case.lines) - 1}", Decimal(at)))
    assert there.margin >= 0
    assert there.break_even == at, "it does not depend on how many there are"
    if at:
        assert weigh(case.changed(f"count:{len(case.lines) - 1}", Decimal(at - 1))).margin < 0


@given(cases, st.sampled_from([*INPUTS[1:], *EARNED]), st.decimals(0, 99_999, places=2))
@settings(max_examples=60)
def test_one_figure_changed_moves_the_margin_by_just_that(case: Case, name: str, value: Decimal) -> None:
    moved = weigh(case.changed(name, value)).margin - weigh(case).margin
    difference = value - case.figure(name)
    assert moved == (difference if name == "income" else -difference)


@given(cases)
@settings(max_examples=30)
def test_what_is_kept_is_read_back_as_it_was(case: Case) -> None:
    assert from_json(json.loads(json.dumps(as_json(case)))) == case


def test_an_example_by_hand() -> None:
    case = Case(
        people=Decimal("2.5"),
        wage=Decimal(3200),
        rent=Decimal(1500),
        promotions=Decimal(800),
        taken_back=Decimal(120),
        lines=(
            Line(NEW, 0, 500, Decimal(60), 60),
            Line(NEW, 500, None, Decimal(90), 40),
            Line("renewal", rate=Decimal(15)),
        ),
    )
    found = weigh(case)
    assert [found.cost, found.output, found.margin] == [10_300, 7_080, -3_220]
    assert found.per_yuan == Decimal("0.69")
    assert found.heaviest == ("wages", Decimal("77.7"))
    # 72 yuan a new install at this mix; 10,300 + 120 yuan are missing without any
    assert found.break_even == 145


def test_where_nothing_is_paid_for_new_installs_there_is_no_break_even() -> None:
    assert weigh(Case(rent=Decimal(5), lines=(Line(NEW),))).break_even is None
    assert weigh(Case(rent=Decimal(5), lines=(Line(NEW, rate=Decimal(2)), Line(NEW, rate=Decimal(4))))).break_even == 2
    assert weigh(Case()).break_even == 0
