"""Tags and filters for every page: how figures, days and masked numbers are written."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import QueryDict
from django.template.defaultfilters import date as format_date
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NOTHING = "—"
CHINESE_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@register.filter
def dash(value: Any) -> Any:
    """A dash for no value."""
    return NOTHING if value is None or value == "" else value


@register.filter
def number(value: Any) -> str:
    """A number with separators between the thousands, or a dash."""
    return NOTHING if value is None or value == "" else intcomma(value, use_l10n=False)


@register.filter
def money(value: Any) -> str:
    """Yuan with two decimals, without the unit (that stands in the header)."""
    return NOTHING if value is None or value == "" else f"{value:,.2f}"


@register.filter
def percent(value: Any) -> str:
    """A number from 0 to 100 as percent with one decimal."""
    return NOTHING if value is None or value == "" else f"{float(value):.1f} %"


@register.filter
def at(values: Any, key: Any) -> Any:
    """What a dictionary holds under a key that a variable names; None when there is nothing."""
    return values.get(key) if values else None


@register.filter
def figure(value: Any, field: str) -> str:
    """A figure as its field is counted: percent for a utilisation, else a number."""
    return percent(value) if field.endswith("utilisation") else number(value)


@register.filter
def day(value: date | None) -> str:
    """A day as people write it: ``11月25日 周三`` or ``Wed 25 Nov``, with the year when it is not this one's."""
    if value is None:
        return NOTHING
    year = value.year != date.today().year  # noqa: DTZ011 - only decides whether the year is shown
    if (translation.get_language() or "").startswith("zh"):
        text = f"{value.month}月{value.day}日 {CHINESE_WEEKDAYS[value.weekday()]}"
        return f"{value.year}年{text}" if year else text
    return str(format_date(value, "D j N Y" if year else "D j N"))


@register.filter
def month(value: date | None) -> str:
    """A month: ``2026年12月`` or ``December 2026``."""
    if value is None:
        return NOTHING
    if (translation.get_language() or "").startswith("zh"):
        return f"{value.year}年{value.month}月"
    return str(format_date(value, "F Y"))


@register.filter
def mask_phone(value: str) -> str:
    """A phone number with its middle hidden."""
    return f"{value[:3]}****{value[-2:]}" if len(value or "") > 6 else "****" if value else NOTHING


@register.filter
def mask_name(value: str) -> str:
    """A person's name with all but its first character hidden."""
    return value[0] + "*" * (len(value) - 1 or 1) if value else NOTHING


@register.filter
def reveal_label(row: Any) -> str:
    """The label and id under which a reveal of ``row`` is recorded."""
    return f"{row._meta.label_lower}:{row.pk}"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The current query string with some parameters set, or removed when None; paging starts anew."""
    params: QueryDict = context["request"].GET.copy()
    params.pop("after", None)
    params.pop("before", None)
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = str(value)
    return "?" + params.urlencode()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon."""
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name)
