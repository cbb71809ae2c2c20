"""News of projects, gathered each minute; once an hour those who came later, and who is reminded (C6, C7)."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from channels import services_briefings


@shared_task(name="channels.gather_news")
def gather_news() -> None:
    """What happened to projects since the last time becomes news; killed, the next one does it."""
    services_briefings.gather(timezone.now())


@shared_task(name="channels.tell_newcomers")
def tell_newcomers() -> None:
    """Outlets and agents that came later hear of campaigns in force, and of new projects around."""
    services_briefings.catch_up(timezone.now())
