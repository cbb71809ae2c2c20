"""What is counted of a list is what its warnings say, whatever happened to them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, RuleValue, Unit, User
from projects.models import Project
from renewals.choices import OPEN, Loss, Medium, Outcome, State
from renewals.models import Contact, DayTally, ExpiryWarning, LossTally, Tally, WarningList
from renewals.services_tally import counted_today, retally
from tests import factories

TODAY = date(2026, 11, 24)
FAILED = ("refused", "no_answer", "wrong_number")


def contact(warning: ExpiryWarning, by: User, **fields: Any) -> Contact:
    """A call about ``warning`` that came to nothing, unless ``fields`` say otherwise."""
    state = warning.state
    given = {"medium": "call", "outcome": "no_answer", "state_before": state, "state_after": state, **fields}
    return Contact.objects.create(warning=warning, subscriber=warning.subscriber, by=by, **given)


def moment(day: date, hour: int = 4) -> datetime:
    """``hour`` o'clock of Greenwich on ``day``: 16 and later is the next day in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def in_force(warning: ExpiryWarning) -> list[Contact]:
    """The contacts of a warning that count."""
    rows = list(warning.contacts.all())
    corrected = {row.corrects_id for row in rows}
    return [row for row in rows if row.pk not in corrected and row.outcome != Outcome.VOID]


def expected(warnings: Iterable[ExpiryWarning], today: date, first: int = 15) -> Counter[Any]:
    """What a tally of ``warnings`` has to say, counted one by one."""
    found: Counter[Any] = Counter()
    for one in warnings:
        calls = [row.at for row in in_force(one) if row.medium == Medium.CALL and row.outcome in FAILED]
        visits = [row.at for row in in_force(one) if row.medium == Medium.VISIT]
        is_open, is_renewed, over = one.state in OPEN, one.state == State.RENEWED, one.expires_on < today
        due = one.expires_on <= today + timedelta(days=first)
        found.update(
            expiring=1,
            due=due,
            due_contacted=due and one.contacts_made > 0,
            contacted=one.contacts_made > 0,
            expired=over,
            expired_renewed=over and is_renewed,
            expired_open=over and is_open,
            renewed=is_renewed,
            confirmed=is_renewed and one.confirmed_on is not None,
            won_back=is_renewed and one.renewed_on is not None and one.renewed_on > one.expires_on,
            lost=one.state == State.LOST,
            unreachable=one.state == State.UNREACHABLE,
            promised=is_open and one.promised_on is not None,
            overdue=is_open and one.next_on is not None and one.next_on < today,
            visits_owed=bool(calls),
            visits_made=bool(calls) and any(at >= min(calls) for at in visits),
            fees=cast("int", one.subscriber.monthly_fee or 0) if is_open else 0,
        )
    return Counter({name: Decimal(number) for name, number in found.items()})


def assert_tallied(found: WarningList, today: date, first: int = 15) -> None:
    """The tallies of ``found`` are what its warnings say."""
    rows = ExpiryWarning.objects.live().filter(warning_list=found)
    warnings = list(rows.select_related("subscriber").prefetch_related("contacts"))
    groups: dict[tuple[int, int | None, int | None], list[ExpiryWarning]] = {}
    for one in warnings:
        groups.setdefault((one.subscriber.project_id, one.agent_id, one.staff_id), []).append(one)
    tallies = {(row.project_id, row.agent_id, row.staff_id): row for row in Tally.objects.filter(warning_list=found)}
    assert tallies.keys() == groups.keys()
    for key, members in groups.items():
        wanted = expected(members, today, first)
        assert {name: getattr(tallies[key], name) for name in wanted} == dict(wanted)
    losses = Counter((one.agent_id, one.loss) for one in warnings if one.state == State.LOST)
    firsts = Counter(timezone.localdate(min(c.at for c in in_force(one))) for one in warnings if in_force(one))
    days = DayTally.objects.filter(warning_list=found, contacted__gt=0)
    assert {row.day: row.contacted for row in days} == dict(firsts)
    kept = {(row.agent_id, row.loss): row.lost for row in LossTally.objects.filter(warning_list=found)}
    assert kept == dict(losses)


def change(rng: random.Random, one: ExpiryWarning, agents: list[Agent], by: User) -> None:
    """Something happens to a warning."""
    day = TODAY - timedelta(days=rng.randrange(20))
    one.state = rng.choice([*State.values])
    one.agent = rng.choice(agents)
    one.staff = rng.choice([None, *one.agent.staff.all()])
    one.promised_on = rng.choice([None, day])
    one.next_on = TODAY + timedelta(days=rng.randrange(-3, 3))
    one.renewed_on, one.lost_on, one.loss = None, None, ""
    if one.state == State.RENEWED:
        one.renewed_on, one.confirmed_on = day, rng.choice([None, day])
    if one.state == State.LOST:
        one.lost_on, one.loss = day, rng.choice(Loss.values)
    for _ in range(rng.randrange(3)):
        outcome = rng.choice([value for value in Outcome.values if value not in ("void", "promised")])
        at = moment(day, rng.randrange(24))
        made = contact(one, by, medium=rng.choice(Medium.values), outcome=outcome, at=at)
        if rng.random() < 0.3:
            contact(one, by, medium="call", outcome=rng.choice(["void", "refused"]), at=at, corrects=made)
    one.contacts_made = len(in_force(one))
    one.save()


