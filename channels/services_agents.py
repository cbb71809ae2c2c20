"""An agent's people: who may write in the file, giving and taking a sign-in, those who have left."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import AgentStaff
from gridops.accounts import services as accounts
from gridops.accounts.models import Membership, Role, Unit, User


def contract_units(user: User) -> QuerySet[Unit, Unit]:
    """The units whose contracts the person keeps: those that they supervise; admins: all."""
    if user.scope.everything:
        return Unit.objects.all()
    return Unit.objects.served_by(user, Role.SUPERVISOR, timezone.localdate())


def is_only_staff(user: User) -> bool:
    """Whether the person holds no other role, now or later: then the unit looks after their sign-in, else an admin."""
    others = Membership.objects.lasting(timezone.localdate()).filter(user=user).exclude(role=Role.AGENT_STAFF)
    return not user.is_superuser and not others.exists()


def may_sign_in(person: AgentStaff) -> bool:
    """Whether a person has a sign-in that works."""
    if person.user is None or not person.user.is_active:
        return False
    return Membership.objects.current(timezone.localdate()).filter(user=person.user, role=Role.AGENT_STAFF).exists()


@transaction.atomic
def give_sign_in(person: AgentStaff, employee_no: str) -> User:
    """Let ``person`` sign in under ``employee_no``, or again under the number they had. ValidationError if refused.

    They choose their password by a set-up link; nobody else ever knows it.
    """
    held = AgentStaff.objects.select_for_update(of=("self",)).select_related("user").get(pk=person.pk)
    today = timezone.localdate()
    if held.has_left(today):
        raise ValidationError(_("Who has left is not given a sign-in."))
    user = held.user
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(employee_no, name=held.name, phone=held.phone)
        except IntegrityError:
            raise ValidationError({"employee_no": _("Somebody has this employee number already.")}) from None
        held.user = user
        held.save(update_fields=["user"])
    elif not is_only_staff(user):
        raise ValidationError(_("This person has other roles, too: an admin looks after their sign-in."))
    elif not user.is_active:
        accounts.set_active(user, True)
    if not Membership.objects.lasting(today).filter(user=user, role=Role.AGENT_STAFF).exists():
        accounts.give_role(Membership(user=user, role=Role.AGENT_STAFF, starts_on=today))
    return user


@transaction.atomic
def take_sign_in(person: AgentStaff) -> bool:
    """End ``person``'s sign-in, and their sessions, at once; whether there was one. Other roles of theirs stay."""
    held = AgentStaff.objects.select_for_update(of=("self",)).select_related("user").get(pk=person.pk)
    if held.user is None:
        return False
    user = held.user
    lasting = Membership.objects.lasting(timezone.localdate()).filter(user=user, role=Role.AGENT_STAFF)
    ended = [accounts.end_role(membership) for membership in lasting.select_related("user")]
    if is_only_staff(user) and user.is_active:
        accounts.set_active(user, False)
        return True
    return bool(ended)


def end_sign_ins_of_those_who_left(today: date) -> int:
    """Take the sign-in from those whose last day has come; how many had one."""
    left = AgentStaff.objects.gone(today).filter(user__isnull=False, user__is_active=True)
    return sum(take_sign_in(person) for person in left)
