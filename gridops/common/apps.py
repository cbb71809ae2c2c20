"""Application set-up."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "gridops.common"
    label = "common"
    verbose_name = _("Ground")

    def ready(self) -> None:
        """Register the checks."""
        from gridops.common import checks  # noqa: F401 - registers itself
