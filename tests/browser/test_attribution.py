"""Does the Attribution page link what it shows, follow its rule, and fit on a phone?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, drawn, fits, opened, words_of

TABS = ("Partners", "Assets", "Channels", "Campaigns", "Every rule", "Payouts", "AI referrals")


def headline(page: Page) -> str:
    return page.locator("h3").first.inner_text().replace("\u202f", " ")


def unharmed(page: Page) -> None:
    """Nothing scrolls sideways, and nothing went wrong."""
    words_of(page)
    fits(page)


def choose(page: Page, label: str, option: str) -> None:
    """An option of a list, with the keyboard alone."""
    field = page.get_by_role("combobox", name=re.compile(rf"^{label}\b|{label}$"))
    field.focus()
    page.keyboard.type(option)
    page.keyboard.press("Enter")


def test_the_rule_is_chosen_by_keyboard_and_stands_in_the_link(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/attribution")
    assert re.match(r"By position A, partners brought .*\)\.$", headline(page))
    expect(page.get_by_text("to the cent what the ARR page shows.")).to_be_visible()
    choose(page, "Rule", "Last touch")
    expect(page.locator("h3").first).to_contain_text("By last touch", timeout=30_000)
    page.wait_for_url(re.compile(r"credit_rule=Last(\+|%20)touch"))
    drawn(page)
    page.get_by_role("radio", name="Pipeline").click()
    expect(page.locator("h3").first).to_contain_text("pipeline created in", timeout=30_000)
    expect(page.get_by_text("to the cent what the Overview shows.")).to_be_visible()
    page.get_by_role("tab", name="Channels").click()
    page.wait_for_url(re.compile("credit_part=Channels"))
    page.wait_for_url(re.compile("credit_of=Pipeline"))
    drawn(page)
    said, link = headline(page), page.url
    again = opened(browser, link)
    assert headline(again) == said and again.url == link
    assert again.get_by_role("tab", name="Channels").get_attribute("aria-selected") == "true"
    page.context.close()
    again.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_tab_fits(site: Site, browser: Browser, width: int, scheme: str) -> None:
    page = opened(browser, f"{site.url}/attribution", width, scheme)
    unharmed(page)
    for title in TABS:
        tab = page.get_by_role("tab", name=title)
        tab.scroll_into_view_if_needed()
        tab.click()
        page.wait_for_timeout(300)
        drawn(page)
        expect(tab).to_have_attribute("aria-selected", "true")
        unharmed(page)
    page.context.close()


def test_wrong_link_falls_back(site: Site, browser: Browser) -> None:
    wrong = "credit_rule=%3Cb%3E&credit_beside=&credit_of=x&half_life=0&key_influence=y&credit_until=z&credit_part=q"
    page = opened(browser, f"{site.url}/attribution?{wrong}")
    assert headline(page).startswith("By position A")
    unharmed(page)
    page.context.close()


def test_tables_are_handed_over(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/attribution")
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="CSV").last.click()
    assert re.fullmatch(r"attribution-\d{4}-Q[1-4]\.zip", download.value.suggested_filename)
    page.context.close()
