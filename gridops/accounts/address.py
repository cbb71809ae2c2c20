"""From where a request came, also behind reverse proxies."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's address: what the outermost of our own proxies saw; what a client claims itself counts nothing."""
    proxies: int = settings.TRUSTED_PROXIES
    near = str(request.META.get("REMOTE_ADDR") or "")
    passed = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    for text in (passed[-proxies:][0] if proxies and passed else near, near):
        try:
            return str(ip_address(text))
        except ValueError:
            continue
    return None
