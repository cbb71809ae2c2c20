"""Comments on single lines of a plan: written by who reviews or answers for it, seen to, never deleted (S1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from gridops.common.ids import read_id
from plans.cells import clean
from plans.models import GOALS, Plan, PlanComment, PlanVersion, goal_label
from plans.notices import tell_comment
from plans.services import Refused, may_manage, may_review

NOTE = "note"
POOL = "agent:0"  # the manager's pool
LONGEST = 500


@dataclass(slots=True)
class Comments:
    """The comments of a plan, for its pages: by line, in the order of writing.

    ``writes``: this person may write. ``manages``: this person marks any as seen to; an author marks their own.
    """

    plan: Plan
    user: User
    writes: bool
    manages: bool
    all: list[PlanComment]
    lines: dict[str, list[PlanComment]] = field(default_factory=dict)

    @property
    def open(self) -> list[PlanComment]:
        """Those that nobody has seen to yet."""
        return [comment for comment in self.all if comment.settled_at is None]

    @property
    def open_lines(self) -> set[str]:
        """The lines that have one of them."""
        return {comment.line for comment in self.open}


def comments_of(plan: Plan, user: User) -> Comments:
    """Every comment on the plan; each has ``title`` (its line in words), ``gone`` and ``may_settle``."""
    rows = list(plan.comments.select_related("by", "settled_by"))
    manages = may_manage(user, plan)
    writes = plan.state != Plan.State.SUPERSEDED and (manages or may_review(user, plan))
    by_line: dict[str, list[PlanComment]] = defaultdict(list)
    titles = line_titles(plan) if rows else {}
    before = _titles_before(plan) if any(row.line not in titles for row in rows) else {}
    for row in cast("list[Any]", rows):
        row.gone = row.line not in titles
        row.title = titles.get(row.line) or before.get(row.line) or _("a line that is no longer in the plan")
        row.may_settle = row.settled_at is None and (manages or row.by_id == user.pk)
        by_line[row.line].append(row)
    return Comments(plan, user, writes, manages, rows, dict(by_line))


def line_titles(plan: Plan) -> dict[str, str]:
    """Every line of the plan as it is now, in words, by its name."""
    found = {f"goal:{name}": goal_label(name) for name in GOALS} | {NOTE: _("notes")}
    for share in plan.project_shares.select_related("project"):
        found[share.line] = str(share.project)
    for agent in plan.agent_shares.select_related("agent"):
        found[agent.line] = str(agent.agent or _("manager's pool"))
    for step in plan.steps.all():
        found[step.line] = step.what
    return found


def _titles_before(plan: Plan) -> dict[str, str]:
    """The lines of the versions that were handed in: a step that was removed since still has its name there."""
    found: dict[str, str] = {}
    for content in PlanVersion.objects.filter(plan=plan).order_by("number").values_list("content", flat=True):
        found |= {f"step:{step['id']}": step["what"] for step in content.get("steps", [])}
        found |= {f"share:{key}": share["name"] for key, share in content.get("shares", {}).items()}
        found |= {f"agent:{key}": share["name"] for key, share in content.get("agents", {}).items()}
    return found


def comment(plan: Plan, line: str, text: str, by: User, *, now: datetime) -> PlanComment:
    """Write a comment on a line that the plan has."""
    if not (may_manage(by, plan) or may_review(by, plan)):
        raise Refused(_("Only the manager of the grid and those who review its plans write comments."))
    if plan.state == Plan.State.SUPERSEDED:
        raise Refused(_("This plan was replaced by a later revision: comments go there."))
    text = clean(text)
    if not text:
        raise Refused(_("Please write what you have to say."))
    if len(text) > LONGEST:
        raise Refused(_("A comment has at most %(number)d characters.") % {"number": LONGEST})
    if not _has_line(plan, line):
        raise Refused(_("The plan has no such line any more."))
    with transaction.atomic():
        made = PlanComment.objects.create(plan=plan, line=line, text=text, by=by, at=now)
        tell_comment(made)
    return made


def settle(row: PlanComment, by: User, *, now: datetime) -> bool:
    """Mark a comment as seen to: its author or the grid's manager. False when someone has done so already."""
    if by.pk != row.by_id and not may_manage(by, row.plan):
        raise Refused(_("Only the author of a comment and the manager of the grid mark it as seen to."))
    return bool(PlanComment.objects.open().filter(pk=row.pk).update(settled_at=now, settled_by=by))


def _has_line(plan: Plan, line: str) -> bool:
    kind, _colon, key = line.partition(":")
    if kind == "goal":
        return key in GOALS
    if line == NOTE:
        return True
    pk = read_id(key)
    if not pk and line != POOL:
        return False
    if kind == "share":
        return plan.project_shares.filter(project=pk).exists()
    if kind == "agent":
        return plan.agent_shares.filter(agent=pk or None).exists()
    return kind == "step" and plan.steps.filter(pk=pk).exists()
