"""Bring everything up to date and serve: what ``make run`` calls."""

from __future__ import annotations

import os
import socket
import sys
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from desk.demo import fill, sign_ins
from gridops.accounts.models import User
from gridops.celery import prepare_embedded_broker


class Command(BaseCommand):
    """Migrate, collect static files, fill the demo the first time, then become the supervisor of all processes."""

    help = "Bring everything up to date, then run web, worker and beat until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--no-demo``: an empty system stays empty."""
        parser.add_argument("--no-demo", action="store_true", help="do not fill an empty database with the demo")

    def handle(self, *, no_demo: bool, **options: Any) -> None:
        """Prepare what is not prepared yet, then hand over to the supervisor; never returns."""
        host, port = address()
        self.migrate()
        call_command("check", databases=["default"], stdout=StringIO())  # faults are raised
        prepare_embedded_broker()
        self.collect_static()
        demo = not no_demo and self.demo()
        os.environ.setdefault("GRIDOPS_DEMO", str(int(demo)))
        os.environ.update(GRIDOPS_HOST=host, PORT=str(port), GRIDOPS_READY=self.greeting(host, port, demo=demo))
        connection.close()
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, str(settings.BASE_DIR / "tools" / "supervise.py")])  # noqa: S606

    def migrate(self) -> None:
        """Bring the database up to date."""
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                self.stdout.write("Bringing the database up to date ...")
                call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error

    def collect_static(self) -> None:
        """Collect and compress the static files, unless they are as they were."""
        digest, stamp = static_digest(), Path(settings.STATIC_ROOT) / ".digest"
        if stamp.exists() and stamp.read_text() == digest:
            return
        self.stdout.write("Collecting static files ...")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(digest)

    def demo(self) -> bool:
        """Fill the demo into an empty database (or one in which that was interrupted). Whether this is a demo."""
        if sign_ins.is_demo():
            return True
        if not sign_ins.is_half_filled() and User.objects.exists():
            return False
        fill.run(say=self.stdout.write, today=fill.today())
        return True

    def greeting(self, host: str, port: int, *, demo: bool) -> str:
        """What the person reads once everything runs."""
        lines = ["", f"gridops is ready at http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}/"]  # noqa: S104
        if demo:
            lines += ["Demo sign-ins (employee number, password):", sign_ins.table(sign_ins.load())]
            lines += [f"They are kept in {sign_ins.path()}."]
        elif not User.objects.exists():
            lines += ["Nobody can sign in yet. Make the first admin:  .venv/bin/python manage.py createsuperuser"]
        return "\n".join([*lines, "Ctrl-C stops everything.", ""])


def address() -> tuple[str, int]:
    """Where to listen: ``GRIDOPS_HOST`` and ``PORT``; an error when that is taken."""
    host, text = os.environ.get("GRIDOPS_HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT must be a number from 1 to 65535, not {text!r}")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(text)))
        except OSError as error:
            raise CommandError(
                f"{host}:{text} can't be used ({error.strerror}). Is gridops running already? "
                f"Another port: make run PORT={int(text) + 1}"
            ) from error
    return host, int(text)


def static_digest() -> str:
    """Changes when any static file does: by name, size and time of change."""
    parts = sha256(str(settings.STATICFILES_DIRS).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            at = Path(storage.path(name)).stat()
            parts.update(f"{name}|{at.st_size}|{at.st_mtime_ns}\n".encode())
    return parts.hexdigest()
