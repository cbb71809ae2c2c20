"""The demo: rosters written, imported by the product itself, and never over anybody's data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from openpyxl import load_workbook

from channels.choices import Stage as OutletStage
from channels.models import AgentStaff, Briefing, Campaign, Matter, Meeting, Outlet, Ownership, Paid, Visit
from channels.week import standings
from desk.demo import channels_visits, facts, figures, fill, plans, rosters, sign_ins, targets
from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.common.months import Month
from gridops.common.weeks import Week
from gridops.jobs.models import Job
from gridops.notices.models import Notice
from gridops.workbooks.models import Batch
from plans.models import ActionStep, Plan, PlanComment, PlanEvent, Target
from plans.results import results_of
from plans.rules_progress import Limits, Reading, judge
from plans.services_targets import goals_of
from projects.models import (
    DailyResult,
    Ledger,
    MonthlyIndicator,
    Preparation,
    Project,
    ProjectSnapshot,
    Prospect,
    ProspectTalk,
    RivalOffer,
    Stage,
)
from projects.rules import Figures, contradictions
from renewals.models import (
    Contact,
    Difference,
    ExpiryWarning,
    PastContract,
    ReturnedLine,
    Subscriber,
    Tally,
    WarningList,
)

TODAY = date(2026, 11, 24)
FEW, WEEKS = 600, 4


pytestmark = pytest.mark.xdist_group("demo")  # what they share is filled once


@pytest.fixture(autouse=True)
def _small_and_private(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(facts, "SUBSCRIBERS", FEW)
    monkeypatch.setattr(channels_visits, "BACK", WEEKS)


def filled() -> None:
    """The demo in the test's database."""
    fill.run(say=lambda _text: None, today=TODAY)


@pytest.fixture(scope="module")
def filled_once(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Path]:
    """The demo, committed, for all tests that only look at it; the place where its files are."""
    place: Path = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts, "SUBSCRIBERS", FEW)
        patch.setattr(channels_visits, "BACK", WEEKS)
        patch.setattr(django_settings, "VAR_DIR", place)
        patch.setattr("gridops.jobs.tasks.run_job.delay", lambda _pk: None)
        patch.setattr("gridops.notices.tasks.deliver.apply_async", lambda **_: None)
        filled()
        yield place
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def _demo(filled_once: Path, db: None, settings: Any) -> None:
    settings.VAR_DIR = filled_once


def rows(file: Path) -> list[tuple[Any, ...]]:
    """The data rows of a roster."""
    sheet = load_workbook(file, read_only=True).worksheets[0]
    return list(sheet.iter_rows(min_row=2, values_only=True))


@pytest.fixture
def _empty(transactional_db: None) -> None:
    """Whatever was filled before is gone."""
    call_command("flush", interactive=False, verbosity=0)


def test_the_rosters_of_a_month_are_always_the_same(tmp_path: Path) -> None:
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()
    first, second = (rosters.write(place, TODAY) for place in places)
    assert {roster.title for roster in first} == set(rosters.HEADERS) == set(fill.KINDS)
    assert [rows(roster.file) for roster in first] == [rows(roster.file) for roster in second]


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 1, 1), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_figures_fit_each_other_on_any_day(today: date) -> None:
    maker = facts.Maker(Month.of(today))
    projects = maker.projects()
    subscribers = list(maker.subscribers(projects, today))
    assert len(subscribers) == FEW == sum(project.subscribers for project in projects)
    assert len({row[0] for row in subscribers}) == FEW
    assert all(row[9] <= today and row[9] < row[10] for row in subscribers)  # type: ignore[operator]
    for project in projects:
        assert project.subscribers <= project.ports
        months = figures.figures(maker, project, today)
        assert [row.month for row in months] == [Month.of(today).plus(-back) for back in range(figures.MONTHS)]
        for row in months:
            assert 0 <= row.billing_users <= row.ports == project.ports
            assert row.ports_used <= row.ports
            assert row.renewals_done <= row.renewals_due
        for new, old in pairwise(months):
            assert old.billing_users == new.billing_users - new.net_adds


