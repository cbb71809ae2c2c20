"""Compile the message catalogues without ``msgfmt``, which a fresh machine does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Write a ``.mo`` beside every ``.po`` below ``LOCALE_PATHS``."""

    help = "Compile the message catalogues."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Compile each catalogue; fuzzy entries stay untranslated, as gettext has it."""
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                target = source.with_suffix(".mo")
                fresh = target.with_suffix(".mo.new")
                polib.pofile(str(source)).save_as_mofile(str(fresh))
                fresh.replace(target)
                if options["verbosity"] > 1:
                    self.stdout.write(f"{target.relative_to(Path(folder).parent)}")
