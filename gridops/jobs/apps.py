"""Application set-up."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "gridops.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        """Load every app's ``tasks``: web, worker and commands know the same kinds of work."""
        autodiscover_modules("tasks")
