"""The visit on a phone, also without a connection (C5): the page, its service worker, its place on the home screen.

The page is the same for everybody who speaks a language and holds nothing of anyone: the phone may keep it. What it
shows comes from ``channels:pack`` and stays in the phone until its person signs out.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from channels.choices import MatterKind, Piece
from gridops.accounts.guards import for_roles
from gridops.accounts.models import Role

MODULES = (
    "field.js",
    "field_form.js",
    "field_keep.js",
    "field_list.js",
    "field_outbox.js",
    "field_photos.js",
    "field_store.js",
    "field_words.js",
    "keys.js",
    "post.js",
    "smaller.js",
)
# All that the page needs beside itself: what is not named here can't be had without a connection.
FILES = (
    "js/theme.js",
    "tabler/css/tabler.min.css",
    "tabler-icons/tabler-icons.min.css",
    "tabler-icons/fonts/tabler-icons.woff2",
    "css/gridops.css",
    "css/field.css",
    "img/gridops.svg",
    *(f"js/{name}" for name in MODULES),
)
MATTERS = 3


def shell() -> tuple[str, str]:
    """The page in the language of now, and its version: another one when it, its texts or its files change."""
    context: dict[str, Any] = {
        "modules": [f"js/{name}" for name in MODULES],
        "pieces": Piece.choices,
        "kinds": MatterKind.choices,
        "matters": range(1, MATTERS + 1),
        "photo": settings.PHOTO_LIMITS,
        "time_zone": settings.TIME_ZONE,
    }
    page = render_to_string("channels/field.html", context)
    known = "\n".join((page, *map(static, (*FILES, "js/field_worker.js"))))
    return page, hashlib.sha256(known.encode()).hexdigest()[:16]


@require_GET
@for_roles(Role.GRID_MANAGER)
@ensure_csrf_cookie
def field(_request: HttpRequest) -> HttpResponse:
    """The manager's round and visits on a phone (C5): filled by its script from what the phone keeps."""
    page, version = shell()
    return HttpResponse(page, headers={"X-Field-Version": version})


@require_GET
@login_not_required
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker of that page alone: which files it keeps. The same for everybody, asked for at every visit."""
    _page, version = shell()
    page = reverse("channels:field")
    kept = {"version": version, "page": page, "files": [static(name) for name in FILES]}
    text = f'self.field = {json.dumps(kept)};\nimportScripts("{static("js/field_worker.js")}");\n'
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": page}
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers=headers)


@require_GET
@login_not_required
def manifest(_request: HttpRequest) -> JsonResponse:
    """What the home screen of a phone shows, and where its icon leads."""
    icons = [{"src": static("img/gridops.svg"), "type": "image/svg+xml", "sizes": "any"}]
    icons += [
        {"src": static(f"img/gridops-{side}.png"), "type": "image/png", "sizes": f"{side}x{side}"}
        for side in (192, 512)
    ]
    said = {
        "name": _("Grid work · visits"),
        "short_name": _("Visits"),
        "lang": get_language(),
        "start_url": reverse("channels:field"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f8fb",
        "theme_color": "#066fd1",
        "icons": icons,
    }
    headers = {"Cache-Control": "no-cache"}
    return JsonResponse(said, content_type="application/manifest+json", headers=headers)
