"""Everything that can be said about the code without running its tests. All steps run; any that fails, fails it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools import catalogue

ROOT = Path(__file__).resolve().parent.parent
CI = bool(os.environ.get("CI"))
BIN = Path(sys.executable).parent
STEPS: dict[str, list[str]] = {
    "style": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "types": [str(BIN / "mypy"), "."],
    "layers": [str(BIN / "lint-imports")],
    "templates": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}


def main() -> int:
    """Run the steps named, or all."""
    wanted = sys.argv[1:] or [*STEPS, "catalogue"]
    failed = []
    with tempfile.TemporaryDirectory(prefix="gridops-lint-") as var:
        for name in wanted:
            began = time.monotonic()
            print(f"--- {name}", flush=True)
            work: Callable[[], bool] = catalogue.check if name == "catalogue" else lambda name=name: run(name, var)  # type: ignore[misc]
            if not work():
                failed.append(name)
            print(f"    {'FAILED' if name in failed else 'ok'} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"lint: {'failed: ' + ', '.join(failed) if failed else 'all well'}")
    return 1 if failed else 0


def run(name: str, var: str) -> bool:
    """One step, as on a production machine; its output is shown only when something is wrong."""
    env = {
        **{key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "DEBUG", "GRIDOPS_DEMO")},
        "GRIDOPS_VAR_DIR": var,
        "ALLOWED_HOSTS": "gridops.example.org",
        "HTTPS": "1",
    }
    done = subprocess.run(
        STEPS[name], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print((done.stdout + done.stderr).strip())
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
