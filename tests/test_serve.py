"""``make run`` as one process: it comes up, answers, and leaves nothing behind. Works the same on either database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from uuid import uuid4

import psutil
import psycopg
import pytest
from django.conf import settings

from tests.infra.servers import free_port

READY = "gridops is ready at"
STARTS_WITHIN_SECONDS, STOPS_WITHIN_SECONDS = 90, 30
pytestmark = pytest.mark.xdist_group("serve")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of one installation: SQLite, or a new database of the server that ``DATABASE_URL`` names."""
    var = tmp_path_factory.mktemp("var")
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    own |= {"GRIDOPS_VAR_DIR": str(var), "HTTPS": "0", "LOG_LEVEL": "WARNING"}
    own["CELERY_BROKER_URL"] = f"sqla+sqlite:///{var / 'broker.sqlite3'}"
    url = os.environ.get("DATABASE_URL")
    if not url:
        yield own
        return
    name = f"serve_{uuid4().hex[:8]}"
    base, _, query = url.partition("?")
    own["DATABASE_URL"] = f"{base.rpartition('/')[0]}/{name}?{query}"
    own["CELERY_BROKER_URL"] = os.environ.get("REDIS_URL") or own["CELERY_BROKER_URL"]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield own
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def place(installation: dict[str, str]) -> dict[str, str]:
    """The same with a port that is free."""
    return {**installation, "PORT": str(free_port())}


class Served:
    """A running ``serve``, and what it has printed."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *arguments],
            cwd=settings.BASE_DIR,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.port = int(env["PORT"])
        self.lines: list[str] = []
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if READY in line:
                self.ready.set()
        self.ready.set()

    @property
    def text(self) -> str:
        """Everything printed so far."""
        return "".join(self.lines)

    def family(self) -> list[psutil.Process]:
        """The process with all that it has started."""
        head = psutil.Process(self.process.pid)
        return [head, *head.children(recursive=True)]

    def stop(self, how: signal.Signals) -> int:
        """Send the signal to the group, as a terminal does; the exit code."""
        os.killpg(self.process.pid, how)
        return self.process.wait(STOPS_WITHIN_SECONDS)


@pytest.fixture
def serve(place: dict[str, str]) -> Iterator[Served]:
    served = Served(place, "--no-demo")
    yield served
    family = served.family() if served.process.poll() is None else []
    for process in family:
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_comes_up_answers_and_stops_with_nothing_left(serve: Served, how: signal.Signals) -> None:
    assert serve.ready.wait(STARTS_WITHIN_SECONDS)
    assert serve.process.poll() is None, serve.text
    with urllib.request.urlopen(f"http://127.0.0.1:{serve.port}/", timeout=10) as answer:
        assert answer.status == 200
        assert "sign-in" in answer.url
    family = serve.family()
    commands = [" ".join(process.cmdline()) for process in family]
    for part in ("gunicorn", "gridops worker", "gridops beat"):
        assert any(part in command for command in commands), part
    assert serve.stop(how) == 0, serve.text
    serve.reader.join(5)
    gone, left = psutil.wait_procs(family, timeout=2)
    assert not left
    assert len(gone) == len(family)
    assert "Traceback" not in serve.text
    # Outside the demo nobody has a password: the first admin is made by hand.
    assert "createsuperuser" in serve.text
    assert "Demo sign-ins" not in serve.text


def test_when_one_part_dies_all_stop_and_it_is_said(serve: Served) -> None:
    assert serve.ready.wait(STARTS_WITHIN_SECONDS)
    family = serve.family()
    beat = next(process for process in family if "gridops beat" in " ".join(process.cmdline()))
    beat.kill()
    assert serve.process.wait(STOPS_WITHIN_SECONDS) != 0
    _, left = psutil.wait_procs(family, timeout=5)
    assert not left
    serve.reader.join(5)
    assert "see the last lines above" in serve.text


def test_a_port_that_is_taken_is_said(place: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(place["PORT"])))
        other.listen()
        served = Served(place, "--no-demo")
        assert served.process.wait(STARTS_WITHIN_SECONDS) != 0
        served.reader.join(5)
    assert f":{place['PORT']} can't be used" in served.text
    assert "Traceback" not in served.text


@pytest.mark.parametrize("port", ["web", "0", "70000"])
def test_a_port_that_is_none_is_said(place: dict[str, str], port: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env={**place, "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "PORT must be a number" in done.stderr
