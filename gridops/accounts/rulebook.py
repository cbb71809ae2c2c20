"""Every threshold of the handbook that an admin may edit, with the handbook's value as default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from gridops.accounts.models import Unit


@dataclass(frozen=True, slots=True)
class Rule:
    """One threshold: what it means, its default, its bounds, and where it stands (a handbook id, or *ours*)."""

    title: Promise | str
    default: int
    low: int
    high: int
    source: str


RULES: Mapping[str, Rule] = {
    "warning_list_early_day": Rule(_("day on which warning lists are made ahead"), 20, 1, 28, "ours"),
    "warning_list_due_day": Rule(_("day by whose end the renewal split is due"), 25, 1, 28, "S7"),
    "plan_early_day": Rule(_("day on which plans are drafted ahead"), 23, 1, 28, "ours"),
    "plan_low_utilisation": Rule(
        _("plan: port utilisation (%) below which a step is proposed to find out why"), 50, 0, 100, "ours"
    ),
    "plan_due_day": Rule(_("day by whose end plans are due"), 28, 1, 28, "S1"),
    "sessions_per_day": Rule(_("promotion sessions a grid and day"), 2, 0, 20, "S4"),
    "remind_days_first": Rule(_("days before the due day on which people are reminded first"), 3, 0, 14, "ours"),
    "remind_days_last": Rule(_("days before the due day on which they are reminded again"), 1, 0, 14, "ours"),
    "escalate_days": Rule(
        _("days after the due day from which the supervisor is told what is missing"), 1, 1, 14, "ours"
    ),
    "remind_waiting_days": Rule(
        _("days after which plans returned or waiting for review are recalled"), 2, 1, 14, "ours"
    ),
    "ledger_urgent_days": Rule(_("last days of a month in which ledgers not seen to are urgent"), 7, 0, 28, "ours"),
    "split_weight_existing": Rule(_("split weight of existing users"), 40, 0, 100, "S6"),
    "split_weight_free_ports": Rule(_("split weight of free ports"), 40, 0, 100, "S6"),
    "split_weight_unserved": Rule(_("split weight of occupied households not yet ours"), 20, 0, 100, "S6"),
    "progress_quiet_days": Rule(_("progress: first days of a month that are too few to judge by"), 5, 0, 20, "ours"),
    "progress_amber_percent": Rule(
        _("progress: forecast in percent of the target below which it is amber"), 100, 50, 150, "ours"
    ),
    "progress_red_percent": Rule(
        _("progress: forecast in percent of the target below which it is red"), 85, 1, 150, "ours"
    ),
    "analysis_free_ports": Rule(_("analysis: share of free ports (%) that counts as many"), 60, 1, 100, "ours"),
    "analysis_nearly_full": Rule(
        _("analysis: port utilisation (%) at which ports are nearly full"), 90, 1, 100, "ours"
    ),
    "analysis_high_occupancy": Rule(_("analysis: occupancy (%) that counts as high"), 70, 1, 100, "ours"),
    "analysis_low_penetration": Rule(_("analysis: penetration (%) below which it counts as low"), 30, 1, 100, "ours"),
    "analysis_renewal_drop": Rule(_("analysis: fall of the renewal rate (points) that stands out"), 5, 1, 100, "ours"),
    "analysis_share_drop": Rule(_("analysis: fall of the market share (points) that stands out"), 2, 1, 100, "ours"),
    "analysis_arpu_drop": Rule(_("analysis: fall of the revenue per user (%) that stands out"), 5, 1, 100, "ours"),
    "analysis_negative_months": Rule(_("analysis: months with negative net adds running"), 3, 1, 6, "ours"),
    "analysis_offer_days": Rule(_("analysis: days for which a rival's offer counts as new"), 60, 1, 365, "ours"),
    "analysis_line_utilisation": Rule(
        _("analysis: port utilisation (%) that parts the quadrants; 0: the median"), 0, 0, 100, "ours"
    ),
    "analysis_line_share": Rule(
        _("analysis: market share (%) that parts the quadrants; 0: the median"), 0, 0, 100, "ours"
    ),
    "renewal_call_first": Rule(_("renewals: first call, days before the contract expires"), 15, 3, 60, "ours"),
    "renewal_call_second": Rule(_("renewals: second call, days before the contract expires"), 5, 1, 45, "ours"),
    "renewal_call_day": Rule(_("renewals: third call, days before the contract expires"), 0, 0, 30, "ours"),
    "renewal_call_after": Rule(_("renewals: fourth call, days after the contract expired"), 7, 1, 60, "ours"),
    "renewal_call_last": Rule(_("renewals: last call, days after the contract expired"), 30, 2, 90, "ours"),
    "renewal_visit_days": Rule(_("renewals: days within which a second visit is to be made"), 2, 1, 14, "ours"),
    "renewal_visits": Rule(_("renewals: visits in vain after which somebody counts as unreachable"), 2, 1, 10, "ours"),
    "renewal_winback_days": Rule(
        _("renewals: days after expiry for which somebody can still be won back"), 60, 2, 365, "ours"
    ),
    "renewal_shortest_days": Rule(
        _("renewals: days by which an expiry must move to count as renewed; by less it is a correction"),
        28,
        1,
        366,
        "ours",
    ),
    "renewal_anomaly_percent": Rule(
        _("renewals: chance (%) below which contacts or renewals that lag are an anomaly"), 5, 1, 50, "ours"
    ),
    "renewal_anomaly_least": Rule(
        _("renewals: contracts that are too few to look for an anomaly, below so many"), 10, 1, 1_000, "ours"
    ),
    "renewal_course_least": Rule(
        _("renewals: contracts of earlier months from which on their course is expected"), 100, 1, 10_000, "ours"
    ),
    "renewal_rank_least": Rule(
        _("renewals: contracts in a month from which on an agent is ranked"), 5, 1, 1_000, "ours"
    ),
    "renewal_task_days": Rule(_("renewals: working days proposed for a task made from an anomaly"), 3, 0, 20, "ours"),
    "outlet_visits": Rule(_("outlets: visits a week"), 1, 0, 7, "C5"),
    "outlet_calls": Rule(_("outlets: phone calls a week"), 2, 0, 14, "C5"),
    "visit_far_metres": Rule(
        _("outlets: metres from the shop beyond which a visit asks for a reason"), 300, 50, 10_000, "ours"
    ),
    "visit_late_days": Rule(_("outlets: days for which a visit can be sent later"), 7, 1, 31, "ours"),
    "training_months": Rule(_("outlets: months after which ordering by phone is trained again"), 6, 1, 36, "ours"),
    "briefing_days": Rule(
        _("outlets: working days within which news of projects and campaigns is told"), 1, 0, 10, "C6"
    ),
    "matter_days": Rule(_("channels: working days proposed for dealing with a matter"), 3, 0, 30, "ours"),
    "contract_notice_days": Rule(
        _("agents: days before its end on which a contract shows as ending"), 30, 1, 180, "ours"
    ),
    "round_minutes": Rule(_("rounds: minutes for a day's round"), 240, 30, 720, "ours"),
    "round_stop_minutes": Rule(_("rounds: minutes for a visit"), 15, 1, 120, "ours"),
    "round_speed": Rule(_("rounds: speed between outlets (km/h)"), 15, 3, 80, "ours"),
    "grade_a_orders": Rule(_("outlets: orders a month from which the grade is A"), 20, 2, 1_000, "ours"),
    "grade_b_orders": Rule(_("outlets: orders a month from which the grade is B"), 8, 1, 999, "ours"),
    "fading_percent": Rule(
        _("outlets: fall of orders (%) against the three months before that counts as fading"), 50, 1, 100, "ours"
    ),
}

# Rules that must fit together.
EARLY_BEFORE_DUE = (("warning_list_early_day", "warning_list_due_day"), ("plan_early_day", "plan_due_day"))
# The ladder of contacts about a renewal: the rule with fewer days, the one with more.
CONTACT_LADDER = (
    ("renewal_call_second", "renewal_call_first"),
    ("renewal_call_day", "renewal_call_second"),
    ("renewal_call_after", "renewal_call_last"),
)
LAST_CALL_IN_WINDOW = ("renewal_call_last", "renewal_winback_days")
SPLIT_WEIGHTS = ("split_weight_existing", "split_weight_free_ports", "split_weight_unserved")


def rule(key: str, unit: Unit | None = None) -> int:
    """The value of rule ``key`` for ``unit``: the unit's own, else the one for all units, else the default."""
    return rules_of([key], unit)[key]


def rules_of(keys: Iterable[str], unit: Unit | None = None) -> dict[str, int]:
    """The values of several rules in one query."""
    return rules_by_unit(keys, [unit] if unit else [])[unit.pk if unit else None]


def rules_by_unit(keys: Iterable[str], units: Iterable[Unit]) -> dict[int | None, dict[str, int]]:
    """The values of several rules for each of ``units`` by its id, and for all units under None, in one query."""
    from gridops.accounts.models import RuleValue  # the models module is loaded after the apps

    general = {key: RULES[key].default for key in keys}
    own: dict[int | None, dict[str, int]] = {unit.pk: {} for unit in units}
    rows = RuleValue.objects.filter(Q(unit__isnull=True) | Q(unit__in=list(own)), key__in=list(general))
    for unit_id, key, value in rows.values_list("unit_id", "key", "value"):
        (general if unit_id is None else own[unit_id])[key] = int(value)
    return {None: general} | {unit_id: general | values for unit_id, values in own.items()}
