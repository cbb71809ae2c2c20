"""Reads one .xlsx under limits, as a program of its own: whatever a file does to it, the worker that started it lives.

    reader.py peek  FILE LIMITS            the first rows of every visible sheet
    reader.py rows  FILE LIMITS REQUEST    the data rows of one sheet, in chunks of columns

LIMITS and REQUEST are JSON. The answers are frames on standard output: eight bytes of length, then a pickle of plain
values. The last frame is ``("end", ...)``; a refusal is ``("fault", code, params)``. No Django in here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import io
import json
import math
import os
import pickle
import re
import resource
import struct
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from python_calamine import CalamineSheet, load_workbook

CHUNK = 5_000
NUL = "\0"
NEEDED = ("xl/workbook", "xl/_rels/", "xl/sharedStrings", "xl/styles", "_rels/", "[Content_Types]")
PEEK_ROWS, PEEK_SHEETS, PEEK_BYTES = 40, 10, 4 * 1024 * 1024
RATIO_COUNTS_FROM = 20 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROW_END = re.compile(rb"</(\w+:)?row>|<(\w+:)?row\b[^<>]*/>")
CELL_REF = re.compile(rb'\br="([A-Z]{3})\d+"')
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s[^<>]*\bt="e"[^<>]*>')
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
ERROR_CELLS = 5_000
TOTAL = re.compile("(合计|总计|小计|共计)[:\uff1a]?")
FOOT_ROWS = 30
SIGNATURE = re.compile(
    "((填报|填表|制表|编制|审核|复核|审批|批准|核对|经办|负责)(人|单位|日期|时间)?|单位负责人|网格经理|主管|签[字名]|日期"
    "|备注|附注|注|说明)[0-9]*[:\uff1a]"
)


class Fault(Exception):
    """The file is refused: a code of ``faults.py`` and its parameters."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def send(*answer: object) -> None:
    """Write one frame."""
    data = pickle.dumps(answer, protocol=5)
    sys.stdout.buffer.write(struct.pack(">Q", len(data)))
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


# --- Looking into the zip before anything parses it ---


def inspect(path: str, limits: dict[str, int]) -> zipfile.ZipFile:
    """Open the file if it is a workbook of tolerable size; Fault otherwise."""
    with open(path, "rb") as file:  # noqa: PTH123
        start = file.read(8)
    if start == OLE:
        raise Fault("encrypted")
    try:
        book = zipfile.ZipFile(path)
        members = book.infolist()
        names = book.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise Fault("truncated" if start[:2] == b"PK" else "not_xlsx") from error
    if "xl/workbook.xml" not in names:
        raise Fault("not_xlsx")
    if len(members) > limits["members"] or len(set(names)) != len(names):
        raise Fault("bomb")
    if sum(member.file_size for member in members) > limits["unpacked_bytes"]:
        raise Fault("bomb")
    for member in members:
        if member.flag_bits & 1:
            raise Fault("encrypted")
        if member.file_size > RATIO_COUNTS_FROM and member.file_size > limits["ratio"] * max(member.compress_size, 1):
            raise Fault("bomb")
        if member.filename.startswith(("/", "\\")) or ".." in PurePosixPath(member.filename).parts:
            raise Fault("not_xlsx")
    return book


def _xml(book: zipfile.ZipFile, name: str) -> Element:
    with book.open(name) as member:
        data = member.read(PEEK_BYTES + 1)
    if len(data) > PEEK_BYTES:
        raise Fault("bomb")
    tree: Element = fromstring(data, forbid_dtd=True)
    return tree


def outline(book: zipfile.ZipFile) -> tuple[list[tuple[str, str]], bool]:
    """Visible worksheets as (name, member), and whether the workbook counts its days from 1904."""
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in _xml(book, "xl/_rels/workbook.xml.rels")
        if relation.get("Type", "").endswith("/worksheet")
    }
    tree = _xml(book, "xl/workbook.xml")
    properties = next((node for node in tree.iter() if node.tag.endswith("}workbookPr")), None)
    epoch_1904 = properties is not None and properties.get("date1904", "") in ("1", "true")
    sheets = []
    for node in tree.iter():
        target = targets.get(_relation(node)) if node.tag.endswith("}sheet") else None
        if target and node.get("state", "visible") == "visible":
            member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            sheets.append((node.get("name", ""), member))
    return sheets[:PEEK_SHEETS], epoch_1904


def _relation(node: Element) -> str:
    """The ``r:id`` of a sheet, in either of the two namespaces that workbooks use."""
    return next((value for name, value in node.attrib.items() if name.endswith("}id")), "")


# --- Peeking ---


