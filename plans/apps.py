"""Application set-up."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "plans"
    label = "plans"
    verbose_name = _("Plans")

    def ready(self) -> None:
        """Figures of a month that is over may come late: its plans are settled again."""
        from gridops.workbooks.sheet import after_batch
        from plans.services_settling import settle_after_import  # models are there only now

        for kind in ("indicators", "daily_results"):
            after_batch(kind, settle_after_import)
