"""A worker killed in the middle of sending: what it held comes back, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from gridops.accounts.models import User
from gridops.notices import services_delivery
from gridops.notices.models import Delivery
from tests.notices.conftest import Hook

DELIVER = "import django; django.setup(); from gridops.notices import services_delivery as s; s.deliver()"
SECONDS = 60

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], subprocess.Popen[bytes]]:
    """Starts a process that delivers, on the test's database."""
    monkeypatch.setattr("gridops.notices.tasks.deliver.apply_async", lambda **_: None)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.kill.worker_settings",
        "KILL_DATABASE": str(connection.settings_dict["NAME"]),
        "KILL_MEDIA": str(tmp_path),
        "WEBHOOK_PRIVATE": "1",
        "LOG_LEVEL": "CRITICAL",
    }
    return lambda: subprocess.Popen([sys.executable, "-c", DELIVER], cwd=settings.BASE_DIR, env=env)


def test_a_message_comes_again_when_its_worker_died_before_writing_it_down(
    hooked: User, hook: Hook, tell: Callable[..., None], worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    hook.hold = threading.Event()
    tell("1")
    tell("2")
    process = worker()
    until = time.monotonic() + SECONDS
    while not hook.heard:
        assert time.monotonic() < until, "the worker sent nothing"
        assert process.poll() is None, "the worker ended"
        time.sleep(0.02)
    process.kill()
    process.wait(10)
    hook.hold.set()
    # Its lease holds: nobody takes up what may be on its way.
    assert services_delivery.deliver() == 0
    assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 1)}
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))  # the lease runs out
    assert services_delivery.deliver() == 1
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 2)}
    # At least once: what had arrived before the death came a second time, as one message again.
    assert [data["title"] for _path, _headers, data in hook.heard] == ["2 notices: Title 1 …"] * 2
