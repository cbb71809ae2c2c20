"""How long a ledger takes from the click on its link to a cell that takes a keystroke: 2,000 projects beside 100.

    python -m tests.benchmarks.ledger_page_bench [--small 100] [--large 2000] [--rounds 7]

A real Chromium on a real server, in a database of its own. Both ledgers are opened in turn, each in a fresh window;
the server makes all rows, the browser draws those in sight. A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
# Playwright's loop runs in this very thread; Django would refuse every query here.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from tests.benchmarks.database import bench_database, report

LEDGERS = ("basics", "indicators")
BOUND = 2.0
# The moment, in milliseconds since the navigation began, at which a key arrived in a cell.
NOTE = """addEventListener("input", (event) => {
  if (event.target.matches("[data-editor]")) { window.typedAt ??= performance.now(); }
}, true);"""


def people(small: int, large: int) -> tuple[Any, Any]:
    """The managers of a small and of a large grid, whose projects have figures of two months."""
    from django.utils import timezone

    from gridops.common.months import Month
    from tests import factories

    month = Month.of(timezone.localdate())
    managers = []
    for count in (small, large):
        grid = factories.make_grid()
        factories.make_indicators(factories.make_projects(grid, count), month.plus(-1), month)
        managers.append(factories.make_manager(grid))
    return managers[0], managers[1]


def seconds_to_type(browser: Any, url: str, session: str, ledger: str) -> float:
    """Open the ledger in a fresh window, press a key as soon as it is ready."""
    from django.conf import settings

    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    try:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
        page = context.new_page()
        page.add_init_script(NOTE)
        page.goto(f"{url}/projects/ledgers/{ledger}/", wait_until="commit")
        page.wait_for_selector("#ledger-screen[data-ready=yes]", timeout=60_000)
        page.keyboard.press("7")
        page.wait_for_selector("[data-wrapper].is-editing")
        page.keyboard.press("Escape")
        return float(page.evaluate("window.typedAt")) / 1000
    finally:
        context.close()


def compare(small: int, large: int, rounds: int) -> bool:
    """Measure; whether the bound is kept for each ledger."""
    from django.conf import settings
    from playwright.sync_api import sync_playwright
    from pytest_django.live_server_helper import LiveServer

    from tests import factories
    from tests.infra import chromium

    sessions = [
        factories.client_of(person).cookies[settings.SESSION_COOKIE_NAME].value for person in people(small, large)
    ]
    server, kept = LiveServer("localhost"), []
    try:
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=chromium.ensure(), args=["--no-sandbox"])
            for ledger in LEDGERS:
                times: tuple[list[float], list[float]] = ([], [])
                for number in range(rounds + 1):
                    taken = [seconds_to_type(browser, server.url, session, ledger) for session in sessions]
                    for seconds, one in zip(times, taken, strict=True):
                        seconds.extend([one] if number else [])  # the first round warms up
                kept.append(report(f"{ledger}, ready to type, large over small", times[1], times[0], BOUND))
            browser.close()
    finally:
        server.stop()
    return all(kept)


def main() -> int:
    """1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=100)
    parser.add_argument("--large", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.small, args.large, args.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
