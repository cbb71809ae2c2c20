"""Two people put one new project into service at once: the ledger gets one row (F2)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.utils import timezone

from gridops.accounts.models import Grid
from projects import rules_prospects as rules
from projects import services_prospects as services
from projects.models import LedgerTouch, Project, Prospect
from tests import factories

MANY = 4


@pytest.mark.django_db(transaction=True)
def test_of_many_who_press_the_button_at_once_one_makes_the_row_and_the_others_hear_so(grid: Grid) -> None:
    prospect = factories.make_prospect(grid)
    by, today = factories.make_manager(grid), timezone.localdate()
    days = dict.fromkeys(rules.STAGES[1:], today)
    barrier, heard = threading.Barrier(MANY), list[str]()

    def press(number: int) -> None:
        try:
            seen = Prospect.objects.select_related("grid").get(pk=prospect.pk)
            row = services.ledger_row(seen)
            row.code = f"R{number}"
            barrier.wait(30)
            heard.append(services.go_live(seen, seen.version, row, days, by, today).code)
        except services.Refused as refusal:
            heard.append("refused" if refusal.stale else str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    prospect.refresh_from_db()
    made = Project.objects.get()
    assert sorted(heard) == sorted([made.code, *["refused"] * (MANY - 1)])
    assert (prospect.project, LedgerTouch.objects.count()) == (made, 1)
