"""The whole suite: on SQLite, on PostgreSQL with Redis, and in a real Chromium. Sets up what it needs.

A part that can't be had is skipped, loudly; with CI set it fails the run. Arguments go on to pytest:

    python -m tools.test [--only sqlite|postgresql|browser] [pytest's arguments]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.infra import chromium, servers

CI = bool(os.environ.get("CI"))
PARTS = ("sqlite", "postgresql", "browser")
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL and Redis", "browser": "Chromium"}
NOTHING_COLLECTED = 5
SHOWN = 20
# What Chromium itself stumbled over is tried once more; what a test found wrong is not.
STUMBLED = "Protocol error|Target page, context or browser has been closed|Page crashed|Browser closed"
# What the tests decide themselves; a developer's own environment must not leak in.
OWN = (
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "REDIS_URL",
    "GRIDOPS_VAR_DIR",
    "GRIDOPS_DEMO",
    "SECRET_KEY",
    "HTTPS",
    "DEBUG",
)


@dataclass
class Outcome:
    """What came of one part."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    missing: str = ""
    code: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the run as a whole may still succeed."""
        return not self.failed and not self.code and not (self.missing and CI)

    def __str__(self) -> str:
        if self.missing:
            return f"{TITLES[self.part]:<22}NOT RUN  {self.missing}"
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{TITLES[self.part]:<22}{counts} in {self.seconds:.0f} s"


def main() -> int:
    """Run the parts one after the other and sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part (may be repeated)")
    args, rest = parser.parse_known_args()
    outcomes = [run_part(part, rest) for part in PARTS if part in (args.only or PARTS)]
    return summary(outcomes)


def run_part(part: str, rest: list[str]) -> Outcome:
    """One part with the servers it needs."""
    began = time.monotonic()
    say(f"\n=== {TITLES[part]} ===")
    try:
        with environment(part) as env, tempfile.TemporaryDirectory() as place:
            report = Path(place) / "report.xml"
            again = ["--reruns=1", f"--only-rerun={STUMBLED}"]
            chosen = ["-m", "browser", *again] if part == "browser" else ["-m", "not browser"]
            spread = ["-n", "2", "--dist", "loadgroup"]
            command = [sys.executable, "-m", "pytest", "--tb=short", *chosen, *spread, f"--junitxml={report}", *rest]
            code = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, check=False).returncode
            outcome = read(part, report, code, chosen_by_hand=bool(rest))
    except servers.Unavailable as unavailable:
        say(f"!!! NOT RUN. {unavailable}")
        outcome = Outcome(part, missing=str(unavailable))
    outcome.seconds = time.monotonic() - began
    return outcome


@contextlib.contextmanager
def environment(part: str) -> Iterator[dict[str, str]]:
    """The variables for a part's pytest, while its servers run."""
    env = {name: value for name, value in os.environ.items() if name not in OWN}
    with contextlib.ExitStack() as stack:
        if part == "browser":
            env["CHROMIUM"] = chromium.ensure()
        else:
            env["REDIS_URL"] = stack.enter_context(servers.redis())
        if part == "postgresql":
            env["DATABASE_URL"] = stack.enter_context(servers.postgresql())
            env["CELERY_BROKER_URL"] = env["REDIS_URL"]
        yield env


def read(part: str, report: Path, code: int, *, chosen_by_hand: bool) -> Outcome:
    """Count from pytest's own report. No test at all is a failure, unless tests were chosen by hand."""
    if code == NOTHING_COLLECTED and chosen_by_hand:
        return Outcome(part)
    if not report.exists():
        return Outcome(part, code=code or 1)
    suite = ET.parse(report).getroot()[0]  # noqa: S314 - pytest wrote it
    bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = int(suite.get("skipped", 0))
    names = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    return Outcome(part, int(suite.get("tests", 0)) - bad - skipped, bad, skipped, code=code, failures=names)


def summary(outcomes: list[Outcome]) -> int:
    """One plain closing line, after a line for each part."""
    say("\n=== Summary ===")
    for outcome in outcomes:
        say(str(outcome))
        for name in outcome.failures[:SHOWN]:
            say(f"    failed: {name}")
        if len(outcome.failures) > SHOWN:
            say(f"    ... and {len(outcome.failures) - SHOWN} more, named above")
    ok = all(outcome.ok for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    if not ok and not failed:  # a missing part in CI, or pytest itself broke
        failed = sum(not outcome.ok for outcome in outcomes)
    say(
        f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed, "
        f"{sum(outcome.skipped for outcome in outcomes)} skipped"
    )
    return 0 if ok else 1


def say(text: str) -> None:
    """A line of our own between pytest's."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
