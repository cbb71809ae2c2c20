"""The columns of the list of subscribers, and of its export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order
from renewals.models import Subscriber


def _own(name: str) -> Callable[[Subscriber], object]:
    return lambda row: getattr(row, name)


def _exported(name: str) -> Column:
    described: Any = Subscriber._meta.get_field(name)
    return Column(described.verbose_name, _own(name), page=False)


SUBSCRIBERS = ListSpec(
    name="subscribers",
    title=_("Subscribers"),
    columns=[
        Column(_("account"), _own("account"), sort="account"),
        Column(_("subscriber name and phone")),
        _exported("name"),
        Column(_("phone"), _own("number"), page=False),
        Column(_("number wrong"), lambda row: _("yes") if row.number_wrong else "", page=False),
        _exported("address"),
        Column(_("project"), lambda row: row.project.name),
        Column(_("project code"), lambda row: row.project.code, page=False),
        Column(_("product"), _own("product")),
        _exported("speed_mbps"),
        _exported("monthly_fee"),
        _exported("started_on"),
        Column(_("expires on"), _own("expires_on"), sort="expires_on"),
        Column(_("status"), lambda row: row.get_status_display()),
    ],
    rows="renewals/_subscriber_rows.html",
    order=Order("expires_on"),
    empty=_("No subscribers yet. They come with the roster of subscribers, by import."),
    search=_("Account, phone, name, project or address"),
    export="renewals:subscribers-export",
    count_up_to=1_000,
    private=True,
)
# Where the scope has too many projects to be read project by project, the list goes by account.
BY_ACCOUNT = Order("account")

# The warnings of one list.
WARNINGS = ListSpec(
    name="warnings",
    title=_("Warning list"),
    columns=[
        Column(""),
        Column(_("account")),
        Column(_("subscriber name and phone")),
        Column(_("project")),
        Column(_("expires on"), sort="expires_on"),
        Column(_("agent")),
        Column(_("state")),
        Column(_("next step"), sort="next_on"),
    ],
    rows="renewals/_warning_rows.html",
    order=Order("expires_on"),
    empty=_("Nobody is on this list."),
    search="",
)
