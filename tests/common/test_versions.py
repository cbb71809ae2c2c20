"""Optimistic locking: of two who save the same version at the same moment one wins, and values compare as they mean."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from gridops.accounts.models import User
from gridops.common import versions
from gridops.common.versions import as_text
from projects.forms import ProjectForm
from projects.models import Project


def posted(project: Project, user: User, **changes: str) -> ProjectForm:
    """A valid form as that person sends it."""
    shown = ProjectForm(instance=Project.objects.get(pk=project.pk), user=user)
    data = {bound.name: "" if bound.value() is None else str(bound.value()) for bound in shown}
    form = ProjectForm({**data, **changes}, instance=Project.objects.get(pk=project.pk), user=user)
    assert form.is_valid(), form.errors
    return form


@pytest.mark.django_db(transaction=True)
def test_of_six_who_save_the_same_version_at_once_exactly_one_wins(project: Project, manager: User) -> None:
    forms = [posted(project, manager, name=f"名{n}") for n in range(6)]
    start, saved = threading.Barrier(6), []

    def save(form: ProjectForm) -> None:
        start.wait()
        if versions.save(form):
            saved.append(form.cleaned_data["name"])
        connection.close()

    threads = [threading.Thread(target=save, args=[form]) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    project.refresh_from_db()
    assert saved == [project.name]
    assert project.version == 2


def test_a_version_from_the_future_saves_nothing(project: Project, manager: User) -> None:
    assert not versions.save(posted(project, manager, version="7"))
    project.refresh_from_db()
    assert project.version == 1


def test_values_compare_as_they_mean(project: Project, other_project: Project) -> None:
    assert as_text(Decimal("12.50")) == as_text(Decimal("12.5")) == "12.5"
    assert as_text(Decimal(100)) == "100"
    assert as_text(None) == as_text("") == ""
    assert as_text([project, other_project]) == as_text([other_project.pk, project.pk])
    assert as_text(date(2026, 12, 1)) == "2026-12-01"
