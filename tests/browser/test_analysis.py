"""The efficiency analysis in a browser: charts, their tables and downloads, the step into the plan, paper (P4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from plans.models import Plan, ProposedStep
from projects.models import Project
from tests import factories
from tests.browser.conftest import SignIn, fits

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def projects(grid: Grid) -> list[Project]:
    """Six projects with 24 months of figures; the last one's ports are nearly full."""
    now, found = Month.of(timezone.localdate()).plus(-1), []
    for number in range(6):
        row = factories.make_project(grid, f"P30000{number}", name=f"银杏{number}里", market_share=20 + 8 * number)
        for back in range(24):
            factories.make_indicator(
                row, now.plus(-back), billing_users=400 - 5 * back, ports=450, ports_used=60 + 70 * number - back,
                net_adds=5, target_net_adds=8, billing_revenue=20_000 - 100 * back, renewals_due=20, renewals_done=17,
                commission=1800,
            )  # fmt: skip
        found.append(row)
    return found


@pytest.fixture
def at_analysis(page: Page, sign_in: SignIn, manager: User, projects: list[Project]) -> Page:
    sign_in(page, manager)
    page.goto("/projects/analysis/")
    expect(page.locator(".chart.is-drawn")).to_have_count(8)
    return page


def inked(page: Page, chart: str) -> bool:
    """Whether the chart's canvas holds anything."""
    script = """name => {
        const canvas = document.querySelector(`#chart-${name} canvas`);
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return data.some((value) => value !== 0);
    }"""
    return bool(page.evaluate(script, chart))


def test_every_chart_is_drawn_and_its_table_and_download_agree(at_analysis: Page, tmp_path: Path) -> None:
    page = at_analysis
    for name in ("quadrant", "users", "net_adds", "renewal_rate", "utilisation", "revenue", "arpu", "commission"):
        expect(page.locator(f"#chart-{name} [data-canvas]")).to_have_attribute("aria-label", re.compile("."))
    assert inked(page, "quadrant")
    assert inked(page, "users")
    chart = page.locator("#chart-users")
    chart.locator("summary").click()
    expect(chart.locator("tbody tr")).to_have_count(24)
    shown = [cell.replace(",", "") for cell in chart.locator("tbody tr td:nth-child(2)").all_inner_texts()]
    with page.expect_download() as loading:
        chart.locator(".chart-download").click()
    path = tmp_path / "chart.xlsx"
    loading.value.save_as(path)
    rows: Any = list(load_workbook(path).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [str(row[1]) for row in rows[1:]] == shown
    drawn = page.evaluate("JSON.parse(document.querySelector('#chart-users script').textContent).series[0].values")
    assert [str(value) for value in drawn] == shown


def test_a_click_on_a_dot_opens_the_project(at_analysis: Page, projects: list[Project]) -> None:
    page = at_analysis
    canvas = page.locator("#chart-quadrant canvas").first
    canvas.scroll_into_view_if_needed()
    place = page.evaluate(
        """() => {
        const chart = echarts.getInstanceByDom(document.querySelector('#chart-quadrant [data-canvas]'));
        const series = chart.getOption().series.findIndex((one) => one.data.length);
        return chart.convertToPixel({ seriesIndex: series }, chart.getOption().series[series].data[0].value);
    }"""
    )
    canvas.click(position={"x": place[0], "y": place[1]})
    expect(page).to_have_url(re.compile(r"/projects/\d+/analysis/$"))
    expect(page.locator(".chart.is-drawn").first).to_be_visible()


def test_a_step_goes_into_the_plan_by_a_click_and_out_again(
    at_analysis: Page, grid: Grid, projects: list[Project], wait_for: Wait
) -> None:
    page = at_analysis
    plan = Plan.objects.create(grid=grid, month=Month.of(timezone.localdate()).plus(1).first)
    step = page.locator("#step-nearly_full-0")
    if not step.count():
        step = page.locator(f"#step-nearly_full-{projects[-1].pk}")
    step.locator("button").click()
    expect(step.locator(f"a[href='/plans/{plan.pk}/']")).to_be_visible()
    assert plan.steps.get().project == projects[-1]
    # another look at the page knows it
    page.goto("/projects/analysis/")
    expect(step.locator(f"a[href='/plans/{plan.pk}/']")).to_be_visible()
    step.locator("button").click()
    expect(step.locator("a")).to_have_count(0)
    expect(step.locator("input[name=what]")).to_have_count(1)
    assert not plan.steps.exists()
    assert not ProposedStep.objects.exists()


def test_on_a_phone_the_page_fits_and_the_charts_are_drawn(
    phone: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(phone, manager)
    for address in ("/projects/analysis/", f"/projects/{projects[0].pk}/analysis/"):
        phone.goto(address)
        expect(phone.locator(".chart.is-drawn").last).to_be_attached()
        assert inked(phone, "users")
        assert fits(phone)


def test_on_paper_the_charts_stand_two_to_a_row_on_few_sheets(at_analysis: Page) -> None:
    page = at_analysis
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) <= 4
    page.emulate_media(media="print")
    expect(page.locator("#chart-users [data-chart-table]")).to_be_hidden()
    expect(page.locator(".sidebar")).to_be_hidden()
    width = "document.querySelector('#chart-users canvas').clientWidth"
    assert 280 < page.evaluate(width) <= 340
    page.emulate_media(media="screen")
    expect(page.locator("#chart-users [data-chart-table]")).to_be_visible()
    assert inked(page, "users")


def test_without_scripts_the_tables_say_everything(
    browser: Any, live_server: Any, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    plain = context.new_page()
    sign_in(plain, manager)
    plain.goto("/projects/analysis/")
    expect(plain.locator("#chart-users tbody tr")).to_have_count(24)
    expect(plain.locator("#chart-users tbody tr").first).to_be_visible()
    context.close()
