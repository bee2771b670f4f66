"""Does the line follow the hand on every frame, and how soon is the page painted?

`python -m benchmarks.threshold_line`: a real Chromium drives a page with the line, its field, four numbers and a chart.
A frame is what is about to be painted: where the line is, and every text beside it. Figures want two quiet cores; the
tests in `tests/browser` drive with the same functions.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Literal

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from data_access.server_state import any_free_port

ROOT = Path(__file__).parents[1]
Scheme = Literal["light", "dark"]
APP = ROOT / "tests" / "browser" / "threshold_page.py"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
TOP = 100
SLOWER = 6  # times: about a cheap phone
GOALS = {"median_ms": 17.0, "p95_ms": 20.0, "touch_p95_ms": 34.0, "painted_ms": 300.0, "painted_p95_ms": 450.0}

RECORD = """() => {
    const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
    const range = root.querySelector('.range');
    const texts = (name) => [...root.querySelectorAll(name)].map((node) => node.textContent);
    const frames = (window.frames_of_line = []);
    window.recording = true;
    requestAnimationFrame(function next(at) {
        frames.push({ at, value: range.valueAsNumber, spoken: range.getAttribute('aria-valuetext'),
            left: root.querySelector('.line').style.left, texts: texts('.text'), changes: texts('.change') });
        if (window.recording) requestAnimationFrame(next);
    });
}"""
# A second has gone by without another change.
QUIET = "() => window.seen.painted && performance.now() - window.seen.painted > 1000"
RECORDED = "() => { window.recording = false; return window.frames_of_line; }"
# The last change of the page's own part after the hand let go, and the frame that shows it.
WATCH = """() => {
    const seen = (window.seen = { let_go: 0, painted: 0 });
    const painted = () => requestAnimationFrame(() => setTimeout(() => (seen.painted = performance.now())));
    new MutationObserver(painted).observe(document.querySelector('[data-testid=stMain]'),
        { subtree: true, childList: true, characterData: true });
    window.addEventListener('pointerup', () => Object.assign(seen, { let_go: performance.now(), painted: 0 }), true);
}"""


@dataclass
class LinePage:
    """The page in a server of its own, which can be stopped and started again on its port."""

    port: int
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once it answers; RuntimeError where it does not within a minute."""
        command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(self.port)]
        with Path(self.log or os.devnull).open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):
                return
            time.sleep(0.1)
        raise RuntimeError("the page does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


@contextmanager
def serving_line(log: Path | None = None) -> Iterator[LinePage]:
    """The page, stopped at the end."""
    page = LinePage(any_free_port(), log)
    page.start()
    try:
        yield page
    finally:
        page.stop()


def opened_line(browser: Browser, url: str, width: int = 1440, scheme: Scheme = "light", touched: bool = False) -> Page:
    """The page once its line is there and nothing runs any more."""
    height = 900 if width > 600 else 844
    page = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touched, is_mobile=touched
    ).new_page()
    page.goto(url)
    page.get_by_role("slider").wait_for(timeout=60_000)
    page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    return page


def places(page: Page, thresholds: list[float]) -> list[tuple[float, float]]:
    """Where on the screen thresholds lie, at half the height of the drawing."""
    box = page.locator(".plot").bounding_box()
    if box is None:
        raise RuntimeError("there is no drawing")
    return [(box["x"] + box["width"] * at / (TOP + 1), box["y"] + box["height"] / 2) for at in thresholds]


def sweeps(begin: int, end: int, steps: int) -> list[float]:
    """Thresholds on the way there, back and there again, ending there."""
    return [begin + (end - begin) * (1 - math.cos(3 * math.pi * step / steps)) / 2 for step in range(steps + 1)]


