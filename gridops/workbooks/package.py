"""Many workbooks in one zip that leaves while it is made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

UNFIT = '\\/:*?"<>|'  # for a file's name, somewhere


@dataclass(slots=True)
class _Sink:
    """Takes what is written, and gives it away."""

    waiting: bytearray

    def write(self, data: bytes) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        """What has come in since."""
        found = bytes(self.waiting)
        self.waiting.clear()
        return found


def zipped(files: Iterable[tuple[str, IO[bytes]]]) -> Iterator[bytes]:
    """A zip of ``files``, each a name and an open file that is read and closed; of two names the second is numbered."""
    sink, used = _Sink(bytearray()), set[str]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, file in files:
            with file:
                archive.writestr(_once(name, used), file.read())
            yield sink.taken()
    yield sink.taken()


def fit_for_file(text: str) -> str:
    """``text`` as a part of a file's name."""
    return "".join("_" if sign in UNFIT else sign for sign in text).strip(". ")


def _once(name: str, used: set[str]) -> str:
    stem, _dot, ending = name.rpartition(".")
    found, number = name, 1
    while found in used:
        number += 1
        found = f"{stem} ({number}).{ending}"
    used.add(found)
    return found
