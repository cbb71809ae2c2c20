"""Celery's side of notices."""

from celery import shared_task
from django.utils import timezone

from gridops.notices import services_delivery


@shared_task(name="notices.deliver")
def deliver() -> None:
    """Every minute, and when a bell rings: send what is due."""
    services_delivery.deliver()


@shared_task(name="notices.forget")
def forget() -> None:
    """Every night: let go of what is old."""
    services_delivery.forget(timezone.now())
