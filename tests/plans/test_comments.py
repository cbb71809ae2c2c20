"""Comments on single lines of a plan: who writes, where, seen to by whom, never lost (S1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Grid, User
from plans import services
from plans import services_comments as comments
from plans.models import Plan, PlanComment
from plans.services import Refused
from projects.models import Project
from tests.plans.moments import ON_TIME, TOO_LATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]


def send(client: Client, plan: Plan, line: str, text: str = "为什么？", **more: Any) -> Any:
    address = reverse("plans:comment", args=[plan.pk])
    return client.post(address, {"line": line, f"text-{line}": text}, **more)


def lines_of(plan: Plan) -> list[str]:
    share, agent, step = plan.project_shares.first(), plan.agent_shares.exclude(agent=None).first(), plan.steps.first()
    assert share
    assert agent
    assert step
    return ["goal:net_adds", "goal:port_utilisation", "note", share.line, agent.line, "agent:0", step.line]


def test_a_reviewer_comments_on_any_line_and_the_manager_answers(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    for line in lines_of(submitted):
        assert send(client_of(supervisor), submitted, line).status_code == 302
        assert send(client_of(manager), submitted, line, "因为有新楼盘").status_code == 302
    for line in lines_of(submitted):
        found = PlanComment.objects.filter(plan=submitted, line=line)
        assert [(row.by, row.text) for row in found] == [(supervisor, "为什么？"), (manager, "因为有新楼盘")]


@pytest.mark.parametrize(
    "line",
    [
        *("goal:nonsense", "goal:", "note:1", "share:999999", "share:", "share:x", "step:0", "step:01", "agent:7"),
        *("", "plan:1", "step:99999999999999999999", "share:１", "note\x00"),
    ],
)
def test_a_line_that_the_plan_does_not_have_takes_no_comment(
    client_of: ClientOf, supervisor: User, submitted: Plan, line: str
) -> None:
    send(client_of(supervisor), submitted, line)
    assert not PlanComment.objects.exists()


def test_a_line_of_another_plan_takes_no_comment(
    supervisor: User, submitted: Plan, other_grid: Grid, other_project: Project
) -> None:
    other = Plan.objects.create(grid=other_grid, month=submitted.month)
    step, share = other.steps.create(what="别人的"), other.project_shares.create(project=other_project, net_adds=1)
    for line in (step.line, share.line):
        with pytest.raises(Refused):
            comments.comment(submitted, line, "x", supervisor, now=ON_TIME)


@pytest.mark.parametrize("text", ["", "  \r\n ", "长" * 501])
def test_an_empty_or_too_long_comment_is_refused_and_stays_typed(
    client_of: ClientOf, supervisor: User, submitted: Plan, text: str
) -> None:
    answer = send(client_of(supervisor), submitted, "note", text, headers={"HX-Request": "true"})
    assert answer.context["fault"]
    assert answer.context["typed"] == text
    assert not PlanComment.objects.exists()


def test_the_end_of_a_line_counts_as_one_character(supervisor: User, submitted: Plan) -> None:
    made = comments.comment(submitted, "note", "长\r\n" * 250, supervisor, now=ON_TIME)
    assert made.text == ("长\n" * 250).strip()


def test_specialists_read_and_do_not_write(
    client_of: ClientOf, specialist: User, supervisor: User, submitted: Plan
) -> None:
    comments.comment(submitted, "note", "请补充", supervisor, now=ON_TIME)
    client = client_of(specialist)
    assert send(client, submitted, "note").status_code == 403
    shown = client.get(reverse("plans:versions", args=[submitted.pk]))
    assert "请补充" in shown.content.decode()
    assert not shown.context["comments"].writes


def test_a_manager_of_another_grid_finds_nothing(client_of: ClientOf, colleague: User, submitted: Plan) -> None:
    assert send(client_of(colleague), submitted, "note").status_code == 404


def test_a_comment_is_shown_at_its_line_at_once(client_of: ClientOf, supervisor: User, submitted: Plan) -> None:
    answer = send(client_of(supervisor), submitted, "goal:talks", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert 'id="comments-goal:talks"' in text
    assert " open>" in text
    assert "为什么？" in text


def test_without_scripts_one_comes_back_to_the_line(client_of: ClientOf, supervisor: User, submitted: Plan) -> None:
    address, review = reverse("plans:comment", args=[submitted.pk]), reverse("plans:review", args=[submitted.pk])
    sent = {"line": "note", "text-note": "一", "text-goal:talks": "另一行", "back": review}
    assert client_of(supervisor).post(address, sent)["Location"] == f"{review}#comments-note"
    for foreign in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        answer = client_of(supervisor).post(address, {**sent, "back": foreign})
        assert answer["Location"].startswith(reverse("plans:plan", args=[submitted.pk]))


def settle(client: Client, row: PlanComment) -> Any:
    return client.post(reverse("plans:comment-settle", args=[row.pk]))


def test_the_manager_and_the_author_mark_a_comment_as_seen_to_and_it_is_kept(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    first = comments.comment(submitted, "note", "一", supervisor, now=ON_TIME)
    second = comments.comment(submitted, "note", "二", supervisor, now=ON_TIME)
    settle(client_of(manager), first)
    settle(client_of(supervisor), second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.settled_by, first.settled_at, first.text) == (manager, ON_TIME, "一")
    assert second.settled_by == supervisor


def test_who_saw_to_it_first_stays(supervisor: User, manager: User, submitted: Plan) -> None:
    row = comments.comment(submitted, "note", "一", supervisor, now=ON_TIME)
    assert comments.settle(row, manager, now=ON_TIME)
    assert not comments.settle(row, supervisor, now=TOO_LATE)
    row.refresh_from_db()
    assert (row.settled_by, row.settled_at) == (manager, ON_TIME)


def test_somebody_else_does_not_mark_it(
    client_of: ClientOf, supervisor: User, admin_user: User, colleague: User, manager: User, submitted: Plan
) -> None:
    row = comments.comment(submitted, "note", "一", supervisor, now=ON_TIME)
    with pytest.raises(Refused):
        comments.settle(row, admin_user, now=ON_TIME)
    assert settle(client_of(colleague), row).status_code == 404
    row.refresh_from_db()
    assert row.settled_at is None


def test_a_comment_on_a_step_that_was_removed_keeps_the_step_s_name(
    supervisor: User, manager: User, submitted: Plan
) -> None:
    step = submitted.steps.first()
    assert step
    comments.comment(submitted, step.line, "谁来做？", supervisor, now=ON_TIME)
    what = step.what
    step.delete()
    [row] = comments.comments_of(submitted, manager).open
    assert (row.gone, row.title) == (True, what)  # type: ignore[attr-defined]


def test_comments_stay_with_their_revision(supervisor: User, manager: User, approved: Plan) -> None:
    comments.comment(approved, "note", "一", supervisor, now=ON_TIME)
    made = services.revise(approved, approved.version, manager, reason="新楼盘", now=ON_TIME)
    assert comments.comments_of(made, manager).all == []
    assert len(comments.comments_of(approved, manager).all) == 1
    services.submit(made, made.version, manager, now=ON_TIME)
    services.approve(made, made.version, supervisor, now=ON_TIME)
    approved.refresh_from_db()
    with pytest.raises(Refused):
        comments.comment(approved, "note", "太晚了", supervisor, now=ON_TIME)


def test_a_returned_plan_lists_what_is_open(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    comments.comment(submitted, "goal:talks", "为什么只有两次？", supervisor, now=ON_TIME)
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    text = client_of(manager).get(reverse("plans:plan", args=[submitted.pk])).content.decode()
    assert "为什么只有两次？" in text


def test_what_is_written_is_text_and_nothing_else(client_of: ClientOf, supervisor: User, submitted: Plan) -> None:
    send(client_of(supervisor), submitted, "note", "<script>alert(1)</script>")
    text = client_of(supervisor).get(reverse("plans:review", args=[submitted.pk])).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_from_a_page_that_answers_a_post_a_comment_leads_to_the_plan(
    client_of: ClientOf, supervisor: User, submitted: Plan
) -> None:
    client = client_of(supervisor)
    page = client.post(reverse("plans:return", args=[submitted.pk]), {"version": submitted.version, "reason": ""})
    assert page.status_code == 409
    assert '<input type="hidden" name="back" value="">' in page.content.decode()
