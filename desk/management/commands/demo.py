"""Fill the demo again, from nothing: what ``make demo`` calls."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from desk.demo import fill, sign_ins
from gridops.accounts.models import User


class Command(BaseCommand):
    """Throw the demo's data away and fill it again; never touches a database that holds anything else."""

    help = "Fill the demo again, from nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--yes``: do not ask."""
        parser.add_argument("--yes", action="store_true", help="do not ask before the demo's data are thrown away")

    def handle(self, *, yes: bool, **options: Any) -> None:
        """Ask, wipe, fill, and show the sign-ins."""
        call_command("migrate", interactive=False, verbosity=0)
        if sign_ins.is_demo() or sign_ins.is_half_filled():
            if not yes and sys.stdin.isatty() and not self.agreed():
                raise CommandError("Nothing was changed.")
            fill.wipe()
        elif User.objects.exists():
            raise CommandError("This database was not filled by the demo: its data stay. Point DATABASE_URL elsewhere.")
        fill.run(say=self.stdout.write, today=fill.today())
        self.stdout.write(sign_ins.table(sign_ins.load()))

    def agreed(self) -> bool:
        """Whether the person at the keyboard means it."""
        self.stdout.write("All data of the demo will be thrown away, with what was changed in it. Go on? [y/N] ")
        self.stdout.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")
