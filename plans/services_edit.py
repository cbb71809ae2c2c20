"""Splitting a plan again over its projects and agents; what its manager said about the shares is kept (S6, S7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from gridops.accounts.models import Grid
from gridops.common.months import Month
from plans.drafting import Rules, agent_shares
from plans.material import ProjectFigures, expiring_of, figures_of
from plans.models import AgentShare, Plan, ProjectShare
from plans.rules import split_net_adds

# Goals that are split further.
SPLIT_GOALS = frozenset({"net_adds", "renewals"})


@dataclass(frozen=True, slots=True)
class ShareEdit:
    """What a manager says about a project's share: a figure set by hand, points added to its weight, a remark."""

    manual: int | None = None
    adjustment: int = 0
    remark: str = ""


def held(plan: Plan) -> Plan:
    """The plan's row as it is now, held until the transaction ends."""
    return Plan.objects.select_for_update(of=("self",), no_key=True).select_related("grid__unit").get(pk=plan.pk)


def projects_of(plan: Plan) -> list[ProjectFigures]:
    """The projects that a plan's net adds are split over, with their figures as they are now."""
    return figures_of(Grid.objects.filter(pk=plan.grid_id), Month.of(plan.month)).get(plan.grid_id, [])


def split_again(plan: Plan, edits: Mapping[int, ShareEdit]) -> None:
    """Split the plan's net adds over the grid's projects as they are now, and its renewals over agents."""
    split_over_projects(plan, edits)
    _split_over_agents(plan)


def split_over_projects(plan: Plan, edits: Mapping[int, ShareEdit]) -> None:
    """Split the plan's net adds over the grid's projects as they are now (S6); the plan itself is not stored."""
    known = {share.project_id: share for share in plan.project_shares.all()}
    figures = {}
    for project in projects_of(plan):
        edit = edits.get(project.id, ShareEdit())
        figures[project.id] = project.figures._replace(manual=edit.manual, adjustment=edit.adjustment)
    split = split_net_adds(plan.net_adds or 0, list(figures.values()), Rules.of(plan.grid.unit).weights)
    plan.shortfall = split.shortfall if plan.net_adds is not None else 0
    for pk, figure in figures.items():
        share = known.pop(pk, None) or ProjectShare(plan=plan, project_id=pk)
        edit = edits.get(pk, ShareEdit())
        aimless = plan.net_adds is None
        new = {
            "net_adds": (edit.manual or 0) if aimless else split.net_adds[figure.code],
            "is_manual": edit.manual is not None,
            "adjustment": edit.adjustment,
            "remark": edit.remark,
            "why": {} if aimless else split.why(figure.code),
        }
        if share.pk is None or any(getattr(share, name) != value for name, value in new.items()):
            for name, value in new.items():
                setattr(share, name, value)
            share.save()
    for left in known.values():
        left.delete()


def _split_over_agents(plan: Plan) -> None:
    grids = Grid.objects.filter(pk=plan.grid_id)
    expiring = expiring_of(grids, Month.of(plan.month), timezone.localdate()).get(plan.grid_id, [])
    plan.agent_shares.all().delete()
    AgentShare.objects.bulk_create(
        [
            AgentShare(plan=plan, agent_id=agent, expiring=number, renewals=share)
            for agent, number, share in agent_shares(plan.renewals or 0, expiring)
        ]
    )


def edits_of(plan: Plan) -> dict[int, ShareEdit]:
    """What its manager has said about the shares of a plan, as stored."""
    return {
        share.project_id: ShareEdit(share.net_adds if share.is_manual else None, share.adjustment, share.remark)
        for share in plan.project_shares.all()
    }
