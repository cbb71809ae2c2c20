"""What is done to a new project, on its rows: moves, steps, looks, into service (F1, F2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from projects import rules_prospects as rules
from projects import services_prospects as services
from projects.forms_prospects import LiveForm, MoveForm
from projects.models import (
    LedgerTouch,
    Operator,
    Preparation,
    PreparationTemplate,
    Project,
    Prospect,
    ProspectTalk,
    Stage,
)
from projects.services_prospects import Refused
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
AGO = {stage: TODAY - timedelta(days=10 * (5 - at)) for at, stage in enumerate(rules.STAGES)}


@pytest.fixture
def prospect(grid: Grid) -> Prospect:
    return factories.make_prospect(grid, "翠湖雅苑", found_on=date(2026, 1, 5))


def ahead(prospect: Prospect, to: str) -> Prospect:
    days = {stage: AGO[stage] for stage in rules.passed(prospect.stage, to)}
    services.move(prospect, prospect.version, to, days, TODAY)
    prospect.refresh_from_db()
    return prospect


def old(prospect: Prospect) -> None:
    """Nobody has looked at it this month."""
    before = Month.of(TODAY).first - timedelta(days=1)
    when = timezone.make_aware(datetime.combine(before, datetime.min.time()))
    Prospect.objects.filter(pk=prospect.pk).update(looked_at=when)


# --- stages ---


def test_a_move_sets_the_day_and_who_comes_second_is_refused(prospect: Prospect) -> None:
    stale = Prospect.objects.get(pk=prospect.pk)
    ahead(prospect, Stage.APPROVAL)
    assert (prospect.stage, prospect.approval_on, prospect.version) == ("approval", AGO["approval"], 2)
    with pytest.raises(Refused) as refusal:
        services.move(stale, stale.version, Stage.APPROVAL, {"approval": TODAY}, TODAY)
    assert refusal.value.stale


def test_a_skipped_stage_needs_its_day(prospect: Prospect) -> None:
    with pytest.raises(rules.MoveFault):
        services.move(prospect, 1, Stage.BUILDING, {"building": TODAY}, TODAY)
    assert Prospect.objects.get().stage == Stage.FOUND
    assert ahead(prospect, Stage.BUILDING).agreement_on == AGO["agreement"]


def test_a_move_back_needs_a_reason_which_is_kept_and_forgets_later_days(prospect: Prospect) -> None:
    ahead(prospect, Stage.BUILDING)
    with pytest.raises(Refused):
        services.move(prospect, prospect.version, Stage.APPROVAL, {}, TODAY)
    services.move(prospect, prospect.version, Stage.APPROVAL, {}, TODAY, "开发商换了施工方")
    prospect.refresh_from_db()
    assert (prospect.stage, prospect.agreement_on, prospect.building_on) == ("approval", None, None)
    assert "开发商换了施工方" in prospect.note


def test_what_was_given_up_is_not_moved_until_it_is_taken_up_again(prospect: Prospect) -> None:
    services.give_up(prospect, 1, "电信独家进场", TODAY)
    with pytest.raises(Refused):
        services.move(prospect, 2, Stage.APPROVAL, {"approval": TODAY}, TODAY)
    assert not Prospect.objects.under_way().exists()
    services.take_up(prospect, 2)
    assert ahead(Prospect.objects.get(), Stage.APPROVAL).stage == Stage.APPROVAL


# --- preparation ---


def test_all_steps_are_made_with_the_new_project_and_never_twice(prospect: Prospect) -> None:
    steps = Preparation.objects.filter(prospect=prospect)
    assert steps.count() == PreparationTemplate.objects.count()
    services.keep_up(Prospect.objects.all())
    assert steps.count() == PreparationTemplate.objects.count()


def test_days_follow_the_plan_unless_done_or_set_by_hand(prospect: Prospect, manager: User) -> None:
    first, second, third = Preparation.objects.filter(stage=Stage.LIVE).order_by("days", "pk")[:3]
    Prospect.objects.update(live_planned_on=date(2027, 3, 31))
    services.keep_up(Prospect.objects.all())
    for step in (first, second, third):
        step.refresh_from_db()
    assert first.due_on == date(2027, 3, 16)
    services.tick(first, manager, TODAY)
    services.set_due(second, date(2027, 1, 1))
    Prospect.objects.update(live_planned_on=date(2027, 4, 30))
    services.keep_up(Prospect.objects.all())
    found = [Preparation.objects.get(pk=step.pk).due_on for step in (first, second, third)]
    assert found == [date(2027, 3, 16), date(2027, 1, 1), date(2027, 4, 30) + timedelta(days=third.days)]
    services.set_due(Preparation.objects.select_related("prospect").get(pk=second.pk), None)
    assert Preparation.objects.get(pk=second.pk).due_on == date(2027, 4, 30) + timedelta(days=second.days)


def test_two_at_one_step_keep_what_the_other_wrote(prospect: Prospect, manager: User) -> None:
    step, seen_before = prospect.preparations.all()[0], prospect.preparations.all()[0]
    services.set_due(step, date(2031, 5, 6))
    services.tick(step, manager, TODAY, "已联系")
    services.tick(seen_before, manager, None)
    step.refresh_from_db()
    assert (step.due_on, step.is_due_set, step.note, step.done_on) == (date(2031, 5, 6), True, "已联系", None)


def test_a_new_template_reaches_those_that_have_its_stage_ahead(prospect: Prospect, grid: Grid) -> None:
    past = factories.make_prospect(grid, stage=Stage.BUILDING)
    given_up = factories.make_prospect(grid, closed_on=TODAY, closed_reason="无")
    template = PreparationTemplate.objects.create(stage=Stage.AGREEMENT, title="拜访业委会", days=-3)
    services.templates_changed([template])
    assert set(Preparation.objects.filter(template=template).values_list("prospect", flat=True)) == {prospect.pk}
    assert past.preparations.exists()
    assert not given_up.preparations.filter(template=template).exists()
    template.title = "拜访业主委员会"
    template.save()
    services.templates_changed([template])
    assert Preparation.objects.get(template=template).title == "拜访业主委员会"


# --- looked at ---


def test_whatever_is_done_counts_as_looked_at(prospect: Prospect, manager: User) -> None:
    this, step = Month.of(TODAY), prospect.preparations.all()[0]
    talk = ProspectTalk(held_on=TODAY, text="谈妥进场时间")
    deeds: list[Any] = [
        lambda: services.look(prospect),
        lambda: services.add_talk(prospect, talk, manager),
        lambda: services.tick(step, manager, TODAY),
        lambda: services.set_due(step, TODAY),
        lambda: services.add_step(prospect, Preparation(stage=Stage.LIVE, title="其他")),
        lambda: ahead(prospect, Stage.APPROVAL),
    ]
    for deed in deeds:
        old(prospect)
        assert Prospect.objects.not_looked_at(this).get() == prospect
        deed()
        assert not Prospect.objects.not_looked_at(this).exists()
    old(prospect)
    services.give_up(prospect, prospect.version, "无", TODAY)
    assert not Prospect.objects.not_looked_at(this).exists()


def test_counts_for_plans_and_for_the_first_page(prospect: Prospect, other_grid: Grid, manager: User) -> None:
    other = factories.make_prospect(other_grid, next_step="拜访", next_step_on=TODAY - timedelta(days=1))
    for row, day in ((prospect, TODAY), (prospect, TODAY), (other, TODAY), (other, date(2020, 1, 1))):
        ProspectTalk.objects.create(prospect=row, held_on=day, text="谈", by=manager)
    assert ProspectTalk.objects.per_grid(Month.of(TODAY)) == {prospect.grid_id: 2, other_grid.pk: 1}
    assert Prospect.objects.next_step_due(TODAY).per_grid() == {other_grid.pk: 1}
    step = other.preparations.all()[0]
    services.set_due(step, TODAY - timedelta(days=1))
    assert Preparation.objects.overdue(TODAY).per_grid() == {other_grid.pk: 1}
    assert Preparation.objects.due(TODAY + timedelta(days=3)).per_grid() == {other_grid.pk: 1}
    assert set(Prospect.objects.overdue(TODAY)) == {other}


# --- into service ---


def test_into_service_makes_the_ledger_row_once_with_its_touch(prospect: Prospect, manager: User) -> None:
    ahead(prospect, Stage.ACCEPTED)
    project = services.ledger_row(prospect)
    project.code = "P900001"
    services.go_live(prospect, prospect.version, project, {"live": TODAY}, manager, TODAY)
    with pytest.raises(Refused):
        services.go_live(prospect, prospect.version + 1, Project(code="P900002"), {"live": TODAY}, manager, TODAY)
    made = Project.objects.get()
    prospect.refresh_from_db()
    assert (made.name, made.households, made.grid_id) == ("翠湖雅苑", 800, prospect.grid_id)
    assert (prospect.project, prospect.stage, prospect.live_on) == (made, "live", TODAY)
    assert LedgerTouch.objects.get().project == made
    with pytest.raises(Refused):
        services.move(prospect, prospect.version, Stage.FOUND, {}, TODAY, "反悔")
    with pytest.raises(Refused):
        services.give_up(prospect, prospect.version, "反悔", TODAY)


def test_more_rivals_than_the_ledger_has_room_for_do_not_stop_it(prospect: Prospect, manager: User) -> None:
    operators = [Operator.objects.create(name=f"{n:02}".ljust(20, "长")) for n in range(12)]
    prospect.rivals.set(operators)
    made = services.ledger_row(prospect)
    made.code = "P777777"
    days = dict.fromkeys(rules.STAGES[1:], TODAY)
    made = services.go_live(prospect, prospect.version, made, days, manager, TODAY)
    made.refresh_from_db()
    assert len(made.rivals) == 200


def test_a_code_that_is_taken_leaves_everything_as_it_was(prospect: Prospect, manager: User, project: Project) -> None:
    row = services.ledger_row(prospect)
    row.code = project.code
    days = {stage: AGO[stage] for stage in rules.passed("found", "live")}
    with pytest.raises(services.CodeTaken):
        services.go_live(prospect, 1, row, days, manager, TODAY)
    prospect.refresh_from_db()
    assert (prospect.stage, prospect.project, Project.objects.count()) == ("found", None, 1)


DEED = st.tuples(
    st.sampled_from(["move", "live", "give up", "take up", "keep up", "tick"]),
    st.sampled_from(rules.STAGES),
    st.lists(st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=5)), min_size=6, max_size=6),
)


class Whatever(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(DEED, max_size=10))
    def test_there_is_never_a_second_ledger_row_nor_a_second_step_and_days_stay_in_order(self, deeds: Any) -> None:
        grid = factories.make_grid()
        by = factories.make_manager(grid)
        row = factories.make_prospect(grid)
        for number, (what, stage, days) in enumerate(deeds):
            given_days = dict(zip(rules.STAGES, days, strict=True))
            ledger = services.ledger_row(row)
            ledger.code = f"HY{number}"
            try:
                if what == "move":
                    services.move(row, row.version, stage, given_days, TODAY, "退回")
                elif what == "live":
                    services.go_live(row, row.version, ledger, given_days, by, TODAY)
                elif what == "give up":
                    services.give_up(row, row.version, "无", TODAY)
                elif what == "take up":
                    services.take_up(row, row.version)
                elif what == "keep up":
                    services.keep_up(Prospect.objects.all())
                else:
                    services.tick(row.preparations.all()[number % 5], by, TODAY)
            except (Refused, rules.MoveFault):
                pass
            row.refresh_from_db()
            reached = [name for name, day in row.actual.items() if day]
            assert reached == list(rules.STAGES[: rules.rank(row.stage) + 1])
            assert rules.out_of_order(row.actual.items()) is None
            assert Project.objects.count() == (1 if row.stage == "live" else 0)
            titles = list(row.preparations.values_list("template", flat=True))
            assert len(titles) == len(set(titles))


def test_only_the_last_of_several_stages_begins_with_today(prospect: Prospect) -> None:
    prospect.approval_planned_on = TODAY - timedelta(days=3)
    form = MoveForm(prospect=prospect, to=Stage.BUILDING)
    days = [form[f"{stage}_on"].value() for stage in form.passed]
    assert days == [prospect.approval_planned_on, None, TODAY]


def test_a_code_that_is_taken_is_said_in_plain_words(prospect: Prospect, project: Project) -> None:
    assert LiveForm({"code": project.code}, prospect=prospect).errors["code"] == [str(services.CODE_TAKEN)]
