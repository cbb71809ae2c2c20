"""The second factor: a code from an authenticator app, by django-otp."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode

from gridops.accounts.guards import signed_in
from gridops.accounts.models import Role, User

REQUIRED_OF = (Role.ADMIN, Role.SUPERVISOR)


def owes_second_factor(request: HttpRequest) -> bool:
    """Whether the signed-in person has still to give a code, or to set one up because their role requires it."""
    user = signed_in(request)
    if user.is_verified():  # type: ignore[attr-defined]  # added by django-otp's middleware
        return False
    required = settings.SECOND_FACTOR_REQUIRED and (user.is_superuser or user.scope.has(*REQUIRED_OF))
    return required or has_device(user)


def has_device(user: User) -> bool:
    """Whether the person has set an authenticator up."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def device_of(user: User) -> TOTPDevice:
    """The person's authenticator: the confirmed one, else a fresh one that its first code will confirm."""
    devices = TOTPDevice.objects.filter(user=user).order_by("-confirmed", "pk")
    return devices.first() or TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def accept(device: TOTPDevice, code: str) -> bool:
    """Check a code; right ones confirm the device, wrong ones are throttled by it."""
    allowed, _ = device.verify_is_allowed()
    if not allowed or not device.verify_token(code.strip()):
        return False
    if not device.confirmed:
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    return True


def qr_code(text: str) -> SafeString:
    """``text`` as an inline SVG that an authenticator app can scan; it holds no markup of ours or theirs."""
    code = QRCode(image_factory=SvgPathImage, border=2)
    code.add_data(text)
    picture: str = code.make_image().to_string(encoding="unicode")
    return mark_safe(picture)  # noqa: S308 - made by qrcode from modules alone
