"""What does somebody see whose Postgres stops under an open page?"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import APP, BAD_SIGNS, ROOT, Site, drawn, opened, serving, words_of

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


PAGES = (
    "arr",
    "review",
    "funnel",
    "velocity",
    "costs",
    "partner",
    "what_if",
    "channels",
    "attribution",
    "data",
    "leads",
)


def test_every_page_keeps_what_it_showed(browser: Browser, session_folder) -> None:
    with serving(session_folder(), 1_000) as fresh:
        page = opened(browser, fresh.url)
        for name in PAGES:
            page.goto(f"{fresh.url}/{name}")
            drawn(page)
        fresh.stop_postgres()
        for name in PAGES:
            page.goto(f"{fresh.url}/{name}")
            page.get_by_text("Not up to date").wait_for(timeout=60_000)
            drawn(page)
            words_of(page)
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


# The app, counting its runs.
COUNTED = f"""
import runpy, sys
from pathlib import Path

sys.path.insert(0, {str(ROOT)!r})
runs = Path("runs")
runs.open("a").write("|")
runpy.run_path({str(APP)!r}, run_name="__main__")
"""

# In the first run the database refuses, a moment before it answers again.
REFUSED_ONCE = """
from dashboard import frames
from data_access.engine import DatabaseUnavailable

def refused():
    frames.choices = choices
    raise DatabaseUnavailable("The database does not answer.")

choices = frames.choices
if runs.read_text() == "|":
    frames.choices = refused
runpy.run_path("""


def _counted(folder: Path, script: str) -> Path:
    (folder / "counted.py").write_text(script)
    return folder / "counted.py"


def test_page_without_numbers_waits_quietly(browser: Browser, session_folder) -> None:
    folder = session_folder()
    with serving(folder, 300, _counted(folder, COUNTED)) as fresh:
        fresh.stop_postgres()
        page = opened(browser, fresh.url)
        page.wait_for_timeout(10_000)
        assert (folder / "runs").read_text() == "|"
        page.context.close()


def test_page_refused_a_moment_too_early_is_drawn_once_more(browser: Browser, session_folder) -> None:
    folder = session_folder()
    with serving(folder, 300, _counted(folder, COUNTED.replace("runpy.run_path(", REFUSED_ONCE))) as fresh:
        page = opened(browser, fresh.url)
        page.locator("[data-testid=stMetric]").first.wait_for(timeout=60_000)
        drawn(page)
        page.wait_for_timeout(5_000)
        assert (folder / "runs").read_text() == "||"
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
