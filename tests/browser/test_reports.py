"""A report is drawn as a picture by the browser, and its text is copied."""

from __future__ import annotations

from django.utils import timezone
from playwright.sync_api import Page, expect

from channels.models import Agent
from gridops.accounts.models import User
from gridops.common.months import Month
from projects.models import Project
from renewals.services_tally import retally
from tests import factories
from tests.browser.conftest import SignIn, fits

INKS = """canvas => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let at = 0; at < pixels.length; at += 4 * 997) seen.add(pixels.slice(at, at + 3).join());
  return [canvas.width, canvas.height, seen.size];
}"""


def test_a_report_becomes_a_picture_to_save_and_a_text_to_copy(
    phone: Page, manager: User, sign_in: SignIn, project: Project, agent: Agent
) -> None:
    today = timezone.localdate()
    row = factories.make_warning(factories.make_subscriber(project, expires_on=Month.of(today).last), agent=agent)
    retally([row.warning_list_id], today)
    sign_in(phone, manager)
    phone.goto("/renewals/reports/")
    canvas = phone.locator(".report-canvas")
    expect(canvas).to_be_visible()
    width, height, inks = canvas.evaluate(INKS)
    assert width == 1080
    assert height > 600
    assert inks > 3
    with phone.expect_download() as saving:
        phone.locator("[data-report-save]").click()
    assert saving.value.suggested_filename.endswith(".png")
    assert saving.value.path().read_bytes()[:4] == b"\x89PNG"
    phone.locator("[data-report-copy=text]").click()
    expect(phone.locator("[data-report-said]")).not_to_be_empty()
    assert fits(phone)
