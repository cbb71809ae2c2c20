"""The demo's agents and outlets: contracts, schemes, campaigns, matters, shops to be won, a project that changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from channels import (
    services_briefings,
    services_campaigns,
    services_matters,
    services_meetings,
    services_news,
    services_outlets,
)
from channels.choices import MatterKind, PaidFor, Payee, Stage, Way
from channels.models import (
    Agent,
    Briefing,
    Call,
    Campaign,
    Contract,
    Matter,
    Meeting,
    Outlet,
    OutletStaff,
    Rate,
    Scheme,
    Visit,
)
from desk.demo import facts
from desk.demo.channels_visits import Weeks
from desk.demo.moments import at, told
from desk.demo.plans import supervisor
from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.common.months import Month
from projects.models import Project

Say = Callable[[str], object]
CAMPAIGNS = (
    (
        *("融合500M提速季", "融合500M"),
        "融合500M每月149元，预存一年另送全屋路由器一台；老用户加10元升档。",
        "新装每户80元，升档每户30元，次月发放；三个月内拆机的扣回。",
        "同价网速翻倍\n预存一年送路由器\n24小时内上门安装",
    ),
    (
        *("宽带续约礼", "包年续约"),
        "到期前30天续包年，送两个月时长。",
        "续费每户15元。",
        "提前续约更划算\n两个月时长立即到账\n续约不用换套餐",
    ),
    (*("岁末千兆体验", "融合1000M"), "新装融合1000M首月体验价99元。", "新装每户120元。", "千兆光纤到户\n首月99元体验"),
)
RATES: tuple[tuple[PaidFor, int, int | None, int], ...] = (
    (PaidFor.NEW_INSTALL, 0, 300, 50),
    (PaidFor.NEW_INSTALL, 300, 1000, 80),
    (PaidFor.NEW_INSTALL, 1000, None, 120),
    (PaidFor.RENEWAL, 0, None, 15),
    (PaidFor.UPGRADE, 0, None, 30),
)
ASKED = (
    (MatterKind.PROBLEM, "6栋弱电井没有空闲端口，报装后一周装不上", "已扩容16口，今天起可以受理。"),
    (MatterKind.SUPPORT, "缺500M宣传单页，只剩十几张", "已补送200张，放在前台。"),
    (MatterKind.PROBLEM, "上月佣金少结两户", "核对属实，随下月一并补发。"),
    (MatterKind.SUPPORT, "周末设摊需要一顶帐篷和音箱", ""),
    (MatterKind.PROBLEM, "物业不让在大堂摆X展架", ""),
)
SHOPS = (
    ("便民数码店", Stage.LAID_OUT),
    ("顺风快递驿站", Stage.SIGNED),
    ("邻里便利店", Stage.TALKED),
    ("老陈五金", Stage.FOUND),
    ("小张烟酒行", Stage.GIVEN_UP),
)


def play(today: date, say: Say) -> None:
    """All that was done with agents and outlets so far."""
    unit, managers = Unit.objects.get(name=facts.UNIT), _managers()
    with transaction.atomic():
        complete_records()
        sign_contracts(unit, today)
        make_schemes(unit, today)
    campaigns = make_campaigns(unit, today)
    Weeks(today, managers, campaigns).play()
    tell_agents(managers, today)
    ask_for_support(managers, today)
    meet(managers, today)
    win_shops(managers, today)
    change_a_project(managers)
    say(f"  {Visit.objects.count()} visits and {Call.objects.count()} calls to outlets")


def _managers() -> dict[int, User]:
    held = Membership.objects.own().filter(role=Role.GRID_MANAGER).select_related("user")
    return {row.grid_id: row.user for row in held if row.grid_id}


def complete_records() -> None:
    """What rosters leave out: hours of shops, numbers of their people, who is in charge of an agent."""
    for number, outlet in enumerate(Outlet.objects.order_by("code")):
        outlet.opens_at, outlet.closes_at = time(8 + number % 3), time(18 + number % 4)
        outlet.rest_days = "7" if number % 4 == 0 else ""
        outlet.save(update_fields=["opens_at", "closes_at", "rest_days"])
    for number, person in enumerate(OutletStaff.objects.order_by("pk")):
        person.phone, person.position = f"1990002{number:04d}", "营业员"
        person.save(update_fields=["phone", "position"])
    for number, agent in enumerate(Agent.objects.order_by("code")):
        head = agent.staff.order_by("pk").first()
        agent.contact, agent.phone = (head.name, head.phone) if head else ("", "")
        agent.address = f"云泽市北城区{facts.STREETS[number]}{20 + number}号"
        agent.save(update_fields=["contact", "phone", "address"])


def sign_contracts(unit: Unit, today: date) -> None:
    """A contract with each agent, for a year; one ends soon, one has just been renewed."""
    for number, agent in enumerate(Agent.objects.order_by("code")):
        ends = today + timedelta(days=18 + 55 * number)
        starts = ends - timedelta(days=364)
        Contract.objects.create(
            agent=agent, unit=unit, number=f"GWDL-{starts:%Y}-{number + 1:03d}", starts_on=starts, ends_on=ends
        )


def make_schemes(unit: Unit, today: date) -> None:
    """What agents and outlets are paid for, and what agents were paid before."""
    begun = Month.of(today).plus(-8).first
    before = Scheme.objects.create(
        unit=unit,
        name="代理商佣金（上一版）",
        payee=Payee.AGENT,
        starts_on=Month.of(begun).plus(-12).first,
        ends_on=begun - timedelta(days=1),
    )
    Rate.objects.create(scheme=before, paid_for=PaidFor.NEW_INSTALL, amount=45)
    Rate.objects.create(scheme=before, paid_for=PaidFor.RENEWAL, amount=12)
    for payee, name, part in ((Payee.AGENT, "代理商佣金", Decimal(1)), (Payee.OUTLET, "受理点佣金", Decimal("0.6"))):
        scheme = Scheme.objects.create(unit=unit, name=name, payee=payee, starts_on=begun)
        for paid_for, low, below, amount in RATES:
            Rate.objects.create(
                scheme=scheme, paid_for=paid_for, speed_from=low, speed_below=below, amount=round(amount * part, 2)
            )


def make_campaigns(unit: Unit, today: date) -> list[Campaign]:
    """Two that run, told when they were published, and a draft for the turn of the year."""
    month, by = Month.of(today), supervisor()
    spans = (
        (month.plus(-2).first, month.plus(1).last),
        (month.plus(-1).day(10), month.plus(2).last),
        (month.plus(1).first, month.plus(1).last),
    )
    made = []
    for (name, products, offer, commission, points), (starts, ends) in zip(CAMPAIGNS, spans, strict=True):
        row = Campaign.objects.create(
            unit=unit,
            name=name,
            products=products,
            offer=offer,
            commission=commission,
            selling_points=points,
            starts_on=starts,
            ends_on=ends,
            made_by=by,
        )
        if starts <= today:
            moment = at(starts - timedelta(days=3))
            with told(moment):
                services_campaigns.publish(row, by, moment)
            made.append(row)
    return made


def tell_agents(managers: dict[int, User], today: date) -> None:
    """Each agent but the last heard of the campaigns from its manager by phone, two days after they were published."""
    for grid in Grid.objects.filter(pk__in=managers).order_by("pk"):
        for agent in list(Agent.objects.owning_in(grid, today).order_by("code"))[:-1]:
            for row in Briefing.objects.live(today).filter(agent=agent).select_related("news"):
                moment = row.news.at + timedelta(days=2)
                services_news.told(Briefing.objects.filter(pk=row.pk), Way.CALL, managers[grid.pk], moment)


def ask_for_support(managers: dict[int, User], today: date) -> None:
    """What agents asked for: some of it answered and told back, some waiting, some late."""
    for grid in Grid.objects.filter(pk__in=managers).order_by("pk"):
        agents = list(Agent.objects.owning_in(grid, today).order_by("code"))
        for number, (kind, what, answer) in enumerate(ASKED):
            raised = at(today - timedelta(days=12 - 2 * number), 9)
            by = managers[grid.pk]
            with told(raised):
                row = services_matters.raise_matter(
                    grid, what, by, kind=kind, agent=agents[number % len(agents)], now=raised
                )
                if answer and number + grid.pk % 2 < 3:
                    row = services_matters.answer(row, answer, by, now=raised + timedelta(days=2))
                if answer and number == 0:
                    services_matters.told_back(row, by, now=raised + timedelta(days=3))
    Matter.objects.filter(state="open", due_on__lt=today - timedelta(days=5)).update(due_on=today - timedelta(days=1))


def meet(managers: dict[int, User], today: date) -> None:
    """Each manager held the month's meeting with all agents, and plans a training on site in the coming days."""
    for order, grid in enumerate(Grid.objects.filter(pk__in=managers).order_by("pk")):
        by, agents = managers[grid.pk], list(Agent.objects.owning_in(grid, today).order_by("code"))
        moment = at(today - timedelta(days=6 + order), 9)
        month = Month.of(timezone.localdate(moment)).first
        with told(moment):
            held = Meeting(
                grid=grid, title=f"{month:%-m}月代理商经营例会", place="营业厅二楼会议室", starts_at=moment, month=month
            )
            held = services_meetings.plan(held, agents, [], by, moment - timedelta(days=3))
            said = services_meetings.Said(
                note="通报上月净增和续费情况，逐个项目明确了本月目标；两家代理商承诺月底前补齐楼道贴。",
                present=frozenset(held.attendees.values_list("pk", flat=True)[order:]),
                explained=frozenset(held.agenda.values_list("pk", flat=True)),
            )
            services_meetings.hold(held, said, by, moment + timedelta(hours=2), held.version)
        outlets = list(Outlet.objects.selling().filter(grid=grid).order_by("code")[:3])
        project = Project.objects.filter(grid=grid, is_active=True).order_by("code")[order]
        coming = Meeting(grid=grid, title="96868电话报装流程培训", is_training=True, project=project, month=month)
        coming.starts_at = at(today + timedelta(days=1 + order), 14)
        services_meetings.plan(coming, [], outlets, by, timezone.now())


