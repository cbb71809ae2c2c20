"""Signing in and out, the own account, the language."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_otp import login as otp_login

from gridops.accounts.forms import CodeForm, ContactForm, FirstPasswordForm, OwnPasswordForm, SignInForm
from gridops.accounts.guards import signed_in
from gridops.accounts.models import User
from gridops.accounts.second_factor import device_of, has_device, qr_code


class SignInView(LoginView):
    """Employee number and password; whoever has signed in already is sent on."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:  # type: ignore[override]  # the stubs describe a later Django
        """Where the person wanted to go, unless that is this very page."""
        target = super().get_redirect_url()
        return "" if target.partition("?")[0] == self.request.path else target


sign_in = SignInView.as_view()


@method_decorator(login_not_required, name="dispatch")
class SetUpView(PasswordResetConfirmView):
    """A person who got a set-up link chooses a password; the token leaves the address before the form shows."""

    template_name = "accounts/set_up.html"
    form_class = FirstPasswordForm
    success_url = reverse_lazy("accounts:sign-in")

    def get_user(self, uidb64: str) -> User | None:
        """The person of the link; a disabled one's link is not valid."""
        user: User | None = super().get_user(uidb64)
        return user if user and user.is_active else None


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language, remembered for the person (before sign-in: for the browser)."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = reverse(settings.LOGIN_REDIRECT_URL)
    response = HttpResponseRedirect(target)
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax")
    return response


def profile(request: HttpRequest) -> HttpResponse:
    """The own account: contact data, roles, password."""
    user = signed_in(request)
    form = ContactForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    roles = user.memberships.select_related("unit", "grid", "stands_in_for")
    context = {"form": form, "memberships": roles, "has_device": has_device(user)}
    return render(request, "accounts/profile.html", context)


def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a code from the authenticator app; the first time, show what the app has to scan."""
    user = signed_in(request)
    device = device_of(user)
    form = CodeForm(device, request.POST or None)
    if request.method == "POST" and form.is_valid():
        otp_login(request, device)
        return redirect(settings.LOGIN_REDIRECT_URL)
    picture = "" if device.confirmed else qr_code(device.config_url)
    return render(request, "accounts/second_factor.html", {"form": form, "device": device, "picture": picture})


@require_POST
def drop_second_factor(request: HttpRequest) -> HttpResponse:
    """Remove the own authenticator, to set another one up; only someone who has just proved it gets here."""
    device_of(signed_in(request)).delete()
    messages.success(request, _("The authenticator was removed."))
    return redirect("accounts:profile")


def own_password(request: HttpRequest) -> HttpResponse:
    """Change the own password; other sessions end, this one goes on."""
    form = OwnPasswordForm(signed_in(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("The password was changed."))
        return HttpResponseRedirect(reverse_lazy("accounts:profile"))
    return render(request, "accounts/password.html", {"form": form})


def menu(request: HttpRequest) -> HttpResponse:
    """All entries of the navigation, for a phone."""
    return render(request, "accounts/menu.html")