def _first_rows(book: zipfile.ZipFile, name: str, limits: dict[str, int]) -> bytes:
    """The sheet's XML, cut after its first rows."""
    data = b""
    with book.open(name) as member:
        while len(data) < PEEK_BYTES:
            piece = member.read(256 * 1024)
            data += piece
            ends = list(islice(ROW_END.finditer(data), PEEK_ROWS))
            if not piece or len(ends) == PEEK_ROWS:
                break
    if len(ends) == PEEK_ROWS or (ends and piece):
        prefix = ends[-1][1] or ends[-1][2] or b""
        data = data[: ends[-1].end()] + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
    for letters in {found[1] for found in CELL_REF.finditer(data)}:
        if _index(letters) >= limits["columns"]:
            raise Fault("too_wide", limit=limits["columns"])
    return data


def peek(path: str, limits: dict[str, int]) -> None:
    """Send the first rows of each visible sheet, without reading the rest of it."""
    book = inspect(path, limits)
    sheets, epoch_1904 = outline(book)
    worksheets = {member for _, member in sheets}
    short = io.BytesIO()
    with zipfile.ZipFile(short, "w") as copy:
        for name in book.namelist():
            if name in worksheets:
                copy.writestr(name, _first_rows(book, name, limits))
            elif name.startswith(NEEDED) and name.endswith((".xml", ".rels")):
                with book.open(name) as member:
                    copy.writestr(name, member.read(limits["unpacked_bytes"]))
    short.seek(0)
    with load_workbook(short) as workbook:
        for name, _ in sheets:
            sheet = workbook.get_sheet_by_name(name)
            _check_width(sheet, limits)
            left = sheet.start[1] if sheet.start else 0
            rows = [[""] * left + _plain_row(row) for row in islice(sheet.iter_rows(), PEEK_ROWS)]
            send("sheet", name, rows)
    send("end", {"epoch_1904": epoch_1904})


# --- All rows ---


def rows(path: str, limits: dict[str, int], request: dict[str, Any]) -> None:
    """Send the rows below the header in chunks: of each wanted column a tuple, or its joined text.

    A chunk is ``("rows", row numbers, columns)``. Blank rows, totals rows, and the lines for signatures and notes
    below the table are left out and counted.
    """
    sheets, epoch_1904 = outline(inspect(path, limits))
    errors = ErrorCells(path, dict(sheets)[request["sheet"]])
    with load_workbook(path) as workbook:
        sheet = workbook.get_sheet_by_name(request["sheet"])
        _check_width(sheet, limits)
        left, width = (sheet.start[1], sheet.width) if sheet.start else (0, 0)
        height, header_row = sheet.end[0] + 1 if sheet.end else 0, request["header_row"]
        send("height", max(0, height - header_row), {"epoch_1904": epoch_1904})
        wanted = [index - left for index in request["columns"]]
        source = islice(sheet.iter_rows(), header_row, None)
        number, sent, skipped = header_row + 1, 0, 0
        foot = Foot(height - FOOT_ROWS, request["key"] - left)
        while chunk := list(islice(source, CHUNK)):
            numbers: Sequence[int] = range(number, number + len(chunk))
            number += len(chunk)
            chunk, numbers, dropped = _without_idle_rows(chunk, numbers, foot)
            skipped += dropped
            sent += len(chunk)
            if sent > limits["rows"]:
                raise Fault("too_many_rows", limit=limits["rows"])
            if chunk:
                columns = list(zip(*chunk, strict=True))
                empty = NUL * (len(chunk) - 1)
                picked = [_plain_column(columns[i]) if 0 <= i < width else empty for i in wanted]
                send("rows", numbers, picked)
                if errors.ident is None and any(map(_has_blank, picked)):
                    errors.start()
        if errors.ident is not None:
            errors.join()
        send("end", {"skipped": skipped, "errors": errors.found})


def _has_blank(column: object) -> bool:
    """Whether a column, as it is sent, has an empty cell: an error comes as one."""
    if isinstance(column, str):
        return column[:1] in ("", NUL) or column[-1] == NUL or NUL + NUL in column
    return "" in column  # type: ignore[operator]


class ErrorCells(threading.Thread):
    """Finds cells like #N/A, which calamine gives as empty ones: started when there are any, beside the sending."""

    def __init__(self, path: str, member: str) -> None:
        super().__init__(daemon=True)
        self.path, self.member = path, member
        self.found: list[tuple[int, int]] = []

    def run(self) -> None:
        """Collect (row number, column index) of the first thousands."""
        with zipfile.ZipFile(self.path) as book, book.open(self.member) as sheet:
            rest = b""
            while piece := sheet.read(1024 * 1024):
                piece = rest + piece
                rest = piece[piece.rfind(b"<") :][:1024]
                if b't="e"' in piece and len(self.found) < ERROR_CELLS:
                    self.found += [(int(n), _index(letters)) for letters, n in _error_references(piece)]


def _error_references(xml: bytes) -> Iterator[tuple[bytes, bytes]]:
    for tag in ERROR_CELL.findall(xml):
        if place := PLACE.search(tag):
            yield place[1], place[2]


