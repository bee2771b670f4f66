"""Server time and memory of one page: prints JSON. Runs in a process of its own, EQL_HOME naming the company.

`python -m benchmarks.page [overview | review | funnel | velocity | partner | leads | what_if]`

`first_s` is the first page of the process, `cold_s` the first after a change of all data (nothing cached), `warm_s` a
rerun when nothing changed, `memory_mb` the most memory that the process had.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from statistics import median

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
TIMEOUT_S = 120


def main() -> None:
    """Measures and prints."""
    page = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=TIMEOUT_S)
    wanted = sys.argv[1] if len(sys.argv) > 1 else "overview"
    if wanted != "overview":
        page.run()
        page.switch_page(f"../pages/{wanted}.py")
    first = _seconds(page)
    from dashboard import answers

    cold = []
    for _ in range(3):
        answers.forget()
        cold.append(_seconds(page))
    warm = [_seconds(page) for _ in range(20)]
    if page.exception or page.error:
        sys.exit(f"The page shows an error: {[e.value for e in [*page.exception, *page.error]]}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    figures = {"first_s": first, "cold_s": median(cold), "warm_s": median(warm), "warm_p95_s": sorted(warm)[18]}
    print(json.dumps(figures | {"memory_mb": memory}))


def _seconds(page: AppTest) -> float:
    begin = time.perf_counter()
    page.run()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
