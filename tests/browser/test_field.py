"""Visits on a phone that has no network: kept, sent once, never another person's (C5)."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from channels.models import Outlet, Visit
from gridops.accounts.models import Grid, User
from tests import factories
from tests.browser.conftest import SignIn, fits

QUEUED = 200
READY = "[data-field][data-ready=yes]"
FILL = """async ({ person, outlets, many }) => {
  const { openStore } = await import("/static/js/field_store.js");
  const { newKey } = await import("/static/js/keys.js");
  const store = await openStore();
  const said = new Date().toISOString();
  await store.write(...Array.from({ length: many }, (_, at) => {
    const key = newKey();
    const fields = { key: [key], at: [said], orders: [String(at)], sign: ["yes"] };
    return ["queue", { key, person, kind: "visit", outlet: outlets[at % outlets.length], fields, photos: [],
      said, at: said,
      state: "waiting", errors: {}, tried: false }];
  }));
}"""


def open_field(page: Page) -> None:
    page.goto("/channels/field/")
    page.wait_for_selector(READY)
    expect(page.locator(".field-row").first).to_be_visible()


def visit_by_taps(page: Page, outlet: Outlet, orders: int) -> None:
    page.locator(f'[href="#visit-{outlet.pk}"]').click()
    page.locator("[data-all-there]").click()
    page.fill("[name=orders]", str(orders))
    page.locator(".field-save .btn").click()
    expect(page.locator("[data-view=list]")).to_be_visible()


def test_two_hundred_visits_without_a_network_all_arrive_and_none_twice(
    phone: Page, manager: User, grid: Grid, sign_in: SignIn
) -> None:
    outlets = [factories.make_outlet(grid, f"W{number}", name=f"店{number}") for number in range(10)]
    sign_in(phone, manager)
    open_field(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    open_field(phone)  # now the worker answers
    phone.context.set_offline(True)
    for number, outlet in enumerate(outlets[:3]):
        visit_by_taps(phone, outlet, 300 + number)
    ids = [outlet.pk for outlet in outlets]
    phone.evaluate(FILL, {"person": str(manager.pk), "outlets": ids, "many": QUEUED - 3})
    open_field(phone)  # from the phone's cache
    expect(phone.locator("[data-field-count]")).to_contain_text(str(QUEUED))
    other = phone.context.new_page()  # a second tab has the same to send
    other.goto("/channels/field/")
    other.wait_for_selector(READY)
    assert Visit.objects.count() == 0
    assert fits(phone)

    lost: list[int] = []

    def lose_the_answer(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    phone.context.route("**/visit/record/", lose_the_answer, times=1)
    phone.context.set_offline(False)
    expect(phone.locator("[data-field-count]")).to_be_hidden(timeout=90_000)
    expect(other.locator("[data-field-count]")).to_be_hidden()
    orders = list(Visit.objects.order_by("orders").values_list("orders", flat=True))
    assert lost == [201]
    assert orders == [*range(QUEUED - 3), 300, 301, 302]


def test_a_draft_outlives_the_page_a_fault_comes_back_to_its_field_and_another_person_finds_nothing(
    phone: Page, manager: User, stranger: User, grid: Grid, foreign_grid: Grid, sign_in: SignIn
) -> None:
    shop = factories.make_outlet(grid, "W1", name="城东店")
    factories.make_outlet(foreign_grid, "W2", name="城西店")
    sign_in(phone, manager)
    open_field(phone)
    phone.locator(f'[href="#visit-{shop.pk}"]').click()
    phone.fill("[name=orders]", "10001")
    phone.wait_for_timeout(600)
    phone.reload()
    expect(phone.locator("[name=orders]")).to_have_value("10001")

    phone.locator(".field-save .btn").click()
    phone.locator("[data-field-count]").click()
    phone.locator('.field-entry[data-state="refused"] [data-mend]').click()
    expect(phone.locator("[data-of=orders] .field-fault")).to_be_visible()
    phone.fill("[name=orders]", "11")
    phone.locator(".field-save .btn").click()
    expect(phone.locator("[data-field-count]")).to_be_hidden()
    assert list(Visit.objects.values_list("outlet", "orders")) == [(shop.pk, 11)]

    phone.locator(f'[href="#visit-{shop.pk}"]').click()
    phone.fill("[name=note]", "只属于张经理")
    phone.wait_for_timeout(600)
    sign_in(phone, stranger)
    phone.goto("/channels/outlets/")
    open_field(phone)
    expect(phone.get_by_text("城西店")).to_be_visible()
    expect(phone.get_by_text("城东店")).to_have_count(0)
    expect(phone.locator("[data-field-count]")).to_be_hidden()
