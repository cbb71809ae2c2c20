"""The list of subscribers: order of expiry, search that stays out of addresses, masking, reveals, exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import AccessRecord, Grid, User
from projects.models import Project
from renewals.models import ExpiryWarning, Subscriber
from tests import factories
from tests.sheets import exported

Browser = Callable[[User], Client]
LIST = "renewals:subscribers"
DAY = date(2126, 12, 1)


def accounts(response: Any) -> list[str]:
    return [row.account for row in response.context["listing"].page.rows]


def searched(client: Client, words: str, **filters: str) -> Any:
    return client.post(reverse(LIST), {"q": words, **filters}, follow=True)


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


def fill(projects: list[Project], number: int) -> None:
    """``number`` subscribers in turn over ``projects``; every eleventh has no expiry, dates repeat."""
    Subscriber.objects.bulk_create(
        Subscriber(
            project=projects[n % len(projects)],
            account=f"028{n:07d}",
            name="王小明",
            phone="19900001111",
            expires_on=None if n % 11 == 0 else DAY + timedelta(days=(n * 7) % 90),
        )
        for n in range(number)
    )


@pytest.mark.parametrize("sort", ["expires_on", "-expires_on", "account", "-account"])
def test_pages_over_several_projects_show_every_row_once_and_in_order(
    client: Client, grid: Grid, foreign_project: Project, sort: str
) -> None:
    projects = [factories.make_project(grid) for _ in range(3)]
    fill(projects, 230)
    factories.make_subscriber(foreign_project, "999")
    own = list(Subscriber.objects.filter(project__in=projects))
    valued, empty = [row for row in own if row.expires_on], [row for row in own if not row.expires_on]
    turned = sort.startswith("-")
    if "account" in sort:
        expected = sorted(own, key=lambda row: row.account, reverse=turned)
    else:
        expected = sorted(valued, key=lambda row: (row.expires_on, row.pk), reverse=turned)
        expected += sorted(empty, key=lambda row: row.pk, reverse=turned)

    pages: list[list[str]] = []
    address = "?sort=" + sort if sort else ""
    while address or not pages:
        listing = client.get(reverse(LIST) + address).context["listing"]
        pages.append([row.account for row in listing.page.rows])
        address = listing.next
        back = listing.previous
    assert [account for page in pages for account in page] == [row.account for row in expected]
    assert [len(page) for page in pages] == [50, 50, 50, 50, 30]
    for page in reversed(pages[:-1]):
        listing = client.get(reverse(LIST) + back).context["listing"]
        assert [row.account for row in listing.page.rows] == page
        back = listing.previous
    assert back == ""


def test_the_list_opens_at_today_and_expired_contracts_are_on_the_page_before(client: Client, project: Project) -> None:
    today = timezone.localdate()
    for account, days in (("expired", -1), ("today", 0), ("later", 400)):
        factories.make_subscriber(project, account, expires_on=today + timedelta(days=days))
    factories.make_subscriber(project, "never")
    response = client.get(reverse(LIST))
    assert accounts(response) == ["today", "later", "never"]
    assert accounts(client.get(reverse(LIST) + response.context["listing"].previous)) == ["expired"]
    assert accounts(client.get(reverse(LIST), {"sort": "expires_on"})) == ["expired", "today", "later", "never"]
    assert accounts(client.get(reverse(LIST), {"status": "active"})) == ["expired", "today", "later", "never"]
    assert accounts(searched(client, "expired")) == ["expired"]


def test_a_list_of_expired_contracts_only_opens_at_its_beginning(client: Client, project: Project) -> None:
    factories.make_subscriber(project, "expired", expires_on=date(2021, 1, 1))
    response = client.get(reverse(LIST))
    assert accounts(response) == ["expired"]
    assert response.context["listing"].previous == ""


def test_where_nothing_has_expired_there_is_no_page_before(client: Client, project: Project) -> None:
    factories.make_subscriber(project, "later", expires_on=DAY)
    assert client.get(reverse(LIST)).context["listing"].previous == ""


def test_a_manager_sees_those_of_own_grids_only(
    client: Client, subscriber: Subscriber, other_project: Project, foreign_project: Project
) -> None:
    factories.make_subscriber(other_project)
    factories.make_subscriber(foreign_project)
    assert accounts(client.get(reverse(LIST))) == [subscriber.account]


def test_an_admin_sees_all_by_account(
    admin_user: User, client_of: Browser, project: Project, foreign_project: Project
) -> None:
    factories.make_subscriber(project, "2", expires_on=DAY)
    factories.make_subscriber(foreign_project, "1", expires_on=DAY + timedelta(days=1))
    client = client_of(admin_user)
    assert accounts(client.get(reverse(LIST))) == ["1", "2"]
    assert accounts(client.get(reverse(LIST), {"sort": "-expires_on"})) == ["1", "2"]
    by_grid = client.get(reverse(LIST), {"grid": str(project.grid_id)})
    assert accounts(by_grid) == ["2"]


def test_what_is_searched_for_stays_out_of_addresses_and_pages_keep_it(
    client: Client, grid: Grid, project: Project
) -> None:
    for n in range(60):
        factories.make_subscriber(project, f"0281{n:03d}", name="赵一")
    factories.make_subscriber(project, "0290000")
    response = searched(client, "赵一")
    (address, status), *_ = response.redirect_chain
    assert status == 303
    assert "%E8%B5%B5" not in address
    assert "赵" not in address
    listing = response.context["listing"]
    assert len(client.get(reverse(LIST) + listing.next).context["listing"].page.rows) == 10
    assert listing.next.count("s=") == 1
    assert [chip.value for chip in listing.chips] == ["赵一"]
    assert len(client.get(reverse(LIST) + listing.chips[0].href).context["listing"].page.rows) == 50
    assert len(exported(client.get(listing.export_url))) == 61


def test_words_in_the_address_itself_are_not_searched_for(client: Client, subscriber: Subscriber) -> None:
    assert accounts(client.get(reverse(LIST), {"q": "nothing"})) == [subscriber.account]


def test_a_search_key_that_this_session_does_not_know_shows_nothing_rather_than_everything(
    client: Client, other_grid: Grid, colleague: User, client_of: Browser, subscriber: Subscriber
) -> None:
    factories.make_subscriber(factories.make_project(other_grid))
    address = searched(client, "nobody").redirect_chain[0][0]
    other = client_of(colleague)
    assert len(accounts(other.get(reverse(LIST)))) == 1
    assert accounts(other.get(address)) == []
    assert len(exported(other.get(reverse("renewals:subscribers-export") + "?" + address.partition("?")[2]))) == 1


def test_filters_by_project_month_of_expiry_and_status(client: Client, grid: Grid) -> None:
    here, there = factories.make_project(grid), factories.make_project(grid)
    factories.make_subscriber(here, "1", expires_on=date(2126, 12, 31))
    factories.make_subscriber(here, "2", expires_on=date(2127, 1, 1))
    factories.make_subscriber(there, "3", expires_on=date(2126, 12, 1), status=Subscriber.Status.CLOSED)

    def shown(**params: str) -> list[str]:
        return accounts(client.get(reverse(LIST), params))

    assert shown() == ["3", "1", "2"]
    assert shown(project=str(here.pk)) == ["1", "2"]
    assert shown(expires="2126-12") == ["3", "1"]
    assert shown(expires="2126-12", status="active") == ["1"]
    assert shown(expires="2126-13") == []


def test_a_foreign_project_in_the_filter_shows_nothing(
    client: Client, subscriber: Subscriber, foreign_project: Project
) -> None:
    factories.make_subscriber(foreign_project)
    response = client.get(reverse(LIST), {"project": str(foreign_project.pk)})
    assert accounts(response) == []
    assert foreign_project not in response.context["listing"].filterset.form.fields["project"].queryset


def test_names_and_phones_are_masked_in_the_list_and_on_the_page(client: Client, subscriber: Subscriber) -> None:
    for address in (reverse(LIST), reverse("renewals:subscriber", args=[subscriber.pk])):
        page = client.get(address).content.decode()
        assert subscriber.phone not in page
        assert subscriber.name not in page
        assert "199****11" in page
        assert "王**" in page


def test_above_a_thousand_the_count_only_says_so(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill([project], 1_002)
    listing = client.get(reverse(LIST)).context["listing"]
    assert (listing.count.number, listing.count.at_least) == (1_000, True)


def test_the_list_asks_as_often_for_500_rows_as_for_50(
    client: Client, grid: Grid, django_assert_max_num_queries: Any
) -> None:
    projects = [factories.make_project(grid) for _ in range(4)]
    counts = []
    for number in (50, 500):
        Subscriber.objects.all().delete()
        fill(projects, number)
        with django_assert_max_num_queries(20) as captured:
            client.get(reverse(LIST))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12


def test_revealing_writes_it_down_first_and_shows_name_and_number(
    client: Client, subscriber: Subscriber, manager: User
) -> None:
    address = reverse("renewals:reveal", args=[subscriber.pk])
    part = client.post(address, headers={"HX-Request": "true"}).content.decode()
    assert f'href="tel:{subscriber.phone}"' in part
    assert subscriber.name in part
    assert "<html" not in part
    record = AccessRecord.objects.get()
    assert (record.kind, record.user, record.subject) == ("reveal", manager, f"renewals.subscriber:{subscriber.pk}")


def test_without_javascript_a_reveal_shows_the_page_once_in_clear(client: Client, subscriber: Subscriber) -> None:
    page = reverse("renewals:subscriber", args=[subscriber.pk])
    response = client.post(reverse("renewals:reveal", args=[subscriber.pk]), follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert subscriber.phone in response.content.decode()
    assert subscriber.phone not in client.get(page).content.decode()


def test_nothing_is_revealed_when_it_cannot_be_written_down(
    client: Client, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no record")

    monkeypatch.setattr("gridops.accounts.reveal.record_access", broken)
    with pytest.raises(RuntimeError):
        client.post(reverse("renewals:reveal", args=[subscriber.pk]))


def test_a_foreign_subscriber_is_not_revealed_and_nothing_is_written_down(
    client: Client, foreign_project: Project
) -> None:
    foreign = factories.make_subscriber(foreign_project)
    assert client.post(reverse("renewals:reveal", args=[foreign.pk])).status_code == 404
    assert not AccessRecord.objects.exists()


def test_agent_staff_reach_only_subscribers_assigned_to_their_agent(
    agent_staff_user: User, agent: Agent, subscriber: Subscriber, project: Project, client_of: Browser
) -> None:
    client = client_of(agent_staff_user)
    address = reverse("renewals:reveal", args=[subscriber.pk])
    assert client.post(address).status_code == 404
    factories.make_warning(subscriber, agent=agent, expires_on=DAY)
    assert subscriber.phone in client.post(address, follow=True).content.decode()
    ExpiryWarning.objects.update(state="contacted")  # whatever has come of it since
    assert subscriber.phone in client.post(address, follow=True).content.decode()
    other = factories.make_subscriber(project)
    assert client.post(reverse("renewals:reveal", args=[other.pk])).status_code == 404
    assert client.get(reverse(LIST)).status_code == 403
    ExpiryWarning.objects.update(state="withdrawn")
    assert client.post(address).status_code == 404


def test_an_export_holds_the_scope_in_clear_and_is_written_down(
    client: Client, subscriber: Subscriber, foreign_project: Project, manager: User
) -> None:
    factories.make_subscriber(foreign_project)
    factories.make_subscriber(subscriber.project, "=cmd", phone="+8613000000000", name="@evil")
    _header, *rows = exported(client.get(reverse("renewals:subscribers-export")))
    assert {row[0] for row in rows} == {subscriber.account, "=cmd"}
    assert subscriber.phone in rows[0] + rows[1]
    record = AccessRecord.objects.get()
    assert (record.kind, record.subject, record.rows) == ("export", "subscribers", 2)


def test_an_export_that_is_too_long_is_refused_with_a_word(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridops.common.lists.EXPORT_LIMIT", 5)
    fill([project], 6)
    response = client.get(reverse("renewals:subscribers-export"), {"status": "active"}, follow=True)
    assert response.redirect_chain == [(reverse(LIST) + "?status=active", 302)]
    assert len(response.context["messages"]) == 1
    assert not AccessRecord.objects.exists()


def test_the_history_of_a_subscriber_stays_masked(client: Client, subscriber: Subscriber) -> None:
    subscriber.phone, subscriber.name, subscriber.product = "19988887777", "李大海", "300M"
    subscriber.save()
    page = client.get(reverse("renewals:subscriber-history", args=[subscriber.pk])).content.decode()
    assert "300M" in page
    for hidden in ("19988887777", "李大海", "大海", subscriber.phone[5:], "王小明", "小明", "001111"):
        assert hidden not in page
