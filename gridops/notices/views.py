"""A person's own notices, and how they want to be reached."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import signed_in
from gridops.common.ids import read_id
from gridops.notices import services, services_reach, webhook
from gridops.notices.forms import KindForm, ReachForm
from gridops.notices.models import Delivery, Notice, Way
from gridops.notices.registry import KINDS

PAGE_ROWS = 30


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """The own notices: what was not read yet, then the newest."""
    own = Notice.objects.for_user(signed_in(request))
    form = KindForm(request.GET)
    kind = form.cleaned_data["kind"] if form.is_valid() else ""
    shown = own.filter(kind=kind) if kind else own
    newest = own.order_by("-pk").values_list("pk", flat=True).first()
    page = Paginator(shown.unread_first(), PAGE_ROWS).get_page(request.GET.get("page"))
    for notice in page:
        notice.kind_title = KINDS[notice.kind].title if notice.kind in KINDS else ""  # type: ignore[attr-defined]
    unread = [notice.pk for notice in page if notice.read_at is None]
    context = {"form": form, "page": page, "kind": kind, "unread_here": bool(unread), "last": newest or ""}
    return render(request, "notices/list.html", context)


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """What a notice is about; from now on it is read. Leads nowhere but to a page of ours."""
    notice = get_object_or_404(Notice.objects.for_user(signed_in(request)), pk=pk)
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=timezone.now())
    return HttpResponseRedirect(notice.url if services.is_ours(notice.url) else reverse("notices:list"))


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read."""
    notice = get_object_or_404(Notice.objects.for_user(signed_in(request)), pk=pk)
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=timezone.now())
    return _back(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all that came until the page was made as read, of one kind if that is what the page shows."""
    own = Notice.objects.for_user(signed_in(request)).unread()
    kind, last = request.POST.get("kind", ""), request.POST.get("last", "")
    own = own.filter(kind__in={kind} & KINDS.keys()) if kind else own
    own = own.filter(pk__lte=read_id(last)) if last else own
    own.update(read_at=timezone.now())
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the part of the list from which the button was pressed."""
    target = request.POST.get("next", "")
    ours = services.is_ours(target) and url_has_allowed_host_and_scheme(target, None)
    return HttpResponseRedirect(target if ours else reverse("notices:list"))


@sensitive_post_parameters("webhook", "secret")
def choices(request: HttpRequest) -> HttpResponse:
    """Which kinds of notices reach the person by which way, and when."""
    user = signed_in(request)
    reach = services.reach_of(user)
    kept, open_ways = reach.webhook, {f"{way}_open": bool(reach.address(way)) for way in Way.values}
    form = ReachForm(request.POST or None, instance=reach)
    if request.method == "POST" and form.is_valid():
        services_reach.choose(form.chosen())
        messages.success(request, _("Saved."))
        return redirect("notices:settings")
    tried = [(way, Delivery.objects.latest_tried(user, way)) for way in Way]
    context = {
        "form": form,
        "webhook": webhook.masked(kept) if kept else "",
        "troubles": [(way, delivery) for way, delivery in tried if delivery and delivery.error],
        "no_mail_server": settings.EMAIL_BACKEND.endswith("console.EmailBackend"),
        "ways": Way,
        **open_ways,
    }
    return render(request, "notices/settings.html", context)


@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Send the person a trial message, and say what came back."""
    user, way = signed_in(request), request.POST.get("way", "")
    if not services.reach_of(user).address(way):
        messages.error(request, _("This way is not open; please choose it first, and save."))
    elif not services_reach.may_try(request.session, timezone.now()):
        messages.error(request, _("A trial message was sent just now. Please wait half a minute."))
    else:
        try:
            answer = services_reach.try_out(user, way)
        except webhook.Undelivered as refusal:
            messages.error(request, _("The trial message did not get through: %(why)s") % {"why": refusal})
        else:
            sent = _("The trial message was sent.")
            messages.success(request, f"{sent} {_('The answer was %(n)s.') % {'n': answer}}" if answer else sent)
    return redirect("notices:settings")
