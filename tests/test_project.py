"""The project itself: what no single app can see."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class

from gridops.accounts.models import Role, User

ROOT: Path = settings.BASE_DIR
APPS = ("desk", "plans", "promotions", "renewals", "channels", "projects")
TABLE = {
    *("__init__", "apps", "models", "querysets", "rules", "services", "sheets"),
    *("forms", "filters", "views", "urls", "admin", "tasks", "notices", "ledger", "pages"),
}
MAX_LINES, MAX_FUNCTION_LINES = 400, 50


def sources(*patterns: str) -> list[Path]:
    """Files of ours that match."""
    skipped = {".venv", "node_modules", "var", "migrations"}
    return [
        path
        for pattern in patterns
        for path in sorted(ROOT.glob(pattern))
        if not skipped & set(path.relative_to(ROOT).parts)
    ]


def start_with(**env: str) -> subprocess.CompletedProcess[str]:
    """Load the product's settings in a process of their own."""
    own = {"DJANGO_SETTINGS_MODULE": "gridops.settings", "PATH": os.environ["PATH"], **env}
    command = [
        sys.executable,
        "-c",
        "import django; django.setup(); from django.conf import settings as s; print(s.HTTPS)",
    ]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)


# --- Settings ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS", "ture"),
        ("DEBUG", "maybe"),
        ("GRIDOPS_DEMO", "2"),
        ("DATABASE_URL", "mysql://user@host/name"),
        ("DATABASE_URL", "nonsense"),
        ("TRUSTED_PROXIES", "one"),
        ("JOB_LEASE_SECONDS", "2m"),
        ("EMAIL_URL", "pigeon://host"),
        ("LOG_LEVEL", "LOUD"),
        ("SITE_URL", "gridops.example.cn"),
        ("SITE_URL", "https://gridops.example.cn/notices"),
        ("WEBHOOK_PRIVATE", "perhaps"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(name: str, value: str, tmp_path: Path) -> None:
    done = start_with(GRIDOPS_VAR_DIR=str(tmp_path), **{name: value})
    assert done.returncode != 0
    assert "Error" in done.stderr or "ImproperlyConfigured" in done.stderr


@pytest.mark.parametrize(
    ("env", "https"),
    [({}, "True"), ({"GRIDOPS_DEMO": "1"}, "False"), ({"HTTPS": "0"}, "False"), ({"DEBUG": "1"}, "False")],
)
def test_everything_is_https_outside_the_demo(env: dict[str, str], https: str, tmp_path: Path) -> None:
    assert start_with(GRIDOPS_VAR_DIR=str(tmp_path), **env).stdout.strip() == https


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    start_with(GRIDOPS_VAR_DIR=str(tmp_path))
    kept = tmp_path / "secret-key"
    first = kept.read_text()
    start_with(GRIDOPS_VAR_DIR=str(tmp_path))
    assert kept.read_text() == first
    assert len(first) >= 50
    assert kept.stat().st_mode & 0o077 == 0


def test_scripts_and_styles_come_from_here_only() -> None:
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for directive in ("default-src", "script-src", "style-src", "connect-src", "font-src"):
        assert list(policy[directive]) == ["'self'"], directive


# --- Pages ---

FOREIGN = re.compile(r"""(?:src|href|action|hx-\w+)\s*=\s*["']?\s*(?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//""")
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE
)
ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)")


@pytest.mark.parametrize("path", sources("templates/**/*.html"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_needs_nothing_from_elsewhere_and_holds_no_inline_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not FOREIGN.findall(text)
    # Data for scripts is no code: the browser does not run it.
    assert not [tag for tag in INLINE.findall(text) if 'type="application/json"' not in tag]


@pytest.mark.parametrize("path", sources("static/**/*.js", "static/**/*.css"), ids=lambda path: path.name)
def test_scripts_and_styles_name_no_address(path: Path) -> None:
    assert not ADDRESS.findall(path.read_text(encoding="utf-8"))


# --- Locks ---


def test_the_locks_hold_no_download_addresses() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert all(part.get("integrity") for name, part in json.loads(lock)["packages"].items() if name)
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        pins = re.findall(r"^\S+==[^\s;]+.*$", text, re.MULTILINE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert all(line.endswith("\\") for line in pins), "every pin has its hashes"


# --- Layout ---


@pytest.mark.parametrize("app", APPS)
def test_an_app_keeps_to_the_file_table_or_says_why(app: str) -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    known = {*TABLE, *re.findall(rf"`{app}/(\w+?)(?:_\*)?\.py`", told)}
    names = sorted(path.stem for path in (ROOT / app).glob("*.py"))
    strangers = [name for name in names if not known & {name, name.partition("_")[0]}]
    assert not strangers, "a module outside the file table needs a line in CONTRIBUTING.md"


def test_what_contributing_names_exists() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+/\w+\.py)`", told)
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("app", [*APPS, "gridops", "tools"])
def test_files_and_functions_fit_on_a_screen(app: str) -> None:
    long: list[str] = []
    for path in sources(f"{app}/**/*.py"):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > MAX_LINES:
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        too_long = [node for node in functions if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES]
        long += [f"{path.relative_to(ROOT)}:{node.lineno} {node.name}" for node in too_long]
    assert not long


# --- Django ---


def test_the_system_check_finds_nothing() -> None:
    call_command("check", fail_level="WARNING")


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app in ("common", "desk")))
def test_a_command_says_what_it_does(name: str) -> None:
    assert load_command_class({"common": "gridops.common"}.get(get_commands()[name], get_commands()[name]), name).help


# --- The cast of the tests ---


def test_the_cast_holds_the_roles_it_is_named_for(
    manager: User,
    colleague: User,
    stranger: User,
    supervisor: User,
    specialist: User,
    admin_user: User,
    agent_staff_user: User,
) -> None:
    assert manager.scope.grid_ids < supervisor.scope.grid_ids == specialist.scope.grid_ids
    assert colleague.scope.grid_ids < supervisor.scope.grid_ids
    assert not stranger.scope.grid_ids & supervisor.scope.grid_ids
    assert admin_user.scope.everything
    assert agent_staff_user.scope.has(Role.AGENT_STAFF)
    assert not agent_staff_user.scope.grid_ids
