"""How long the form of a visit takes to open from the phone's own cache: on slow 3G beside the network as it is.

    python -m tests.benchmarks.field_bench [--rounds 7]

A real Chromium, its processor slowed down four times in both, after one load that fills the cache. From the
navigation to a form that takes a tap. A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
# Playwright's loop runs in this very thread; Django would refuse every query here.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from tests.benchmarks.database import bench_database, report

OUTLETS, BOUND, SLOWER = 60, 1.5, 4
# As Chromium's own developer tools have it: milliseconds, bytes a second.
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
UNTHROTTLED = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
FORM = ".field-form .field-save .btn"


def manager() -> tuple[Any, int]:
    """A manager with a grid full of outlets, and the outlet whose form is opened."""
    from tests import factories

    grid = factories.make_grid()
    outlets = [factories.make_outlet(grid, f"W{number:03d}") for number in range(OUTLETS)]
    return factories.make_manager(grid), outlets[-1].pk


def seconds_to_form(page: Any, devtools: Any, network: dict[str, Any], outlet: int) -> float:
    """From the navigation until the form can be tapped."""
    page.goto("about:blank")
    devtools.send("Network.emulateNetworkConditions", network)
    start = time.perf_counter()
    page.goto(f"/channels/field/#visit-{outlet}", wait_until="commit")
    page.wait_for_selector(FORM)
    taken = time.perf_counter() - start
    devtools.send("Network.emulateNetworkConditions", UNTHROTTLED)
    page.wait_for_load_state("networkidle")
    return taken


def compare(rounds: int) -> bool:
    """Measure; whether the bound is kept."""
    from django.conf import settings
    from playwright.sync_api import sync_playwright
    from pytest_django.live_server_helper import LiveServer

    from tests import factories
    from tests.infra import chromium

    person, outlet = manager()
    session = factories.client_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    server = LiveServer("localhost")
    slow: list[float] = []
    bare: list[float] = []
    try:
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=chromium.ensure(), args=["--no-sandbox"])
            context = browser.new_context(base_url=server.url, viewport={"width": 390, "height": 844}, locale="zh-CN")
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
            page = context.new_page()
            page.goto("/channels/field/")
            page.evaluate("navigator.serviceWorker.ready.then(() => null)")
            page.wait_for_selector(".field-row")
            devtools = context.new_cdp_session(page)
            devtools.send("Network.enable")
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            for number in range(rounds + 1):
                for times, network in ((slow, SLOW_3G), (bare, UNTHROTTLED)):
                    taken = seconds_to_form(page, devtools, network, outlet)
                    times.extend([taken] if number else [])  # the first round warms up
            browser.close()
    finally:
        server.stop()
    return report("a visit's form from the phone's cache, slow 3G over unthrottled", slow, bare, BOUND)


def main() -> int:
    """1 when the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
