"""The frame's navigation: addresses by name, so that the ground imports nothing above it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

MANAGER, SUPERVISOR, SPECIALIST, ADMIN, AGENT = (
    "grid_manager",
    "supervisor",
    "renewal_specialist",
    "admin",
    "agent_staff",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the sidebar, or of the bottom bar on a phone (its first five)."""

    title: Promise
    icon: str
    url: str
    roles: frozenset[str]


def _entry(title: Promise, icon: str, url: str, *roles: str) -> Entry:
    return Entry(title, icon, url, frozenset(roles))


EVERYONE = (MANAGER, SUPERVISOR, SPECIALIST, ADMIN)
ENTRIES = (
    _entry(pgettext_lazy("navigation", "Today"), "calendar-check", "desk:home", *EVERYONE, AGENT),
    _entry(pgettext_lazy("navigation", "Projects"), "building-community", "projects:list", *EVERYONE),
    _entry(pgettext_lazy("navigation", "Channels"), "building-store", "channels:week", *EVERYONE),
    # a manager begins with what is due today, who looks after a unit with how the month stands
    _entry(pgettext_lazy("navigation", "Renewals"), "refresh-alert", "renewals:work", MANAGER),
    _entry(pgettext_lazy("navigation", "Renewals"), "refresh-alert", "renewals:follow", SPECIALIST, SUPERVISOR, ADMIN),
    _entry(pgettext_lazy("navigation", "Today's work"), "phone-call", "renewals:work", AGENT),
    _entry(pgettext_lazy("navigation", "My agent"), "briefcase", "channels:my-agent", AGENT),
    _entry(pgettext_lazy("navigation", "My figures"), "chart-bar", "renewals:my-figures", AGENT),
    _entry(pgettext_lazy("navigation", "Plans"), "clipboard-list", "plans:list", MANAGER, SUPERVISOR, ADMIN),
    _entry(pgettext_lazy("navigation", "Subscribers"), "users", "renewals:subscribers", *EVERYONE),
    _entry(pgettext_lazy("navigation", "Calendar"), "calendar-month", "desk:calendar", *EVERYONE),
    _entry(pgettext_lazy("navigation", "Targets"), "target", "plans:targets", SUPERVISOR, ADMIN),
    _entry(pgettext_lazy("navigation", "Import"), "file-import", "workbooks:list", *EVERYONE, AGENT),
    _entry(pgettext_lazy("navigation", "Runs"), "clock-play", "jobs:runs", ADMIN),
    _entry(pgettext_lazy("navigation", "People"), "user-cog", "accounts:people", ADMIN),
    _entry(pgettext_lazy("navigation", "Access"), "eye-check", "accounts:access", ADMIN),
    _entry(pgettext_lazy("navigation", "Rules"), "adjustments", "accounts:rules", ADMIN),
)

# Pages that stand under another entry than the first one of their app.
UNDER = {
    **dict.fromkeys(("plans:target", "plans:target-split", "plans:touched"), "plans:targets"),
    **dict.fromkeys(("renewals:subscriber", "renewals:subscriber-history"), "renewals:subscribers"),
    "plans:renewal-targets": "renewals:follow",
    "accounts:holidays": "accounts:rules",
}


def entries_for(roles: frozenset[str]) -> list[Entry]:
    """What someone with ``roles`` uses; of entries with one icon the first."""
    found: dict[str, Entry] = {}
    for entry in ENTRIES:
        if entry.roles & roles:
            found.setdefault(entry.icon, entry)
    return list(found.values())


def section_of(view_name: str, entries: list[Entry]) -> str:
    """The address's own entry, else the first one of its app: the one that the navigation marks."""
    urls = [entry.url for entry in entries]
    view_name = UNDER.get(view_name, view_name)
    app = view_name.partition(":")[0] + ":"
    return view_name if view_name in urls else next((url for url in urls if url.startswith(app)), "")
