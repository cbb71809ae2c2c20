"""Campaigns: written, published, changed, ended; everybody who sells is told, once, and later comers too (C7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from channels import services_campaigns as campaigns
from channels.choices import Way
from channels.models import Agent, Briefing, Campaign, Outlet, VisitCampaign
from channels.querysets_campaigns import campaigns_of
from channels.services_briefings import catch_up
from channels.services_news import told
from gridops.accounts.models import Grid, Unit, User
from projects.models import Project
from tests import factories
from tests import factories_channels as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SignIn = Callable[[User], Client]


@pytest.fixture
def draft(supervisor: User, unit: Unit, outlet: Outlet, agent: Agent) -> Campaign:
    today = timezone.localdate()
    return make.make_campaign(
        supervisor,
        unit,
        "提速季",
        published_at=None,
        starts_on=today,
        ends_on=today + timedelta(days=30),
        selling_points="一\n二",
    )


@pytest.fixture
def published(draft: Campaign, supervisor: User) -> Campaign:
    campaigns.publish(draft, supervisor, timezone.now())
    draft.refresh_from_db()
    return draft


def titles(**of: object) -> list[str]:
    return [one.title for one in Briefing.objects.filter(**of).open().about()]


def form_of(campaign: Campaign, **changed: object) -> dict[str, object]:
    names = ("name", "starts_on", "ends_on", "products", "offer", "commission", "selling_points", "version")
    return {name: getattr(campaign, name) for name in names} | changed


# --- Who is told ---


def test_published_it_is_to_be_told_once_to_selling_outlets_and_agents_of_its_unit(
    draft: Campaign, supervisor: User, outlet: Outlet, agent: Agent, foreign_grid: Grid, grid: Grid
) -> None:
    factories.make_outlet(foreign_grid)
    factories.make_outlet(grid, stage="talked")
    factories.make_agent()
    assert campaigns.publish(draft, supervisor, timezone.now()) == 2
    assert campaigns.publish(draft, supervisor, timezone.now()) == 0
    assert titles(outlet=outlet) == titles(agent=agent) == ["New campaign: 提速季"]
    assert Briefing.objects.count() == 2


def test_who_sells_later_is_told_of_what_is_in_force(published: Campaign, grid: Grid, supervisor: User) -> None:
    assert catch_up(timezone.now()) == 0
    late = factories.make_outlet(grid)
    assert catch_up(timezone.now()) == 1
    assert catch_up(timezone.now()) == 0
    assert titles(outlet=late) == ["New campaign: 提速季"]


def test_a_change_is_told_to_those_who_know_and_joins_the_news_of_those_who_do_not(
    published: Campaign, outlet: Outlet, agent: Agent, manager: User, supervisor: User, client_of: SignIn
) -> None:
    told(Briefing.objects.of_outlets([outlet.pk]), Way.VISIT, manager, timezone.now())
    data = form_of(published, offer="1000M 99元", name="提速季二")
    client_of(supervisor).post(f"/channels/campaigns/{published.pk}/edit/", data)
    (mine,) = Briefing.objects.of_outlets([outlet.pk]).open().about()
    assert mine.title == "Campaign changed: 提速季二"
    assert mine.lines == ["campaign: 提速季二 (was 提速季)", "offer: 1000M 99元"]
    (theirs,) = Briefing.objects.of_agents([agent.pk]).open().about()
    assert theirs.title == "New campaign: 提速季二"
    assert "offer: 1000M 99元" in theirs.lines


def test_two_who_change_it_at_once_the_second_is_shown_the_first_ones(
    published: Campaign, supervisor: User, client_of: SignIn
) -> None:
    client, stale = client_of(supervisor), form_of(published, offer="乙")
    client.post(f"/channels/campaigns/{published.pk}/edit/", form_of(published, offer="甲"))
    assert client.post(f"/channels/campaigns/{published.pk}/edit/", stale).status_code == 409
    published.refresh_from_db()
    assert published.offer == "甲"


def test_ended_today_who_was_told_hears_it_and_who_was_not_hears_nothing_more(
    published: Campaign, outlet: Outlet, agent: Agent, manager: User, supervisor: User
) -> None:
    told(Briefing.objects.of_outlets([outlet.pk]), Way.CALL, manager, timezone.now())
    campaigns.end(published, timezone.localdate(), supervisor, timezone.now())
    assert titles(outlet=outlet) == ["Campaign ended: 提速季"]
    assert titles(agent=agent) == []
    assert catch_up(timezone.now()) == 0
    live = Briefing.objects.live(timezone.localdate() + timedelta(days=3))
    assert [one.outlet for one in live] == [outlet]  # its end is still to be told


def test_an_end_lies_between_today_and_the_day_before_the_old_one(published: Campaign, supervisor: User) -> None:
    for last in (timezone.localdate() - timedelta(days=1), published.ends_on):
        with pytest.raises(ValidationError):
            campaigns.end(published, last, supervisor, timezone.now())


def test_taken_back_before_it_began_and_published_again_it_is_new_again(
    draft: Campaign, supervisor: User, outlet: Outlet, agent: Agent, manager: User
) -> None:
    Campaign.objects.update(starts_on=timezone.localdate() + timedelta(days=3))
    campaigns.publish(draft, supervisor, timezone.now())
    told(Briefing.objects.of_outlets([outlet.pk]), Way.CALL, manager, timezone.now())
    campaigns.take_back(draft, supervisor, timezone.now())
    assert titles(outlet=outlet) == ["Campaign ended: 提速季"]
    assert titles(agent=agent) == []
    campaigns.publish(draft, supervisor, timezone.now())
    assert titles(outlet=outlet) == titles(agent=agent) == ["New campaign: 提速季"]


def test_one_that_is_over_is_not_to_be_told_any_more(published: Campaign) -> None:
    assert Briefing.objects.live(published.ends_on).count() == 2
    assert not Briefing.objects.live(published.ends_on + timedelta(days=1)).exists()


# --- Who may, who sees ---


def test_a_supervisor_writes_for_their_unit_only_and_an_admin_for_all(
    supervisor: User, foreign_supervisor: User, admin_user: User, unit: Unit, other_unit: Unit, client_of: SignIn
) -> None:
    data = {"name": "甲", "starts_on": "2026-12-01", "ends_on": "2026-12-31", "offer": "x", "unit": unit.pk}
    assert client_of(supervisor).post("/channels/campaigns/new/", data).status_code == 302
    for unit_id in ("", other_unit.pk):
        assert client_of(supervisor).post("/channels/campaigns/new/", data | {"unit": unit_id}).status_code == 200
    assert client_of(admin_user).post("/channels/campaigns/new/", data | {"unit": ""}).status_code == 302
    assert [one.unit for one in Campaign.objects.order_by("pk")] == [unit, None]
    general = Campaign.objects.get(unit=None)
    assert client_of(supervisor).post(f"/channels/campaigns/{general.pk}/publish/").status_code == 404
    own = Campaign.objects.get(unit=unit)
    assert client_of(foreign_supervisor).post(f"/channels/campaigns/{own.pk}/publish/").status_code == 404


def test_agent_staff_see_what_is_in_force_where_they_work_and_no_draft(
    draft: Campaign, agent_staff_user: User, supervisor: User, other_unit: Unit, client_of: SignIn
) -> None:
    make.make_campaign(supervisor, other_unit, "别处")
    make.make_campaign(supervisor, None, "全部")
    page = client_of(agent_staff_user).get("/channels/campaigns/").content.decode()
    assert "全部" in page
    assert "别处" not in page
    assert client_of(agent_staff_user).get(f"/channels/campaigns/{draft.pk}/").status_code == 404
    campaigns.publish(draft, supervisor, timezone.now())
    shown = client_of(agent_staff_user).get(f"/channels/campaigns/{draft.pk}/").content.decode()
    assert "提速季" in shown
    assert "春熙路手机店" not in shown  # who was told is not theirs


def test_what_outlets_know_is_what_the_newest_visit_found(
    published: Campaign, outlet: Outlet, manager: User, client_of: SignIn
) -> None:
    for knows in (False, True):
        visit = make.make_visit(outlet, manager)
        VisitCampaign.objects.create(visit=visit, campaign=published, owner_knows=knows, staff_know=None)
    page = client_of(manager).get(f"/channels/campaigns/{published.pk}/?who=known")
    assert [one.pk for one in page.context["outlets"]] == [outlet.pk]
    assert (page.context["figures"].owners, page.context["figures"].staff) == (1, 0)
    assert not client_of(manager).get(f"/channels/campaigns/{published.pk}/?who=not-told").context["outlets"]


def test_an_outlet_has_to_know_what_is_in_force_in_its_unit(published: Campaign, outlet: Outlet, grid: Grid) -> None:
    day = timezone.localdate()
    assert list(Campaign.objects.for_outlet(outlet, day)) == [published]
    assert campaigns_of([outlet], day) == {outlet.pk: [published]}
    assert not Campaign.objects.for_outlet(outlet, published.ends_on + timedelta(days=1))


# --- Files, copies, paper ---


def add(client: Client, campaign: Campaign, name: str, content: bytes) -> str:
    file = SimpleUploadedFile(name, content)
    answer = client.post(f"/channels/campaigns/{campaign.pk}/files/", {"file": file}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_file_is_what_its_name_says_and_comes_as_a_download(
    published: Campaign,
    supervisor: User,
    foreign_supervisor: User,
    client_of: SignIn,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = client_of(supervisor)
    add(client, published, "../单页.pdf", b"%PDF-1.7 x")
    add(client, published, "page.html", b"<script>")
    add(client, published, "fake.pdf", b"<html>")
    add(client, published, "fake.docx", b"PK\x03\x04nothing")
    file = published.files.get()
    assert file.name == "单页.pdf"
    answer = client.get(f"/channels/campaigns/files/{file.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert client_of(foreign_supervisor).get(f"/channels/campaigns/files/{file.pk}/").status_code == 404
    made = campaigns.copy(published, supervisor, timezone.now())
    assert (made.published_at, made.files.get().name) == (None, "单页.pdf")
    assert made.files.get().file.name != file.file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/channels/campaigns/files/{file.pk}/remove/")
    assert not published.files.exists()
    assert not file.file.storage.exists(str(file.file.name))


def test_the_sheet_for_customers_says_nothing_of_commission(
    published: Campaign, manager: User, client_of: SignIn
) -> None:
    Campaign.objects.update(commission="每户80元")
    address = f"/channels/campaigns/{published.pk}/sheet/"
    assert "每户80元" in client_of(manager).get(address).content.decode()
    assert "每户80元" not in client_of(manager).get(address + "?for=customers").content.decode()


def test_only_a_draft_that_was_never_published_is_deleted(draft: Campaign, supervisor: User, project: Project) -> None:
    campaigns.publish(draft, supervisor, timezone.now())
    with pytest.raises(ValidationError):
        campaigns.drop_draft(draft)
    other = campaigns.copy(draft, supervisor, timezone.now())
    campaigns.drop_draft(other)
    assert not Campaign.objects.filter(pk=other.pk).exists()


def test_dates_in_the_wrong_order_are_refused_at_their_field(supervisor: User, unit: Unit, client_of: SignIn) -> None:
    data = {"name": "甲", "starts_on": date(2026, 12, 2), "ends_on": date(2026, 12, 1), "offer": "x", "unit": unit.pk}
    form = client_of(supervisor).post("/channels/campaigns/new/", data).context["form"]
    assert list(form.errors) == ["ends_on"]
