"""The worker's side of reading: starts ``reader.py``, takes its answers, turns whatever befalls it into a fault."""

from __future__ import annotations

import io
import json
import pickle
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db.models.fields.files import FieldFile

from gridops.workbooks.faults import WorkbookFault
from gridops.workbooks.models import Batch

READER = Path(__file__).with_name("reader.py")
BEAT_SECONDS = 1.0
FRAME_LIMIT = 512 * 1024 * 1024


class _PlainUnpickler(pickle.Unpickler):
    """Takes plain values only: nothing that a frame names is looked up, but ``range``."""

    def find_class(self, module: str, name: str) -> Any:
        """Allow ``range``, the row numbers of a chunk without gaps."""
        if (module, name) == ("builtins", "range"):
            return range
        raise pickle.UnpicklingError(f"{module}.{name}")


@dataclass(frozen=True, slots=True)
class SheetTop:
    """The first rows of a sheet, as the columns page and the search for the header need them."""

    name: str
    rows: list[list[Any]]


class Cells(Sequence[Any]):
    """The cells of a column of a chunk. A column of mere text comes as one string, ``joined`` by NUL, split at need."""

    __slots__ = ("_cells", "joined")

    def __init__(self, sent: str | Sequence[Any]) -> None:
        self.joined = sent if isinstance(sent, str) else None
        self._cells = None if isinstance(sent, str) else sent

    @property
    def values(self) -> Sequence[Any]:
        """The cells."""
        if self._cells is None:
            self._cells = (self.joined or "").split("\0")
        return self._cells

    def __getitem__(self, at: Any) -> Any:
        return self.values[at]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of the sheet: their numbers (1 is the sheet's first row) and the wanted columns."""

    numbers: Sequence[int]
    columns: list[Cells]


@dataclass(slots=True)
class SheetInfo:
    """What is known of the sheet besides its rows; the last two when the last row has been read.

    ``errors`` are cells like #N/A, as (row number, column index): they come as empty ones.
    """

    height: int = 0
    epoch_1904: bool = False
    skipped: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)


def peek(file: FieldFile) -> list[SheetTop]:
    """The first rows of each visible sheet. WorkbookFault when the file is none that we read."""
    with local_path(file) as path:
        return [SheetTop(answer[1], answer[2]) for answer in _answers("peek", path) if answer[0] == "sheet"]


def rows(batch: Batch, columns: list[int], key_at: int, info: SheetInfo, beat: Callable[[], None]) -> Iterator[Chunk]:
    """The rows below the header, as they come; ``beat`` is called about once a second while waiting for them.

    ``key_at``, the column of the key, tells rows from what stands below the table.
    """
    request = {"sheet": batch.sheet_name, "header_row": batch.header_row, "columns": columns, "key": key_at}
    with local_path(batch.file) as path:
        for kind, *answer in _answers("rows", path, json.dumps(request), beat=beat):
            if kind == "height":
                info.height, info.epoch_1904 = answer[0], answer[1]["epoch_1904"]
            elif kind == "rows":
                yield Chunk(answer[0], [Cells(column) for column in answer[1]])
            elif kind == "end":
                info.skipped, info.errors = answer[0]["skipped"], answer[0]["errors"]


@contextmanager
def local_path(file: FieldFile) -> Iterator[str]:
    """The file as a path on this machine, copied there when the storage keeps it elsewhere."""
    try:
        yield file.path
    except NotImplementedError:
        from django.core.files.temp import NamedTemporaryFile  # only storages without paths need it

        with NamedTemporaryFile(suffix=".xlsx") as copy, file.open("rb") as source:
            for piece in source.chunks():
                copy.write(piece)
            copy.flush()
            yield copy.name


def _answers(task: str, path: str, *more: str, beat: Callable[[], None] = lambda: None) -> Iterator[tuple[Any, ...]]:
    limits = settings.WORKBOOK_LIMITS
    command = [sys.executable, "-I", str(READER), task, path, json.dumps(limits), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as child:  # noqa: S603
        try:
            yield from _frames(child, time.monotonic() + limits["seconds"], beat)
        finally:
            child.kill()


def _frames(child: subprocess.Popen[bytes], deadline: float, beat: Callable[[], None]) -> Iterator[tuple[Any, ...]]:
    if child.stdout is None:
        raise RuntimeError("the reader has no output")
    while True:
        head = _read(child.stdout, 8, deadline, beat)
        size = struct.unpack(">Q", head)[0] if len(head) == 8 else 0
        data = _read(child.stdout, size, deadline, beat) if 0 < size <= FRAME_LIMIT else b""
        if not data or len(data) < size:
            raise _end_of(child)
        answer = _PlainUnpickler(io.BytesIO(data)).load()
        if answer[0] == "fault":
            raise WorkbookFault(answer[1], **answer[2])
        yield answer
        if answer[0] == "end":
            return


def _end_of(child: subprocess.Popen[bytes]) -> WorkbookFault:
    """Why the reader has gone without a word: a limit, or what the file did to the parser."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=10)
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return WorkbookFault("too_slow", seconds=settings.WORKBOOK_LIMITS["seconds"])
    return WorkbookFault("too_big" if child.returncode == -signal.SIGABRT else "truncated")


def _read(pipe: IO[bytes], size: int, deadline: float, beat: Callable[[], None]) -> bytes:
    """``size`` bytes, or fewer when the child has gone. Calls ``beat`` while it waits."""
    parts, missing = [], size
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while missing:
            if not selector.select(BEAT_SECONDS):
                beat()
                if time.monotonic() > deadline:
                    raise WorkbookFault("too_slow", seconds=settings.WORKBOOK_LIMITS["seconds"])
                continue
            part = pipe.read(missing)
            if not part:
                break
            parts.append(part)
            missing -= len(part)
    return b"".join(parts)
