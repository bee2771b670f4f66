"""Can a decision be made, saved and taken back with the keyboard alone, and do two people not overwrite each other?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, drawn, fits, opened


def decisions(site: Site) -> list[tuple[str, str]]:
    return site.rows("SELECT author, decision FROM eql.review_decision ORDER BY decision_id")


def settle(page: Page) -> None:
    page.wait_for_timeout(700)
    drawn(page)


def reach(page: Page, name: str, role: str = "button", most: int = 80) -> None:
    """Presses Tab until the element of that name has the focus."""
    wanted = page.get_by_role(role, name=re.compile(name))
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.count() and wanted.first.evaluate("own => own === document.activeElement"):
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


def choose(page: Page, decision: str, down: int = 0) -> None:
    """Into the table, to the column of decisions, and one of them chosen; no mouse."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.tagName === 'CANVAS'"):
            break
    page.keyboard.press("ArrowDown")
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    for _ in range(down):
        page.keyboard.press("ArrowDown")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    page.keyboard.type(decision)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    settle(page)


def name_oneself(page: Page, name: str) -> None:
    reach(page, "Your name", "textbox")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    settle(page)


def test_decide_save_and_undo_with_the_keyboard(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/review")
    before = len(decisions(site))
    choose(page, "Double")
    expect(page.get_by_role("button", name="Save 1 decision")).to_be_enabled()
    name_oneself(page, "Ann")
    reach(page, "Save 1 decision")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved 1 decision.")).to_be_visible()
    assert decisions(site)[before:] == [("Ann", "double")]
    settle(page)
    reach(page, "Undo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Took back 1 decision.")).to_be_visible()
    assert decisions(site)[before:] == [("Ann", "double"), ("Ann", "withdrawn")]
    page.context.close()


def test_two_people_at_once(site: Site, browser: Browser) -> None:
    ann, bo = (opened(browser, f"{site.url}/review") for _ in range(2))
    for page, decision, name in ((ann, "Keep", "Ann"), (bo, "End", "Bo")):
        choose(page, decision, down=1)
        name_oneself(page, name)
    for page in (ann, bo):
        page.get_by_role("button", name="Save 1 decision").click()
        settle(page)
    expect(bo.get_by_text("somebody else was quicker")).to_be_visible()
    assert "Ann decided" in bo.locator("[data-testid=stMain]").inner_text()
    assert decisions(site)[-1] == ("Ann", "keep")
    for page in (ann, bo):
        page.context.close()


def test_what_was_chosen_outlives_the_database(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/review")
    choose(page, "Wait", down=2)
    name_oneself(page, "Ann")
    site.stop_postgres()
    try:
        page.get_by_role("button", name="Save 1 decision").click()
        settle(page)
        words = page.locator("[data-testid=stMain]").inner_text()
        assert "nothing was saved" in words or "neither read nor saved" in words, words
        assert "Traceback" not in words and page.locator("[data-testid=stException]").count() == 0
    finally:
        site.start_postgres()
    page.wait_for_timeout(6_000)
    settle(page)
    page.get_by_role("button", name="Save 1 decision").click()
    expect(page.get_by_text("Saved 1 decision.")).to_be_visible()
    assert decisions(site)[-1] == ("Ann", "wait")
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_page_answers_first_and_never_scrolls_sideways(site: Site, browser: Browser, width: int, scheme: str) -> None:
    page = opened(browser, f"{site.url}/review", width, scheme)
    first = page.locator("h3").first.inner_text()
    assert re.search(r"of \d+ partners .*fifth|Too few deals|None of", first), first
    assert page.locator(".js-plotly-plot").count() >= 2
    fits(page)
    page.context.close()


def test_files_of_the_review_can_be_fetched(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/review")
    for label, begins in (("Board PDF", b"%PDF"), ("XLSX", b"PK"), ("CSV", b"name,")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label, exact=True).click()
        assert waiting.value.path().read_bytes().startswith(begins), label
    page.context.close()
