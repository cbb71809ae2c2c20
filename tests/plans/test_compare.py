"""A plan as it was handed in, and what two of them differ in (S1)."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridops.accounts.models import User
from plans import services
from plans.compare import ADDED, CHANGED, REMOVED, SAME, Line, content_of, differences
from plans.models import GOALS, ActionStep, Plan
from tests.plans.moments import ON_TIME

MIRRORED = {SAME: SAME, CHANGED: CHANGED, ADDED: REMOVED, REMOVED: ADDED}

number = st.one_of(st.none(), st.integers(-5, 50))
word = st.sampled_from(["", "拜访物业", "扩容", "张三", "每周一次"])
key = st.integers(1, 6).map(str)
day = st.sampled_from([None, "2026-12-01", "2026-12-20"])


def step(pk: int, **fields: Any) -> dict[str, Any]:
    row = {"id": pk, "from": None, "what": f"步骤{pk}", "project": "", "project_id": None, "who": "", "due_on": None}
    return {**row, "measure": "", "improvement": "", "done_on": None, **fields}


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """Any plan's content; steps carry over from steps of other months only."""
    share = st.fixed_dictionaries(
        {"name": st.just("小区"), "net_adds": st.integers(-5, 50), "manual": st.booleans(), "adjustment": number}
        | {"remark": word}
    )
    agent = st.fixed_dictionaries({"name": st.just("代理"), "expiring": st.integers(0, 9), "renewals": number})
    pks = draw(st.lists(st.integers(1, 8), unique=True, max_size=6))
    texts = {"what": word, "who": word, "measure": word, "improvement": word, "due_on": day, "done_on": day}
    rest = st.fixed_dictionaries({**texts, "project_id": st.one_of(st.none(), st.integers(1, 3))})
    origins = draw(st.permutations([None, None, None, 101, 102, 103, 104, 105]))
    return {
        "goals": {name: {"planned": draw(number), "target": draw(number)} for name in GOALS},
        "note": draw(word),
        "shares": draw(st.dictionaries(key, share, max_size=5)),
        "agents": draw(st.dictionaries(key, agent, max_size=4)),
        "steps": [step(pk, **draw(rest), **{"from": origins[at]}) for at, pk in enumerate(pks)],
    }


def kinds(lines: list[Line]) -> Counter[tuple[str, str]]:
    return Counter((line.part, line.kind) for line in lines)


@given(contents())
def test_nothing_differs_between_a_content_and_itself(content: dict[str, Any]) -> None:
    again = json.loads(json.dumps(content))
    assert {line.kind for line in differences(content, again)} == {SAME}
    assert not any(line.changes for line in differences(content, again))


@given(contents(), contents())
def test_what_is_added_one_way_is_removed_the_other_way(old: dict[str, Any], new: dict[str, Any]) -> None:
    forth, back = kinds(differences(old, new)), kinds(differences(new, old))
    assert forth == Counter({(part, MIRRORED[kind]): count for (part, kind), count in back.items()})


@given(contents(), contents())
def test_every_line_of_both_is_told_once(old: dict[str, Any], new: dict[str, Any]) -> None:
    lines = differences(old, new)
    assert len({line.key for line in lines if line.kind != REMOVED}) == sum(line.kind != REMOVED for line in lines)
    for part in ("shares", "agents", "steps"):
        found = [line.kind for line in lines if line.part == part]
        assert sum(kind != REMOVED for kind in found) == len(new[part])
        assert sum(kind != ADDED for kind in found) == len(old[part])


