"""What the frame around every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gridops.common.navigation import entries_for, section_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """The signed-in person's scope and navigation; nothing before sign-in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    match = request.resolver_match
    here, navigation = match.view_name if match else "", entries_for(user.scope.roles)
    return {
        "scope": user.scope,
        "navigation": navigation,
        "here": here,
        "section": section_of(here, navigation),
    }
