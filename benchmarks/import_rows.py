"""How fast does a file of leads come in, and how much memory does that take, beside a raw COPY of the same bytes?"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.own_postgres import own_postgres
from data_access.engine import Database, owner_engine
from data_access.schema import migrate

ROOT = Path(__file__).parents[1]
# What a million rows may take on two quiet cores.
GOALS = {"seconds": 90.0, "memory_mb": 1000}

MAPPING = """
[file.leads.lead]
lead_id = "Lead ID"
account_id = { column = "Company", unknown = "create" }
created_at = "Created"
mql_at = "MQL date"
sql_at = "SQL date"
channel = "Source"
utm_campaign = "Campaign"
utm_medium = "Medium"
owner = "Owner"
region = "Region"
email_domain = "Email"
crm_score = "Score"
partner_id = "Partner"
product_line = "Product"
first_asset_id = { column = "Page", unknown = "create" }
"""
HEADINGS = (
    "Lead ID,Company,Created,MQL date,SQL date,Source,Campaign,Medium,Owner,Region,Email,Score,Partner,Product,Page"
)
CHANNELS = ("organic", "paid_search", "direct", "email", "partner")


@dataclass(frozen=True)
class Measured:
    """Seconds of the whole command and of its peak memory in MB; seconds of a COPY of the same file."""

    rows: int
    seconds: float
    memory_mb: float
    again_s: float
    copy_s: float


def write_leads(path: Path, rows: int) -> None:
    """A CSV of leads with 15 columns; deterministic."""
    dice = Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADINGS + "\n")
        for i in range(rows):
            created = f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d} {i % 24:02d}:{i % 60:02d}:00"
            company = dice.randrange(50_000)
            partner = f"Partner {i % 300}" if i % 5 == 4 else ""
            file.write(
                f"L{i:08d},acc{company},{created},{created},{created if i % 3 else ''},{CHANNELS[i % 5]},camp{i % 200},"
                f"cpc,rep{i % 40}@example.com,EMEA,user{i}@company{company}.example,{i % 100}.5,{partner},Core,"
                f"page{i % 2000}\n"
            )


def measure(rows: int) -> Measured:
    """Imports into an embedded Postgres of its own, with its ordinary settings."""
    with own_postgres() as (database, home):
        leads, mapping = home.parent / "leads.csv", home.parent / "leads.toml"
        write_leads(leads, rows)
        mapping.write_text(MAPPING, encoding="utf-8")
        migrate(database)
        copy_s = _copy(database, leads)
        seconds, memory = _import(home, leads, mapping)
        with leads.open("a", encoding="utf-8") as file:
            file.write("\n")  # another fingerprint: every row is compared, none differs
        again, _ = _import(home, leads, mapping)
    return Measured(rows, seconds, memory, again, copy_s)


def _import(home: Path, leads: Path, mapping: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the command in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "import", str(leads), "--mapping", str(mapping)],
        cwd=ROOT,
        env={**os.environ, "EQL_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError("the import failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def _copy(database: Database, leads: Path) -> float:
    """Seconds of COPY into a table of texts without key, index or check: the least that any loader needs."""
    columns = ", ".join(f'"{heading}" text' for heading in HEADINGS.split(","))
    with owner_engine(database).connect() as outer:
        connection = outer.connection.driver_connection
        assert connection is not None
        connection.execute(f"CREATE TABLE public.raw_leads ({columns})")
        started = time.perf_counter()
        with connection.cursor() as cursor, leads.open("rb") as file:
            with cursor.copy("COPY public.raw_leads FROM STDIN (FORMAT csv, HEADER)") as copy:
                while block := file.read(2**20):
                    copy.write(block)
            connection.commit()
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE public.raw_leads")
        connection.commit()
    return seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures; nothing is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_rows", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    args = parser.parse_args(arguments)
    found = measure(args.rows)
    print(f"\nImport of {found.rows:,} rows × 15 columns (whole command)")
    goals = GOALS if args.rows == 1_000_000 else {}
    print(
        f"  import     {found.seconds:6.1f} s  {found.rows / found.seconds:9,.0f} rows/s{_goal(goals, 'seconds', ' s')}"
    )
    print(f"  memory     {found.memory_mb:6.0f} MB{_goal(goals, 'memory_mb', ' MB')}")
    print(f"  again      {found.again_s:6.1f} s  every row compared, none written")
    print(f"  raw COPY   {found.copy_s:6.1f} s  {found.rows / found.copy_s:9,.0f} rows/s, unchecked texts")
    print(f"  the import takes {found.seconds / found.copy_s:.1f} × as long as the raw COPY")
    return 0


def _goal(goals: dict[str, float], name: str, unit: str) -> str:
    return f"   (goal: at most {goals[name]:g}{unit})" if name in goals else ""


if __name__ == "__main__":
    sys.exit(main())
