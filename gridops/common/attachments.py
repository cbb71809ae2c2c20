"""Files that go with a record: few kinds, known by what is in them, bounded in size, given out only as downloads."""

from __future__ import annotations

import secrets
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from gridops.common.photos import clean_photo

MOST_BYTES = 10 * 2**20
NAME_LENGTH = 120
NAME_SHOWN = 60
MEMBERS = 5_000  # of an office file; what has more is something else

PDF, JPEG = "application/pdf", "image/jpeg"
# ending -> the folder that its archive has, and what it is served as
OFFICE: Mapping[str, tuple[str, str]] = {
    ".docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".pptx": ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
TYPES: Mapping[str, str] = {".pdf": PDF, ".jpg": JPEG} | {ending: kind for ending, (_folder, kind) in OFFICE.items()}
ACCEPT = ",".join([".pdf", *PICTURES, *OFFICE])

TOO_LARGE = _("%(name)s has more than %(limit)s MB.")
NOT_TAKEN = _("%(name)s is of a kind that is not taken. Take PDF, pictures, Word, Excel or PowerPoint files.")
NOT_WHAT_IT_SAYS = _("%(name)s is not what its name says, or is damaged.")
WITH_MACROS = _("%(name)s holds macros. Save it without them.")
EMPTY = _("%(name)s is empty.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was looked into: its content under a random name, what people call it, its size in bytes."""

    content: ContentFile[bytes]
    name: str
    size: int


def clean_attachment(upload: UploadedFile[Any]) -> Attachment:
    """The file in ``upload``; ValidationError says in words why it is not taken.

    Pictures are encoded anew, nothing of the camera is kept.
    """
    name = clean_name(upload.name or "")
    ending = PurePath(name).suffix.lower()
    if ending not in PICTURES and ending not in TYPES:
        raise _refused(NOT_TAKEN, name)
    if not upload.size:
        raise _refused(EMPTY, name)
    if upload.size > MOST_BYTES:
        raise _refused(TOO_LARGE, name)
    if ending in PICTURES:
        picture = clean_photo(upload).image
        return Attachment(picture, str(PurePath(name).with_suffix(".jpg")), picture.size)
    upload.seek(0)
    content = upload.read()
    _look_into(content, ending, name, upload)
    return Attachment(ContentFile(content, f"{secrets.token_hex(16)}{ending}"), name, len(content))


def clean_name(name: str) -> str:
    """What a file is called, without path and signs that nobody sees, its ending kept when it is too long."""
    plain = PurePath(name.replace("\\", "/")).name
    seen = "".join(sign for sign in plain if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*').strip()
    path = PurePath(seen or "file")
    return path.stem[: NAME_LENGTH - len(path.suffix)] + path.suffix


def _look_into(content: bytes, ending: str, name: str, upload: UploadedFile[Any]) -> None:
    if ending == ".pdf":
        if not content.startswith(b"%PDF-"):
            raise _refused(NOT_WHAT_IT_SAYS, name)
        return
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:  # only its directory is read, nothing is unpacked
            members = archive.namelist()
    except Exception:  # zipfile answers damaged files with whatever it stumbles over
        raise _refused(NOT_WHAT_IT_SAYS, name) from None
    folder = OFFICE[ending][0]
    known = "[Content_Types].xml" in members and any(member.startswith(folder) for member in members)
    if not known or len(members) > MEMBERS:
        raise _refused(NOT_WHAT_IT_SAYS, name)
    if any(member.lower().endswith("vbaproject.bin") for member in members):
        raise _refused(WITH_MACROS, name)


def _refused(text: Any, name: str) -> ValidationError:
    return ValidationError(text, code="file", params={"name": name[:NAME_SHOWN], "limit": MOST_BYTES // 2**20})


class AttachmentField(forms.FileField):
    """One file, looked into: its cleaned value is an ``Attachment``, or None."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ACCEPT})
        super().__init__(allow_empty_file=True, **{"required": False, "widget": widget, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> Attachment | None:
        """Look into it."""
        upload = super().clean(data, initial)
        return clean_attachment(upload) if isinstance(upload, UploadedFile) else None


def answer_attachment(_request: Any, file: FieldFile, name: str) -> HttpResponseBase:
    """``file`` as a download called ``name``: never shown within a page, never guessed at, never kept by the browser.

    To be called once the person is known to be in scope. 404 when the storage has lost it.
    """
    try:
        content = file.open("rb")
    except (FileNotFoundError, ValueError):
        raise Http404 from None
    kind = TYPES.get(PurePath(file.name or "").suffix.lower(), "application/octet-stream")
    response = FileResponse(content, as_attachment=True, filename=clean_name(name), content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
