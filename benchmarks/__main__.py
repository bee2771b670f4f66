"""`python -m benchmarks [--leads N …]`: all measurements in one run, ratios first."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import attribution, import_rows, ranking, reads, score_cells, threshold_line, what_if
from benchmarks.company import Simulated, simulated
from dashboard.commands.serve import SINGLE_THREADED

ROOT = Path(__file__).parents[1]
PAGES = ("overview", "review", "funnel", "velocity", "partner", "leads", "what_if", "attribution")
# What a page may take at a million leads on two quiet cores; the Overview, which shows two years, two seconds cold.
GOALS = {"warm_s": 0.050, "cold_s": 1.5, "memory_mb": 600}


def main() -> int:
    """Prints a table; nothing is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=[40_000, 1_000_000], help="sizes of the company")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the imported file; 0 leaves it out")
    args = parser.parse_args()
    ranking.main()
    what_if.main([])
    threshold_line.main()
    for leads in args.leads:
        with simulated(leads) as company:
            _company(leads, company)
    if args.rows:
        import_rows.main(["--rows", str(args.rows)])
    return 0


def _company(leads: int, company: Simulated) -> None:
    print(f"\n{leads:,} leads (simulated and loaded in {company.loaded_s:.1f} s)")
    read = reads.measure(company.database)
    ratio = read["cohort_pandas_s"] / read["cohort_cells_s"]
    print(f"  cohort cells {ratio:5.1f} × as fast as pandas over rows  ", end="")
    print(f"({read['cohort_cells_s']:.3f} s against {read['cohort_pandas_s']:.3f} s)")
    print(f"  all cells of a period              {read['all_cells_s']:.3f} s")
    for page in PAGES:
        for name, value in _page(company, page).items():
            goal = f"   goal {GOALS[name]:g}" if name in GOALS else ""
            print(f"  {page.replace('_', ' ').capitalize():<9} {name:<24} {value:.3f}{goal}")
    for name, value in score_cells.measure(company.database).items():
        print(f"  score cells {name:<28} {value:.3f}")
    for name, value in attribution.measure(company.database).items():
        print(f"  attribution {name:<28} {value:.3f}")


def _page(company: Simulated, page: str) -> dict[str, float]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.page", page],
        cwd=ROOT,
        env=environment | SINGLE_THREADED | {"EQL_HOME": str(company.home)},
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    sys.exit(main())
