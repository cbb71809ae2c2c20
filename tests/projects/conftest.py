"""Importing, for the ledgers' rosters."""

from tests.workbooks.conftest import imported, preview

__all__ = ["imported", "preview"]
