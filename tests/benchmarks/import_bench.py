"""How long the import of a subscriber roster takes, beside its floor and beside django-import-export.

    python -m tests.benchmarks.import_bench [--rows 100000] [--repeat 3] [--library-rows 20000]

Works in a database of its own beside the one that DATABASE_URL names, and prints a JSON line per measure. The floor does
the same work without checking: read with calamine, stage, one upsert. Each whole import runs in a fresh process, as a
worker would, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import django
from openpyxl import Workbook

HEADER = [
    "用户账号", "用户姓名", "联系电话", "装机地址", "项目编码", "项目名称", "产品", "速率", "月费", "入网日期", "到期日期", "状态",
]  # fmt: skip
COLUMNS = (
    "account, name, phone, address, project_id, product, speed_mbps, monthly_fee, started_on, expires_on, status"
)
PROJECTS = 200


def write_roster(path: Path, rows: int) -> None:
    """A roster of ``rows`` made-up subscribers, the same each time."""
    rng = random.Random(7)  # noqa: S311
    book = Workbook(write_only=True)
    sheet = book.create_sheet("用户名册")
    sheet.append(HEADER)
    for i in range(rows):
        started = date(2022, 1, 1) + timedelta(days=rng.randrange(1000))
        project, speed = rng.randrange(PROJECTS), rng.choice((100, 200, 300, 500, 1000))
        name = rng.choice("赵钱孙李周吴郑王") + rng.choice("伟芳娜敏静丽强磊") + rng.choice("军洋勇艳杰娟涛明")
        address = f"成都市锦江区锦绣花园{project}号{rng.randrange(1, 30)}栋{rng.randrange(1, 5)}单元{rng.randrange(101, 3305)}"
        sheet.append(
            [
                f"028{i:08d}", name, f"1990000{rng.randrange(10_000):04d}", address, f"P{project:06d}", f"锦绣花园{project}号",
                f"宽带{speed}M", f"{speed}M", 79 + speed // 10, started, started + timedelta(days=rng.randrange(360, 1500)),
                rng.choices(["在用", "欠停", "拆机"], (94, 4, 2))[0],
            ]
        )  # fmt: skip
    book.save(path)


def read_plainly(path: str) -> list[list[Any]]:
    """What any import must do: all cells as Python values."""
    from python_calamine import load_workbook

    return list(load_workbook(path).get_sheet_by_index(0).iter_rows())[1:]


def floor(path: str) -> float:
    """Read, stage, one upsert: no checks, no preview, no undo."""
    from django.db import connection, transaction

    from projects.models import Project

    start = time.perf_counter()
    projects = dict(Project.objects.values_list("code", "pk"))
    states = {"在用": "active", "欠停": "suspended", "拆机": "closed"}
    rows = (
        (r[0], r[1], r[2], r[3], projects[r[4]], r[6], int(r[7][:-1]), r[8], r[9], r[10], states[r[11]])
        for r in read_plainly(path)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT {COLUMNS} FROM renewals_subscriber LIMIT 0"  # noqa: S608
            )
            with cursor.copy(f"COPY staging ({COLUMNS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(_upsert(f"SELECT {COLUMNS} FROM staging"))
        else:
            marks = ", ".join(["%s"] * 11)
            plain = ([*row[:8], str(row[8]), str(row[9]), row[10]] for row in _with_iso_dates(rows))
            cursor.executemany(_upsert(f"VALUES ({marks})"), list(plain))
    return time.perf_counter() - start


def _with_iso_dates(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    return (row for row in rows)


def _upsert(source: str) -> str:
    sets = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
    return (
        f"INSERT INTO renewals_subscriber ({COLUMNS}) {source} "  # noqa: S608
        f"ON CONFLICT (account) DO UPDATE SET {sets}"
    )


def ours(path: str) -> dict[str, Any]:
    """The whole import through the product's own jobs, in this process."""
    from django.db import connection

    from gridops.accounts.models import User
    from gridops.jobs import services as jobs
    from gridops.workbooks import services

    jobs.ring = lambda *_, **__: None
    user = User.objects.get(employee_no="bench")
    connection.ensure_connection()
    marks = {"start": time.perf_counter()}
    with Path(path).open("rb") as file:
        from django.core.files.base import File

        batch = services.receive(File(file, "roster.xlsx"), user)
    marks["received"] = time.perf_counter()
    batch = services.finish(batch)
    marks["read"] = time.perf_counter()
    batch = services.finish(services.confirm_columns(batch))
    marks["checked"] = time.perf_counter()
    batch = services.finish(services.apply(batch, valid_only=False))
    marks["applied"] = time.perf_counter()
    if batch.state != "applied":
        raise SystemExit(f"not applied: {batch.fault}")
    names = list(marks)
    steps = {b: round(marks[b] - marks[a], 3) for a, b in zip(names, names[1:], strict=False)}
    usage = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": marks["applied"] - marks["start"],
        "steps": steps,
        "new": batch.rows_new,
        "same": batch.rows_same,
        "peak_mb": usage[0].ru_maxrss // 1024,
        "reader_peak_mb": usage[1].ru_maxrss // 1024,
    }


