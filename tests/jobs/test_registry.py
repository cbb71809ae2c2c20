"""Every process knows the same kinds of work."""

from __future__ import annotations

import subprocess
import sys

from celery import current_app

from gridops.celery import app
from gridops.jobs.registry import title_of


def test_a_plain_process_knows_all_kinds_and_rings_the_products_own_broker() -> None:
    code = (
        "import django; django.setup();"
        "from gridops.jobs.registry import KINDS; from gridops.jobs.tasks import run_job;"
        "print(len(KINDS), run_job.app.main, run_job.app.conf.task_acks_late)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, name, acks_late = done.stdout.split()
    assert int(count) > 0
    assert (name, acks_late) == ("gridops", "True")


def test_the_beat_table_names_tasks_that_exist() -> None:
    assert current_app.main == app.main
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks


def test_a_kind_unknown_here_is_shown_by_its_name() -> None:
    assert title_of("gone") == "gone"