@given(contents(), st.data())
def test_every_changed_value_is_found_and_no_other(old: dict[str, Any], data: st.DataObject) -> None:
    new = copy.deepcopy(old)
    expected: set[tuple[str, str]] = set()
    for name in data.draw(st.sets(st.sampled_from(GOALS))):
        new["goals"][name]["planned"] = 777
        expected.add((f"goal:{name}", "planned"))
    for share in new["shares"]:
        if data.draw(st.booleans()):
            new["shares"][share]["net_adds"] = 777
            expected.add((f"share:{share}", "net_adds"))
    for row in new["steps"]:
        if data.draw(st.booleans()):
            row["who"] = "别人"
            expected.add((f"step:{row['id']}", "who"))
    lines = [line for line in differences(old, new) if line.kind != SAME]
    assert {line.kind for line in lines} <= {CHANGED}
    assert {(line.key, one.name) for line in lines for one in line.changes} == expected


def steps(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, str]:
    return {line.title: line.kind for line in differences({"steps": old}, {"steps": new}) if line.part == "steps"}


def test_a_step_copied_into_a_revision_is_the_same_step() -> None:
    old = [step(1, what="甲", **{"from": 90}), step(2, what="乙"), step(3, what="丙", who="张", due_on="2026-12-01")]
    copied = [{**row, "id": row["id"] + 10} for row in old]
    assert steps(old, copied) == {"甲": SAME, "乙": SAME, "丙": SAME}
    copied[0]["what"], copied[1]["who"], copied[2]["what"] = "甲一", "李", "丙一"
    assert steps(old, copied) == {"甲一": CHANGED, "乙": CHANGED, "丙一": CHANGED}


def test_a_step_carried_over_is_last_month_s_step() -> None:
    old, new = [step(5, what="谈物业")], [step(9, what="再谈物业", **{"from": 5}), step(10, what="新的")]
    assert steps(old, new) == {"再谈物业": CHANGED, "新的": ADDED}
    assert steps(new, old) == {"谈物业": CHANGED, "新的": REMOVED}


def test_a_project_renamed_is_no_difference() -> None:
    old, new = step(1, project="旧名", project_id=4), step(1, project="新名", project_id=4)
    assert steps([old], [new]) == {"步骤1": SAME}


def test_zero_is_not_nothing() -> None:
    old, new = {"goals": {"talks": {"planned": None}}}, {"goals": {"talks": {"planned": 0}}}
    [line] = [line for line in differences(old, new) if line.kind != SAME]
    assert (line.key, line.kind) == ("goal:talks", CHANGED)


@pytest.mark.django_db
def test_a_content_is_read_without_the_database(submitted: Plan) -> None:
    content = json.loads(json.dumps(content_of(submitted)))
    assert content["grid"] == submitted.grid.name
    assert content["goals"]["net_adds"] == {"planned": 30, "target": 30}
    share = submitted.project_shares.select_related("project").first()
    assert share is not None
    assert content["shares"][str(share.project_id)]["name"] == str(share.project)
    agents = {str(row.agent_id or 0): str(row.agent or "") for row in submitted.agent_shares.select_related("agent")}
    assert {agent: row["name"] for agent, row in content["agents"].items()} == agents


@pytest.mark.django_db
def test_each_time_a_plan_is_handed_in_it_is_kept_as_it_was(submitted: Plan, manager: User, supervisor: User) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    ActionStep.objects.create(plan=submitted, what="补充的步骤")
    Plan.objects.filter(pk=submitted.pk).update(net_adds=30, note="改过")
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    first, second = submitted.versions.all()
    assert (first.number, second.number, second.by, second.at) == (1, 2, manager, ON_TIME)
    lines = [line for line in differences(first.content, second.content) if line.kind != SAME]
    assert {(line.part, line.kind) for line in lines} == {("note", CHANGED), ("steps", ADDED)}
    assert content_of(submitted) | {"version": 0} == second.content | {"version": 0}


@pytest.mark.django_db
def test_a_revision_begins_with_version_1(approved: Plan, manager: User) -> None:
    made = services.revise(approved, approved.version, manager, reason="新楼盘", now=ON_TIME)
    services.submit(made, made.version, manager, now=ON_TIME)
    assert [version.number for version in made.versions.all()] == [1]
    old, new = approved.versions.get().content, made.versions.get().content
    assert {line.kind for line in differences(old, new)} == {SAME}
