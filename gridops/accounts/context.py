"""What the frame around every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gridops.common.navigation import entries_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """The signed-in person's scope and navigation; nothing before sign-in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    match = request.resolver_match
    return {
        "scope": user.scope,
        "navigation": entries_for(user.scope.roles),
        "here": match.view_name if match else "",
        "here_app": match.app_name if match else "",
    }
