"""Does the what-if page follow the mouse and the keys, link what it shows, and say what the command says?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import BAD_SIGNS, ROOT, Site, drawn, fits, opened, serving, words_of

LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    shown = opened(browser, f"{site.url}/what_if")
    yield shown
    shown.context.close()


def headline(page: Page) -> str:
    return page.locator("h3").first.inner_text().replace("\u202f", " ")


def line(page: Page) -> Locator:
    return page.get_by_role("slider", name="Threshold", exact=True)


def field(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Threshold")


def followed(page: Page, threshold: int) -> None:
    """Waits until sentence, field, line and link all say the threshold."""
    expect(page.locator("h3").first).to_contain_text(f"At {threshold} instead of 70", timeout=30_000)
    expect(field(page)).to_have_value(str(threshold))
    expect(line(page)).to_have_value(str(threshold))
    page.wait_for_url(re.compile(rf"scorecard=threshold\.{threshold}\b"))
    drawn(page)


def beside(page: Page) -> dict[str, str]:
    """The numbers beside the line, by their labels."""
    found: dict[str, str] = page.evaluate(
        """() => {
            const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
            const rows = [...root.querySelectorAll('.numbers > *')];
            return Object.fromEntries(rows.filter((row) => row.querySelector('dt')).map((row) =>
                [row.querySelector('dt').innerText.replace('?', '').trim(), row.querySelector('dd').innerText]));
        }"""
    )
    return {label: text.replace("\u202f", " ") for label, text in found.items()}


def asked(site: Site, page: Page, *options: str) -> dict[str, Any]:
    """The command's answer for the page's period."""
    period = re.search(r"period=Q([1-4])(?:\+|%20)(\d{4})", page.url)
    assert period, page.url
    command = [sys.executable, "-m", "dashboard", "whatif", "--period", f"{period[2]}-Q{period[1]}", *options]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"EQL_HOME": str(site.home)}, capture_output=True, check=True, timeout=120
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_renders(site: Site, browser: Browser, width: int, scheme: str) -> None:
    page = opened(browser, f"{site.url}/what_if?scorecard=threshold.60", width, scheme)
    words = words_of(page)
    fits(page)
    assert "At 60 instead of 70" in headline(page) and "Data as of" in words
    page.context.close()


def test_the_answer_comes_before_the_question_on_a_phone(site: Site, browser: Browser) -> None:
    """Side by side where there is room, the scorecard at the left; else the line first, so that it is seen moving."""
    tops = {}
    for width in (390, 1440):
        page = opened(browser, f"{site.url}/what_if", width)
        main = page.get_by_test_id("stMain")
        shown, asked = (own.bounding_box() for own in (line(page), main.get_by_text("Scorecard", exact=True).first))
        assert shown and asked
        tops[width] = shown["y"] - asked["y"], shown["x"] - asked["x"]
        page.context.close()
    assert tops[390][0] < -300, "the line stands above the scorecard"
    assert tops[1440][1] > 200, "the line stands beside it"


def test_the_mouse_drags_the_line_and_the_whole_page_follows(page: Page) -> None:
    assert headline(page).startswith("Nothing is changed")
    line(page).scroll_into_view_if_needed()
    box = line(page).bounding_box()
    assert box
    at = {threshold: box["x"] + box["width"] * threshold / 101 for threshold in (70, 62)}
    page.mouse.move(at[70], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(at[62], box["y"] + box["height"] / 2, steps=20)
    page.mouse.up()
    page.wait_for_url(re.compile(r"scorecard=threshold\.6\d"))
    drawn(page)
    reached = int(line(page).input_value())
    assert 60 <= reached <= 64
    followed(page, reached)


def test_keys_move_the_line_and_undo_takes_it_back(page: Page) -> None:
    line(page).focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    followed(page, 65)
    assert line(page).evaluate("(node) => node.getRootNode().activeElement === node"), "the line has lost the focus"
    field(page).fill("75")
    field(page).press("Enter")
    followed(page, 75)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h3").first).not_to_contain_text("At 75 instead", timeout=30_000)


def test_a_link_brings_everything_back(page: Page, browser: Browser) -> None:
    field(page).fill("66")
    field(page).press("Enter")
    followed(page, 66)
    people = page.get_by_role("spinbutton", name="Representatives")
    people.fill("3")
    people.press("Enter")
    page.wait_for_url(re.compile("representatives=3"))
    page.get_by_role("tab", name="Curves").click()
    page.wait_for_url(re.compile("part=Curves"))
    drawn(page)
    again = opened(browser, page.url)
    assert headline(again) == headline(page) and beside(again) == beside(page)
    assert again.get_by_role("tab", name="Curves").get_attribute("aria-selected") == "true"
    assert again.get_by_role("spinbutton", name="Representatives").input_value() == "3"
    again.context.close()


def test_the_numbers_are_those_of_the_command(site: Site, page: Page) -> None:
    for threshold in (62, 78):
        field(page).fill(str(threshold))
        field(page).press("Enter")
        followed(page, threshold)
        shown, answer = beside(page), asked(site, page, "--threshold", str(threshold))
        totals = answer["totals"]
        assert int(re.sub(r"\D", "", shown["EQLs"].split("+")[0].split("−")[0])) == totals["qualified"]["leads"]
        assert shown["Gained"] == str(totals["gained"]["leads"]) and shown["Dropped"] == str(totals["dropped"]["leads"])
        assert int(shown["Wins"].split(" seen")[0]) == totals["qualified"]["won"]
        assert shown["Recall"] == f"{100 * totals['recall']:.1f} %"
        change = totals["qualified"]["leads"] - totals["active_qualified"]["leads"]
        assert f"{abs(change)} {'more' if change > 0 else 'fewer'} EQLs" in headline(page)


def test_a_row_leads_to_the_partner_and_back(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/what_if?scorecard=threshold.60")
    said = headline(page)
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 54)  # the box of the first row
    page.wait_for_url(re.compile(r"/partner\?.*id="), timeout=30_000)
    drawn(page)
    page.go_back()
    page.wait_for_url(re.compile("/what_if"))
    expect(page.locator("h3").first).to_contain_text("At 60 instead of 70", timeout=30_000)
    drawn(page)
    assert headline(page) == said and "/what_if" in page.url
    page.context.close()


def test_every_part_opens(page: Page) -> None:
    field(page).fill("65")
    field(page).press("Enter")
    followed(page, 65)
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(700)
        drawn(page)
        words_of(page)


def test_moves_are_answered_while_postgres_is_away(browser: Browser, session_folder) -> None:
    with serving(session_folder(), 3_000) as fresh:
        page = opened(browser, f"{fresh.url}/what_if")
        fresh.stop_postgres()
        page.get_by_text("Not up to date").wait_for(timeout=45_000)
        drawn(page)
        field(page).fill("64")
        field(page).press("Enter")
        followed(page, 64)
        assert not BAD_SIGNS.search(page.locator("[data-testid=stMain]").inner_text())
        fresh.start_postgres()
        page.get_by_text("Not up to date").wait_for(state="detached", timeout=45_000)
        page.context.close()
