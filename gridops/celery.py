"""The Celery application. The broker is only a bell: what is to be done stands in ``jobs.Job``."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridops.settings")

app = Celery("gridops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

EMBEDDED_POLL_SECONDS = 0.3


@worker_init.connect
def _listen_often(**_kwargs: Any) -> None:
    """Ask the embedded broker more often than once a second; it has no setting for that."""
    if str(app.conf.broker_url).startswith("sqla+"):
        from kombu.transport.sqlalchemy import Transport

        Transport.polling_interval = EMBEDDED_POLL_SECONDS


def prepare_embedded_broker() -> None:
    """Make the embedded broker's tables before several processes want to, and let readers not wait for writers."""
    if not str(app.conf.broker_url).startswith("sqla+sqlite"):
        return
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_declare(queue=app.conf.task_default_queue)
        channel.session.connection().exec_driver_sql("PRAGMA journal_mode=WAL")
        channel.session.commit()
