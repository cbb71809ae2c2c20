"""Runs every ``*_bench.py`` on SQLite and on PostgreSQL (once, where it needs neither): a table, ``var/bench.json``.

    python -m tests.benchmarks [NAME ...] [--only sqlite|postgresql] [module's arguments after --]

A module prints one line of JSON a measure. Each bound is a ratio within one run, so the machine's speed hardly counts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.infra import servers

HERE = Path(__file__).parent
RESULT = HERE.parent.parent / "var" / "bench.json"
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Run what is asked for; 1 when a bound is missed or a module breaks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = sorted(path.stem.removesuffix("_bench") for path in HERE.glob("*_bench.py"))
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(known)}")
    parser.add_argument("--only", choices=DATABASES, action="append")
    args = parser.parse_args()
    if unknown := set(args.names) - set(known):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    lines: list[dict[str, Any]] = []
    names = args.names or known
    pure = [name for name in names if "WITHOUT_DATABASE = True" in (HERE / f"{name}_bench.py").read_text()]
    for name in pure:
        lines += run(name, "none", dict(os.environ))
    for database in args.only or DATABASES:
        with environment(database) as env:
            for name in names:
                if name not in pure:
                    lines += run(name, database, env)
    write(lines)
    return 0 if all(line["ok"] for line in lines) else 1


@contextlib.contextmanager
def environment(database: str) -> Iterator[dict[str, str]]:
    """The variables of a module's process, while its server runs."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "GRIDOPS_VAR_DIR")}
    with contextlib.ExitStack() as stack:
        env["GRIDOPS_VAR_DIR"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="gridops-bench-"))
        if database == "postgresql":
            env["DATABASE_URL"] = stack.enter_context(servers.postgresql(durable=True))
        yield env


def run(name: str, database: str, env: dict[str, str]) -> list[dict[str, Any]]:
    """One module in a process of its own; its lines as they come."""
    print(f"\n--- {name} on {database}", flush=True)
    began, lines = time.monotonic(), []
    command = [sys.executable, "-m", f"tests.benchmarks.{name}_bench"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        for text in process.stdout or ():
            if text.startswith("{"):
                lines.append(measure(name, database, json.loads(text)))
                print(row(lines[-1]), flush=True)
            else:
                print(f"    {text.rstrip()}", flush=True)
    if process.returncode and all(line["ok"] for line in lines):
        broken = {"measure": f"ended with {process.returncode}", "value": None, "bound": None, "ok": False}
        lines.append({"bench": name, "database": database, **broken})
    print(f"    {time.monotonic() - began:.0f} s", flush=True)
    return lines


def measure(name: str, database: str, line: dict[str, Any]) -> dict[str, Any]:
    """A module's line under common names, with whatever else it says."""
    told = dict(line)
    title = told.pop("name", None) or told.pop("measure", "")
    value = told.pop("value", told.get("ratio"))
    ok = told.pop("ok", told.pop("kept", True))
    told.pop("db", None)
    return {"bench": name, "database": database, "measure": title, "value": value, "ok": bool(ok), **told}


def row(line: dict[str, Any]) -> str:
    """A line of the table."""
    value, bound = line.get("value"), line.get("bound")
    return (
        f"{line['database']:<11}{line['bench']:<13}{line['measure']:<52}"
        f"{'' if value is None else value:>10}{'' if bound is None else bound:>8}  {'ok' if line['ok'] else 'MISSED'}"
    )


def write(lines: list[dict[str, Any]]) -> None:
    """The table and the file."""
    print(f"\n{'database':<11}{'bench':<13}{'measure':<52}{'value':>10}{'bound':>8}")
    for line in lines:
        print(row(line))
    RESULT.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    RESULT.write_text(json.dumps({"machine": machine, "measures": lines}, ensure_ascii=False, indent=1) + "\n")
    print(f"\nWritten to {RESULT}. {sum(not line['ok'] for line in lines)} of {len(lines)} bounds missed.")


if __name__ == "__main__":
    sys.exit(main())
