"""What the frame around every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """The signed-in person's scope; nothing before sign-in."""
    user = getattr(request, "user", None)
    return {"scope": user.scope} if user is not None and user.is_authenticated else {}
