"""Language per person, the second factor, and no copies of personal data left in a shared browser."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from gridops.accounts.second_factor import owes_second_factor

Answer = Callable[[HttpRequest], HttpResponse]


class UserLanguageMiddleware:
    """Speak the language the person chose; before sign-in the cookie's; Chinese by default."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the language for this request only."""
        chosen = getattr(request.user, "language", "") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response


class SignedInMiddleware(LoginRequiredMiddleware):
    """Whoever has to sign in anew comes back to the page they were on.

    Not to an address that only takes posts, and not with the sign-in page inside a part of that page.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """To the sign-in page: the whole browser, also when only a part of the page was asked for.

        A script that asks for data is told so in so many words: 401.
        """
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({}, status=401)
        htmx = "HX-Request" in request.headers
        if request.method in ("GET", "HEAD") and not htmx:
            return super().handle_no_permission(request, view_func)
        page = request.headers.get("HX-Current-URL", "") if htmx else request.headers.get("Referer", "")
        ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
        back = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl() if ours else ""
        answer = redirect_to_login(back or resolve_url(settings.LOGIN_REDIRECT_URL), self.get_login_url(view_func))
        return HttpResponseClientRedirect(answer["Location"]) if htmx else answer


class NoStoreMiddleware:
    """Pages of signed-in people are not kept by the browser: after sign-out, "back" finds nothing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer ``no-store``, unless its view has said how it may be kept."""
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return response


class SecondFactorMiddleware:
    """Whoever owes a second factor gets no page before it but those that give it, the language and sign-out."""

    OPEN = frozenset({"accounts:second-factor", "accounts:sign-out", "accounts:language"})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the decision needs the view's name, so it falls in ``process_view``."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Send those who owe it to the page that asks for it."""
        match = request.resolver_match
        if not request.user.is_authenticated or match is None or match.view_name in self.OPEN:
            return None
        if not owes_second_factor(request):
            return None
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({}, status=401)
        return redirect("accounts:second-factor")
