"""Photos: whatever is sent, what is kept is a bounded JPEG with nothing in it but the picture."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin
from pytest_django import Settings

from gridops.accounts.models import User
from gridops.common.photos import Photo, PhotosField, clean_photo, files_of_transaction, webp_pixels
from projects.models import Project, RivalPhoto
from tests import factories

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
SECRET = b"secret-place"


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def upload(content: bytes, name: str = "x.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def refusal(content: bytes, name: str = "x.jpg") -> str:
    with pytest.raises(ValidationError) as refused:
        clean_photo(upload(content, name))
    return str(refused.value.messages[0])


def opened(photo: Photo) -> Image.Image:
    return Image.open(io.BytesIO(photo.image.read()))


def png_that_opens_to(width: int, height: int) -> bytes:
    """A few KB that say they are ``width`` × ``height`` and would decode to it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    line = zlib.compress(b"\0" * (width // 8 + 2) * min(height, 13_000), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", line) + chunk(b"IEND", b"")


# --- What is kept ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_jpeg_of_at_most_1600_pixels_with_a_small_copy(kind: str) -> None:
    photo = clean_photo(upload(encoded(Image.new("RGB", (3200, 2400), "teal"), kind)))
    large, small = opened(photo), Image.open(io.BytesIO(photo.small.read()))
    assert (large.format, large.size, photo.width, photo.height) == ("JPEG", (1600, 1200), 1600, 1200)
    assert (small.format, small.size) == ("JPEG", (320, 240))
    assert large.getpixel((5, 5)) == pytest.approx((0, 128, 128), abs=4)


def test_a_small_photo_is_not_blown_up() -> None:
    assert opened(clean_photo(upload(encoded(Image.new("RGB", (40, 30)))))).size == (40, 30)


def test_names_are_random_and_say_nothing() -> None:
    first, second = (clean_photo(upload(encoded(Image.new("L", (4, 4))), "张三家楼下.jpg")) for _ in range(2))
    assert first.image.name
    assert first.image.name != second.image.name
    assert first.image.name.removesuffix(".jpg").isalnum()


def test_the_photo_stands_as_the_camera_was_held_and_nothing_of_the_camera_is_kept() -> None:
    source = Image.new("RGB", (60, 20), "white")
    source.paste((255, 0, 0), (0, 0, 30, 20))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, SECRET.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 39.0, 12.0), 29: SECRET.decode()})
    content = encoded(source, exif=exif, comment=SECRET, icc_profile=SECRET * 20)
    assert SECRET in content
    photo = clean_photo(upload(content))
    kept = opened(photo)
    assert kept.size == (20, 60)
    assert kept.getpixel((10, 5)) == pytest.approx((254, 0, 0), abs=10)
    assert not kept.getexif()
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for file in (photo.image, photo.small):
        file.seek(0)
        assert SECRET not in file.read()


def test_what_a_png_says_beside_its_picture_is_dropped_and_transparency_is_white() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Location", SECRET.decode())
    photo = clean_photo(upload(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG", pnginfo=info)))
    assert opened(photo).getpixel((4, 4)) == (255, 255, 255)
    photo.image.seek(0)
    assert SECRET not in photo.image.read()


def test_a_page_hidden_behind_a_picture_does_not_survive() -> None:
    photo = clean_photo(upload(encoded(Image.new("RGB", (8, 8))) + b"<script>alert(1)</script>"))
    assert b"script" not in photo.image.read()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_any_kind_of_colour_are_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(clean_photo(upload(encoded(Image.new(mode, (400, 300)), kind)))).mode == "RGB"


# --- What is refused, in words ---


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a" + b"\0" * 40,
        b"MZ" + b"\0" * 200,
        b"%PDF-1.7 " * 9,
        b"",
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_what_is_not_a_photo_is_refused_whatever_its_name(content: bytes, english: None) -> None:
    assert refusal(content).startswith("x.jpg is not a photo that can be read.")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "AVIF", "PPM"])
def test_only_three_decoders_are_ever_reached(kind: str, english: None) -> None:
    assert "is not a photo that can be read" in refusal(encoded(Image.new("RGB", (16, 16)), kind))


