"""The pages about rivals: what is in force, the timeline, adding, answering, correcting, taking back, the feed (P3)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from gridops.accounts.models import User
from gridops.workbooks.trail import trail
from projects import services_rivals
from projects.models import CounterMeasure, Ledger, LedgerTouch, Operator, Project, RivalOffer, RivalPhoto
from projects.rules_rivals import in_force
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def picture(name: str = "海报.jpg", size: tuple[int, int] = (40, 30)) -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def seen(operator: Operator, **more: Any) -> dict[str, Any]:
    return {
        "operator": operator.pk,
        "kind": "tariff",
        "text": "500M 59元/月,送机顶盒",
        "monthly_fee": "59",
        "seen_on": timezone.localdate().isoformat(),
        "source": "poster",
        **more,
    }


def post_as_shown(client: Client, address: str, **changed: Any) -> Any:
    """What a person sends who opened the form at ``address`` and changed some fields."""
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return client.post(
        address, {name: value for name, value in {**sent, **changed}.items() if value not in (None, False)}
    )


# --- In force ---


def test_an_empty_text_ends_all_that_was_seen_of_the_operator_before(project: Project, telecom: Operator) -> None:
    offers = [
        factories.make_offer(project, telecom, "tariff", date(2026, 1, 1)),
        factories.make_offer(project, telecom, "", date(2026, 2, 1), kind="network"),
        factories.make_offer(project, telecom, "poster", date(2026, 3, 1), kind="publicity"),
        factories.make_offer(project, Operator.objects.get(name="移动"), "other", date(2026, 1, 1)),
    ]
    assert [offer.text for offer in in_force(offers)] == ["poster", "other"]


def test_the_page_shows_what_is_in_force_the_measure_and_tariffs_by_fee(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf, today: date
) -> None:
    mobile = Operator.objects.get(name="移动")
    factories.make_offer(project, telecom, "旧资费", date(2026, 1, 1), monthly_fee=Decimal(99))
    factories.make_offer(project, telecom, "新资费", date(2026, 2, 1), monthly_fee=Decimal(79))
    factories.make_offer(project, telecom, "楼道海报", date(2026, 1, 5), kind="publicity")
    factories.make_offer(project, mobile, "移动资费", date(2026, 1, 5), monthly_fee=Decimal(49))
    for day, text in [(9, "旧措施"), (10, "新措施")]:
        CounterMeasure.objects.create(project=project, noted_on=date(2026, 1, day), text=text, by=manager)
    context = client_of(manager).get(reverse("projects:rivals", args=[project.pk])).context
    shown = {operator.name: [offer.text for offer in offers] for operator, offers in context["operators"]}
    assert shown == {"电信": ["新资费", "楼道海报"], "移动": ["移动资费"], "长宽": [], "艾普": [], "其他": []}
    assert [offer.monthly_fee for offer in context["tariffs"]] == [49, 79]
    assert [row.text for row in context["measures"]] == ["新措施", "旧措施"]
    assert [offer.text for offer in context["page"].rows] == ["新资费", "移动资费", "楼道海报", "旧资费"]


def test_the_timeline_is_filtered_by_operator_and_kind(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf
) -> None:
    factories.make_offer(project, telecom, "资费")
    factories.make_offer(project, telecom, "海报", kind="publicity")
    factories.make_offer(project, Operator.objects.get(name="移动"), "移动的")
    address, client = reverse("projects:rivals", args=[project.pk]), client_of(manager)
    asked: list[tuple[dict[str, Any], set[str]]] = [
        ({"operator": telecom.pk}, {"资费", "海报"}),
        ({"operator": telecom.pk, "kind": "publicity"}, {"海报"}),
        ({"kind": "tariff"}, {"资费", "移动的"}),
        ({"kind": "nonsense"}, {"资费", "海报", "移动的"}),
    ]
    for query, texts in asked:
        assert {offer.text for offer in client.get(address, query).context["page"].rows} == texts


def test_the_page_costs_the_same_however_long_the_history(
    project: Project, other_project: Project, manager: User, supervisor: User, client_of: ClientOf
) -> None:
    def cost(place: Project) -> int:
        client = client_of(supervisor)
        client.get(reverse("projects:rivals", args=[place.pk]))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("projects:rivals", args=[place.pk]))
        return len(queries)

    operators = list(Operator.objects.all())
    factories.make_photo(factories.make_offer(project), manager)
    for number in range(60):
        day = date(2026, 1, 1) + timedelta(days=number)
        offer = factories.make_offer(other_project, operators[number % 5], f"{number}", day, by=manager)
        if number % 7 == 0:
            factories.make_photo(offer, manager)
    assert cost(other_project) == cost(project)


# --- Added ---


def test_what_was_seen_is_added_with_photos_of_camera_and_album(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf, media: Path, today: date
) -> None:
    client = client_of(manager)
    sent = seen(telecom, camera=picture(), photos=[picture(), picture()])
    response = client.post(reverse("projects:rival-new", args=[project.pk]), sent)
    assert response.status_code == 302
    offer = RivalOffer.objects.get()
    assert (offer.project, offer.operator, offer.by, offer.seen_on) == (project, telecom, manager, today)
    assert (offer.monthly_fee, offer.source) == (Decimal(59), "poster")
    assert offer.photos.count() == 3
    assert len(files(media)) == 6
    assert trail(offer)[0].who == manager.name
    touched = LedgerTouch.objects.get()
    assert (touched.project, touched.ledger, touched.by) == (project, Ledger.RIVALS, manager)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": " "}, "text"),
        ({"gone": "on"}, "gone"),
        ({"monthly_fee": "-1"}, "monthly_fee"),
        ({"seen_on": "2199-01-01"}, "seen_on"),
        ({"seen_on": "1999-12-31"}, "seen_on"),
        ({"operator": "999999"}, "operator"),
        ({"text": "x" * 501}, "text"),
        ({"camera": SimpleUploadedFile("x.jpg", b"<html>")}, "camera"),
    ],
)
def test_a_fault_is_said_at_its_field_and_nothing_is_kept(
    changed: dict[str, Any],
    field: str,
    project: Project,
    telecom: Operator,
    manager: User,
    client_of: ClientOf,
    media: Path,
) -> None:
    sent = {**seen(telecom), "photos": [picture()], **changed}
    response = client_of(manager).post(reverse("projects:rival-new", args=[project.pk]), sent)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert response.context["form"].errors["photos"], "photos have to be chosen again, which is said"
    assert not RivalOffer.objects.exists()
    assert files(media) == []


def test_seven_photos_of_camera_and_album_together_are_too_many(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf
) -> None:
    sent = seen(telecom, camera=picture(), photos=[picture() for _ in range(6)])
    response = client_of(manager).post(reverse("projects:rival-new", args=[project.pk]), sent)
    assert response.context["form"].errors["photos"]
    assert not RivalOffer.objects.exists()


def test_no_file_is_left_when_saving_fails_half_way(
    project: Project,
    telecom: Operator,
    manager: User,
    client_of: ClientOf,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        assert len(files(media)) == 4
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(services_rivals, "_touch", fail)
    with pytest.raises(RuntimeError):
        client_of(manager).post(
            reverse("projects:rival-new", args=[project.pk]), seen(telecom, photos=[picture(), picture()])
        )
    assert files(media) == []
    assert not RivalOffer.objects.exists()


def test_that_they_offer_nothing_any_more_is_said_without_a_text(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf
) -> None:
    sent = seen(telecom, text="", gone="on", monthly_fee="")
    assert client_of(manager).post(reverse("projects:rival-new", args=[project.pk]), sent).status_code == 302
    assert RivalOffer.objects.get().text == ""


def test_more_photos_are_added_up_to_six(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf, media: Path
) -> None:
    offer = factories.make_offer(project, telecom)
    address, client = reverse("projects:rival-photos", args=[offer.pk]), client_of(manager)
    assert client.post(address, {"photos": [picture() for _ in range(5)]}).status_code == 302
    assert client.post(address, {"photos": [picture(), picture()]}).context["form"].errors["photos"]
    assert (offer.photos.count(), len(files(media))) == (5, 10)
    assert client.post(address, {"camera": picture()}).status_code == 302
    assert client.post(address, {}).context["form"].errors["photos"]


# --- Corrected, answered, seen again ---


def test_two_who_correct_the_same_field_are_shown_both_values(
    project: Project, telecom: Operator, manager: User, supervisor: User, client_of: ClientOf
) -> None:
    offer = factories.make_offer(project, telecom, "59元")
    address = reverse("projects:rival-edit", args=[offer.pk])
    client = client_of(manager)
    form = client.get(address).context["form"]
    mine = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert post_as_shown(client_of(supervisor), address, text="69元").status_code == 302
    response = client.post(address, {**mine, "text": "79元"})
    assert response.status_code == 409
    clash = response.context["conflict"].clashing[0]
    assert (clash.theirs, clash.typed, clash.by.who) == ("69元", "79元", supervisor.name)
    offer.refresh_from_db()
    assert offer.text == "69元"


def test_an_answer_and_a_correction_at_once_do_not_stand_in_each_others_way(
    project: Project, telecom: Operator, manager: User, supervisor: User, client_of: ClientOf, today: date
) -> None:
    offer = factories.make_offer(project, telecom, "59元")
    client, address = client_of(manager), reverse("projects:rival-answer", args=[offer.pk])
    form = client.get(address).context["form"]
    mine = {name: form[name].value() for name in form.fields}
    post_as_shown(client_of(supervisor), reverse("projects:rival-edit", args=[offer.pk]), text="69元")
    assert client.post(address, {**mine, "answer": "送3个月"}).status_code == 302
    offer.refresh_from_db()
    assert (offer.text, offer.answer, offer.answered_on, offer.version) == ("69元", "送3个月", today, 3)


def test_an_answer_taken_back_has_no_day(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf, today: date
) -> None:
    offer = factories.make_offer(project, telecom, answer="送3个月", answered_on=today)
    assert (
        post_as_shown(client_of(manager), reverse("projects:rival-answer", args=[offer.pk]), answer="").status_code
        == 302
    )
    offer.refresh_from_db()
    assert (offer.answer, offer.answered_on) == ("", None)


def test_seen_again_today_is_kept_on_the_offer_and_counts_as_looked_after(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf, today: date
) -> None:
    offer = factories.make_offer(project, telecom)
    client, address = client_of(manager), reverse("projects:rival-again", args=[offer.pk])
    for _tap in range(2):
        assert client.post(address).status_code == 302
    offer.refresh_from_db()
    assert (offer.seen_again_on, offer.version) == (today, 2)
    assert RivalOffer.objects.count() == 1
    assert trail(offer)[0].changes[0].field == "seen_again_on"
    assert LedgerTouch.objects.get().how == LedgerTouch.How.CONFIRMED


def test_an_offer_that_was_replaced_and_is_back_is_a_new_row(
    project: Project, telecom: Operator, manager: User, client_of: ClientOf, today: date
) -> None:
    old = factories.make_offer(
        project, telecom, "59元", date(2026, 1, 1), answer="送3个月", answered_on=date(2026, 1, 2)
    )
    factories.make_offer(project, telecom, "79元", date(2026, 2, 1))
    client_of(manager).post(reverse("projects:rival-again", args=[old.pk]))
    back = RivalOffer.objects.latest(today).get()
    assert (back.text, back.seen_on, back.by, back.answer) == ("59元", today, manager, "")


def test_a_measure_is_written_down_and_the_one_before_stays(
    project: Project, manager: User, client_of: ClientOf, today: date
) -> None:
    CounterMeasure.objects.create(project=project, noted_on=date(2026, 1, 1), text="旧", by=manager)
    address = reverse("projects:rival-measure", args=[project.pk])
    seen = client_of(manager).get(address).context["form"]["seen"].value()
    assert client_of(manager).post(address, {"text": "新", "seen": seen}).status_code == 302
    assert [(row.text, row.noted_on) for row in CounterMeasure.objects.all()] == [
        ("新", today),
        ("旧", date(2026, 1, 1)),
    ]


def test_a_measure_written_meanwhile_is_shown_before_it_is_replaced(
    project: Project, manager: User, supervisor: User, client_of: ClientOf
) -> None:
    address, client = reverse("projects:rival-measure", args=[project.pk]), client_of(manager)
    CounterMeasure.objects.create(project=project, noted_on=date(2026, 1, 1), text="旧", by=manager)
    begun = {"text": "旧", "seen": client.get(address).context["form"]["seen"].value()}
    assert client_of(supervisor).post(address, {"text": "别人的", "seen": begun["seen"]}).status_code == 302
    page = client.post(address, begun)
    assert page.status_code == 409
    assert "别人的" in page.content.decode()
    assert CounterMeasure.objects.first().text == "别人的"  # type: ignore[union-attr]
    sent = {"text": "旧", "seen": page.context["form"]["seen"].value()}
    assert client.post(address, sent).status_code == 302
    assert CounterMeasure.objects.first().text == "旧"  # type: ignore[union-attr]


# --- Taken back ---


def test_ones_own_entry_of_today_is_taken_back_with_its_files_and_stays_in_the_records(
    project: Project,
    telecom: Operator,
    manager: User,
    client_of: ClientOf,
    media: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    offer = factories.make_offer(project, telecom, by=manager)
    factories.make_photo(offer, manager)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(manager).post(reverse("projects:rival-remove", args=[offer.pk]))
    assert not RivalOffer.objects.exists()
    assert files(media) == []
    entry = LogEntry.objects.get_for_object(offer).get(action=LogEntry.Action.DELETE)
    assert entry.actor == manager
    assert offer.text in str(entry.changes)


@pytest.mark.parametrize("what", ["of another", "of yesterday", "answered", "by import"])
def test_nothing_else_is_ever_taken_back(
    what: str, project: Project, telecom: Operator, manager: User, supervisor: User, client_of: ClientOf
) -> None:
    offer = factories.make_offer(project, telecom, by=supervisor if what == "of another" else manager)
    if what == "of yesterday":
        RivalOffer.objects.filter(pk=offer.pk).update(recorded_at=timezone.now() - timedelta(days=1))
    if what == "answered":
        RivalOffer.objects.filter(pk=offer.pk).update(answer="送3个月")
    if what == "by import":
        RivalOffer.objects.filter(pk=offer.pk).update(created_batch=1)
    client_of(manager).post(reverse("projects:rival-remove", args=[offer.pk]))
    assert RivalOffer.objects.filter(pk=offer.pk).exists()


def test_only_ones_own_photo_of_today_is_taken_back(
    project: Project, manager: User, supervisor: User, client_of: ClientOf
) -> None:
    offer = factories.make_offer(project)
    mine, theirs = factories.make_photo(offer, manager), factories.make_photo(offer, supervisor)
    for photo in (mine, theirs):
        client_of(manager).post(reverse("projects:rival-photo-remove", args=[photo.pk]))
    assert list(RivalPhoto.objects.all()) == [theirs]
    entry = LogEntry.objects.get(action=LogEntry.Action.DELETE)
    assert (entry.object_id, entry.actor) == (mine.pk, manager)


def test_a_specialist_sees_everything_and_gets_no_button(
    project: Project, telecom: Operator, specialist: User, client_of: ClientOf
) -> None:
    offer = factories.make_offer(project, telecom)
    page = client_of(specialist).get(reverse("projects:rivals", args=[project.pk])).content.decode()
    assert offer.text in page
    for name in ("rival-new", "rival-answer", "rival-edit", "rival-again", "rival-photos", "rival-remove"):
        assert reverse(f"projects:{name}", args=[offer.pk]) not in page
