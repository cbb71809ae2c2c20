"""The roster kinds of the ground itself."""

from gridops.workbooks.people import PeopleSheet

__all__ = ["PeopleSheet"]
