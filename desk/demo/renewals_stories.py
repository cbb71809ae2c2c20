"""How it goes with an expiring contract in the demo: who is called when, what comes of it. Pure; drawn by account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from renewals.choices import Loss, Medium, Outcome

CALL, VISIT = Medium.CALL.value, Medium.VISIT.value
LOSSES = (Loss.PRICE, Loss.RIVAL, Loss.RIVAL, Loss.QUALITY, Loss.SERVICE, Loss.UNUSED, Loss.OTHER)
NOTES = ("下班后方便接电话", "要求送路由器", "对方已报移动宽带", "家中老人不清楚，联系子女", "", "", "", "")
LAGGING = 0.2  # of the stories of an agent who lags, so many are told


@dataclass(frozen=True, slots=True)
class Told:
    """One contact: on which day, how, what came of it."""

    day: date
    medium: str
    outcome: str
    promised_on: date | None = None
    loss: str = ""
    note: str = ""


def story(account: str, ends_on: date, today: date, *, renews: bool, lags: bool) -> list[Told]:
    """What was done about a contract that ends on ``ends_on``, up to and with ``today``."""
    random = Random(f"story {account}")  # noqa: S311 - nothing secret
    if lags and random.random() > LAGGING:
        return []
    first = ends_on - timedelta(days=15) + timedelta(days=random.randrange(4))
    told = list(_renewing(random, first) if renews else _leaving(random, first, ends_on, today))
    return [one for one in told if one.day <= today]


def _renewing(random: Random, first: date) -> Iterator[Told]:
    draw, later = random.random(), first + timedelta(days=random.randrange(4, 9))
    if draw < 0.12:  # came by themselves
        return
    if draw < 0.4:
        yield Told(first, CALL, Outcome.PROMISED, promised_on=later, note=random.choice(NOTES))
        yield Told(later, CALL, Outcome.RENEWED)
    elif draw < 0.85:
        yield Told(later, CALL, Outcome.RENEWED, note=random.choice(NOTES))
    else:
        yield Told(first, CALL, Outcome.NO_ANSWER)
        yield Told(first + timedelta(days=2), VISIT, Outcome.RENEWED)


def _leaving(random: Random, first: date, ends_on: date, today: date) -> Iterator[Told]:
    draw, visit = random.random(), first + timedelta(days=random.randrange(1, 4))
    loss, note = random.choice(LOSSES).value, random.choice(NOTES)
    if ends_on >= today - timedelta(days=12) and draw < 0.45:  # still being talked to
        called = max(first, today - timedelta(days=random.randrange(1, 4)))
        promised = max(called, today + timedelta(days=random.choice((-1, 0, 0, 1, 2, 4))))
        yield Told(called, CALL, Outcome.PROMISED, promised_on=promised, note=note)
    elif draw < 0.6:
        yield Told(first, CALL, random.choice((Outcome.NO_ANSWER, Outcome.REFUSED)), note=note)
        if ends_on < today + timedelta(days=6):
            yield Told(visit, VISIT, Outcome.REFUSED, loss=loss)
    elif draw < 0.68:
        yield Told(first, CALL, Outcome.NO_ANSWER)
        yield Told(visit, VISIT, Outcome.NO_ANSWER)
        yield Told(visit + timedelta(days=3), VISIT, Outcome.NO_ANSWER, note="敲门无人，已留便条")
    elif draw < 0.74:
        yield Told(first, CALL, Outcome.MOVED)
    elif draw < 0.82:
        yield Told(first, CALL, Outcome.WRONG_NUMBER, note="接听人不是机主")
    elif draw < 0.88:
        yield Told(first, CALL, Outcome.NO_ANSWER)
