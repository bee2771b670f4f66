"""Does a click on the Funnel page lead to the leads behind the mark, by mouse or keyboard, and back to the place?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Site, drawn, fits, opened

PARTS = ("All steps", "A against B", "By month", "Time to convert", "What goes with it", "Qualification")


def hit(page: Page, mark: Locator) -> None:
    """Clicks in the middle of a mark; Plotly's own surface lies above it."""
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_bar_leads_to_its_leads_and_back_to_the_place(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/funnel?part=By+month&by=Partner&share=Of+the+first")
    caption = page.locator(".js-plotly-plot .annotation-text").nth(2).text_content() or ""
    count = re.search(r"\d[\d\u202f]*", caption)
    assert count, caption
    hit(page, page.locator(".js-plotly-plot").first.locator(".point path").nth(2))
    expect(page).to_have_url(re.compile(r"/leads\?.*reached="))
    drawn(page)
    assert count[0] in page.locator("h3").first.inner_text()
    page.go_back()
    expect(page.get_by_role("tab", name="By month")).to_have_attribute("aria-selected", "true", timeout=20_000)
    expect(page).to_have_url(re.compile(r"/funnel\?.*by=Partner"))
    assert "reached=" not in page.url
    page.context.close()


def test_leads_by_keyboard_alone(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/funnel")
    page.get_by_role("button", name="Show the leads").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/leads\?.*reached=lead"), timeout=20_000)
    page.context.close()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_renders_on_a_phone(site: Site, browser: Browser, part: str) -> None:
    page = opened(browser, f"{site.url}/funnel?part={part.replace(' ', '+')}", 390, "dark")
    expect(page.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")
    words = page.locator("[data-testid=stMain]").inner_text()
    assert not re.search(r"Traceback|Error:|\bnan\b|\bNone\b", words), words
    assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
    fits(page)
    page.context.close()
