"""Static files taken from npm packages, one by one: only what pages use is collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage


class PackageFilesFinder(BaseFinder):
    """Serves ``settings.PACKAGE_FILES``: address below ``/static/`` -> file below ``node_modules``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.root = Path(settings.BASE_DIR) / "node_modules"

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        """The file behind ``path``, or nothing."""
        target = settings.PACKAGE_FILES.get(path)
        found = [str(self.root / target)] if target and (self.root / target).is_file() else []
        return found if find_all else (found[0] if found else None)

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """All of them, each from a storage that knows it by its address."""
        for path, target in settings.PACKAGE_FILES.items():
            yield path, _OneFile(self.root / target)


class _OneFile(FileSystemStorage):
    """A storage of a single file that goes by another name."""

    prefix = ""

    def __init__(self, file: Path) -> None:
        super().__init__(location=str(file.parent))
        self.file = file

    def path(self, _name: str) -> str:
        return str(self.file)
