"""Filters of the import pages."""

from django import template

from gridops.workbooks.sheet import SHEETS

register = template.Library()


@register.filter
def kind_title(kind: str) -> str:
    """The roster's own name."""
    sheet = SHEETS.get(kind)
    return sheet.title if sheet else kind