def library(path: str) -> dict[str, Any]:
    """django-import-export with its bulk options, twice: fresh rows, then the same file again."""
    import tablib
    from import_export import fields, resources, widgets

    from projects.models import Project
    from renewals.models import Subscriber

    class SubscriberResource(resources.ModelResource):  # type: ignore[misc]
        project = fields.Field("project", "project", widgets.ForeignKeyWidget(Project, "code"))

        class Meta:
            model = Subscriber
            import_id_fields = ("account",)
            fields = tuple(COLUMNS.replace("project_id", "project").split(", "))
            use_bulk = True
            batch_size = 1000
            skip_unchanged = True
            skip_diff = True
            report_skipped = False
            use_transactions = True

    states = {"在用": "active", "欠停": "suspended", "拆机": "closed"}
    took = []
    for _ in range(2):
        start = time.perf_counter()
        data = tablib.Dataset(headers=COLUMNS.replace("project_id", "project").split(", "))
        for r in read_plainly(path):
            data.append((r[0], r[1], r[2], r[3], r[4], r[6], int(r[7][:-1]), r[8], r[9], r[10], states[r[11]]))
        result = SubscriberResource().import_data(data, raise_errors=True)
        took.append(time.perf_counter() - start)
        if result.has_errors():
            raise SystemExit("import-export failed")
    return {"fresh": took[0], "again": took[1]}


def empty() -> None:
    """No subscribers, no imports."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("TRUNCATE renewals_subscriber, workbooks_row CASCADE")
        for table in ("renewals_subscriber", "workbooks_row", "workbooks_batch"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def prepare() -> None:
    """Tables, a unit with projects, and somebody who may import."""
    from django.core.management import call_command

    from gridops.accounts.models import Grid, Unit, User
    from projects.models import Project

    call_command("migrate", verbosity=0)
    if User.objects.filter(employee_no="bench").exists():
        return
    User.objects.create_superuser("bench")
    grid = Grid.objects.create(unit=Unit.objects.create(name="bench"), name="bench")
    Project.objects.bulk_create(Project(code=f"P{n:06d}", grid=grid, name=f"锦绣花园{n}号") for n in range(PROJECTS))


def in_child(task: str, path: Path) -> dict[str, Any]:
    """One measure in a fresh process."""
    command = [sys.executable, "-m", "tests.benchmarks.import_bench", "--task", task, "--file", str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def say(measure: str, **values: Any) -> None:
    """One JSON line."""
    sys.stdout.write(json.dumps({"bench": "import", "measure": measure, **values}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def measure(rows: int, repeat: int, library_rows: int) -> None:
    """All measures, each ``repeat`` times; the medians and their ratios."""
    from django.db import connection

    prepare()
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "roster.xlsx", Path(folder) / "small.xlsx"
        write_roster(path, rows)
        floors, first, again = [], [], []
        for _ in range(repeat):
            empty()
            floors.append(in_child("floor", path)["seconds"])
            empty()
            first.append(in_child("ours", path))
            again.append(in_child("ours", path))
        base, fresh = median(floors), median(one["seconds"] for one in first)
        second = median(one["seconds"] for one in again)
        common = {"database": connection.vendor, "rows": rows}
        say("floor", **common, seconds=round(base, 3))
        say("first", **common, seconds=round(fresh, 3), ratio=round(fresh / base, 3), steps=first[-1]["steps"])
        say("again", **common, seconds=round(second, 3), ratio=round(second / fresh, 3), steps=again[-1]["steps"])
        peaks = {name: max(one[name] for one in first + again) for name in ("peak_mb", "reader_peak_mb")}
        say("memory", **common, **peaks)
        if library_rows:
            write_roster(small, library_rows)
            empty()
            other = in_child("library", small)
            per_row = {name: other[name] / library_rows for name in other}
            ratios = {"fresh": per_row["fresh"] / (fresh / rows), "again": per_row["again"] / (second / rows)}
            say("library", **{**common, "rows": library_rows}, **{f"{k}_times_slower": round(v, 1) for k, v in ratios.items()})
        empty()


TASKS: dict[str, Callable[[str], Any]] = {
    "floor": lambda path: {"seconds": floor(path)},
    "ours": ours,
    "library": library,
}


def main() -> None:
    """Measure, or do one measure for the process that started this one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--library-rows", type=int, default=20_000)
    parser.add_argument("--task", choices=TASKS)
    parser.add_argument("--file")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridops.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    if given.task:
        sys.stdout.write(json.dumps(TASKS[given.task](given.file)) + "\n")
    else:
        measure(given.rows, given.repeat, given.library_rows)


if __name__ == "__main__":
    main()
