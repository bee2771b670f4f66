"""Can one step down from the waterfall to the leads behind it, leaf through them, take them along, and come back?"""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, drawn, fits, opened


def headline(page: Page) -> str:
    return page.locator("h3").first.inner_text().replace("\u202f", "")


def number(text: str) -> int:
    found = re.search(r"\d+", text.replace("\u202f", ""))
    assert found, text
    return int(found[0])


def settled(page: Page) -> None:
    page.wait_for_timeout(1500)
    drawn(page)


def test_pages_of_the_list_and_its_export(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/leads?sourced=all")
    total = number(headline(page))
    assert total > 200 and headline(page).endswith("came in.")
    page.get_by_role("button", name="Older").click()
    settled(page)
    expect(page.get_by_text(re.compile("^101 to 200 of"))).to_be_visible()
    again = opened(browser, page.url)
    expect(again.get_by_text(re.compile("^101 to 200 of"))).to_be_visible()
    again.get_by_role("button", name="Newer").press("Enter")
    settled(again)
    expect(again.get_by_text(re.compile("^1 to 100 of"))).to_be_visible()
    with again.expect_download() as download:
        again.get_by_test_id("stDownloadButton").get_by_role("button").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["lead_id"] for row in rows}) == total
    assert [row["created_at"] for row in rows] == sorted((row["created_at"] for row in rows), reverse=True)
    page.context.close()
    again.context.close()


def test_from_the_waterfall_to_the_leads_and_back(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/funnel?part=Qualification")
    said = page.get_by_text(re.compile("partner-sourced leads of .* by the scoring model"))
    expect(said).to_be_visible()
    sentence = said.inner_text()
    chosen = page.get_by_role("combobox", name="List the leads")
    offered = number(re.sub(r"^.*\(", "", chosen.input_value()))
    page.get_by_role("button", name="List", exact=False).last.press("Enter")
    page.wait_for_url(re.compile("/leads"))
    settled(page)
    assert number(headline(page)) == offered and "fail" in headline(page)
    page.get_by_role("link", name="Back to Funnel").press("Enter")
    page.wait_for_url(re.compile("/funnel"))
    settled(page)
    assert page.get_by_text(re.compile("partner-sourced leads of .* by the scoring model")).inner_text() == sentence
    page.context.close()


def test_a_click_on_a_bar_lists_its_leads(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/funnel?part=Qualification")
    bar = page.locator(".js-plotly-plot").last.locator(".point path").nth(1)
    bar.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("/leads.*passes=icp"))
    settled(page)
    assert "“ICP match”" in headline(page)
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_a_wrong_link_says_so_and_nothing_scrolls_sideways(
    site: Site, browser: Browser, width: int, scheme: str
) -> None:
    page = opened(browser, f"{site.url}/leads?reached=gold&fails=%3Cb%3E&cohort=banana&of=x&place=y", width, scheme)
    notes = page.locator("[data-testid=stAlert]").all_inner_texts()
    assert len(notes) == 4 and any("“<b>”" in note for note in notes)
    assert headline(page).endswith("came through partners.")
    fits(page)
    page.context.close()
