"""A kind of notice, a person told about it, and a real server that takes what webhooks send."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from gridops.accounts.models import User
from gridops.notices.models import Reach
from gridops.notices.registry import KINDS, NoticeKind
from gridops.notices.services import notify

KIND = "tests.kind"


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> str:
    """The only kinds that there are: this one and another."""
    for name in list(KINDS):
        monkeypatch.delitem(KINDS, name)
    monkeypatch.setitem(KINDS, KIND, NoticeKind(KIND, "Test kind"))
    monkeypatch.setitem(KINDS, "tests.other", NoticeKind("tests.other", "Other kind"))
    return KIND


@pytest.fixture
def person(manager: User) -> User:
    """The manager, who has an e-mail address, reads English and sleeps whenever they want."""
    manager.email, manager.language = "g0001@example.cn", "en"
    manager.save()
    Reach.objects.create(user=manager, quiet_from=None, quiet_until=None)
    return manager


@pytest.fixture
def tell(person: User) -> Callable[..., None]:
    """``tell("key")``: a notice to the person."""

    def one(key: str = "1", title: str = "", body: str = "What it is about.", url: str = "/plans/") -> None:
        notify([person], KIND, key, lambda: (title or f"Title {key}", body), url)

    return one


@dataclass
class Hook:
    """A server: what it was sent, and what it answers."""

    address: str = ""
    heard: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


@pytest.fixture
def hook(settings: Settings) -> Iterator[Hook]:
    """Listens on loopback; private networks are allowed."""
    settings.WEBHOOK_PRIVATE = True
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.heard.append((self.path, dict(self.headers), json.loads(body)))
            if found.hold:
                found.hold.wait(20)
            self.send_response(found.status)
            for name, value in {"Content-Length": str(len(found.answer)), **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who was kept waiting has hung up
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield found
    if found.hold:
        found.hold.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def hooked(person: User, hook: Hook) -> User:
    """The person, reached by the hook alone."""
    Reach.objects.filter(user=person).update(email_on=False, webhook_on=True, webhook=f"{hook.address}/in/s3cret?a=B")
    return person