def drag(page: Page, begin: int, end: int, steps: int = 120) -> list[dict[str, Any]]:
    """The frames of three sweeps by mouse; the line is let go at the end."""
    way = places(page, sweeps(begin, end, steps))
    page.mouse.move(*way[0])
    page.mouse.down()
    page.evaluate(RECORD)
    for x, y in way[1:]:
        page.mouse.move(x, y)
    frames: list[dict[str, Any]] = page.evaluate(RECORDED)
    page.mouse.up()
    return frames


def touch(page: Page, begin: int, end: int, steps: int = 120) -> list[dict[str, Any]]:
    """The frames of three sweeps by finger; the line is let go at the end."""
    session = page.context.new_cdp_session(page)
    way = places(page, sweeps(begin, end, steps))
    finger(session, "touchStart", *way[0])
    page.evaluate(RECORD)
    for x, y in way[1:]:
        finger(session, "touchMove", x, y)
    frames: list[dict[str, Any]] = page.evaluate(RECORDED)
    finger(session, "touchEnd")
    return frames


def finger(session: CDPSession, event: str, *place: float) -> None:
    """One event of one finger; no place where it is lifted."""
    points = [{"x": place[0], "y": place[1]}] if place else []
    session.send("Input.dispatchTouchEvent", {"type": event, "touchPoints": points})


def slow_down(page: Page, times: float) -> None:
    """Makes the page's processor so many times slower."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def intervals(frames: list[dict[str, Any]]) -> list[float]:
    """Milliseconds from each frame to the next."""
    return [after["at"] - before["at"] for before, after in pairwise(frames)]


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def painted_ms(page: Page, begin: int, end: int) -> float:
    """Milliseconds from letting go to the last change of the page that was painted."""
    here, there = places(page, [begin, end])
    page.mouse.move(*here)
    page.mouse.down()
    page.mouse.move(*there, steps=4)
    page.mouse.up()
    page.wait_for_function(QUIET, timeout=60_000)
    seen = page.evaluate("() => window.seen")
    return float(seen["painted"] - seen["let_go"])


def work_ms(page: Page, begin: int, end: int) -> float:
    """Processor milliseconds of the page for each place of the line on a drag; a busy machine does not change them."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def used() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return 1_000 * sum(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    before = used()
    moved: int = sum(one["value"] != other["value"] for one, other in pairwise(touch(page, begin, end)))
    after = used()
    page.wait_for_timeout(1_500)
    return (after - before) / max(moved, 1)


def measure(browser: Browser, url: str) -> dict[str, float]:
    """Milliseconds: frames by mouse, frames by finger on a slowed phone and their work at full speed, paint."""
    page = opened_line(browser, url)
    by_mouse = intervals(drag(page, 70, 40))
    page.wait_for_timeout(1_500)
    page.evaluate(WATCH)
    at = [40, *(50 + 10 * (turn % 2) for turn in range(15))]
    painted = [painted_ms(page, begin, end) for begin, end in pairwise(at)]
    page.context.close()
    phone = opened_line(browser, url, 390, touched=True)
    work = work_ms(phone, 70, 40)
    slow_down(phone, SLOWER)
    by_finger = intervals(touch(phone, 40, 70))
    phone.context.close()
    return {
        "median_ms": median(by_mouse),
        "p95_ms": p95(by_mouse),
        "longer_than_34_ms": sum(interval > 34 for interval in by_mouse),
        "work_ms": work,
        "touch_median_ms": median(by_finger),
        "touch_p95_ms": p95(by_finger),
        "painted_ms": median(painted),
        "painted_p95_ms": p95(painted),
    }


def main() -> None:
    """Prints one figure a line."""
    chromium = next((path for path in BROWSERS if Path(path).exists()), None)
    with serving_line() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        print(f"the threshold's line in Chromium {browser.version}")
        for name, value in measure(browser, served.url).items():
            goal = f"   goal {GOALS[name]:g}" if name in GOALS else ""
            print(f"  {name:<20} {value:.1f}{goal}")
        browser.close()


if __name__ == "__main__":
    main()
