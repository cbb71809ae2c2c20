"""Application set-up."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RenewalsConfig(AppConfig):
    name = "renewals"
    label = "renewals"
    verbose_name = _("Renewals")

    def ready(self) -> None:
        """What follows from imports."""
        from renewals.services_contracts import follow_imports  # models are there only now

        follow_imports()
