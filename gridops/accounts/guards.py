"""Guards for views: who may come in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

if TYPE_CHECKING:
    from gridops.accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(request: HttpRequest) -> User:
    """The person of this request; every view but sign-in is behind ``LoginRequiredMiddleware``."""
    return cast("User", request.user)


def for_roles(*roles: str) -> Callable[[View[P]], View[P]]:
    """Let in those who hold one of ``roles``; others are told that the page is not theirs (403)."""
    return for_those(lambda user: user.scope.has(*roles))


def for_those(allowed: Callable[[User], object]) -> Callable[[View[P]], View[P]]:
    """Let in those whom ``allowed`` says yes to; others are told that the page is not theirs (403)."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Any:
            if not allowed(signed_in(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return decorate
