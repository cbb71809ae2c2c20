"""Photos that people upload: looked at before decoding, encoded anew, bounded in size, nothing of the camera kept."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")  # the only decoders that an upload reaches
ACCEPT = "image/*"  # telephones then offer camera and album, and turn their own formats into JPEG
PLAIN_MODES = frozenset({"RGB", "L", "RGBA", "CMYK", "YCbCr"})
HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
QUALITY = 82
NAME_SHOWN = 60

TOO_LARGE = _("%(name)s has more than %(limit)s MB.")
TOO_MANY_PIXELS = _("%(name)s has more than %(limit)s million pixels.")
HEIF = _(
    "%(name)s is a HEIC photo, which can't be read here. Take it with the camera button of this page, or set the "
    "telephone's camera to JPEG (“most compatible”)."
)
NOT_A_PHOTO = _("%(name)s is not a photo that can be read. Take JPEG, PNG or WebP.")
BROKEN = _("%(name)s is damaged or was not sent completely. Send it again.")
TOO_MANY = _("At most %(limit)s photos.")


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean photo: JPEG without metadata, its size in pixels, and a small copy. File names are random."""

    image: ContentFile[bytes]
    small: ContentFile[bytes]
    width: int
    height: int


def clean_photo(upload: UploadedFile[Any]) -> Photo:
    """The photo in ``upload``, turned upright, encoded anew; ValidationError says in words why there is none.

    Bytes and pixels are limited by ``PHOTO_LIMITS`` before anything is decoded: a 20 KB PNG can open to 13,000 pixels
    square.
    """
    limits, name = settings.PHOTO_LIMITS, (upload.name or "")[:NAME_SHOWN]
    if (upload.size or 0) > limits["file_bytes"]:
        raise _refused(TOO_LARGE, name, limits["file_bytes"] // 2**20)
    _check_head(upload, name)
    try:
        with Image.open(upload, formats=FORMATS) as opened:
            _check_pixels(opened.width * opened.height, name)
            upright = _upright(opened, limits["side"])
    except ValidationError:
        raise
    except Image.DecompressionBombError:
        raise _refused(TOO_MANY_PIXELS, name, limits["pixels"] // 10**6) from None
    except UnidentifiedImageError:
        raise _refused(NOT_A_PHOTO, name) from None
    except Exception:  # decoders answer damaged files with whatever they stumble over
        raise _refused(BROKEN, name) from None
    stem = secrets.token_hex(16)
    small = upright.copy()
    small.thumbnail((limits["small_side"], limits["small_side"]))
    return Photo(_encoded(upright, f"{stem}.jpg"), _encoded(small, f"{stem}-s.jpg"), upright.width, upright.height)


def _refused(text: Any, name: str, limit: int = 0) -> ValidationError:
    return ValidationError(text, code="photo", params={"name": name, "limit": limit})


def _check_head(upload: UploadedFile[Any], name: str) -> None:
    """What can be said from the first bytes; of WebP the size too, since its decoder claims memory when it opens."""
    upload.seek(0)
    head = upload.read(32)
    upload.seek(0)
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        raise _refused(HEIF, name)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        _check_pixels(webp_pixels(head), name)


def webp_pixels(head: bytes) -> int:
    """How many pixels a WebP file says it has in its first 30 bytes; 0 when it says nothing of the kind."""
    kind, body = head[12:16], head[20:].ljust(10, b"\0")
    if kind == b"VP8X":
        return (int.from_bytes(body[4:7], "little") + 1) * (int.from_bytes(body[7:10], "little") + 1)
    if kind == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return ((packed & 0x3FFF) + 1) * ((packed >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        return (int.from_bytes(body[6:8], "little") & 0x3FFF) * (int.from_bytes(body[8:10], "little") & 0x3FFF)
    return 0


def _check_pixels(pixels: int, name: str) -> None:
    limit = settings.PHOTO_LIMITS["pixels"]
    if pixels > limit:
        raise _refused(TOO_MANY_PIXELS, name, limit // 10**6)


def _upright(opened: Image.Image, side: int) -> Image.Image:
    """A new image with the pixels alone: bounded, turned as the camera was held, on white where it was transparent."""
    image = opened if opened.mode in PLAIN_MODES else opened.convert("RGBA")
    image.thumbnail((side, side))
    turned = ImageOps.exif_transpose(_with_orientation(image, opened))
    clean = Image.new("RGB", turned.size, "white")
    if turned.mode == "RGBA":
        clean.paste(turned, mask=turned.getchannel("A"))
    else:
        clean.paste(turned.convert("RGB"))
    return clean


def _with_orientation(image: Image.Image, opened: Image.Image) -> Image.Image:
    if image is not opened and "exif" in opened.info:
        image.info["exif"] = opened.info["exif"]
    return image


def _encoded(image: Image.Image, name: str) -> ContentFile[bytes]:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True)
    return ContentFile(file.getvalue(), name)


# --- In forms ---


class PhotoInput(forms.FileInput):
    """Several photos at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Photos, cleaned; ``camera``: one, taken right now on a telephone."""

    def __init__(self, *, camera: bool = False, **kwargs: Any) -> None:
        attrs = {"accept": ACCEPT}
        widget = forms.FileInput(attrs={**attrs, "capture": "environment"}) if camera else PhotoInput(attrs=attrs)
        super().__init__(widget=widget, allow_empty_file=True, **{"required": False, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> list[Photo]:
        """Every photo; all that is wrong with any of them is said."""
        uploads = [one for one in (data if isinstance(data, Sequence) else [data]) if one]
        if self.required and not uploads:
            raise ValidationError(self.error_messages["required"], code="required")
        limit = settings.PHOTO_LIMITS["count"]
        if len(uploads) > limit:
            raise ValidationError(TOO_MANY, code="photo", params={"limit": limit})
        made, faults = [], []
        for upload in uploads:
            try:
                made.append(clean_photo(super().clean(upload, initial)))
            except ValidationError as fault:
                faults.extend(fault.error_list)
        if faults:
            raise ValidationError(faults)
        return made


# --- In storage ---


@contextmanager
def files_of_transaction() -> Iterator[list[FieldFile]]:
    """A transaction, and a list for the files saved in it: when it fails they are taken out of the storage again."""
    saved: list[FieldFile] = []
    try:
        with transaction.atomic():
            yield saved
    except BaseException:
        for file in saved:
            file.storage.delete(str(file.name))
        raise


def keep_photo(row: Any, photo: Photo, files: list[FieldFile]) -> None:
    """Save ``row``, a new one with fields ``image``, ``small``, ``width`` and ``height``, with ``photo`` in it.

    ``files`` is the list of ``files_of_transaction``.
    """
    row.width, row.height = photo.width, photo.height
    for field, content in ((row.image, photo.image), (row.small, photo.small)):
        field.save(str(content.name), content, save=False)
        files.append(field)
    row.save()


def delete_on_commit(*files: FieldFile) -> None:
    """Take files out of the storage once the transaction that forgets them has succeeded."""
    for file in files:
        transaction.on_commit(partial(file.storage.delete, str(file.name)))


def answer_photo(request: HttpRequest, file: FieldFile) -> HttpResponseBase:
    """The photo in ``file``; the browser may keep it, but asks every time whether it may still show it."""
    etag = f'"{file.name}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        with file.open() as content:
            response = HttpResponse(content.read(), content_type="image/jpeg")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response
