"""Tags and filters for every page: how figures, dates and masked numbers are written."""

from django import template

register = template.Library()