@pytest.fixture
def scene(grid: Grid, project: Project, agent: Agent) -> list[ExpiryWarning]:
    """A list of 24, over two projects, for nobody yet."""
    second = factories.make_project(grid)
    return [
        factories.make_warning(
            factories.make_subscriber(
                (project, second)[n % 2], expires_on=date(2026, 11, 8 + n % 23), monthly_fee=Decimal("59.90")
            )
        )
        for n in range(24)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_tallies_are_what_the_warnings_say(
    scene: list[ExpiryWarning], agent: Agent, manager: User, seed: int
) -> None:
    rng, found = random.Random(seed), scene[0].warning_list
    agents = [agent, factories.make_agent()]
    for each in agents:
        factories.make_agent_staff(each)
    retally([found.pk], TODAY)
    for _ in range(6):
        touched = rng.sample(scene, 3)
        before = {one.agent_id for one in touched}
        for one in touched:
            change(rng, one, agents, manager)
        retally([found.pk], TODAY, before | {one.agent_id for one in touched})
        assert_tallied(found, TODAY)
    retally([found.pk], TODAY + timedelta(days=3))
    assert_tallied(found, TODAY + timedelta(days=3))


def test_the_days_of_a_list_say_what_expires_and_what_was_done(scene: list[ExpiryWarning], manager: User) -> None:
    one, other, *_rest = scene
    ExpiryWarning.objects.filter(pk=one.pk).update(state="renewed", renewed_on=TODAY)
    ExpiryWarning.objects.filter(pk=other.pk).update(state="lost", lost_on=TODAY, loss="price")
    ExpiryWarning.objects.filter(pk=scene[2].pk).update(state="withdrawn")
    contact(one, manager, outcome="renewed", at=moment(TODAY, 15))
    late = contact(other, manager, at=moment(TODAY, 16))  # midnight in Shanghai: the next day
    contact(other, manager, medium="visit", at=moment(TODAY), outcome="refused", corrects=late)
    retally([one.warning_list_id], TODAY)
    days = {row.day: row for row in DayTally.objects.filter(warning_list=one.warning_list)}
    assert sum(row.expiring for row in days.values()) == 23
    assert days[date(2026, 11, 8)].expiring == 2
    today = days[TODAY]
    assert (today.renewed, today.lost, today.calls, today.visits, today.contacted) == (1, 1, 1, 1, 2)


def test_only_what_the_named_agents_follow_is_counted_again(scene: list[ExpiryWarning], agent: Agent) -> None:
    found = scene[0].warning_list
    ExpiryWarning.objects.filter(pk=scene[0].pk).update(agent=agent, state="assigned")
    retally([found.pk], TODAY)
    kept = set(Tally.objects.filter(agent=None).values_list("pk", flat=True))
    ExpiryWarning.objects.filter(pk=scene[0].pk).update(promised_on=TODAY)
    retally([found.pk], TODAY, [agent.pk])
    assert set(Tally.objects.filter(agent=None).values_list("pk", flat=True)) == kept
    assert_tallied(found, TODAY)


def test_a_list_counted_on_another_day_is_counted_whole(scene: list[ExpiryWarning]) -> None:
    found = scene[0].warning_list
    retally([found.pk], TODAY - timedelta(days=2))
    retally([found.pk], TODAY, [])
    assert_tallied(found, TODAY)
    found.refresh_from_db()
    assert found.tallied_on == TODAY


def test_who_reads_after_a_night_without_tasks_has_it_counted_first(
    scene: list[ExpiryWarning], django_assert_num_queries: Any
) -> None:
    found = scene[0].warning_list
    counted_today([found.pk], TODAY)
    assert_tallied(found, TODAY)
    with django_assert_num_queries(1):
        counted_today([found.pk], TODAY)


def test_the_first_call_is_due_by_the_rule_of_the_unit(scene: list[ExpiryWarning], unit: Unit) -> None:
    RuleValue.objects.create(unit=unit, key="renewal_call_first", value="6")
    other = factories.make_warning(
        factories.make_subscriber(factories.make_project(factories.make_grid()), expires_on=TODAY + timedelta(days=6))
    )
    retally([scene[0].warning_list_id, other.warning_list_id], TODAY)
    assert_tallied(scene[0].warning_list, TODAY, 6)
    assert_tallied(other.warning_list, TODAY)
