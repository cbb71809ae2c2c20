"""Application set-up."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    label = "projects"
    verbose_name = _("Projects")

    def ready(self) -> None:
        """A new database, and one that was emptied, starts with the handbook's operators and preparation steps."""
        from projects.defaults import fill  # models are there only now
        from projects.services_imports import follow_imports

        follow_imports()
        post_migrate.connect(fill, sender=self, dispatch_uid="projects.defaults")
