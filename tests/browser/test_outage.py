"""What does somebody see whose Postgres stops under an open page?"""

from __future__ import annotations

import re

from playwright.sync_api import Browser

from tests.browser.conftest import BAD_SIGNS, Site, drawn, opened, serving

LEADS = 3_000


def test_last_good_numbers_with_a_banner_and_recovery_by_itself(site: Site, browser: Browser) -> None:
    page = opened(browser, site.url)
    headline = page.locator("h3").first.inner_text()
    site.stop_postgres()
    page.get_by_text("Not up to date").wait_for(timeout=120_000)  # nobody clicked anything
    drawn(page)
    words = page.locator("[data-testid=stMain]").inner_text()
    assert page.locator("h3").first.inner_text() == headline
    assert re.search(r"last good numbers, \d+ \w+ old", words)
    assert not BAD_SIGNS.search(words), words

    page.get_by_role("radio", name="This quarter").click()  # not asked before: nothing to fall back to
    page.wait_for_timeout(3_000)
    drawn(page)
    words = page.locator("[data-testid=stMain]").inner_text()
    assert "does not answer" in words
    assert not BAD_SIGNS.search(words), words
    page.get_by_role("radio", name="Last quarter").click()
    page.wait_for_timeout(3_000)

    site.start_postgres()
    page.get_by_text("Not up to date").wait_for(state="detached", timeout=120_000)
    drawn(page)
    assert page.locator("h3").first.inner_text() == headline
    assert page.locator("[data-testid=stMetric]").count() == 7
    page.context.close()


def test_page_opened_while_postgres_is_away_recovers_too(browser: Browser, session_folder) -> None:
    with serving(session_folder(), 1_000) as fresh:
        fresh.stop_postgres()
        page = opened(browser, fresh.url)
        words = page.locator("[data-testid=stMain]").inner_text()
        assert "does not answer" in words and not BAD_SIGNS.search(words), words
        fresh.start_postgres()
        page.locator("[data-testid=stMetric]").first.wait_for(timeout=120_000)
        page.context.close()


def test_empty_database_says_what_to_do(browser: Browser, session_folder) -> None:
    with serving(session_folder(), None) as empty:
        page = opened(browser, empty.url)
        words = page.locator("[data-testid=stMain]").inner_text()
        assert "There are no data yet" in words and "python -m dashboard import" in words
        page.goto(f"{empty.url}/data")
        drawn(page)
        words = page.locator("[data-testid=stMain]").inner_text()
        assert "no leads and no deals" in words and not BAD_SIGNS.search(words), words
        page.context.close()
