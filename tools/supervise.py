"""Run what the Procfile names as one foreground process: one stops, all stop; Ctrl-C leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from honcho import manager as honcho_manager
from honcho.environ import parse_procfile
from honcho.printer import Printer

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_SECONDS = 60
PATIENCE_SECONDS = 10  # what a worker has for ending its task before it is killed


def main() -> int:
    """Start the processes, say when the address answers, and stay until they are stopped. 0 when that was asked for."""
    honcho_manager.KILL_WAIT = PATIENCE_SECONDS
    manager = honcho_manager.Manager(Printer(sys.stdout, time_format="%H:%M:%S"))
    manager._procmgr = Signals()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, cwd=str(ROOT))
    stop_on_hang_up()
    threading.Thread(target=announce, daemon=True).start()
    manager.loop()
    stopped_on_request = manager.returncode in (130, 143)
    say("gridops has stopped." if stopped_on_request else "gridops has stopped: see the last lines above.")
    return 0 if stopped_on_request else int(manager.returncode or 1)


class Signals:
    """How processes are told to stop: politely their head alone, which ends its children; by force the group."""

    def terminate(self, pid: int) -> None:
        """Ask: a worker then finishes its task first."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    def kill(self, pid: int) -> None:
        """Force: what was at work is taken up by the next worker's sweep."""
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def stop_on_hang_up() -> None:
    """A closed terminal stops everything, as Ctrl-C does."""
    own = os.getpid()

    def hang_up(_signal: int, _frame: FrameType | None) -> None:
        if os.getpid() == own:  # the children that relay output inherit this
            os.kill(own, signal.SIGTERM)

    signal.signal(signal.SIGHUP, hang_up)


def announce() -> None:
    """Wait until the web process answers, then print what ``GRIDOPS_READY`` holds."""
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until:
        if answers(os.environ.get("GRIDOPS_HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))):
            say(os.environ.get("GRIDOPS_READY", "gridops is ready."))
            return
        time.sleep(0.1)
    say(f"The web process has not answered within {READY_WITHIN_SECONDS} seconds; see its lines above.")


def answers(host: str, port: int) -> bool:
    """Whether something speaks HTTP there; what it says does not matter."""
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104
    try:
        connection.request("HEAD", "/", headers={"Host": "localhost"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def say(text: str) -> None:
    """One block, at once."""
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