def test_a_heic_photo_is_refused_with_what_to_do(english: None) -> None:
    assert "HEIC" in refusal(b"\0\0\0\x18ftypheic" + b"\0" * 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_photo_is_refused(kind: str, english: None) -> None:
    noise = Image.effect_noise((300, 300), 90)
    content = encoded(noise.convert("RGB"), kind)
    assert refusal(content[: len(content) // 2]) == "x.jpg is damaged or was not sent completely. Send it again."


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch, english: None) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    content = png_that_opens_to(13_000, 13_000)
    assert len(content) < 30_000
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", never)
    assert refusal(content) == "x.jpg has more than 52 million pixels."
    assert refusal(png_that_opens_to(60_000, 60_000)) == "x.jpg has more than 52 million pixels."


@pytest.mark.parametrize("more", [{"lossless": True}, {"lossless": False}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_a_webp_says_its_size_before_its_decoder_is_woken(more: dict[str, Any]) -> None:
    assert webp_pixels(encoded(Image.new("RGB", (321, 123)), "WEBP", **more)[:32]) == 321 * 123


def test_a_webp_bomb_is_refused_unopened(monkeypatch: pytest.MonkeyPatch, english: None) -> None:
    monkeypatch.setattr(Image, "open", None)
    huge = (16_382).to_bytes(3, "little")
    content = b"RIFF\xff\0\0\0WEBPVP8X" + (10).to_bytes(4, "little") + b"\0" * 4 + huge + huge + b"\0" * 50
    assert refusal(content) == "x.jpg has more than 52 million pixels."


def test_too_many_bytes_are_refused_unread(settings: Settings, english: None) -> None:
    settings.PHOTO_LIMITS = {**settings.PHOTO_LIMITS, "file_bytes": 2 * 2**20}
    assert refusal(b"\0" * (2 * 2**20 + 1)) == "x.jpg has more than 2 MB."


def test_at_most_six_and_every_fault_is_named(english: None) -> None:
    good = encoded(Image.new("RGB", (4, 4)))
    field = PhotosField()
    assert len(field.clean([upload(good)] * 6)) == 6
    assert field.clean(None) == field.clean([]) == []
    with pytest.raises(ValidationError, match="At most 6 photos"):
        field.clean([upload(good)] * 7)
    with pytest.raises(ValidationError) as refused:
        field.clean([upload(b"no", "a.jpg"), upload(good), upload(b"no", "b.jpg")])
    assert [text.split()[0] for text in refused.value.messages] == ["a.jpg", "b.jpg"]


# --- In storage ---


def stored(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_files_go_when_their_transaction_fails(project: Project, manager: User, tmp_path: Path) -> None:
    offer = factories.make_offer(project)
    photo = clean_photo(upload(encoded(Image.new("RGB", (4, 4)))))
    row = RivalPhoto(offer=offer, width=4, height=4, by=manager)

    def fail() -> None:
        with files_of_transaction() as files:
            row.image.save(str(photo.image.name), photo.image, save=False)
            files.append(row.image)
            assert len(stored(tmp_path)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert stored(tmp_path) == []
    assert transaction.get_connection().in_atomic_block


# --- Served ---


@pytest.fixture
def photo(project: Project, manager: User) -> RivalPhoto:
    return factories.make_photo(factories.make_offer(project), manager)


@pytest.mark.django_db
@pytest.mark.parametrize("size", ["", "?size=small", "?size=../../secret-key"])
def test_a_photo_is_shown_to_its_scope_and_never_sniffed_or_shared(
    size: str, photo: RivalPhoto, manager: User, client_of: Callable[[User], Client]
) -> None:
    address = reverse("projects:rival-photo", args=[photo.pk]) + size
    client = client_of(manager)
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"
    assert Image.open(io.BytesIO(response.content)).size == (4, 3)
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.django_db
def test_a_photo_of_another_scope_is_not_there_known_or_not(
    photo: RivalPhoto, manager: User, colleague: User, agent_staff_user: User, client_of: Callable[[User], Client]
) -> None:
    address = reverse("projects:rival-photo", args=[photo.pk])
    tag = client_of(manager).get(address)["ETag"]
    assert client_of(colleague).get(address).status_code == 404
    assert client_of(colleague).get(address, headers={"If-None-Match": tag}).status_code == 404
    assert client_of(agent_staff_user).get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.django_db
def test_a_photo_whose_file_is_lost_is_not_found(
    photo: RivalPhoto, manager: User, client_of: Callable[[User], Client]
) -> None:
    default_storage.delete(str(photo.image.name))
    assert client_of(manager).get(reverse("projects:rival-photo", args=[photo.pk])).status_code == 404


@pytest.mark.django_db
def test_no_photo_has_a_public_address(photo: RivalPhoto, manager: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(manager)
    for address in (f"/{photo.image.name}", f"/media/{photo.image.name}", f"/static/{photo.image.name}"):
        assert client.get(address).status_code == 404
