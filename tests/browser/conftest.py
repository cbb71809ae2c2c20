"""A real Chromium on a real server: pages on a desk and on a phone, and a worker that does the jobs meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from gridops.accounts.models import User
from gridops.jobs import services
from gridops.jobs.models import Job
from tests.factories import client_of
from tests.infra import chromium

HERE = Path(__file__).parent
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 15_000
expect.set_options(timeout=WAIT_MS)  # on a busy machine, too

# Playwright's loop runs in the test's own thread; Django would refuse every query there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SignIn = Callable[[Page, User], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked ``browser``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    found = chromium.executable()
    if not found:
        pytest.skip("there is no Chromium here; `make test` gets one")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def let_work() -> threading.Event:
    """Set: the worker does what waits. A test that looks at waiting work clears it first."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture(autouse=True)
def worker(transactional_db: None, let_work: threading.Event) -> Iterator[None]:
    """Does every job that is asked for, in a thread, as a Celery worker would."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            if let_work.is_set():
                for job_id in Job.objects.filter(state=Job.State.WAITING).values_list("pk", flat=True):
                    services.work(job_id)
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(30)


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """``open_page(viewport=…, locale=…)``: a fresh window; a fault in its scripts fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # An answer of 4xx is written to the console too; tests look at those themselves.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def open_one(viewport: dict[str, int] = DESK, locale: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,  # type: ignore[arg-type]
            locale=locale,
            timezone_id=settings.TIME_ZONE,
            has_touch=viewport["width"] < 500,
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A window on a desk, in Chinese."""
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A window as wide as a phone, in Chinese."""
    return open_page(PHONE)


@pytest.fixture
def sign_in(live_server: LiveServer) -> SignIn:
    """``sign_in(page, user)``: signed in without the form; for tests of what comes after."""

    def by_cookie(page: Page, user: User) -> None:
        cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return by_cookie


@pytest.fixture
def wait_for() -> Callable[[Callable[[], object]], None]:
    """``wait_for(lambda: …)``: until the database says so, or the test fails."""

    def wait(condition: Callable[[], object], seconds: float = WAIT_MS / 1000) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "what the test waits for did not come"
            time.sleep(0.05)

    return wait


def fits(page: Page) -> bool:
    """Whether the page needs no scrolling to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
