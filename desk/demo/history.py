"""The demo's past: imports of months ago, ledgers kept at months' ends, targets, answers to rivals, new projects."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from desk.demo import rosters
from desk.demo.rivals import ANSWERS
from gridops.accounts.models import Membership, Role, Unit, User
from gridops.common.months import Month
from gridops.workbooks.models import Batch
from projects import rules_prospects as rules
from projects import services_prospects as prospects
from projects.models import (
    CounterMeasure,
    Ledger,
    LedgerTouch,
    MonthlyIndicator,
    Preparation,
    Project,
    Prospect,
    ProspectTalk,
    RivalOffer,
    Stage,
)
from projects.services_ledgers import touch
from projects.services_snapshots import take

TALKS = (
    ("开发商项目部", "介绍接入方案与返利，对方同意提供弱电井图纸"),
    ("物业负责人", "谈进场协议，返利按户计，待法务审"),
    ("工程部", "现场勘查管道与机房，确认取电位置"),
)
NEXT_STEPS = ("送交进场协议定稿", "约工程部复勘机房", "补交立项收益测算", "确认开盘与交房时间")


@transaction.atomic
def backdate(batch: Batch, day: date) -> None:
    """An import of ``day``: its record, ledgers seen to then, the basic ledgers kept at the end of that month."""
    at, month, now = _at(day), Month.of(day), timezone.now()
    Batch.objects.filter(pk=batch.pk).update(uploaded_at=at, applied_at=at)
    LedgerTouch.objects.filter(month=Month.of(timezone.localdate(now)).first, at__gte=batch.uploaded_at).update(
        month=month.first, at=at
    )
    RivalOffer.objects.filter(created_batch=batch).update(recorded_at=at)
    CounterMeasure.objects.filter(created_batch=batch).update(recorded_at=at)
    if batch.kind == "projects" and month.plus(1).first <= timezone.localdate(now):
        kept_at = _at(month.plus(1).first, 0)
        for unit in Unit.objects.with_grids():
            take(month, unit, kept_at)


def play(today: date) -> None:
    """What people did in the months before this one."""
    set_targets(Month.of(today))
    answer_rivals(today)
    find_right(today)
    follow_prospects(today)


def set_targets(this: Month) -> None:
    """The targets that past months' plans gave to each project: near to what came of it, mostly a little above."""
    rows = list(MonthlyIndicator.objects.filter(month__lt=this.first, billing_users__isnull=False))
    for row in rows:
        random = Random(f"target {row.project_id} {row.month}")  # noqa: S311 - nothing secret
        row.target_net_adds = (row.net_adds or 0) + random.randrange(-2, 6)
        row.target_renewals = round((row.renewals_due or 0) * 0.85)
        row.target_port_utilisation = min(100, round((row.port_utilisation or 0) + random.uniform(-1, 3), 1))
    names = ["target_net_adds", "target_renewals", "target_port_utilisation"]
    MonthlyIndicator.objects.bulk_update(rows, names, batch_size=200)


def answer_rivals(today: date) -> None:
    """Every third offer of the months before was answered within two weeks."""
    for number, offer in enumerate(RivalOffer.objects.filter(seen_on__lt=Month.of(today).first).order_by("pk")):
        if number % 3 == 0 and offer.text:
            offer.answer = ANSWERS[number // 3 % len(ANSWERS)]
            offer.answered_on = min(today, offer.seen_on + timedelta(days=3 + number % 11))
            offer.version += 1
            offer.save()


def find_right(today: date) -> None:
    """Each manager looked at some of what no file of this month names, and found it right."""
    for membership in Membership.objects.filter(role=Role.GRID_MANAGER).select_related("user", "grid"):
        left = Project.objects.filter(grid=membership.grid).untouched(Month.of(today).first, Ledger.RIVALS)
        ids = list(left.values_list("pk", flat=True)[:2])
        touch(ids, Ledger.RIVALS, membership.user, LedgerTouch.How.CONFIRMED, _at(today, 9))


def follow_prospects(today: date) -> None:
    """Talks held, steps done, one not looked at, one given up, one in service since this month."""
    admin = User.objects.get(employee_no=rosters.ADMIN_NO)
    rows = list(Prospect.objects.select_related("grid").order_by("pk"))
    for number, row in enumerate(rows):
        by = User.objects.filter(memberships__role=Role.GRID_MANAGER, memberships__grid=row.grid).first() or admin
        for back in range(min(number % 4, len(TALKS))):
            whom, text = TALKS[(number + back) % len(TALKS)]
            day = today - timedelta(days=2 + 9 * back + number)
            prospects.add_talk(row, ProspectTalk(held_on=day, with_whom=whom, text=text), by)
        plan_stages(row, today)
        row.next_step = NEXT_STEPS[number % len(NEXT_STEPS)]
        row.next_step_on = today + timedelta(days=number * 3 - 4)
        row.save()
    prospects.keep_up(Prospect.objects.all())
    for step in Preparation.objects.filter(due_on__lt=today - timedelta(days=6)).select_related("prospect"):
        prospects.tick(step, admin, step.due_on)
    if len(rows) > 2:
        Prospect.objects.filter(pk=rows[0].pk).update(looked_at=_at(Month.of(today).plus(-1).day(20)))
        prospects.give_up(rows[1], rows[1].version, "开发商已与其他运营商签订排他协议", today)
        bring_into_service(rows[-1], admin, today)


def plan_stages(row: Prospect, today: date) -> None:
    """A month and a half from stage to stage around today; those that were reached came some days late."""
    here = rules.rank(row.stage)
    for stage in rules.STAGES[2:-1]:
        ahead = rules.rank(stage) - here
        planned = today + timedelta(days=20 + 45 * (ahead - 1))
        setattr(row, f"{stage}_planned_on", planned)
        if ahead <= 0:
            setattr(row, f"{stage}_on", planned + timedelta(days=rules.rank(stage)))


def bring_into_service(row: Prospect, by: User, today: date) -> None:
    """投产: the new project becomes a row of the ledger."""
    row.refresh_from_db()
    made = prospects.ledger_row(row)
    made.code = f"YZ{99:02d}{1:03d}"
    made.nature, made.access = Project.Nature.RESIDENTIAL, Project.Access.FTTH
    prospects.go_live(row, row.version, made, {Stage.LIVE: today - timedelta(days=1)}, by, today)


def _at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 20)))
