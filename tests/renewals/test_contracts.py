"""What a roster with a later expiry replaces is kept as an earlier contract."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gridops.accounts.models import RuleValue, Unit, User
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from projects.models import Project
from renewals.models import PastContract, Subscriber
from renewals.services_contracts import keep_contracts
from renewals.services_records import mark_wrong, settle_household
from tests import factories
from tests.workbooks.conftest import Import, imported, preview

__all__ = ["imported", "preview"]
pytestmark = pytest.mark.django_db
HEADER = ["用户账号", "姓名", "项目编码", "产品", "月费", "到期日期"]


def row(account: str, expires: str, product: str = "宽带200M", fee: int = 99) -> list[Any]:
    return [account, "王芳", "P000001", product, fee, expires]


def past() -> list[tuple[Any, ...]]:
    return list(
        PastContract.objects.order_by("subscriber__account", "expires_on").values_list(
            "subscriber__account", "expires_on", "product", "monthly_fee"
        )
    )


@pytest.fixture
def first(imported: Import, project: Project) -> Batch:
    return imported([HEADER, row("0281", "2026-12-01"), row("0282", "2026-12-05"), row("0283", "2026-12-09")])


def test_a_later_expiry_keeps_the_contract_before_as_it_was(imported: Import, first: Batch) -> None:
    assert past() == []
    imported([HEADER, row("0281", "2027-12-01", "宽带500M", 129), row("0282", "2026-12-05", "宽带500M")])
    assert past() == [("0281", date(2026, 12, 1), "宽带200M", 99)]


def test_an_expiry_that_moves_little_or_back_is_a_correction(imported: Import, first: Batch) -> None:
    imported([HEADER, row("0281", "2026-12-28"), row("0282", "2025-12-05"), row("0283", "2027-01-06")])
    assert past() == [("0283", date(2026, 12, 9), "宽带200M", 99)]


def test_the_unit_s_own_rule_says_what_is_little(
    imported: Import, first: Batch, unit: Unit, foreign_project: Project, admin_user: User
) -> None:
    RuleValue.objects.create(key="renewal_shortest_days", unit=unit, value=20)
    elsewhere = [*row("0991", "2026-12-01")[:2], foreign_project.code, *row("0991", "2026-12-01")[3:]]
    imported([HEADER, elsewhere])
    imported([HEADER, row("0281", "2026-12-21"), [*elsewhere[:5], "2026-12-21"]])
    assert past() == [("0281", date(2026, 12, 1), "宽带200M", 99)]


def test_columns_that_the_file_lacks_are_kept_from_the_record(imported: Import, first: Batch) -> None:
    imported([["用户账号", "到期日期"], ["0281", "2027-12-01"]])
    assert past() == [("0281", date(2026, 12, 1), "宽带200M", 99)]


def test_keeping_twice_keeps_once(imported: Import, first: Batch) -> None:
    batch = imported([HEADER, row("0281", "2027-12-01")])
    assert keep_contracts(batch) == 0
    assert len(past()) == 1


def test_undoing_the_roster_takes_back_what_it_replaced(imported: Import, first: Batch) -> None:
    earlier = imported([HEADER, row("0281", "2027-12-01")])
    later = imported([HEADER, row("0281", "2028-12-01"), row("0282", "2027-12-05")])
    assert [day for _, day, *_ in past()] == [date(2026, 12, 1), date(2027, 12, 1), date(2026, 12, 5)]
    services.finish(services.undo(later))
    assert past() == [("0281", date(2026, 12, 1), "宽带200M", 99)]
    services.finish(services.undo(earlier))
    assert past() == []
    imported([HEADER, row("0281", "2027-12-01")])
    assert len(past()) == 1


def test_a_row_that_undoing_kept_keeps_its_earlier_contract(imported: Import, first: Batch, admin_user: User) -> None:
    batch = imported([HEADER, row("0281", "2027-12-01"), row("0282", "2027-12-05")])
    settle_household(Subscriber.objects.get(account="0281"), "vacant", admin_user, batch.uploaded_at)
    assert services.finish(services.undo(batch)).rows_kept == 1
    assert [account for account, *_ in past()] == ["0281"]


def test_undoing_keeps_subscribers_about_whom_something_was_found_out(
    imported: Import, first: Batch, admin_user: User
) -> None:
    one, two, _three = Subscriber.objects.order_by("account")
    mark_wrong(one, "19900001111", admin_user, first.uploaded_at)
    two.notes.create(text="只在晚上", by=admin_user)
    batch = services.finish(services.undo(first))
    assert (batch.state, batch.rows_kept) == (Batch.State.UNDONE, 2)
    assert sorted(Subscriber.objects.values_list("account", flat=True)) == ["0281", "0282"]
    assert sorted(batch.rows.filter(kept=True).values_list("key", flat=True)) == ["0281", "0282"]


def test_undoing_keeps_subscribers_who_were_spoken_to(imported: Import, first: Batch, manager: User) -> None:
    warning = factories.make_warning(Subscriber.objects.get(account="0281"))
    warning.contacts.create(
        subscriber=warning.subscriber,
        by=manager,
        medium="call",
        outcome="refused",
        state_before="listed",
        state_after="listed",
    )
    assert services.finish(services.undo(first)).rows_kept == 1
    assert warning.contacts.count() == 1
