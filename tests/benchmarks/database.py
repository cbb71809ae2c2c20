"""A database of its own for a measurement, beside the one that ``DATABASE_URL`` names; it is dropped at the end."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridops.settings")
_PLACE = tempfile.TemporaryDirectory(prefix="gridops-bench-")
for _name, _value in {"GRIDOPS_VAR_DIR": _PLACE.name, "CELERY_BROKER_URL": "memory://", "LOG_LEVEL": "WARNING"}.items():
    os.environ.setdefault(_name, _value)


@contextmanager
def bench_database() -> Iterator[Any]:
    """Set Django up on a fresh, migrated database; gives the connection."""
    import django

    django.setup()
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(_PLACE.name) / "bench.sqlite3")
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield connection
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def clock(work: Callable[[], Any]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(measure: str, seconds: list[float], floor: list[float], bound: float, **more: Any) -> bool:
    """Write one line of JSON: medians, the median ratio, the bound; True when it is kept.

    ``seconds[n]`` and ``floor[n]`` were measured one after the other, so their ratio is hardly touched by what else
    the machine does.
    """
    ratio = statistics.median(ours / bare for ours, bare in zip(seconds, floor, strict=True))
    line = {
        "measure": measure,
        "seconds": round(statistics.median(seconds), 4),
        "floor_seconds": round(statistics.median(floor), 4),
        "ratio": round(ratio, 3),
        "bound": bound,
        "kept": ratio <= bound,
        "runs": len(seconds),
        **more,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return ratio <= bound
