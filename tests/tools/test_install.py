"""The set-up: does what is missing once, and says in words what it can't do."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools import install


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(install, "STAMPS", tmp_path / ".venv" / "stamps")


def test_a_step_is_done_again_only_when_its_inputs_change_or_its_result_is_gone(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    lock, made, done = tmp_path / "lock", tmp_path / "made", []

    def work() -> None:
        made.touch()
        done.append(lock.read_text())

    lock.write_text("one")
    for _ in range(2):
        install.step("packages", [lock], work, made)
    assert done == ["one"]
    lock.write_text("two")
    install.step("packages", [lock], work, made)
    made.unlink()
    install.step("packages", [lock], work, made)
    assert done == ["one", "two", "two"]


def test_a_step_that_fails_is_tried_again(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("one")

    def fail() -> None:
        raise SystemExit("no network")

    with pytest.raises(SystemExit):
        install.step("packages", [lock], fail)
    (tmp_path / ".venv").mkdir()
    done: list[int] = []
    install.step("packages", [lock], lambda: done.append(1))
    assert done == [1]


def test_a_python_without_venv_is_told_which_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "ensurepip is not available", "")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SystemExit, match=r"apt install python3\.\d+-venv"):
        install.make_venv()
    assert not install.VENV.exists()


def test_a_python_that_is_too_old_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 10, 4, "final", 0))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer"):
        install.main()
