"""Campaigns: published, changed, ended, copied; each time who sells it is to be told (C7)."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Campaign, CampaignFile, News
from channels.rules_news import CAMPAIGN_FIELDS, ENDED, PUBLISHED, YES, Changes, plain
from channels.services_briefings import Due, Item, agents_of, hold, listed, outlets_of, spread, tell_change, write
from gridops.accounts.models import Membership, Role, User
from gridops.common import versions
from gridops.common.attachments import Attachment
from gridops.common.photos import delete_on_commit, files_of_transaction
from gridops.common.versions import VersionedForm

MOST_FILES = 10
NAME_LENGTH = 80


def may_write(user: User, campaign: Campaign) -> bool:
    """Admins; a unit's own campaigns its supervisors of today. What holds for all units is the admins'."""
    if user.scope.everything:
        return True
    held = Membership.objects.current(timezone.localdate()).filter(user=user, role=Role.SUPERVISOR)
    return campaign.unit_id is not None and held.filter(unit=campaign.unit_id).exists()


def audience(campaign: Campaign) -> tuple[int, int]:
    """How many outlets and agents have to know it."""
    return outlets_of(campaign).count(), agents_of(campaign).count()


def changes_between(before: Campaign, after: Campaign) -> Changes:
    """What was changed of what has to be known."""
    found: Changes = {}
    for name in CAMPAIGN_FIELDS:
        old, new = plain(getattr(before, name)), plain(getattr(after, name))
        if old != new:
            found[name] = (old, new)
    return found


@transaction.atomic
def publish(campaign: Campaign, by: User, now: datetime) -> int:
    """Let a draft hold from its first day, and have it told; returns to how many. Published twice is published once."""
    hold()
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.published_at:
        return 0
    if held.ends_on < timezone.localdate(now):
        raise ValidationError(_("Its last day is over. Change its dates first."), code="over")
    held.published_at = now
    _save(held)
    due = Due.load(now)
    hearers = listed(outlets_of(held), agents_of(held), held, due)
    write([Item(News(campaign=held, changes={PUBLISHED: ("", YES)}, at=now, by=by), hearers)])
    return len(hearers)


@transaction.atomic
def save_changes(form: VersionedForm[Campaign], by: User, now: datetime) -> bool:
    """Save a valid form; what was changed of a published campaign is told. False: somebody was there in between."""
    hold()
    before = Campaign.objects.select_for_update().get(pk=form.instance.pk)
    if not versions.save(form):
        return False
    after, today = form.instance, timezone.localdate(now)
    changes = changes_between(before, after)
    if before.published_at and changes and max(before.ends_on, after.ends_on) >= today:
        if before.ends_on <= today < after.ends_on and _was_ended(before):
            changes[ENDED] = (YES, "")
        due = Due.load(now)
        tell_change(after, changes, by, due, now)
        if after.ends_on > today:
            spread(after, due)
    return True


@transaction.atomic
def end(campaign: Campaign, last: date, by: User, now: datetime) -> Campaign:
    """End one in force on an earlier day: today at the earliest. One that was to begin later is taken back instead."""
    hold()
    held, today = Campaign.objects.select_for_update().get(pk=campaign.pk), timezone.localdate(now)
    if not held.published_at or held.ends_on < today:
        raise ValidationError(_("It is not in force."), code="over")
    if not max(held.starts_on, today) <= last < held.ends_on:
        raise ValidationError(_("Its last day lies between today and the day before it ends."), code="last")
    changes: Changes = {"ends_on": (plain(held.ends_on), plain(last))}
    if last == today:
        changes[ENDED] = ("", YES)
    held.ends_on = last
    _save(held)
    tell_change(held, changes, by, Due.load(now), now)
    return held


@transaction.atomic
def take_back(campaign: Campaign, by: User, now: datetime) -> Campaign:
    """Make a draft again of one that has not begun; who was told of it is told that it does not come."""
    hold()
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not held.published_at:
        return held
    if held.starts_on <= timezone.localdate(now):
        raise ValidationError(_("It has begun. End it instead."), code="begun")
    held.published_at = None
    _save(held)
    tell_change(held, {ENDED: ("", YES)}, by, Due.load(now), now)
    return held


def copy(campaign: Campaign, by: User, now: datetime) -> Campaign:
    """A draft like ``campaign``, of the same length from today on, with its files."""
    length, today = campaign.ends_on - campaign.starts_on, timezone.localdate(now)
    name = _("%(name)s (copy)") % {"name": campaign.name}
    with files_of_transaction() as saved:
        made = Campaign.objects.create(
            unit=campaign.unit,
            name=name if len(name) <= NAME_LENGTH else campaign.name,
            starts_on=today,
            ends_on=today + length,
            products=campaign.products,
            offer=campaign.offer,
            commission=campaign.commission,
            selling_points=campaign.selling_points,
            made_by=by,
            made_at=now,
        )
        for file in campaign.files.all():
            with file.file.open() as source:
                content = ContentFile(source.read())
            ending = PurePath(str(file.file.name)).suffix
            row = CampaignFile(campaign=made, name=file.name, size=file.size, by=by, at=now)
            row.file.save(f"{secrets.token_hex(16)}{ending}", content, save=False)
            saved.append(row.file)
            row.save()
    return made


def drop_draft(campaign: Campaign) -> None:
    """Delete a draft that nothing refers to, with its files."""
    with transaction.atomic():
        held = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if held.published_at or held.news.exists() or held.schemes.exists():
            raise ValidationError(_("Only a draft that was never published, and has no schemes, is deleted."))
        delete_on_commit(*(file.file for file in held.files.all()))
        held.delete()


TOO_MANY = gettext_lazy("At most %(limit)s files. Take one away first.")


def add_file(campaign: Campaign, attachment: Attachment, by: User, now: datetime) -> CampaignFile:
    """Keep a file with a campaign."""
    with files_of_transaction() as saved:
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # two at once don't both find room
        if campaign.files.count() >= MOST_FILES:
            raise ValidationError(TOO_MANY, code="many", params={"limit": MOST_FILES})
        row = CampaignFile(campaign=campaign, name=attachment.name, size=attachment.size, by=by, at=now)
        row.file.save(str(attachment.content.name), attachment.content, save=False)
        saved.append(row.file)
        row.save()
    return row


def remove_file(file: CampaignFile) -> None:
    """Take a file away."""
    with transaction.atomic():
        delete_on_commit(file.file)
        file.delete()


def earliest_end(campaign: Campaign, today: date) -> date:
    """The first day that may be its last."""
    return max(campaign.starts_on, today)


def latest_end(campaign: Campaign) -> date:
    """The last day that may be its last when it is ended early."""
    return campaign.ends_on - timedelta(days=1)


def _was_ended(campaign: Campaign) -> bool:
    newest = campaign.news.filter(changes__has_key=ENDED).order_by("-pk").first()
    return newest is not None and tuple(newest.changes[ENDED])[1] == YES


def _save(campaign: Campaign) -> None:
    campaign.version += 1
    campaign.save()
