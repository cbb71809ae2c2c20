"""A subscriber's page: numbers, household, notes, contracts, lists and contacts, and who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import AccessRecord, User
from projects.models import Project
from renewals.models import Contact, ExpiryWarning, PastContract, Subscriber, SubscriberNote, SubscriberNumber
from renewals.services_records import mark_wrong, set_right
from tests import factories

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
DAY = date(2026, 12, 1)


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


def address(name: str, subscriber: Subscriber) -> str:
    return reverse(f"renewals:{name}", args=[subscriber.pk])


def spoken(warning: ExpiryWarning, by: User, **more: Any) -> Contact:
    """A call about ``warning`` that was refused."""
    values = {"medium": "call", "outcome": "refused", "state_before": "assigned", "state_after": "second_visit"}
    return Contact.objects.create(warning=warning, subscriber=warning.subscriber, by=by, **{**values, **more})


def test_a_note_says_who_wrote_it_and_when(client: Client, subscriber: Subscriber, manager: User) -> None:
    response = client.post(address("subscriber-note", subscriber), {"text": "只在晚上在家", "by": "1"}, follow=True)
    note = SubscriberNote.objects.get()
    assert (note.text, note.by) == ("只在晚上在家", manager)
    assert "只在晚上在家" in response.content.decode()
    assert client.post(address("subscriber-note", subscriber), {"text": " "}).status_code == 422
    assert SubscriberNote.objects.count() == 1


def test_a_right_number_is_kept_as_digits_and_called_from_then_on(client: Client, subscriber: Subscriber) -> None:
    client.post(address("subscriber-number", subscriber), {"phone": "+86 188-0000 0001", "note": "爱人"})
    assert Subscriber.objects.with_number().get().number == "18800000001"
    response = client.post(address("subscriber-number", subscriber), {"phone": "一二三"})
    assert response.status_code == 422
    assert "18800000001" not in response.content.decode()
    assert SubscriberNumber.objects.count() == 1


def test_the_roster_s_number_is_marked_wrong_and_put_right_again(client: Client, subscriber: Subscriber) -> None:
    judge = address("number-judge", subscriber)
    client.post(judge, {"number": "roster", "right": "0", "version": subscriber.version})
    row = SubscriberNumber.objects.get()
    assert (row.phone, row.is_right) == (subscriber.phone, False)
    client.post(judge, {"number": str(row.pk), "right": "1", "version": subscriber.version})
    row.refresh_from_db()
    assert row.is_right


def test_a_number_that_the_roster_has_changed_meanwhile_is_not_marked(client: Client, subscriber: Subscriber) -> None:
    Subscriber.objects.update(phone="19933333333", version=2)
    answer = client.post(address("number-judge", subscriber), {"number": "roster", "right": "0", "version": 1})
    assert answer.status_code == 409
    assert not SubscriberNumber.objects.exists()


def test_another_subscriber_s_number_is_not_found(client: Client, subscriber: Subscriber, manager: User) -> None:
    other = set_right(factories.make_subscriber(subscriber.project), "18800000001", manager, timezone.now())
    data = {"number": str(other.pk), "right": "0", "version": 1}
    assert client.post(address("number-judge", subscriber), data).status_code == 404
    other.refresh_from_db()
    assert other.is_right


def test_numbers_are_masked_and_each_reveal_is_written_down(
    client: Client, subscriber: Subscriber, manager: User
) -> None:
    tried = mark_wrong(subscriber, "18811112222", manager, timezone.now(), "空号")
    assert tried
    page = client.get(address("subscriber", subscriber)).content.decode()
    assert "18811112222" not in page
    assert "空号" in page
    shown = client.post(reverse("renewals:reveal-number", args=[tried.pk]), headers={"HX-Request": "true"})
    assert "18811112222" in shown.content.decode()
    assert AccessRecord.objects.get().subject == f"renewals.subscribernumber:{tried.pk}"


def test_a_reveal_shows_the_number_to_call_or_the_roster_s_when_asked(
    client: Client, subscriber: Subscriber, manager: User
) -> None:
    set_right(subscriber, "18811112222", manager, timezone.now())
    reveal, part = address("reveal", subscriber), {"HX-Request": "true"}
    assert "18811112222" in client.post(reveal, headers=part).content.decode()
    assert subscriber.phone in client.post(reveal + "?which=roster", headers=part).content.decode()


def test_a_household_is_settled_with_a_remark_and_taken_back(client: Client, subscriber: Subscriber) -> None:
    where = address("subscriber-household", subscriber)
    client.post(where, {"household": "moved", "note": "邻居说已搬走", "version": 1})
    subscriber.refresh_from_db()
    assert (subscriber.household, subscriber.notes.get().text) == ("moved", "邻居说已搬走")
    assert client.post(where, {"household": "", "version": 1}).status_code == 409
    client.post(where, {"household": "", "version": subscriber.version})
    subscriber.refresh_from_db()
    assert subscriber.household == ""


def test_a_duplicate_is_linked_both_ways(client: Client, subscriber: Subscriber, foreign_project: Project) -> None:
    other = factories.make_subscriber(subscriber.project)
    foreign = factories.make_subscriber(foreign_project)
    where = address("subscriber-household", subscriber)
    for wrong in (foreign.account, subscriber.account, "", "nobody"):
        answer = client.post(where, {"household": "duplicate", "account": wrong, "version": 1})
        assert answer.status_code == 422
    client.post(where, {"household": "duplicate", "account": other.account, "version": 1})
    subscriber.refresh_from_db()
    assert subscriber.duplicate_of == other
    assert address("subscriber", other) in client.get(address("subscriber", subscriber)).content.decode()
    assert address("subscriber", subscriber) in client.get(address("subscriber", other)).content.decode()


def test_contracts_stand_in_order_with_what_changed(client: Client, project: Project) -> None:
    subscriber = factories.make_subscriber(
        project, started_on=date(2023, 1, 1), expires_on=date(2027, 1, 1), product="500M", monthly_fee=Decimal(129)
    )
    for year, fee in ((2026, 99), (2025, 109)):
        PastContract.objects.create(
            subscriber=subscriber, expires_on=date(year, 1, 1), product="200M", monthly_fee=Decimal(fee)
        )
    rows = client.get(address("subscriber", subscriber)).context["contracts"]
    assert [(row.from_on, row.until_on, row.fee_by, row.other_product, row.runs) for row in rows] == [
        (date(2026, 1, 1), date(2027, 1, 1), 30, True, True),
        (date(2025, 1, 1), date(2026, 1, 1), -10, False, False),
        (date(2023, 1, 1), date(2025, 1, 1), None, False, False),
    ]


def test_lists_and_contacts_are_on_the_page_the_newest_first(
    client: Client, subscriber: Subscriber, agent: Agent, manager: User
) -> None:
    warning = factories.make_warning(subscriber, agent=agent, expires_on=DAY)
    first = spoken(warning, manager, at=timezone.now() - timedelta(days=2))
    second = spoken(warning, manager, outcome="promised", promised_on=DAY, note="月底再来")
    response = client.get(address("subscriber", subscriber))
    assert list(response.context["contacts"]) == [second, first]
    assert list(response.context["warnings"]) == [warning]
    assert reverse("renewals:warning", args=[warning.pk]) in response.content.decode()


def test_agent_staff_see_all_contacts_but_no_other_agent_s_people(
    subscriber: Subscriber, agent: Agent, agent_staff_user: User, manager: User, client_of: Browser
) -> None:
    rival = factories.make_agent(name="别家代理商")
    person = factories.make_agent_staff(rival, "别家员工")
    before = factories.make_warning(subscriber, agent=rival, expires_on=date(2025, 12, 1))
    now = factories.make_warning(subscriber, agent=agent, expires_on=DAY)
    spoken(before, manager, agent=rival, staff=person, note="先前说再考虑")
    own = spoken(now, agent_staff_user, agent=agent)
    response = client_of(agent_staff_user).get(address("subscriber", subscriber))
    page = response.content.decode()
    assert len(response.context["contacts"]) == 2
    assert "先前说再考虑" in page
    assert own.by.name in page
    for hidden in ("别家", reverse("renewals:warning", args=[before.pk]), manager.name):
        assert hidden not in page
    assert list(response.context["warnings"]) == [now]


def test_agent_staff_mark_numbers_and_households_but_merge_nothing(
    subscriber: Subscriber, agent: Agent, agent_staff_user: User, client_of: Browser
) -> None:
    factories.make_warning(subscriber, agent=agent, expires_on=DAY)
    other = factories.make_subscriber(subscriber.project)
    factories.make_warning(other, agent=agent, expires_on=DAY)
    client = client_of(agent_staff_user)
    where = address("subscriber-household", subscriber)
    data = {"household": "duplicate", "account": other.account, "version": 1}
    assert client.post(where, data).status_code == 422
    assert client.post(where, {"household": "vacant", "version": 1}).status_code == 302
    judged = {"number": "roster", "right": "0", "version": 2}
    assert client.post(address("number-judge", subscriber), judged).status_code == 302
    assert SubscriberNumber.objects.get().by == agent_staff_user


def test_the_page_asks_as_often_for_much_as_for_little(
    client: Client, subscriber: Subscriber, agent: Agent, manager: User, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (1, 6):
        for n in range(number):
            warning = factories.make_warning(subscriber, agent=agent, expires_on=date(2020 + n, number, 1))
            spoken(warning, manager)
            mark_wrong(subscriber, f"188000{number}000{n}", manager, timezone.now())
            subscriber.notes.create(text="x", by=manager)
            PastContract.objects.create(subscriber=subscriber, expires_on=date(2010 + n, number, 1))
        with django_assert_max_num_queries(30) as captured:
            client.get(address("subscriber", subscriber))
        counts.append(len(captured))
    assert counts[0] == counts[1]
