"""Application set-up."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RenewalsConfig(AppConfig):
    name = "renewals"
    label = "renewals"
    verbose_name = _("Renewals")

    def ready(self) -> None:
        """What follows from imports."""
        from renewals import services_contracts, services_roster  # models are there only now

        services_contracts.follow_imports()
        services_roster.follow_imports()
