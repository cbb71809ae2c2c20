"""What was paid, by whom it is seen, and what holds on a day: pages of commission and of schemes (P5, C7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels.choices import PaidFor
from channels.models import Agent, Paid, Rate, Scheme
from channels.parts_commission import agent_part
from channels.rules_commission import Tier, apiece, gaps, overlapping, paid_for
from channels.services_commission import rates_of
from gridops.accounts.models import AccessRecord, Unit, User
from gridops.common.months import Month
from gridops.workbooks.trail import trail
from projects.models import Project
from tests.factories_channels import make_campaign, make_paid, make_scheme
from tests.sheets import told

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
MONTH = Month(2026, 10)
PAID = "/channels/commission/"


def figures(client: Client, query: str = "") -> Any:
    return client.get(f"{PAID}?month={MONTH}{query}").context["figures"]


@pytest.fixture
def paid(agent: Agent, project: Project, other_project: Project) -> None:
    """Ten new installs at 60 and four renewals at 15 in one grid, one taken back; something in the other one."""
    make_paid(agent, project, MONTH, 600, kind="新装佣金", quantity=10)
    make_paid(agent, project, MONTH, 60, kind="续费", quantity=4)
    make_paid(agent, project, MONTH, -60, kind="拆机扣回", quantity=-1)
    make_paid(agent, project, MONTH.plus(-1), 100, kind="新装佣金", quantity=None)
    make_paid(agent, other_project, MONTH, 70, kind="新装佣金", quantity=1)


def test_kinds_of_the_roster_mean_what_they_say() -> None:
    kinds = {
        "新装": "new_install",
        "续费佣金": "renewal",
        "到期续约": "renewal",
        "提速包": "upgrade",
        "拆机扣回": "other",
    }
    assert {kind: paid_for(kind) for kind in kinds} == kinds


def test_a_manager_sees_the_own_grids_agent_staff_their_agents(
    paid: None, manager: User, supervisor: User, agent_staff_user: User, stranger: User, client_of: ClientOf
) -> None:
    found = figures(client_of(manager))
    assert [found.now.paid, found.now.back, found.before.paid] == [600, -60, 100]
    assert [found.now.per_install, found.now.per_renewal, found.before.per_install] == [60, 15, None]
    assert [figures(client_of(one)).now.paid for one in (supervisor, agent_staff_user, stranger)] == [670, 670, 0]
    assert figures(client_of(supervisor), "&paid_for=renewal").now.paid == 60


def test_what_one_costs_leaves_out_rows_that_do_not_say_how_many(
    paid: None, agent: Agent, project: Project, manager: User, client_of: ClientOf
) -> None:
    make_paid(agent, project, MONTH, 900, kind="新装奖励", quantity=None)
    found = figures(client_of(manager)).now
    assert [found.paid, found.installs, found.per_install] == [1500, 10, 60]
    assert str(apiece(Decimal("100.25"), 2)) == "50.13"  # half a cent counts as one


def test_the_page_costs_the_same_however_much_there_is(
    paid: None,
    supervisor: User,
    agent: Agent,
    project: Project,
    client_of: ClientOf,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(supervisor)
    client.get(f"{PAID}?month={MONTH}")
    with django_assert_max_num_queries(40) as few:
        client.get(f"{PAID}?month={MONTH}")
    for n in range(12):
        make_paid(agent, project, MONTH.plus(-n), kind=f"其他{n}")
    with django_assert_max_num_queries(len(few)):
        client.get(f"{PAID}?month={MONTH}")


def test_the_rows_are_filtered_and_exported_with_a_record(paid: None, manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    response = client.get(f"{PAID}rows/?since={MONTH}&until={MONTH}&paid_for=new_install")
    assert response.context["listing"].count.number == 1
    text = told(client.get(f"{PAID}rows/export/?since={MONTH}"))
    assert "拆机扣回" in text
    assert "-60" in text
    assert "翠湖雅苑" not in text
    record = AccessRecord.objects.get()
    assert (record.kind, record.rows) == (AccessRecord.Kind.EXPORT, 3)


def test_the_part_of_an_agents_page(paid: None, manager: User, agent: Agent) -> None:
    part = agent_part(manager, agent, date(2026, 11, 24))
    assert [(first, sums.paid) for first, sums in part["months"]] == [(MONTH.first, 600), (MONTH.plus(-1).first, 100)]


# --- Schemes ---


def test_tiers_that_overlap_or_leave_gaps() -> None:
    assert overlapping([Tier(0, 300), Tier(300, 500), Tier(400)]) == [(2, 1)]
    assert gaps([Tier(500), Tier(100, 300)]) == [Tier(0, 100), Tier(300, 500)]
    assert gaps([Tier(0, 300)]) == [Tier(300)]
    assert gaps([Tier(0), Tier(0, 100)]) == gaps([]) == []


def sent(unit: Unit | None, *lines: tuple[str, Any, Any, Any], **more: Any) -> dict[str, Any]:
    data = {"name": "新方案", "unit": unit.pk if unit else "", "payee": "agent", "starts_on": "2026-12-01", **more}
    data |= {"rates-TOTAL_FORMS": len(lines), "rates-INITIAL_FORMS": 0}
    for at, line in enumerate(lines):
        names = ("paid_for", "speed_from", "speed_below", "amount")
        data |= {f"rates-{at}-{name}": value for name, value in zip(names, line, strict=True)}
    return data


@pytest.mark.usefixtures("english")
def test_a_scheme_is_written_with_its_gaps_said(supervisor: User, unit: Unit, client_of: ClientOf) -> None:
    client = client_of(supervisor)
    lines = [("new_install", "", 300, 50), ("new_install", 300, 1000, "70.50")]
    overlap = client.post("/channels/schemes/new/", sent(unit, *lines, ("new_install", 500, "", 90)))
    assert overlap.context["lines"].forms[2].errors["speed_from"]
    silent = client.post("/channels/schemes/new/", sent(unit, *lines))
    assert [gap for _kind, gap in silent.context["left_out"]] == [Tier(1000)]
    assert not Scheme.objects.exists()
    client.post("/channels/schemes/new/", sent(unit, *lines, ("", "", "", ""), gaps_meant="yes"))
    scheme = Scheme.objects.get()
    assert list(scheme.rates.values_list("speed_from", "speed_below", "amount")) == [
        (0, 300, 50),
        (300, 1000, Decimal("70.50")),
    ]
    again = client.post("/channels/schemes/new/", sent(unit, ("new_install", "", "", 1), starts_on="2027-01-01"))
    assert again.context["form"].errors["starts_on"], "one answer a day"
    other = client.post("/channels/schemes/new/", sent(unit, ("renewal", "", "", 1), starts_on="2027-01-01"))
    assert other.status_code == 302


def test_what_has_run_is_not_rewritten_but_ended_and_followed(
    supervisor: User, unit: Unit, client_of: ClientOf
) -> None:
    scheme, today = make_scheme(unit), timezone.localdate()
    client, page = client_of(supervisor), f"/channels/schemes/{scheme.pk}/"
    changed = sent(unit, ("new_install", "", "", 1), version=1, name="改名", starts_on="2020-01-01")
    assert client.post(f"{page}edit/", changed).status_code == 302
    assert client.post(f"{page}edit/", changed).status_code == 409, "the name was saved in between"
    scheme.refresh_from_db()
    assert [scheme.name, scheme.rates.get().amount] == ["改名", 50]
    for day in (today, today - timedelta(days=9)):
        client.post(f"{page}next/", {"first": day.isoformat()})
    client.post(f"{page}end/", {"last": (today - timedelta(days=1)).isoformat()})
    assert Scheme.objects.get().ends_on is None
    first = today + timedelta(days=10)
    response = client.post(f"{page}next/", {"first": first.isoformat()})
    fresh = Scheme.objects.get(starts_on=first)
    assert response["Location"] == f"/channels/schemes/{fresh.pk}/edit/"
    data = sent(unit, ("new_install", "", "", 65), version=1, starts_on=first.isoformat())
    assert client.post(response["Location"], data).status_code == 302
    assert [rates_of(unit, "agent", day).find("new_install", 500).amount for day in (today, first)] == [50, 65]  # type: ignore[union-attr]
    assert any("65.00" in change.new for step in trail(fresh) for change in step.changes)
    client.post(f"/channels/schemes/{fresh.pk}/drop/")
    client.post(f"{page}drop/")
    assert Scheme.objects.get() == scheme


def test_a_supervisor_writes_for_the_own_unit_only(
    supervisor: User, other_unit: Unit, unit: Unit, client_of: ClientOf
) -> None:
    everywhere = make_scheme(None)
    client = client_of(supervisor)
    assert client.get(f"/channels/schemes/{everywhere.pk}/").status_code == 200
    assert client.post(f"/channels/schemes/{everywhere.pk}/end/", {"last": "2099-01-01"}).status_code == 403
    for where in (other_unit, None):
        client.post("/channels/schemes/new/", sent(where, ("renewal", "", "", 1)))
    assert Scheme.objects.count() == 1


def test_what_is_paid_on_a_day(unit: Unit, other_unit: Unit, supervisor: User, client_of: ClientOf) -> None:
    own, everywhere = make_scheme(unit, amount=60), make_scheme(None, amount=40)
    Rate.objects.create(scheme=everywhere, paid_for=PaidFor.RENEWAL, amount=12)
    campaign = make_campaign(supervisor, unit)
    special = make_scheme(unit, amount=90, campaign=campaign)
    held = rates_of(unit, "agent", date(2026, 12, 1))
    assert held.find("new_install", 500) == own.rates.get()
    assert held.find("new_install", 500, campaign) == special.rates.get()
    assert held.find("renewal", 500, campaign).amount == 12, "of what the campaign does not speak the general holds"  # type: ignore[union-attr]
    assert rates_of(other_unit, "agent", date(2026, 12, 1)).find("new_install", 500).amount == 40  # type: ignore[union-attr]
    assert (
        rates_of(unit, "agent", date(2019, 1, 1)).general == rates_of(unit, "outlet", date(2026, 12, 1)).general == ()
    )
    answer = client_of(supervisor).get("/channels/commission/rates/?paid_for=new_install&speed=500&day=2026-12-01")
    for_agents = answer.context["answers"][0]
    assert [for_agents["general"].amount, for_agents["campaigns"][0][1].amount] == [60, 90]
    assert Paid.objects.count() == 0
