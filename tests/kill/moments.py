"""When to kill, and what must have come of it."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from functools import partial

from gridops.jobs.models import Job
from tests.kill.conftest import Workers

Until = Callable[[Callable[[], object]], None]
# A failure names the seed; KILL_SEED repeats its moments.
SEED = int(os.environ.get("KILL_SEED", random.randrange(10**6)))


def moments(seconds: float, kills: int) -> list[float]:
    """Random moments, spread over ``seconds`` in equal shares."""
    dice = random.Random(SEED)
    return [seconds * (n + dice.random()) / kills for n in range(kills)]


def done(job: Job) -> bool:
    job.refresh_from_db()
    assert job.state != Job.State.FAILED, f"{job.error} (seed {SEED})"
    return job.state == Job.State.DONE


def undisturbed(workers: Workers, again: Callable[[], Job], until: Until) -> float:
    """How long the job takes when nobody disturbs it, in seconds: the quicker of two."""
    pid, took = workers.start(), []
    for _ in range(2):
        job = again()
        until(partial(done, job))
        assert job.started_at is not None
        assert job.finished_at is not None
        took.append((job.finished_at - job.started_at).total_seconds())
    workers.kill(pid)
    return min(took)


def disturbed(workers: Workers, job: Job, moment: float, until: Until) -> bool:
    """Kill the worker ``moment`` seconds into the job and let another one take it up. Whether it had to."""
    pid = workers.start()
    until(Job.objects.filter(pk=job.pk, attempts=1).exists)
    time.sleep(moment)
    workers.kill(pid)
    pid = workers.start()
    until(lambda: done(job))
    workers.kill(pid)
    return job.attempts > 1