def _index(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1


def _check_width(sheet: CalamineSheet, limits: dict[str, int]) -> None:
    if sheet.end and sheet.end[1] >= limits["columns"]:
        raise Fault("too_wide", limit=limits["columns"])


class Foot:
    """Knows the lines below the table, which are among its last rows: signatures, notes, and what goes on from them."""

    def __init__(self, above: int, key: int) -> None:
        self.above, self.key, self.reached = above, key, False

    def holds(self, row: list[Any]) -> bool:
        """Whether the row is such a line; asked from the top down."""
        filled = [cell for cell in row if cell != ""]
        first = _first_text(row)
        found = SIGNATURE.match(first)
        # a name may stand beside "signed by:"; what says more and has a key besides is a row with a remark
        signed = found is not None and (found.end() == len(first) or not _has_key_besides(row, self.key))
        held = signed or (self.reached and len(filled) <= 1)
        self.reached |= signed
        return held


def _first_text(row: list[Any]) -> str:
    """What stands in a row's first filled cell, without spaces, if it is text."""
    first = next((cell for cell in row if cell != ""), "")
    return "".join(first.split()) if isinstance(first, str) else ""


def _has_key_besides(row: list[Any], key: int) -> bool:
    """Whether the key's cell is filled, and not the first that is: then the row is of the table."""
    return 0 < key < len(row) and row[key] != "" and any(cell != "" for cell in row[:key])


def _without_idle_rows(
    chunk: list[list[Any]], numbers: Sequence[int], foot: Foot
) -> tuple[list[list[Any]], Sequence[int], int]:
    """The chunk without blank rows, totals rows and the lines below the table."""
    blank = [i for i, row in enumerate(chunk) if not any(row) and not any(cell != "" for cell in row)]
    idle = set(blank)
    for column in zip(*(row[:3] for row in chunk), strict=True):
        if "计" in "".join(cell for cell in column if type(cell) is str):
            totals = (i for i, row in enumerate(chunk) if TOTAL.fullmatch(_first_text(row)))
            idle.update(i for i in totals if not _has_key_besides(chunk[i], foot.key))
            break
    if numbers[-1] > foot.above:
        last = max(0, foot.above + 1 - numbers[0])
        idle.update(i for i in range(last, len(chunk)) if foot.holds(chunk[i]))
    if not idle:
        return chunk, numbers, 0
    kept = [i for i in range(len(chunk)) if i not in idle]
    return [chunk[i] for i in kept], [numbers[i] for i in kept], len(idle)


def _plain(value: object) -> object:
    """Dates as ISO text, truth values and numbers beyond all bounds as Excel shows them; text without NUL."""
    if type(value) is str:
        return value.replace(NUL, "")
    if type(value) is float and not math.isfinite(value):
        return "#NUM!"
    if type(value) is dt.datetime:
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    return value


def _plain_row(row: Sequence[object]) -> list[object]:
    return [_plain(value) for value in row]


def _plain_column(column: tuple[object, ...]) -> object:
    """A column to be sent: all text as one string, which travels ten times as fast as its parts; else a tuple."""
    kinds = {*map(type, column)}
    if kinds == {str}:
        joined = NUL.join(column)  # type: ignore[arg-type]
        if joined.count(NUL) == len(column) - 1:
            return joined
        return NUL.join(map(_plain, column))  # type: ignore[arg-type]
    if not kinds <= {str, float, int} or _has_odd(column):
        memo: dict[object, object] = {}
        if bool in kinds:  # which a dict takes for 0 and 1
            column = tuple(map(_plain, column))
        column = tuple([memo.get(value) or _kept(memo, value) for value in column])
        if {*map(type, column)} == {str}:
            return NUL.join(column)  # type: ignore[arg-type]
    return column


def _has_odd(column: tuple[object, ...]) -> bool:
    """Whether a cell of texts and numbers holds a NUL, which no database takes, or a number like 1e309."""
    texts = [value for value in column if type(value) is str]
    numbers = [value for value in column if type(value) is float]
    return NUL in "".join(texts) or not math.isfinite(sum(numbers))


def _kept(memo: dict[object, object], value: object) -> object:
    memo[value] = plain = _plain(value)
    return plain


# --- Set-up ---


def _limit(limits: dict[str, int]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(arguments: Sequence[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """Do what is asked; yields the fault, if there is one."""
    task, path, limits = arguments[0], arguments[1], json.loads(arguments[2])
    _limit(limits)
    gc.disable()  # rows hold no cycles
    try:
        if task == "peek":
            peek(path, limits)
        else:
            rows(path, limits, json.loads(arguments[3]))
    except Fault as fault:
        yield fault.code, fault.params
    except MemoryError:
        yield "too_big", {}
    except Exception:  # whatever a damaged file makes of the parsers
        yield "truncated", {}


def main() -> None:
    """Answer on standard output; a panic of the parser ends the process, which the parent sees."""
    for code, params in _run(sys.argv[1:]):
        send("fault", code, params)
    with contextlib.suppress(OSError):
        sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
