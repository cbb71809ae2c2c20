"""The visit page of the phone: the same for everybody, kept with all its files, never anything else (C5)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from channels import views_field
from channels.views_field import FILES, MODULES
from gridops.accounts.models import User
from tests.factories import client_of

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
IMPORTED = re.compile(r'from "\./(\w+\.js)"')


def worker_says(client: Client) -> dict[str, object]:
    text = client.get("/channels/field/worker.js").content.decode()
    found = re.match(r"self\.field = (\{.*\});", text)
    assert found
    said: dict[str, object] = json.loads(found[1])
    return said


def test_the_phone_keeps_every_script_that_the_page_imports() -> None:
    seen, todo = set(), ["field.js"]
    while todo:
        name = todo.pop()
        seen.add(name)
        todo += [other for other in IMPORTED.findall((SCRIPTS / name).read_text()) if other not in seen]
    assert seen == set(MODULES)
    assert [name for name in FILES if not finders.find(name)] == []


def test_the_page_holds_nothing_of_a_person(manager: User, stranger: User) -> None:
    own, foreign = (client_of(user).get("/channels/field/") for user in (manager, stranger))
    assert own.content == foreign.content
    assert manager.name not in own.content.decode()
    assert "csrftoken" in own.cookies


def test_the_worker_reaches_that_page_alone_and_is_asked_for_anew(client: Client, db: None) -> None:
    answer = client.get("/channels/field/worker.js")
    assert answer["Service-Worker-Allowed"] == worker_says(client)["page"] == "/channels/field/"
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")
    files = worker_says(client)["files"]
    assert isinstance(files, list)
    assert all(address.startswith(settings.STATIC_URL) for address in files)


def test_page_and_worker_agree_on_the_version_which_changes_with_language_and_files(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(manager)
    first = worker_says(client)["version"]
    assert client.get("/channels/field/")["X-Field-Version"] == first

    monkeypatch.setattr(views_field, "static", lambda name: f"/static/another/{name}")
    second = worker_says(client)["version"]
    User.objects.update(language="en")
    assert len({first, second, worker_says(client)["version"]}) == 3


def test_a_home_screen_finds_name_icons_and_where_it_leads(client: Client, db: None) -> None:
    said = client.get("/channels/field/manifest.webmanifest").json()
    assert said["start_url"] == "/channels/field/"
    assert said["display"] == "standalone"
    assert [finders.find(icon["src"].removeprefix(f"/{settings.STATIC_URL.strip('/')}/")) for icon in said["icons"]]
