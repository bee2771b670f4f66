"""Does the line follow mouse, finger and keys on every frame, send one message when let go, and never jump?"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.threshold_line import (
    RECORD,
    RECORDED,
    SLOWER,
    LinePage,
    drag,
    finger,
    intervals,
    opened_line,
    places,
    serving_line,
    slow_down,
    touch,
)
from data_access.server_state import any_free_port
from tests.browser.threshold_page import ACTIVE, BEST, TOP, numbers, spoken

COUNT_MESSAGES = """() => {
    const send = WebSocket.prototype.send;
    window.messages = [];
    WebSocket.prototype.send = function (data) {
        window.messages.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
        return send.call(this, data);
    };
}"""
SHADOW = "document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LinePage]:
    with serving_line(tmp_path_factory.mktemp("line") / "app.log") as running:
        yield running


@pytest.fixture(scope="module")
def desk(served: LinePage, browser: Browser) -> Iterator[Page]:
    shown = opened_line(browser, served.url)
    shown.evaluate(COUNT_MESSAGES)
    yield shown
    shown.context.close()


@pytest.fixture
def page(desk: Page) -> Page:
    """One page for many tests: back at the active threshold, and nothing sent yet."""
    if value(desk) != ACTIVE:
        desk.get_by_role("spinbutton").fill(str(ACTIVE))
        desk.keyboard.press("Enter")
        followed(desk, ACTIVE)
    desk.evaluate("() => { window.messages.length = 0; document.activeElement?.blur(); }")
    return desk


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Threshold")


def value(page: Page) -> int:
    return int(slider(page).input_value())


def messages(page: Page) -> list[str]:
    """What was sent to the server since the page was opened."""
    found: list[str] = page.evaluate("() => window.messages")
    return found


def released(page: Page) -> list[int]:
    """The thresholds in all that was sent, which must be nothing but releases with numbers that count on."""
    found = [re.findall(r'\{"value":(\d+),"rev":(\d+)\}', text) for text in messages(page)]
    assert all(len(one) == 1 for one in found), messages(page)
    revs = [int(one[0][1]) for one in found]
    assert revs == list(range(revs[0], revs[0] + len(revs))) if revs else True
    return [int(one[0][0]) for one in found]


def followed(page: Page, threshold: int) -> None:
    """Waits until field, link, line and the page below all say the threshold."""
    expect(page.get_by_text(f"At {threshold}: {numbers()[0].texts[threshold]}")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("spinbutton")).to_have_value(str(threshold))
    expect(slider(page)).to_have_value(str(threshold))
    linked = "null" if threshold == ACTIVE else f"'{threshold}'"  # the default is not written into the link
    page.wait_for_function(f"() => new URL(location).searchParams.get('threshold') === {linked}")


def says_what_python_says(frames: list[dict[str, Any]]) -> None:
    """Each frame: the line where it belongs, and every text the one that Python formatted for that threshold."""
    for frame in frames:
        threshold = frame["value"]
        assert frame["texts"] == [one.texts[threshold] for one in numbers()], threshold
        assert frame["changes"] == [one.changes[threshold] for one in numbers() if one.changes], threshold
        assert frame["spoken"] == spoken()[threshold]
        assert float(frame["left"].removesuffix("%")) == pytest.approx(100 * threshold / (TOP + 1), abs=1e-3)


def values(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["value"] for frame in frames]


def recorded(page: Page, milliseconds: int) -> list[dict[str, Any]]:
    """The frames of the next so many milliseconds."""
    page.evaluate(RECORD)
    page.wait_for_timeout(milliseconds)
    found: list[dict[str, Any]] = page.evaluate(RECORDED)
    return found


def test_mouse_every_frame_and_one_message(page: Page) -> None:
    page.evaluate(f"() => {{ {SHADOW}.querySelector('.range').same = 'node'; }}")
    frames = drag(page, ACTIVE, 40)
    says_what_python_says(frames)
    assert min(values(frames)) == 40 and max(values(frames)) >= 69 and len(set(values(frames))) > 20
    followed(page, 40)
    assert released(page) == [40]
    assert page.evaluate(f"() => {SHADOW}.querySelector('.range').same") == "node", "the same node after the rerun"
    drag(page, 40, 55, 10)
    followed(page, 55)
    assert released(page) == [40, 55]


def test_a_line_put_back_where_it_was_sends_nothing(page: Page) -> None:
    drag(page, ACTIVE, 50, 3)
    followed(page, 50)
    here, away = places(page, [50, 58])
    page.mouse.move(*here)
    page.mouse.down()
    page.mouse.move(*away, steps=5)
    assert value(page) == 58
    page.mouse.move(*here, steps=5)
    page.mouse.up()
    page.wait_for_timeout(600)
    assert (value(page), released(page)) == (50, [50])
    page.get_by_role("spinbutton").fill("33")
    page.keyboard.press("Enter")
    followed(page, 33)


def test_finger_on_a_slow_phone(served: LinePage, browser: Browser) -> None:
    phone = opened_line(browser, served.url, 390, touched=True)
    phone.evaluate(COUNT_MESSAGES)
    slow_down(phone, SLOWER)
    frames = touch(phone, ACTIVE, 45, 60)
    says_what_python_says(frames)
    assert len(set(values(frames))) > 10
    slow_down(phone, 1)
    followed(phone, 45)
    assert released(phone) == [45]
    phone.context.close()


def test_a_finger_beside_the_line_scrolls_the_page(served: LinePage, browser: Browser) -> None:
    phone = opened_line(browser, served.url, 390, touched=True)
    session = phone.context.new_cdp_session(phone)
    main = "document.querySelector('[data-testid=stMain]')"
    for threshold in (20, ACTIVE):
        before = phone.evaluate(f"() => {main}.scrollTop")
        x, y = places(phone, [threshold])[0]
        finger(session, "touchStart", x, y)
        for step in range(1, 12):
            finger(session, "touchMove", x, y - 12 * step)
        finger(session, "touchEnd")
        phone.wait_for_timeout(500)
        assert phone.evaluate(f"() => {main}.scrollTop") > before + 40, threshold
        assert value(phone) == ACTIVE
    phone.context.close()


def test_keys_and_one_message_for_several(page: Page) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if slider(page).evaluate("own => own.getRootNode().activeElement === own"):
            break
    expect(slider(page)).to_be_focused()
    outline = page.evaluate(f"() => getComputedStyle({SHADOW}.querySelector('.grip')).outlineStyle")
    assert outline == "solid", "the focus is seen"
    for key, result in (("ArrowLeft", 69), ("ArrowDown", 68), ("PageDown", 58), ("ArrowRight", 59), ("ArrowUp", 60)):
        page.keyboard.press(key)
        assert value(page) == result
    followed(page, 60)
    assert released(page) == [60]
    expect(slider(page)).to_be_focused()
    for key, result in (("Home", 0), ("End", TOP)):
        page.keyboard.press(key)
        followed(page, result)
    assert released(page) == [60, 0, TOP]


def test_keys_and_then_elsewhere_at_once(page: Page) -> None:
    slider(page).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.wait_for_timeout(100)
    assert released(page) == [69], "leaving the line lets it go"
    followed(page, 69)


def test_what_a_screen_reader_is_told(page: Page) -> None:
    told = slider(page)
    assert told.get_attribute("aria-valuetext") == spoken()[ACTIVE]
    assert (told.get_attribute("min"), told.get_attribute("max")) == ("0", str(TOP))
    expect(page.get_by_role("img", name="How many leads have each score?")).to_be_visible()
    assert page.get_by_role("term").all_inner_texts()[1] == "Gained"
    told.focus()
    page.keyboard.press("ArrowLeft")
    assert told.get_attribute("aria-valuetext") == spoken()[69]
    followed(page, 69)


def test_help_by_keys_and_markup_stays_text(page: Page) -> None:
    question = page.get_by_role("button", name="What is Workload?")
    question.focus()
    words = page.get_by_role("tooltip")
    expect(words).to_have_text("<img src=x onerror=\"document.title = 'ran'\"> of capacity")
    expect(question).to_have_accessible_description("<img src=x onerror=\"document.title = 'ran'\"> of capacity")
    page.keyboard.press("Escape")
    expect(words).to_be_hidden()
    expect(question).to_be_focused()
    assert page.title() != "ran"


def test_the_references_stand_where_they_belong(page: Page) -> None:
    plot = page.locator(".plot").bounding_box()
    active, best = (page.locator(f".plot {name}").bounding_box() for name in (".active", ".best"))
    assert plot and active and best
    scale = plot["width"] / (TOP + 1)
    assert active["x"] + 1 == pytest.approx(plot["x"] + ACTIVE * scale, abs=1)
    assert best["x"] == pytest.approx(plot["x"] + BEST[0] * scale, abs=1)
    assert best["width"] == pytest.approx((BEST[1] - BEST[0]) * scale, abs=1)
    expect(page.get_by_text(f"{ACTIVE} active")).to_be_visible()
    expect(page.get_by_text(f"best {BEST[0]} to {BEST[1]}")).to_be_visible()


def test_right_to_left_and_still(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("() => (document.documentElement.dir = 'rtl')")
    says_what_python_says(drag(page, ACTIVE, 44, 20))
    followed(page, 44)
    assert page.evaluate(f"() => {SHADOW}.getAnimations().length") == 0
    page.evaluate("() => document.documentElement.removeAttribute('dir')")
    page.emulate_media(reduced_motion="no-preference")


GRIP = {"light": "rgb(47, 107, 214)", "dark": "rgb(76, 134, 234)"}
VEIL = {"light": "color(srgb 1 1 1 ", "dark": "color(srgb 0.05"}


@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_and_has_the_colours_of_the_theme(served: LinePage, browser: Browser, width: int) -> None:
    shown = opened_line(browser, served.url, width, touched=width == 390)
    main = "document.querySelector('[data-testid=stMain]')"
    colours = f"() => ['.grip', '.veil'].map(one => getComputedStyle({SHADOW}.querySelector(one)).backgroundColor)"
    slider(shown).focus()
    for scheme, key in (("light", "Home"), ("dark", "End")):
        shown.emulate_media(color_scheme=scheme)
        shown.keyboard.press(key)
        shown.wait_for_timeout(600)
        assert shown.evaluate("() => document.documentElement.scrollWidth") == width
        assert shown.evaluate(f"() => {main}.scrollWidth - {main}.clientWidth") == 0, key
        grip, veil = shown.evaluate(colours)
        assert grip == GRIP[scheme] and veil.startswith(VEIL[scheme]), (grip, veil)
    plot, beside = (shown.locator(name).bounding_box() for name in (".plot", ".beside"))
    assert plot and beside
    assert (beside["x"] > plot["x"] + plot["width"]) == (width == 1440), "beside it, below it on a phone"
    shown.context.close()


def test_sixty_frames_a_second(page: Page) -> None:
    drags = []
    for begin, end in ((70, 40), (40, 70), (70, 40)):
        drags.append(median(intervals(drag(page, begin, end, 60))))
        followed(page, end)
    assert min(drags) <= 17, drags
    work = page.evaluate(f"""() => {{
        const range = {SHADOW}.querySelector('.range');
        return Array.from({{ length: 101 }}, (_, threshold) => {{
            const begin = performance.now();
            range.value = threshold;
            range.oninput();
            return performance.now() - begin + range.getBoundingClientRect().x * 0;
        }});
    }}""")
    assert median(work) <= 1, "milliseconds of ours in each frame"


@contextmanager
def slow_way(port: int, seconds: float) -> Iterator[int]:
    """A port behind which the server is so many seconds further away, each way."""
    ready, stop, own, runner = threading.Event(), asyncio.Event(), any_free_port(), asyncio.Runner()
    loop = runner.get_loop()

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                loop.call_later(seconds, target.write, data)
        loop.call_later(seconds, target.close)

    async def connect(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        far_source, far_target = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(source, far_target), carry(far_source, target))

    async def listen() -> None:
        server = await asyncio.start_server(connect, "127.0.0.1", own)
        ready.set()
        await stop.wait()
        server.close()

    def run() -> None:
        with runner:
            runner.run(listen())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield own
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def test_no_jump_while_the_answer_is_on_its_way(served: LinePage, browser: Browser) -> None:
    with slow_way(served.port, 0.15) as port:
        far = opened_line(browser, f"http://127.0.0.1:{port}")
        drag(far, ACTIVE, 50, 10)
        assert set(values(recorded(far, 250))) == {50}
        # Grasped again while the answer to the first release comes in, and let go elsewhere.
        here, there = places(far, [50, 62])
        far.mouse.move(*here)
        far.mouse.down()
        far.mouse.move(*there, steps=3)
        assert set(values(recorded(far, 600))) == {62}
        far.mouse.up()
        assert set(values(recorded(far, 1_200))) == {62}
        followed(far, 62)
        far.context.close()


def test_the_server_starts_again(browser: Browser, tmp_path: Path) -> None:
    with serving_line(tmp_path / "app.log") as own:
        shown = opened_line(browser, own.url)
        for begin, end in ((ACTIVE, 60), (60, 55)):
            drag(shown, begin, end, 10)
            followed(shown, end)
        own.stop()
        drag(shown, 55, 48, 10)
        assert value(shown) == 48, "nobody answers yet"
        shown.wait_for_timeout(5_500)
        assert value(shown) == 55, "and nobody did: back to what the server knows"
        own.start()
        expect(shown.locator("[data-testid=stApp]")).to_have_attribute(
            "data-test-connection-state", "CONNECTED", timeout=30_000
        )
        shown.wait_for_timeout(1_500)
        followed(shown, 55)
        drag(shown, 55, 41, 10)
        followed(shown, 41)
        shown.context.close()
