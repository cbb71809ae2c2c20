"""Application set-up."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RenewalsConfig(AppConfig):
    name = "renewals"
    label = "renewals"
    verbose_name = _("Renewals")

    def ready(self) -> None:
        """What follows from imports, and from projects that pass to another agent."""
        from renewals import services_contracts, services_ownership, services_roster  # models are there only now

        services_contracts.follow_imports()
        services_ownership.follow_owners()
        services_roster.follow_imports()
