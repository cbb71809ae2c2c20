"""Importing, for the rosters of channels."""

from tests.workbooks.conftest import imported, preview

__all__ = ["imported", "preview"]
