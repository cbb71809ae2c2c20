"""Importing, for the ledgers' rosters; a rival."""

from datetime import date

import pytest
from django.utils import timezone

from projects.models import Operator
from tests.workbooks.conftest import imported, preview

__all__ = ["imported", "preview"]


@pytest.fixture
def telecom(db: None) -> Operator:
    """An operator that is not ours."""
    found: Operator = Operator.objects.get(name="电信")
    return found


@pytest.fixture
def today() -> date:
    return timezone.localdate()
