"""How long the import of a subscriber roster takes, beside its floor and beside django-import-export.

    python -m tests.benchmarks.import_bench [--rows 100000] [--repeat 5] [--library-rows 20000]

Works in a database of its own beside the one that DATABASE_URL names, and prints a JSON line a measure. The floor does
the same work without checking: read with calamine, stage, one upsert. Each import runs in a fresh process, as a worker
would, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from openpyxl import Workbook

from tests.benchmarks.database import bench_database

HEADER = [
    "用户账号",
    "用户姓名",
    "联系电话",
    "装机地址",
    "项目编码",
    "项目名称",
    "产品",
    "速率",
    "月费",
    "入网日期",
    "到期日期",
    "状态",
]
COLUMNS = "account, name, phone, address, project_id, product, speed_mbps, monthly_fee, started_on, expires_on, status"
PROJECTS = 200


def write_roster(path: Path, rows: int) -> None:
    """A roster of ``rows`` made-up subscribers, the same each time."""
    rng = random.Random(7)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("用户名册")
    sheet.append(HEADER)
    for i in range(rows):
        started = date(2022, 1, 1) + timedelta(days=rng.randrange(1000))
        project, speed = rng.randrange(PROJECTS), rng.choice((100, 200, 300, 500, 1000))
        name = rng.choice("赵钱孙李周吴郑王") + rng.choice("伟芳娜敏静丽强磊") + rng.choice("军洋勇艳杰娟涛明")
        house = f"{rng.randrange(1, 30)}栋{rng.randrange(1, 5)}单元{rng.randrange(101, 3305)}"
        address = f"成都市锦江区锦绣花园{project}号{house}"
        sheet.append(
            [
                f"028{i:08d}",
                name,
                f"1990000{rng.randrange(10_000):04d}",
                address,
                f"P{project:06d}",
                f"锦绣花园{project}号",
                f"宽带{speed}M",
                f"{speed}M",
                79 + speed // 10,
                started,
                started + timedelta(days=rng.randrange(360, 1500)),
                rng.choices(["在用", "欠停", "拆机"], (94, 4, 2))[0],
            ]
        )
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
                f"CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT {COLUMNS} FROM renewals_subscriber LIMIT 0"
            )
            with cursor.copy(f"COPY staging ({COLUMNS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(_upsert(f"SELECT {COLUMNS} FROM staging"))
        else:
            marks = ", ".join(["%s"] * 11)
            plain = [[*row[:8], str(row[8]), str(row[9]), row[10]] for row in rows]
            cursor.executemany(_upsert(f"VALUES ({marks})"), plain)
    return time.perf_counter() - start


def _upsert(source: str) -> str:
    sets = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
    return f"INSERT INTO renewals_subscriber ({COLUMNS}) {source} ON CONFLICT (account) DO UPDATE SET {sets}"


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
    steps = {b: round(marks[b] - marks[a], 3) for a, b in itertools.pairwise(names)}
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
            cursor.execute(f"DELETE FROM {table}")


def prepare() -> None:
    """A unit with projects, and somebody who may import."""
    from gridops.accounts.models import Grid, Unit, User
    from projects.models import Project

    User.objects.create_superuser("bench")
    grid = Grid.objects.create(unit=Unit.objects.create(name="bench"), name="bench")
    Project.objects.bulk_create(Project(code=f"P{n:06d}", grid=grid, name=f"锦绣花园{n}号") for n in range(PROJECTS))


def in_child(task: str, path: Path) -> dict[str, Any]:
    """One measure in a fresh process, on this process's database."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.import_bench",
        "--task",
        task,
        "--file",
        str(path),
        "--database",
        name,
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def say(measure: str, value: float, bound: float | None = None, *, at_least: bool = False, **more: Any) -> bool:
    """One JSON line; whether the bound is kept."""
    ok = bound is None or (value >= bound if at_least else value <= bound)
    line = {"measure": measure, "value": round(value, 3), "bound": bound, "ok": ok, **more}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return ok


def measure(folder: Path, rows: int, repeat: int, library_rows: int) -> bool:
    """All measures, each ``repeat`` times in turn; medians, and their ratios against the bounds."""
    from django.db import connection

    path, small = folder / "roster.xlsx", folder / "small.xlsx"
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
    bound = 1.5 if connection.vendor == "postgresql" else 2.0
    say(f"floor of {rows} rows, seconds", base)
    kept = [
        say("first import, times the floor", fresh / base, bound, seconds=round(fresh, 3), steps=first[-1]["steps"]),
        say(
            "same file again, times the first", second / fresh, 1.0, seconds=round(second, 3), steps=again[-1]["steps"]
        ),
        say("worker's peak memory, MB", max(one["peak_mb"] for one in first + again), 300),
        say("reader's peak memory, MB", max(one["reader_peak_mb"] for one in first + again), 300),
    ]
    if library_rows:
        write_roster(small, library_rows)
        empty()
        other = in_child("library", small)
        for name, ours_took, bound in (("fresh", fresh, 3.0), ("again", second, 25.0)):
            times = (other[name] / library_rows) / (ours_took / rows)
            kept.append(say(f"django-import-export, {name}, times slower a row", times, bound, at_least=True))
    return all(kept)


TASKS: dict[str, Callable[[str], Any]] = {
    "floor": lambda path: {"seconds": floor(path)},
    "ours": ours,
    "library": library,
}


def main() -> int:
    """Measure, or do one measure for the process that started this one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--library-rows", type=int, default=20_000)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        import django

        django.setup()
        from django.db import connection

        connection.settings_dict["NAME"] = given.database
        sys.stdout.write(json.dumps(TASKS[given.task](given.file)) + "\n")
        return 0
    with bench_database(), tempfile.TemporaryDirectory() as folder:
        prepare()
        return 0 if measure(Path(folder), given.rows, given.repeat, given.library_rows) else 1


if __name__ == "__main__":
    sys.exit(main())
