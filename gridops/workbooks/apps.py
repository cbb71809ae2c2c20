"""Application set-up."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WorkbooksConfig(AppConfig):
    name = "gridops.workbooks"
    label = "workbooks"
    verbose_name = _("Excel import")

    def ready(self) -> None:
        """Know every roster kind, in the web process too."""
        autodiscover_modules("sheets")
