"""News of projects: each step of the history is told once, to those who sell there, and to nobody else (C6)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from channels import services_briefings
from channels.choices import Way
from channels.models import Agent, Briefing, News, NewsEntry, Outlet
from channels.services_briefings import catch_up, gather
from channels.services_news import told
from gridops.accounts.models import Grid, User
from gridops.common.journal import Step, write_steps
from gridops.workbooks import services as workbooks
from gridops.workbooks.export import write_sheet
from projects.models import Project
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def begun(project: Project, outlet: Outlet, agent: Agent) -> None:
    """The first look was taken: what is done to ``project`` from now on is news."""
    gather(timezone.now())


def rename(project: Project, name: str) -> None:
    project.name = name
    project.save()


def to_tell() -> list[tuple[str, str]]:
    """Who is still to be told of what."""
    return [(str(one.briefing.outlet or one.briefing.agent), one.title) for one in Briefing.objects.open().about()]


def roster(project: Project, **columns: str) -> ContentFile[bytes]:
    file = write_sheet("1", ["项目编码", *columns], [[project.code, *columns.values()]])
    return ContentFile(file.read(), "x.xlsx")


# --- Once ---


def test_the_first_look_tells_nothing_of_what_was_before(project: Project, outlet: Outlet) -> None:
    rename(project, "旧事")
    assert gather(timezone.now()) == 0
    assert gather(timezone.now()) == 0
    assert not News.objects.exists()


def test_all_changes_of_a_run_are_one_news_to_outlets_around_and_the_owner(
    begun: None, project: Project, outlet: Outlet, agent: Agent, foreign_grid: Grid
) -> None:
    factories.make_outlet(foreign_grid, name="远处")
    factories.make_outlet(project.grid, name="未开业", near=[project], stage="talked")
    rename(project, "锦绣花园二期")
    project.access = "FTTH"
    project.ports, project.property_phone = 800, "19900000001"
    project.save()
    assert gather(timezone.now()) == 1
    assert gather(timezone.now()) == 0
    assert sorted(to_tell()) == sorted((str(who), "Project changed: 锦绣花园二期") for who in (outlet, agent))
    news = News.objects.get()
    assert set(news.changes) == {"name", "access", "ports"} & set(news.changes)
    assert news.changes["name"] == ["锦绣花园", "锦绣花园二期"]
    assert news.entries.count() == 2


def test_what_nobody_at_a_counter_needs_is_no_news(begun: None, project: Project) -> None:
    project.rivals, project.property_phone = "电信", "19900000009"
    project.save()
    assert gather(timezone.now()) == 0


def test_what_was_changed_and_back_is_not_told(begun: None, project: Project) -> None:
    rename(project, "甲")
    rename(project, "锦绣花园")
    assert gather(timezone.now()) == 0


# --- Newer news ---


def test_newer_news_says_all_that_was_not_told_yet_and_is_due_as_early(
    begun: None, project: Project, outlet: Outlet
) -> None:
    rename(project, "甲")
    gather(NOW)
    Briefing.objects.update(due_on=date(2026, 11, 20))
    project.address = "新址"
    rename(project, "乙")
    gather(NOW)
    (one,) = Briefing.objects.of_outlets([outlet.pk]).open().about()
    assert "project name: 乙 (was 锦绣花园)" in one.lines
    assert any("新址" in line for line in one.lines)
    assert one.due_on == date(2026, 11, 20)
    rename(project, "丙")
    gather(NOW)
    (one,) = Briefing.objects.of_outlets([outlet.pk]).open().about()
    assert "project name: 丙 (was 锦绣花园)" in one.lines


def test_who_was_told_hears_of_the_change_back_and_who_was_not_hears_nothing(
    begun: None, project: Project, outlet: Outlet, agent: Agent, manager: User
) -> None:
    rename(project, "甲")
    gather(NOW)
    assert told(Briefing.objects.of_outlets([outlet.pk]), Way.CALL, manager, NOW) == 1
    rename(project, "锦绣花园")
    gather(NOW)
    assert to_tell() == [(str(outlet), "Project changed: 锦绣花园")]
    assert told(Briefing.objects.of_agents([agent.pk]), Way.CALL, manager, NOW) == 0


# --- Every way ---


def test_ledger_cells_and_imports_and_their_undoing_are_told(
    begun: None, project: Project, outlet: Outlet, admin_user: User, manager: User
) -> None:
    write_steps(Project, [Step(project.pk, project.name, {"households": (100, 200)})], manager.pk)
    gather(NOW)
    assert News.objects.latest("pk").changes == {"households": ["100", "200"]}
    batch = workbooks.import_now(roster(project, 项目名称="进口花园", 接入方式="FTTH"), admin_user, "projects")
    assert batch.applied_at
    assert gather(NOW) == 1
    assert News.objects.latest("pk").changes["name"] == ["锦绣花园", "进口花园"]
    assert News.objects.latest("pk").by == admin_user
    workbooks.finish(workbooks.undo(batch))
    gather(NOW)
    (one,) = Briefing.objects.of_outlets([outlet.pk]).open().about()
    assert one.title == "Project changed: 锦绣花园"
    assert len(one.lines) == 1  # the households; the import came and went untold
    assert gather(NOW) == 0


def test_a_new_project_is_told_to_its_owner_and_later_to_outlets_that_come_to_lie_around(
    begun: None, grid: Grid, outlet: Outlet, agent: Agent
) -> None:
    project = factories.make_project(grid, "P9", name="新盘", address="三环路1号")
    factories.make_ownership(project, agent)
    gather(timezone.now())
    assert to_tell() == [(str(agent), "New project: 新盘")]
    outlet.nearby_projects.add(project)
    assert catch_up(timezone.now()) == 1
    assert catch_up(timezone.now()) == 0
    (one,) = Briefing.objects.of_outlets([outlet.pk]).open().about()
    assert any("三环路1号" in line for line in one.lines)


def test_a_project_out_of_service_is_told_as_that(begun: None, project: Project) -> None:
    project.is_active = False
    project.save()
    gather(NOW)
    assert {title for _who, title in to_tell()} == {"No longer in service: 锦绣花园"}


# --- Killed, late, at once ---


def test_a_run_that_dies_leaves_nothing_and_the_next_tells_all(
    begun: None, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(project, "甲")

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(services_briefings, "_write_briefings", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            gather(NOW)
    assert not News.objects.exists()
    assert gather(NOW) == 1
    assert Briefing.objects.count() == 2


def test_days_of_outage_are_caught_up_and_a_place_moves_on_without_news(begun: None, project: Project) -> None:
    rename(project, "甲")
    LogEntry.objects.update(timestamp=timezone.now() - timedelta(days=9))
    rename(project, "乙")
    LogEntry.objects.filter(pk=LogEntry.objects.latest("pk").pk).update(timestamp=timezone.now() - timedelta(days=5))
    assert gather(timezone.now()) == 1
    assert News.objects.get().changes["name"] == ["锦绣花园", "乙"]
    factories.make_user().save()  # the history of something else
    gather(timezone.now())
    assert NewsEntry.objects.order_by("-entry")[0].entry == LogEntry.objects.latest("pk").pk


def at_once(*works: Callable[[], Any]) -> None:
    raised: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not raised, raised[0]


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_with_an_earlier_id_is_told_and_many_runs_at_once_tell_once(
    project: Project, outlet: Outlet, agent: Agent
) -> None:
    other = factories.make_project(project.grid, name="旁边")
    outlet.nearby_projects.add(other)
    gather(timezone.now())
    if connection.vendor != "postgresql":  # there nobody writes beside a transaction
        rename(project, "甲")
        rename(other, "乙")
    else:
        wrote, let_go = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                rename(project, "甲")
                wrote.set()
                let_go.wait(30)

        def quick() -> None:
            wrote.wait(30)
            try:
                rename(other, "乙")
                assert gather(timezone.now()) == 1
            finally:
                let_go.set()

        at_once(slow, quick)
    at_once(*[lambda: gather(timezone.now())] * 4)
    assert sorted(News.objects.values_list("project", flat=True)) == sorted([project.pk, other.pk])
    assert Briefing.objects.open().count() == 3  # the outlet twice, the agent of one


@pytest.mark.django_db(transaction=True)
def test_telling_while_newer_news_comes_loses_nothing(
    project: Project, outlet: Outlet, agent: Agent, manager: User
) -> None:
    gather(timezone.now())
    rename(project, "甲")
    gather(timezone.now())
    rename(project, "锦绣花园")
    at_once(
        lambda: told(Briefing.objects.of_outlets([outlet.pk]), Way.CALL, manager, timezone.now()),
        lambda: gather(timezone.now()),
    )
    mine = Briefing.objects.of_outlets([outlet.pk])
    # told first: the change back is to be told, too; else there is nothing to tell
    assert mine.open().count() == mine.filter(told_at__isnull=False).count()


@pytest.mark.django_db(transaction=True)
def test_news_of_many_projects_and_who_ticks_off_wait_in_one_order(
    project: Project, outlet: Outlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":  # there nobody writes beside a transaction
        return
    other = factories.make_project(project.grid, name="旁边")
    outlet.nearby_projects.add(other)
    gather(timezone.now())
    for one, name in ((other, "甲"), (project, "乙")):
        rename(one, name)
        gather(timezone.now())
    rename(project, "丙")
    rename(other, "丁")
    monkeypatch.setattr(services_briefings, "CHUNK", 1)
    held, rows = threading.Event(), Briefing.objects.open().select_for_update()

    def tick_off() -> None:
        with transaction.atomic():
            rows.get(news__project=other)
            held.set()
            wait_until_somebody_waits()
            rows.get(news__project=project)

    def news() -> None:
        held.wait(30)
        assert gather(timezone.now()) == 2

    at_once(tick_off, news)


def wait_until_somebody_waits() -> None:
    for _time in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
        time.sleep(0.05)
