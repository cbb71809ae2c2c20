"""Writes about people that carry a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from gridops.accounts.address import client_address
from gridops.accounts.guards import signed_in
from gridops.accounts.models import AccessRecord, Membership, RuleValue, Unit, User
from gridops.accounts.services_deputies import end_groundless

if TYPE_CHECKING:
    from django.http import HttpRequest


def end_sessions(user: User) -> None:
    """Sign the person out everywhere: their rights have changed."""
    User.objects.filter(pk=user.pk).end_sessions()


@transaction.atomic
def give_role(membership: Membership) -> None:
    """Add a role; the person's sessions end so that the next page knows it."""
    membership.save()
    end_sessions(membership.user)


@transaction.atomic
def end_role(membership: Membership) -> None:
    """The role ends today (yesterday's deeds stay theirs); one that begins later is withdrawn. So do its deputies'."""
    today = timezone.localdate()
    if membership.starts_on >= today:
        membership.delete()
    else:
        membership.ends_on = today - timedelta(days=1)
        membership.save(update_fields=["ends_on"])
    end_sessions(membership.user)
    end_groundless([membership.user_id])


@transaction.atomic
def set_active(user: User, active: bool) -> None:
    """Disable or enable a person: never deleted, and a disabled one is signed out at once."""
    user.is_active = active
    user.save(update_fields=["is_active"])
    end_sessions(user)


def set_up_path(user: User) -> tuple[str, str]:
    """The two parts of a person's one-time link for choosing a password; valid for a week or until used."""
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


def record_access(request: HttpRequest, kind: str, subject: str, rows: int = 1) -> None:
    """Write down that personal data is about to be shown or taken out. ``subject`` names it, never holds it."""
    AccessRecord.objects.create(
        kind=kind, user=signed_in(request), subject=subject, rows=rows, address=client_address(request)
    )


@transaction.atomic
def set_rules(unit: Unit | None, values: Mapping[str, int | None], by: User) -> None:
    """Set rules for ``unit``, or for all units; None takes the own value back, so that the next wider one holds."""
    kept = {row.key: row for row in RuleValue.objects.filter(unit=unit, key__in=list(values)).select_for_update()}
    for key, value in values.items():
        row = kept.get(key)
        if value is None:
            if row:
                row.delete()
        elif row is None or row.value != value:
            row = row or RuleValue(unit=unit, key=key)
            row.value, row.changed_by = value, by
            row.save()
