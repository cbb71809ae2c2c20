"""Moving a project on the map; whoever comes second moves nothing unseen."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from gridops.accounts.models import User
from projects.forms_map import Place
from projects.models import Ledger, LedgerTouch, Project
from projects.rules_map import same_place
from projects.services_ledgers import touch


@transaction.atomic
def place(project_id: int, to: Place, was: Place, by: User) -> bool:
    """Put a project ``to`` a place if it still lies where it ``was`` seen to lie; else move nothing and say False."""
    row = Project.objects.select_for_update().get(pk=project_id)
    if not same_place((row.longitude, row.latitude), was):
        return False
    row.longitude, row.latitude = to
    row.version += 1
    row.save(update_fields=["longitude", "latitude", "version", "updated_at"])
    touch([row.pk], Ledger.BASICS, by, LedgerTouch.How.EDITED, timezone.now())
    return True