def win_shops(managers: dict[int, User], today: date) -> None:
    """Shops on their way to become outlets, one of them given up."""
    for order, grid in enumerate(Grid.objects.filter(pk__in=managers).order_by("pk")):
        near = Project.objects.filter(grid=grid, is_active=True).order_by("code")[order]
        for number, (name, reached) in enumerate(SHOPS[order:] if order else SHOPS):
            day = today - timedelta(days=45 - 4 * number)
            shop = Outlet(grid=grid, name=f"{near.name}{name}", address=near.address)
            shop.longitude, shop.latitude = near.longitude, near.latitude
            shop = services_outlets.add_found(shop, day, "走访时发现，人流较大", managers[grid.pk])
            shop.nearby_projects.set([near])
            lead_to(shop, reached, day, managers[grid.pk], today)


def lead_to(shop: Outlet, reached: Stage, day: date, by: User, today: date) -> None:
    """Step by step, a week each."""
    steps = (Stage.TALKED, Stage.SIGNED, Stage.LAID_OUT)
    way = (
        (Stage.GIVEN_UP,)
        if reached == Stage.GIVEN_UP
        else steps[: steps.index(reached) + 1]
        if reached in steps
        else ()
    )
    for number, stage in enumerate(way):
        shop.refresh_from_db()
        code = f"SL9{shop.pk % 100:03d}" if stage == Stage.SIGNED else ""
        note = "老板已与其他运营商签独家" if stage == Stage.GIVEN_UP else ""
        on = min(day + timedelta(days=7 * (number + 1)), today)
        services_outlets.step(shop, shop.version, stage, on, note, by, today, code)


def change_a_project(managers: dict[int, User]) -> None:
    """A project of each grid got fibre: outlets around and its agent have to hear of it."""
    services_briefings.gather(timezone.now())  # what is known by now is no news
    for grid in managers:
        row = Project.objects.filter(grid=grid, is_active=True).exclude(access="FTTH").order_by("code").first()
        if row:
            row.access, row.version = Project.Access.FTTH, row.version + 1
            row.save()
    services_briefings.gather(timezone.now())
