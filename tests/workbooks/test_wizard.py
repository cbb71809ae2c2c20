"""The wizard in the browser, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import AccessRecord, User
from gridops.jobs.models import Job
from gridops.workbooks import services
from gridops.workbooks.history import history_rows
from gridops.workbooks.models import Batch
from gridops.workbooks.trail import trail
from projects.models import Project
from renewals.models import Subscriber
from tests.workbooks.books import PEOPLE, SUBSCRIBERS, book, subscriber, upload
from tests.workbooks.conftest import Import

pytestmark = pytest.mark.django_db


def done(batch: Batch) -> Batch:
    batch.refresh_from_db()
    return services.finish(batch)


def test_from_upload_to_undo(admin_user: User, client_of: Callable[[User], Client], project: Project) -> None:
    client = client_of(admin_user)
    content = book([SUBSCRIBERS, subscriber("028001"), subscriber("028002", "P999999")])
    answer = client.post(reverse("workbooks:upload"), {"file": upload(content), "kind": ""})
    batch = Batch.objects.get()
    page = reverse("workbooks:batch", args=[batch.pk])
    assert answer["Location"] == page
    assert "hx-get" in client.get(page).content.decode()

    done(batch)
    columns = reverse("workbooks:columns", args=[batch.pk])
    assert client.get(page)["Location"] == columns
    shown = client.get(columns).content.decode()
    assert "199****01" in shown
    assert "19900000001" not in shown
    batch.refresh_from_db()
    client.post(columns, {f"column-{index}": name for index, name in batch.columns.items()})

    done(batch)
    shown = client.get(page).content.decode()
    assert "E3" in shown
    assert "P999999" in shown
    shown = client.get(page, {"show": "new"}).content.decode()
    assert "028001" in shown
    assert "19900000001" not in shown
    client.post(reverse("workbooks:apply", args=[batch.pk]), {"rows": "all"})
    batch.refresh_from_db()
    assert batch.state == Batch.State.CHECKED
    client.post(reverse("workbooks:apply", args=[batch.pk]), {"rows": "valid"})
    done(batch)
    assert Subscriber.objects.count() == 1

    marked = client.get(reverse("workbooks:marked", args=[batch.pk]))
    assert b"".join(marked.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    assert AccessRecord.objects.get().rows == 1
    undo = reverse("workbooks:undo", args=[batch.pk])
    assert client.get(undo).status_code == 200
    client.post(undo)
    done(batch)
    assert client.get(page).status_code == 200
    assert not Subscriber.objects.exists()


def test_a_refused_workbook_says_one_sentence(admin_user: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(admin_user)
    client.post(reverse("workbooks:upload"), {"file": upload(book([PEOPLE, ["1"] * 6])), "kind": "subscribers"})
    batch = done(Batch.objects.get())
    shown = client.get(reverse("workbooks:batch", args=[batch.pk])).content.decode()
    assert batch.fault_text in shown


def test_a_column_can_be_chosen_once_and_the_key_must_be(admin_user: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(admin_user)
    batch = services.finish(services.receive(upload(book([SUBSCRIBERS, subscriber("1")])), admin_user))
    answer = client.post(reverse("workbooks:columns", args=[batch.pk]), {"column-1": "name", "column-2": "name"})
    assert answer.status_code == 200
    assert len(answer.context["form"].errors) == 2
    batch.refresh_from_db()
    assert batch.state == Batch.State.MATCHED


def test_a_failed_step_can_be_tried_again(
    preview: Import, client_of: Callable[[User], Client], project: Project
) -> None:
    batch = services.apply(preview([SUBSCRIBERS, subscriber("028001")]), valid_only=False)
    assert batch.job is not None
    Job.objects.filter(pk=batch.job.pk).update(state=Job.State.FAILED, finished_at="2026-11-24T00:00Z", error="x")
    client = client_of(batch.uploaded_by)
    again = reverse("workbooks:again", args=[batch.pk])
    assert again in client.get(reverse("workbooks:batch", args=[batch.pk])).content.decode()
    client.post(again)
    assert done(batch).state == Batch.State.APPLIED


def test_the_history_of_a_row_names_its_imports(imported: Import, project: Project) -> None:
    first = imported([SUBSCRIBERS, subscriber("028001")])
    second = imported([SUBSCRIBERS, subscriber("028001", 月费=199)])
    services.finish(services.undo(second))
    made = Subscriber.objects.get()
    assert [row.batch for row in history_rows(made)] == [second, first]
    steps = trail(made)
    assert [(step.batch, len(step.changes)) for step in steps[:2]] == [(second.pk, 1), (second.pk, 1)]
    assert (steps[0].changes[0].old, steps[0].changes[0].new) == ("199.00", "99.00")
    assert steps[2].batch == first.pk


def test_a_file_that_has_gone_is_said(
    preview: Import, admin_user: User, client_of: Callable[[User], Client], project: Project
) -> None:
    batch = preview([SUBSCRIBERS, subscriber("028001"), subscriber("028002", "P999999")])
    batch.file.storage.delete(str(batch.file.name))
    page = reverse("workbooks:batch", args=[batch.pk])
    answer = client_of(admin_user).get(reverse("workbooks:marked", args=[batch.pk]))
    assert (answer.status_code, answer["Location"]) == (302, page)
    batch = done(services.apply(batch, valid_only=True))
    assert (batch.fault or {})["code"] == "file_changed"
    assert not Subscriber.objects.exists()
