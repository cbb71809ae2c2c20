"""The efficiency analysis in words: what stands out, what to do about it, what the quadrants are called (P4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from projects.rules_analysis import EXPAND, FILL, LEAD, WIN, Finding, Standing, Thresholds

NAMED = 3
WHAT_LIMIT, MEASURE_LIMIT = 200, 120

# What each quadrant means, and what it asks for.
QUADRANTS: Mapping[int, tuple[Promise, Promise]] = {
    LEAD: (_("Hold: well used, we lead"), _("keep the users, renew early")),
    FILL: (_("Fill: ports free, we lead"), _("sell to those who know us: upgrades, referrals")),
    WIN: (_("Win: ports free, rivals lead"), _("promotion sessions against rivals' offers")),
    EXPAND: (_("Expand: well used, rivals lead"), _("add ports, then win")),
}


# --- What stands out, about several projects, about one, and what to do ---

SENTENCES: Mapping[str, Any] = {
    "free_ports_rivals": ngettext_lazy(
        "%(n)s project with free ports over %(free_ports)s %% and rising rivals: %(free)s ports wait for users.",
        "%(n)s projects with free ports over %(free_ports)s %% and rising rivals: %(free)s ports wait for users.",
        "count",
    ),
    "share_lost": ngettext_lazy(
        "%(n)s project lost %(share_drop)s points of market share or more since the last record.",
        "%(n)s projects lost %(share_drop)s points of market share or more since the last record.",
        "count",
    ),
    "net_adds_negative": ngettext_lazy(
        "%(n)s project has had negative net adds for %(negative_months)s months running.",
        "%(n)s projects have had negative net adds for %(negative_months)s months running.",
        "count",
    ),
    "renewal_fallen": ngettext_lazy(
        "%(n)s project's renewal rate fell by %(renewal_drop)s points or more against last month or a year ago.",
        "%(n)s projects' renewal rates fell by %(renewal_drop)s points or more against last month or a year ago.",
        "count",
    ),
    "renewal_low": ngettext_lazy(
        "%(n)s project's renewal rate is %(renewal_drop)s points or more below the unit's.",
        "%(n)s projects' renewal rates are %(renewal_drop)s points or more below the unit's.",
        "count",
    ),
    "low_penetration": ngettext_lazy(
        "%(n)s project with occupancy from %(high_occupancy)s %% but penetration below %(low_penetration)s %%.",
        "%(n)s projects with occupancy from %(high_occupancy)s %% but penetration below %(low_penetration)s %%.",
        "count",
    ),
    "nearly_full": ngettext_lazy(
        "%(n)s project is nearly full: ports used from %(nearly_full)s %%, %(free)s ports left.",
        "%(n)s projects are nearly full: ports used from %(nearly_full)s %%, %(free)s ports left.",
        "count",
    ),
    "arpu_falling": ngettext_lazy(
        "%(n)s project's revenue per user fell by %(arpu_drop)s %% or more against last month or a year ago.",
        "%(n)s projects' revenue per user fell by %(arpu_drop)s %% or more against last month or a year ago.",
        "count",
    ),
    "figures_missing": ngettext_lazy(
        "%(n)s project has no full figures for this month: users or ports in use are missing.",
        "%(n)s projects have no full figures for this month: users or ports in use are missing.",
        "count",
    ),
}

OWN: Mapping[str, Promise] = {
    "free_ports_rivals": _("%(free_share)s %% of the ports (%(free)s) are free while rivals rise."),
    "share_lost": _("Market share fell by %(lost)s points, from %(share_before)s %% to %(share)s %%."),
    "net_adds_negative": _("Net adds are negative month after month, latest first: %(adds)s."),
    "renewal_fallen": _(
        "Renewal rate %(rate)s %%, against %(rate_before)s %% last month and %(rate_year)s %% a year ago."
    ),
    "renewal_low": _("Renewal rate %(rate)s %%, clearly below the unit's."),
    "low_penetration": _("Occupancy is %(occupancy)s %%, but penetration only %(penetration)s %%."),
    "nearly_full": _("Ports are used to %(used)s %%: only %(free)s are left."),
    "arpu_falling": _(
        "Revenue per user %(arpu)s yuan, against %(arpu_before)s last month and %(arpu_year)s a year ago."
    ),
    "figures_missing": _("This month's figures are not complete: users or ports in use are missing."),
}

# The suggested step, and how it is measured.
STEPS: Mapping[str, tuple[Promise, Promise]] = {
    "free_ports_rivals": (
        _("Extra promotion sessions against rivals' offers"),
        _("sessions held, net adds"),
    ),
    "share_lost": (
        _("Visit households that left for rivals and answer their offers"),
        _("visits, users won back"),
    ),
    "net_adds_negative": (
        _("Find out why users leave and win them back"),
        _("causes found, net adds no longer negative"),
    ),
    "renewal_fallen": (
        _("Call every expiring subscriber early, visit those not reached"),
        _("renewal rate"),
    ),
    "renewal_low": (
        _("Go through renewals with the agent, name who calls whom"),
        _("renewal rate up to the unit's"),
    ),
    "low_penetration": (
        _("Go from door to door in occupied buildings without our users"),
        _("doors visited, new installs"),
    ),
    "nearly_full": (
        _("Apply for more ports"),
        _("application handed in"),
    ),
    "arpu_falling": (
        _("Offer upgrades and converged products to users on low tariffs"),
        _("revenue per user"),
    ),
    "figures_missing": (
        _("Fill in the month's missing figures"),
        _("ledger complete"),
    ),
}


@dataclass(slots=True)
class Told:
    """A finding as a page tells it: the sentence, the suggested step, and how that is measured."""

    code: str
    text: str
    step: str
    measure: str
    icon: str
    projects: Sequence[int]
    grids: Sequence[tuple[int, str, int]] = ()
    project: int | None = None

    @property
    def count(self) -> int:
        """How many projects it is about."""
        return len(self.projects)

    @property
    def key(self) -> str:
        """What its button and its state go by."""
        return f"{self.code}-{self.project or 0}"


ICONS = {
    "free_ports_rivals": "swords",
    "share_lost": "chart-arrows-vertical",
    "net_adds_negative": "trending-down",
    "renewal_fallen": "refresh-alert",
    "renewal_low": "refresh-alert",
    "low_penetration": "home-search",
    "nearly_full": "plug-connected",
    "arpu_falling": "coin-yuan",
    "figures_missing": "file-unknown",
}


def tell(finding: Finding, limits: Thresholds, names: Mapping[int, str]) -> Told:
    """A finding about several projects, in words; ``names`` in the order in which they are to be named."""
    chosen = [name for pk, name in names.items() if pk in set(finding.projects)]
    named = "、".join(chosen[:NAMED]) + ("…" if len(chosen) > NAMED else "")
    step, measure = (str(text) for text in STEPS[finding.code])
    what = gettext("%(step)s: %(projects)s") % {"step": step, "projects": named}
    only = finding.projects[0] if len(finding.projects) == 1 else None
    text = _sentence(finding, limits)
    return Told(
        finding.code,
        text,
        what[:WHAT_LIMIT],
        measure[:MEASURE_LIMIT],
        ICONS[finding.code],
        finding.projects,
        project=only,
    )


def tell_one(finding: Finding, limits: Thresholds, row: Standing) -> Told:
    """The same about one project."""
    step, measure = (str(text) for text in STEPS[finding.code])
    text = _own_sentence(finding.code, limits, row)
    return Told(finding.code, text, step, measure, ICONS[finding.code], finding.projects, project=row.id)


def _sentence(finding: Finding, limits: Thresholds) -> str:
    values = {
        "count": len(finding.projects),
        "n": f"{len(finding.projects):,}",
        "free": f"{finding.numbers['free']:,}",
        "users": f"{finding.numbers['users']:,}",
        **{name: getattr(limits, name) for name in Thresholds.__dataclass_fields__},
    }
    return str(SENTENCES[finding.code] % values)


def shown(value: float | None, digits: int = 1) -> str:
    """A figure with so many decimals, or a dash."""
    return "—" if value is None else f"{value:.{digits}f}"


def _own_sentence(code: str, limits: Thresholds, row: Standing) -> str:
    values = {
        "free": f"{row.free_ports:,}",
        "free_share": shown(None if row.utilisation is None else 100 - row.utilisation),
        "lost": shown(row.share_lost),
        "share": shown(row.share),
        "share_before": shown(row.share_before),
        "rate": shown(row.renewal_rate),
        "rate_before": shown(row.before.renewal_rate),
        "rate_year": shown(row.year_ago.renewal_rate),
        "occupancy": shown(row.occupancy),
        "penetration": shown(row.penetration),
        "used": shown(row.utilisation),
        "arpu": shown(row.arpu, 2),
        "arpu_before": shown(row.before.arpu, 2),
        "arpu_year": shown(row.year_ago.arpu, 2),
        "adds": "、".join(f"{adds:,}" for adds in row.net_adds[: limits.negative_months] if adds is not None),
    }
    return str(OWN[code]) % values
