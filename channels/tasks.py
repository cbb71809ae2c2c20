"""News of projects, gathered each minute; once an hour those who came later, and who is reminded (C6, C7)."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from channels import services_briefings
from channels.notices import remind as remind_now
from channels.services_agents import end_sign_ins_of_those_who_left
from channels.services_ownership import carry_out_due


@shared_task(name="channels.gather_news")
def gather_news() -> None:
    """What happened to projects since the last time becomes news; killed, the next one does it."""
    services_briefings.gather(timezone.now())


@shared_task(name="channels.tell_newcomers")
def tell_newcomers() -> None:
    """Outlets and agents that came later hear of campaigns in force, and of new projects around."""
    services_briefings.catch_up(timezone.now())


@shared_task(name="channels.remind")
def remind() -> None:
    """Every hour: remind of matters, meetings and what is to be told; who was reminded already is left alone."""
    with transaction.atomic():
        remind_now(timezone.now())


@shared_task(name="channels.keep_agents")
def keep_agents() -> None:
    """Every hour: projects pass on to whom they were promised from today; who has left can't sign in any more."""
    now = timezone.now()
    carry_out_due(now)
    end_sign_ins_of_those_who_left(timezone.localdate(now))
