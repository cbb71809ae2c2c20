"""Celery's side of accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Every night: drop sessions that have run out."""
    call_command("clearsessions")
