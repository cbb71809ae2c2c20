"""Outlets: found, led step by step until they sell, their photo and their counter staff (O5, C10)."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from channels import rules_pipeline as rules
from channels.choices import Stage
from channels.models import Outlet, StageMove
from gridops.accounts.models import User
from gridops.common.photos import Photo, delete_on_commit, files_of_transaction
from gridops.common.templatetags.gridops import day as day_name

TRIES = 5  # numbers tried when others add shops at the same moment
CODE_TAKEN = _("Another outlet has this code already.")
CODE_NEEDED = _("A signed outlet has its own code: the one that it has in the billing system.")
PROVISIONAL = _("Codes like NEW-12 are given by the system until an outlet has its own.")
STALE = _("The outlet has changed in the meantime; look at it again.")
FAULTS = {
    "no_way": ("", _("This step doesn't lead on from where the outlet stands.")),
    "future": ("on", _("This day has not come yet.")),
    "early": ("on", _("This day lies before the last step, %(day)s.")),
    "reason": ("note", _("Say why.")),
}


class Stale(Exception):
    """Somebody else was quicker."""


@transaction.atomic
def add_found(outlet: Outlet, on: date, note: str, by: User) -> Outlet:
    """A shop that may become an outlet: kept under a provisional code, its first step written down."""
    outlet.stage, outlet.opened_on = Stage.FOUND, None
    number = _last_number()
    for n in range(1, TRIES + 1):
        outlet.code = f"NEW-{number + n}"
        try:
            with transaction.atomic():
                outlet.save()
            break
        except IntegrityError:
            if n == TRIES:
                raise
    StageMove.objects.create(outlet=outlet, from_stage="", stage=Stage.FOUND, on=on, note=note, by=by)
    return outlet


def _last_number() -> int:
    """The highest number given so far. Longer ones are higher; among equally long ones text sorts as numbers do."""
    codes = Outlet.objects.filter(code__regex=r"^NEW-[0-9]{1,9}$")
    longest = codes.aggregate(found=Max(Length("code")))["found"]
    if longest is None:
        return 0
    newest = codes.annotate(size=Length("code")).filter(size=longest).aggregate(found=Max("code"))["found"]
    return int(newest.removeprefix("NEW-"))


@transaction.atomic
def step(
    outlet: Outlet, version: int, target: str, on: date, note: str, by: User, today: date, code: str = ""
) -> StageMove:
    """Lead an outlet to stage ``target`` on day ``on``; one that is signed gets its own ``code``.

    With selling it is won on that day, and the plan of the month counts it; a step back takes that away again.
    ValidationError by field, Stale.
    """
    row = Outlet.objects.select_for_update().get(pk=outlet.pk)
    if row.version != version:
        raise Stale
    last = StageMove.objects.filter(outlet=row).aggregate(found=Max("on"))["found"]
    try:
        rules.checked(row.stage, target, on, note, last, today)
    except rules.StepFault as fault:
        at, text = FAULTS[fault.code]
        raise ValidationError({at or "__all__": text % {"day": day_name(fault.day)} if fault.day else text}) from None
    if rules.needs_code(target, row.code) and not code:
        raise ValidationError({"code": CODE_NEEDED})
    if code and code != row.code:
        check_code(code, row)
        row.code = code
    move = StageMove(outlet=row, from_stage=row.stage, stage=target, on=on, note=note, by=by)
    row.opened_on = on if target == Stage.SELLING else None if row.stage == Stage.SELLING else row.opened_on
    row.stage, row.version = target, row.version + 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError({"code": CODE_TAKEN}) from None
    move.save()
    return move


def check_code(code: str, outlet: Outlet) -> None:
    """ValidationError when ``code`` is another outlet's, or looks like a provisional one."""
    if rules.is_provisional(code):
        raise ValidationError({"code": PROVISIONAL})
    if Outlet.objects.filter(code=code).exclude(pk=outlet.pk).exists():
        raise ValidationError({"code": CODE_TAKEN})


# --- The photo ---


def put_photo(outlet: Outlet, photo: Photo) -> None:
    """Keep ``photo`` as the outlet's; the one before goes."""
    with files_of_transaction() as files:
        row = Outlet.objects.select_for_update().get(pk=outlet.pk)
        _forget_files(row)
        for field, content in ((row.photo, photo.image), (row.photo_small, photo.small)):
            field.save(str(content.name), content, save=False)
            files.append(field)
        Outlet.objects.filter(pk=row.pk).update(photo=row.photo.name, photo_small=row.photo_small.name)


@transaction.atomic
def drop_photo(outlet: Outlet) -> None:
    """Keep no photo."""
    row = Outlet.objects.select_for_update().get(pk=outlet.pk)
    _forget_files(row)
    Outlet.objects.filter(pk=row.pk).update(photo="", photo_small="")


def _forget_files(row: Outlet) -> None:
    delete_on_commit(*(file for file in (row.photo, row.photo_small) if file))
