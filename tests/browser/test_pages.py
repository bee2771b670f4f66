"""Do the pages render as people see them: wide and narrow, light and dark, with links that say the same again?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, drawn, fits, opened, words_of

WIDE_LIGHT, WIDE_DARK, NARROW_LIGHT, NARROW_DARK = (1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")
PAGES = {
    "/": (WIDE_LIGHT, WIDE_DARK, NARROW_LIGHT, NARROW_DARK),
    "/data": (WIDE_LIGHT, NARROW_DARK),
    "/review": (WIDE_LIGHT, NARROW_DARK),
    "/funnel": (WIDE_DARK, NARROW_LIGHT),
    "/velocity": (WIDE_LIGHT, NARROW_DARK),
    "/partner": (WIDE_DARK, NARROW_LIGHT),
    "/leads?reached=eql&missing=won": (WIDE_LIGHT, NARROW_DARK),
}


@pytest.mark.parametrize(
    ("path", "width", "scheme"), [(path, *look) for path, looks in PAGES.items() for look in looks]
)
def test_page_renders(site: Site, browser: Browser, path: str, width: int, scheme: str) -> None:
    page = opened(browser, site.url + path, width, scheme)
    words = words_of(page)
    assert "Data as of" in words and "Simulated company" in words
    fits(page)
    dark = page.evaluate("() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    assert dark == ("rgb(15, 22, 33)" if scheme == "dark" else "rgb(255, 255, 255)")
    page.context.close()


@pytest.mark.parametrize(
    ("path", "button", "leads_to"),
    [("/funnel?tier=Gold", "Show the leads", "/leads"), ("/leads?reached=eql", "Back to Funnel", "/funnel")],
)
def test_one_page_leads_to_another_with_the_filters(
    site: Site, browser: Browser, path: str, button: str, leads_to: str
) -> None:
    page = opened(browser, site.url + path)
    page.get_by_role("button", name=button).or_(page.get_by_role("link", name=button)).first.click()
    page.wait_for_url(re.compile(leads_to))
    drawn(page)
    words_of(page)
    assert ("tier=Gold" in page.url) is ("tier=Gold" in path)
    page.context.close()


def test_overview_answers_first(site: Site, browser: Browser) -> None:
    page = opened(browser, site.url)
    first = page.locator("h3").first.inner_text()
    assert re.match(r"Partners brought .* ARR in Q[1-4] \d{4}", first), first
    assert page.locator("[data-testid=stMetric]").count() == 7
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    assert page.locator(".js-plotly-plot .scatterlayer .trace").count() >= 7
    page.context.close()


def test_nothing_is_loaded_from_elsewhere(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith((site.url, "data:", "blob:")) else foreign.append(request.url),
    )
    page.goto(site.url)
    drawn(page)
    assert [url for url in foreign if not url.startswith("ws://127.0.0.1")] == []
    context.close()


def test_link_shows_the_same_view(site: Site, browser: Browser) -> None:
    page = opened(browser, site.url)
    expect(page).to_have_url(re.compile(r"period=Q[1-4](\+|%20)\d{4}"))
    page.get_by_role("radio", name="This year").click()
    page.wait_for_url(re.compile(r"period=20\d\d(&|$)"))
    drawn(page)
    page.get_by_role("radio", name="Last year").click()
    page.wait_for_url(re.compile("against="))
    drawn(page)
    tier = page.get_by_role("combobox", name="Tier")
    tier.scroll_into_view_if_needed()  # a list that is open closes when the sidebar moves
    page.wait_for_timeout(500)
    tier.click()
    page.get_by_role("option").nth(1).click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(1500)
    drawn(page)
    headline, link = page.locator("h3").first.inner_text(), page.url
    assert "tier=" in link and "against=" in link and re.search(r"period=20\d\d", link), link
    again = opened(browser, link)
    assert again.locator("h3").first.inner_text() == headline
    assert again.url == link
    again.get_by_role("link", name="Data").click()
    again.wait_for_url(re.compile("/data"))
    drawn(again)
    again.get_by_role("link", name="Overview").click()
    again.wait_for_timeout(1000)
    drawn(again)
    assert again.locator("h3").first.inner_text() == headline, "the filters do not survive a change of page"
    again.get_by_role("button", name="Reset").click()
    again.wait_for_timeout(1500)
    drawn(again)
    assert "tier=" not in again.url and "against=" not in again.url
    page.context.close()
    again.context.close()


def test_wrong_link_is_left_out_with_a_note(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/?partner=Nobody+%3Cb%3E&tier=Unobtainium&period=%27%3B--&against=x&channel=")
    sidebar = page.locator("[data-testid=stSidebar]").inner_text()
    assert "Nobody <b>" in sidebar and "Unobtainium" in sidebar and "is no period" in sidebar
    assert page.locator("[data-testid=stMetric]").count() == 7
    page.context.close()