def test_a_few_figures_contradict_each_other_so_that_the_ledger_asks() -> None:
    maker = facts.Maker(Month.of(TODAY))
    projects = maker.projects()
    list(maker.subscribers(projects, TODAY))
    asked, missing = set(), 0
    for project in projects:
        months = figures.reported(project, figures.figures(maker, project, TODAY))
        missing += months[0].month != Month.of(TODAY)
        for row, older in pairwise(months):
            known = Figures(
                billing_users=row.billing_users,
                users_before=older.billing_users,
                net_adds=row.net_adds,
                ports=row.ports,
                ports_used=row.ports_used,
            )
            asked |= {project.code for _found in contradictions(known)}
    assert asked == figures.QUESTIONED
    assert missing == 15


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 3, 15), date(2027, 7, 8), date(2026, 12, 31)])
def test_goals_of_the_running_month_stand_well_and_badly(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr(facts, "SUBSCRIBERS", 12_000)
    maker, states = facts.Maker(Month.of(today)), set()
    projects = maker.projects()
    list(maker.subscribers(projects, today))
    known = [figures.figures(maker, project, today) for project in projects]
    for row in targets.rows(maker, projects, known, today):
        if row[0] == str(Month.of(today)):
            own = [rows[0] for project, rows in zip(projects, known, strict=True) if project.grid == row[1]]
            for at, name in ((2, "installs"), (3, "net_adds"), (4, "renewals_done")):
                reading = Reading(sum(getattr(figure, name) for figure in own), today.day)
                states.add(judge(row[at], reading, today.day, maker.month.length, Limits()).state)  # type: ignore[arg-type]
    assert states == {"good", "amber", "red"}


@pytest.mark.usefixtures("_demo")
def test_the_demo_comes_through_the_products_own_import() -> None:
    kinds = set(Batch.objects.values_list("kind", flat=True))
    assert kinds == {*fill.KINDS.values(), "renewal_details", "returned"}
    assert not Batch.objects.exclude(state=Batch.State.APPLIED).exists()
    assert not Batch.objects.filter(rows_refused__gt=0).exists()
    assert (Unit.objects.count(), Grid.objects.count(), Project.objects.count()) == (1, 3, 61)
    assert Subscriber.objects.count() == FEW
    assert MonthlyIndicator.objects.filter(billing_users__isnull=False).count() == 60 * figures.MONTHS - 15
    assert Outlet.objects.selling().count() == 18
    assert Target.objects.count() == 9
    assert Ownership.objects.count() == 54
    assert {role for user in User.objects.all() for role in user.scope.roles} == set(Role.values)
    assert not AgentStaff.objects.filter(user=None).exists()
    staff = AgentStaff.objects.filter(user__employee_no__in=rosters.STAFF_NOS)
    assert staff.values("agent").distinct().count() == len(rosters.STAFF_NOS)


@pytest.mark.usefixtures("_demo")
def test_the_ledgers_have_a_past_and_some_were_not_seen_to_this_month() -> None:
    months = [Month(2026, number).first for number in range(6, 11)]
    assert {snapshot.month for snapshot in ProjectSnapshot.objects.all()} == set(months)
    assert all(ProjectSnapshot.objects.of_month(month).count() == 60 for month in months)
    shares = set(ProjectSnapshot.objects.values_list("project", "market_share"))
    assert len(shares) > 2 * 60
    for ledger in Ledger.values:
        unseen = Project.objects.untouched(Month.of(timezone.localdate()).first, ledger).count()
        assert 5 <= unseen <= 20
    past = MonthlyIndicator.objects.filter(month__lt=date(2026, 11, 1))
    assert not past.filter(target_net_adds=None).exists()
    assert not Job.objects.filter(kind="projects.snapshots").exclude(state="done").exists()


@pytest.mark.usefixtures("_demo")
def test_rivals_have_three_months_of_offers_and_new_projects_are_in_every_stage() -> None:
    assert RivalOffer.objects.values("seen_on").distinct().count() == 3
    assert RivalOffer.objects.exclude(answer="").count() > 20
    assert set(Prospect.objects.values_list("stage", flat=True)) == set(Stage.values)
    assert Prospect.objects.not_looked_at(Month.of(timezone.localdate())).count() == 1
    assert Prospect.objects.filter(closed_on__isnull=False).count() == 1
    assert ProspectTalk.objects.exists()
    done = Preparation.objects.exclude(done_on=None)
    assert done.exists()
    assert Preparation.objects.count() > done.count()


@pytest.mark.usefixtures("_demo")
def test_the_months_have_run_and_every_state_of_a_plan_is_there() -> None:
    november, december = (Plan.objects.filter(month=date(2026, number, 1)).order_by("grid__pk") for number in (11, 12))
    assert [plan.state for plan in november.order_by("grid__pk", "revision")] == ["superseded", *["approved"] * 3]
    assert [plan.state for plan in december] == ["draft", "submitted", "returned"]
    assert PlanEvent.objects.filter(plan__in=november, action="submitted", late=True).count() == 1
    for plan in december:
        carried = ActionStep.objects.filter(plan=plan, carried_from__isnull=False)
        assert set(plans.UNFINISHED) <= set(carried.values_list("what", flat=True))
    months = {date(2026, number, 1) for number in (9, 10, 11, 12)}
    assert set(WarningList.objects.values_list("month", flat=True)) == months
    own = Membership.objects.filter(stands_in_for=None)
    assert own.filter(starts_on__lt=date(2026, 11, 1)).count() == own.count()


@pytest.mark.usefixtures("_demo")
def test_plans_have_a_past_a_review_and_a_moved_target() -> None:
    october, december = (Plan.objects.filter(month=date(2026, number, 1)).order_by("grid__pk") for number in (10, 12))
    assert not october.filter(settled_at=None).exists()
    short = ActionStep.objects.filter(plan__in=october).exclude(goal="")
    assert short.exists()
    assert short.count() == ActionStep.objects.filter(plan__in=december, carried_from__in=short).count()
    draft, twice, returned = december
    assert [plan.versions.count() for plan in december] == [0, 2, 1]
    assert draft.handed_down != goals_of(Target.objects.get(grid=draft.grid, month=draft.month))
    first, second = twice.versions.all()
    assert first.content != second.content
    assert not PlanComment.objects.open().filter(plan=twice).exists()
    assert PlanComment.objects.open().filter(plan=returned).count() == 3
    assert Plan.objects.get(revision=2).state == "approved"
    moments = list(PlanEvent.objects.filter(plan=twice).order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)


@pytest.mark.usefixtures("_demo")
def test_the_running_month_is_reported_day_by_day() -> None:
    assert DailyResult.objects.count() == 60 * TODAY.day
    results = results_of(Grid.objects.all(), Month.of(TODAY), TODAY)
    assert {known["net_adds"].as_of for known in results.values()} == {TODAY}
    assert Outlet.objects.filter(opened_on__gte=date(2026, 10, 1)).count() == 2


@pytest.mark.usefixtures("_demo")
def test_who_works_with_plans_has_news_and_a_deputy_is_named() -> None:
    people = {notice.user for notice in Notice.objects.filter(read_at=None)}
    assert {rosters.SUPERVISOR_NO, rosters.SPECIALIST_NO, *rosters.MANAGER_NOS} == {row.employee_no for row in people}
    assert Notice.objects.exclude(read_at=None).exists()
    deputy = Membership.objects.exclude(stands_in_for=None).get()
    assert deputy.user.employee_no == rosters.SPECIALIST_NO
    assert deputy.starts_on > timezone.localdate()


@pytest.mark.usefixtures("_demo")
def test_renewals_are_worked_at_by_many_people_and_the_roster_shows_who_renewed() -> None:
    states = set(ExpiryWarning.objects.values_list("state", flat=True))
    assert {"assigned", "contacted", "second_visit", "renewed", "lost"} <= states
    assert ExpiryWarning.objects.filter(confirmed_on=None, state="renewed").count() < 10
    assert PastContract.objects.exists()
    assert Contact.objects.values("by").distinct().count() > 5
    assert not Contact.objects.filter(at__gt=timezone.now()).exists()
    assert ReturnedLine.objects.exclude(contact=None).exists()
    assert not ReturnedLine.objects.left_out().exists()
    assert Difference.objects.exclude(decision="").exists()
    assert Tally.objects.filter(contacted__gt=0).exists()


@pytest.mark.usefixtures("_demo")
def test_outlets_are_visited_for_weeks_and_shops_are_on_their_way() -> None:
    assert set(Outlet.objects.values_list("stage", flat=True)) == set(OutletStage.values)
    assert Outlet.objects.filter(stage="selling").exclude(opened_on=None).count() == 18
    weeks = {Week.of(timezone.localdate(at)) for at in Visit.objects.values_list("at", flat=True)}
    assert len(weeks) == WEEKS + 1
    standing = standings(Outlet.objects.all(), Week.of(TODAY), TODAY).values()
    assert {one.overdue for one in standing} == {True, False}
    assert set(Matter.objects.values_list("state", flat=True)) == {"open", "answered", "closed"}
    assert Briefing.objects.exclude(told_at=None).exists()
    assert Briefing.objects.live(TODAY).filter(news__project__isnull=False).exists()
    assert Campaign.objects.current(TODAY).count() == 2
    assert set(Meeting.objects.values_list("state", flat=True)) == {"planned", "held"}
    commission = MonthlyIndicator.objects.get(project__code="YZ01002", month=date(2026, 10, 1)).commission
    paid = Paid.objects.filter(project__code="YZ01002", month=date(2026, 10, 1))
    assert sum(paid.values_list("amount", flat=True)) == commission


@pytest.mark.usefixtures("_empty")
def test_before_anything_is_due_the_demo_is_filled_all_the_same() -> None:
    fill.run(say=lambda _text: None, today=date(2026, 11, 3))
    assert Plan.objects.filter(month=date(2026, 11, 1), state="approved").count() == 3
    assert not Plan.objects.filter(revision=2).exists()
    assert not Plan.objects.filter(month=date(2026, 12, 1)).exists()


@pytest.mark.usefixtures("_demo")
def test_the_sign_ins_are_made_at_random_and_kept_for_the_owner_only() -> None:
    given = sign_ins.load()
    assert sign_ins.path().stat().st_mode & 0o077 == 0
    assert len({row.password for row in given}) == len(given) == 8
    for row in given:
        assert User.objects.get(employee_no=row.employee_no).check_password(row.password)
    assert sign_ins.is_demo()


@pytest.mark.usefixtures("_empty")
def test_filling_again_starts_from_nothing_and_leaves_the_passwords() -> None:
    filled()
    before = sign_ins.load()
    Target.objects.all().delete()
    call_command("demo", yes=True)
    assert Target.objects.count() == 9
    assert Subscriber.objects.count() == FEW
    assert sign_ins.load() == before


@pytest.mark.usefixtures("_empty")
def test_an_interrupted_filling_is_begun_anew() -> None:
    sign_ins.keep([], complete=False)
    User.objects.create_user("HALF")
    filled()
    assert not User.objects.filter(employee_no="HALF").exists()
    assert sign_ins.is_demo()


@pytest.mark.django_db
def test_a_database_that_the_demo_did_not_fill_is_left_alone(manager: User) -> None:
    with pytest.raises(CommandError, match="its data stay"):
        call_command("demo", yes=True)
    with pytest.raises(CommandError, match="its data stay"):
        fill.wipe()
    assert User.objects.filter(pk=manager.pk).exists()
