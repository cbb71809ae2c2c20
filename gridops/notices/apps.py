"""Application set-up."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "gridops.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Load every app's ``notices``: the page of choices knows all kinds."""
        autodiscover_modules("notices")
