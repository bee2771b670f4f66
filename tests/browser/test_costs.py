"""Can a cost be changed, added and taken back in the table itself, and does an outage lose nothing that was typed?"""

from __future__ import annotations

import re
from decimal import Decimal

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, drawn, opened

LEADS = 3_000
ROW, AMOUNT_AT = 35, 390  # pixels
SEATS = "costs?part=Cost+table&costs_find=seat"


def amounts(site: Site, source: str) -> list[Decimal]:
    question = "SELECT amount FROM eql.cost WHERE source = %s AND category = 'seat' ORDER BY period_start DESC"
    return [amount for (amount,) in site.rows(question, source)]


def settle(page: Page) -> None:
    page.wait_for_timeout(1_500)
    drawn(page)


def type_amount(page: Page, row: int, amount: str) -> None:
    """Into the amount of the so-and-so-many-th row, counted from 0."""
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + AMOUNT_AT, box["y"] + ROW * (row + 1.5))
    page.wait_for_timeout(800)
    field = page.locator("#portal input")
    if not field.count():  # a click opens the cell that is chosen already, and only chooses another
        page.keyboard.press("Enter")
    field.fill(amount)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    settle(page)


def sign(page: Page, name: str) -> None:
    page.get_by_role("textbox", name="Your name").fill(name)
    page.keyboard.press("Enter")
    settle(page)


def save(page: Page, label: str) -> None:
    page.get_by_role("button", name=re.compile(label)).click()
    settle(page)


def test_change_save_and_undo(site: Site, browser: Browser) -> None:
    before = amounts(site, "simulated")
    page = opened(browser, f"{site.url}/{SEATS}")
    page.set_viewport_size({"width": 1440, "height": 1600})
    settle(page)
    type_amount(page, 0, "777.77")
    expect(page.get_by_text("Not saved yet: 1 changed.")).to_be_visible()
    sign(page, "Ann")
    # Another look at other rows and back: what was typed is still there.
    page.get_by_role("textbox", name="Find").fill("nothing like this")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_text("Not saved yet: 1 changed.")).to_be_visible()
    page.get_by_role("textbox", name="Find").fill("seat")
    page.keyboard.press("Enter")
    settle(page)
    save(page, "Save 1 row")
    changed = [amount for amount in amounts(site, "simulated") if amount == Decimal("777.77")]
    assert len(changed) == 1
    save(page, "Undo")
    assert amounts(site, "simulated") == before
    page.context.close()


def test_a_new_row_that_is_not_complete_gets_one_sentence(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/{SEATS.replace('seat', 'no+row+like+this')}")
    page.set_viewport_size({"width": 1440, "height": 1600})
    settle(page)
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + AMOUNT_AT, box["y"] + ROW * 1.5)  # the line below the last adds a row
    settle(page)
    type_amount(page, 0, "12.5")
    expect(page.get_by_text("Choose what the cost was for.")).to_have_count(1)
    sign(page, "Ann")
    save(page, "Save 1 row")
    expect(page.get_by_text("Nothing was saved yet")).to_be_visible()
    expect(page.get_by_text("Not saved yet: 1 added.")).to_be_visible()
    assert amounts(site, "entered") == []
    page.context.close()


def test_what_was_typed_survives_an_outage(site: Site, browser: Browser) -> None:
    page = opened(browser, f"{site.url}/{SEATS}")
    page.set_viewport_size({"width": 1440, "height": 1600})
    settle(page)
    type_amount(page, 0, "888.88")
    sign(page, "Ann")
    site.stop_postgres()
    page.get_by_text("Not up to date").wait_for(timeout=120_000)
    settle(page)
    type_amount(page, 1, "999.99")
    save(page, "Save 2 rows")
    expect(page.get_by_text(re.compile("you typed stays here|What you chose stays here")).first).to_be_visible()
    expect(page.get_by_text("Not saved yet: 2 changed.")).to_be_visible()
    site.start_postgres()
    page.get_by_text("Not up to date").wait_for(state="detached", timeout=120_000)
    settle(page)
    save(page, "Save 2 rows")
    expect(page.get_by_text("Saved 2 rows.").first).to_be_visible()
    assert {Decimal("888.88"), Decimal("999.99")} <= set(amounts(site, "simulated"))
    page.context.close()


def test_two_browsers_at_once(site: Site, browser: Browser) -> None:
    ann, bob = (opened(browser, f"{site.url}/{SEATS}") for _ in range(2))
    for page, name, amount in ((ann, "Ann", "11"), (bob, "Bob", "22")):
        page.set_viewport_size({"width": 1440, "height": 1600})
        settle(page)
        type_amount(page, 0, amount)
        sign(page, name)
    save(ann, "Save 1 row")
    save(bob, "Save 1 row")
    expect(bob.get_by_text("somebody changed it in the meantime")).to_be_visible()
    assert Decimal(11) in amounts(site, "simulated") and Decimal(22) not in amounts(site, "simulated")
    save(bob, "Save 1 row")
    assert Decimal(22) in amounts(site, "simulated") and Decimal(11) not in amounts(site, "simulated")
    ann.context.close()
    bob.context.close()
