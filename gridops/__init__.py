"""gridops: the month of a broadband grid manager, in a browser."""

from gridops.celery import app as celery_app

__all__ = ["celery_app"]
