"""Application set-up."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "gridops.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """A new database, and one that was emptied, knows the public holidays that have been decided."""
        from gridops.accounts.defaults import fill  # models are there only now

        post_migrate.connect(fill, sender=self, dispatch_uid="accounts.defaults")
