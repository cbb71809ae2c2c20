"""The round itself, by OR-Tools: what is worth most within the time, and the shortest way through it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from channels.rules_rounds import DAY, Course, Stop, Terms, choose, course, nearest_first
from gridops.common.places import metres

LONGEST_MS = 2_800  # with what surrounds it, three seconds
SMALL = 3  # stops: nothing to look for
Matrix = list[list[int]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is looked: until so many better and worse rounds were tried, at most so many milliseconds."""

    milliseconds: int = LONGEST_MS
    tries: int = 0  # 0: by the number of stops

    def tries_for(self, stops: int) -> int:
        """With few stops the best round is found at once; the same number of tries gives the same round."""
        return self.tries or 40 * stops


def propose(stops: Sequence[Stop], terms: Terms, effort: Effort | None = None) -> Course:
    """The best round found over ``stops``, given the most overdue first; never worse than going to the nearest next.

    Fixed stops are on it in any case, also where they don't fit; the others only where they do.
    """
    offered = choose(stops, terms)
    placed = [stop for stop in offered if stop.place is not None]
    unplaced = [stop for stop in offered if stop.place is None]  # fixed ones: where they lie nobody knows
    spare = Terms(terms.place, terms.begins, terms.budget - terms.stop * len(unplaced), terms.stop, terms.speed)
    best = _best(placed, spare, effort or Effort())
    return course(_with_fixed(best.stops, [stop for stop in stops if stop.fixed]), terms)


def _best(stops: Sequence[Stop], terms: Terms, effort: Effort) -> Course:
    near = nearest_first(stops, terms)
    found = _solve(stops, terms, near, effort) if len(stops) > 1 else near
    again = nearest_first(found.stops, terms)
    return min((one for one in (found, near, again) if one.fits), key=lambda one: one.merit, default=near)


def _with_fixed(order: Sequence[Stop], fixed: Sequence[Stop]) -> list[Stop]:
    """The fixed ones that are missing are put after the fixed one before them, or at the beginning."""
    made = list(order)
    at = 0
    for stop in fixed:
        if stop in made:
            at = made.index(stop) + 1
        else:
            made.insert(at, stop)
            at += 1
    return made


def _solve(stops: Sequence[Stop], terms: Terms, start: Course, effort: Effort) -> Course:
    """Node 0 is where the round begins, and, free of way, where it ends; node n is stop n."""
    manager = pywrapcp.RoutingIndexManager(len(stops) + 1, 1, 0)
    model = pywrapcp.RoutingModel(manager)
    ways = _ways(stops, terms)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(ways))
    _keep_hours(model, manager, stops, terms, ways)
    dropping = 2 * max(map(max, ways)) + 1  # to visit one more is worth any way
    everything = sum(stop.weight for stop in stops) + 1
    for node, stop in enumerate(stops, start=1):
        worth = everything if stop.fixed else stop.weight
        model.AddDisjunction([manager.NodeToIndex(node)], dropping * worth)
    parameters = _parameters(effort, len(stops))
    model.CloseModelWithParameters(parameters)
    first = model.ReadAssignmentFromRoutes([[stops.index(stop) + 1 for stop in start.stops]], True)
    answer = model.SolveFromAssignmentWithParameters(first, parameters) if first else None
    answer = answer or model.SolveWithParameters(parameters)
    return course(_read(model, manager, answer, stops), terms) if answer else start


def _ways(stops: Sequence[Stop], terms: Terms) -> Matrix:
    """Metres from node to node; none back to the beginning, none from a beginning that nobody knows."""
    places = [terms.place, *(stop.place for stop in stops)]
    return [
        [0 if there == 0 or not one or not other else round(metres(one, other)) for there, other in enumerate(places)]
        for one in places
    ]


def _keep_hours(model: Any, manager: Any, stops: Sequence[Stop], terms: Terms, ways: Matrix) -> None:
    times = [[terms.minutes(way) + (terms.stop if here else 0) for way in row] for here, row in enumerate(ways)]
    model.AddDimension(model.RegisterTransitMatrix(times), DAY, 2 * DAY, False, "clock")
    clock = model.GetDimensionOrDie("clock")
    clock.CumulVar(model.Start(0)).SetRange(terms.begins, terms.begins)
    clock.CumulVar(model.End(0)).SetMax(max(terms.begins, terms.ends))
    before = None
    for node, stop in enumerate(stops, start=1):
        index = manager.NodeToIndex(node)
        latest = min(stop.closes, terms.ends) - terms.stop
        if latest < max(stop.opens, terms.begins) or stop.closed_day:
            model.solver().Add(model.ActiveVar(index) == 0)
            continue
        clock.CumulVar(index).SetRange(max(stop.opens, terms.begins), latest)
        if stop.fixed:
            if before is not None:
                both = model.ActiveVar(before) * model.ActiveVar(index)
                model.solver().Add(clock.CumulVar(index) >= both * clock.CumulVar(before))
            before = index


def _parameters(effort: Effort, stops: int) -> Any:
    made = pywrapcp.DefaultRoutingSearchParameters()
    made.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    if stops > SMALL:
        made.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        made.solution_limit = effort.tries_for(stops)
    made.time_limit.FromMilliseconds(effort.milliseconds)
    return made


def _read(model: Any, manager: Any, answer: Any, stops: Sequence[Stop]) -> list[Stop]:
    order, index = [], answer.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(index):
        order.append(stops[manager.IndexToNode(index) - 1])
        index = answer.Value(model.NextVar(index))
    return order
