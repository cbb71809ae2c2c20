"""The same visit sent twice at the same time, from a telephone that lost its connection (C5)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from channels import services_visits
from channels.models import Call, Matter, Outlet, Visit, VisitPhoto
from channels.rules_visits import Raised, Said
from channels.services_visits import record_call, record_visit
from gridops.accounts.models import Grid, User
from gridops.common.photos import Photo
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True)]


def photo() -> Photo:
    """A photo that was cleaned."""
    large, small = (ContentFile(b"x", f"{uuid.uuid4().hex}.jpg") for _size in range(2))
    return Photo(large, small, 4, 3)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What ``acts`` answer, begun at the same moment; a refusal as its code."""
    start = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return one().again
        except ValidationError as fault:
            return fault.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act, one) for one in acts]]


def files() -> set[Path]:
    """The files that are kept."""
    return {path for path in Path(settings.MEDIA_ROOT).rglob("visits/**/*") if path.is_file()}


def test_the_same_key_twice_at_once_is_one_visit(outlet: Outlet, manager: User) -> None:
    said = Said(at=timezone.now(), orders=3, matters=[Raised("problem", "缺单页")])
    before = files()
    twice = [lambda: record_visit(outlet, said, manager, photos=[("", photo())]) for _time in range(3)]
    assert sorted(at_once(*twice)) == [False, True, True]
    assert Visit.objects.count() == Matter.objects.count() == VisitPhoto.objects.count() == 1
    assert len(files() - before) == 2


def test_the_same_key_at_two_outlets_at_once_is_one_visit_and_a_refusal(
    outlet: Outlet, grid: Grid, manager: User
) -> None:
    other, said = factories.make_outlet(grid), Said(at=timezone.now())
    before = files()
    acts = [lambda shop=shop: record_visit(shop, said, manager, photos=[("", photo())]) for shop in (outlet, other)]
    assert sorted(map(str, at_once(*acts))) == ["False", "key"]
    assert Visit.objects.count() == 1
    assert len(files() - before) == 2


def test_the_same_call_twice_at_once_is_one(outlet: Outlet, manager: User) -> None:
    key, at = uuid.uuid4(), timezone.now()
    acts = [lambda: record_call(outlet, key, True, at, "", manager) for _time in range(2)]
    assert sorted(at_once(*acts)) == [False, True]
    assert Call.objects.count() == 1


def test_nothing_of_a_visit_that_failed_halfway_is_left(
    outlet: Outlet, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services_visits, "raise_matter", broken)
    before, said = files(), Said(at=timezone.now(), matters=[Raised("problem", "缺单页")])
    with pytest.raises(RuntimeError):
        record_visit(outlet, said, manager, photos=[("sign", photo())])
    assert not Visit.objects.exists()
    assert files() == before
