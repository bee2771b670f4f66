"""Do the newer sections of the report agree with a second computation from rows, written from the documents alone?"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from dashboard.period import parse_period
from dashboard.reports.qualification import qualification_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.importers.loading import Request, import_files
from tests.reference.rows_data import Data, read_data
from tests.reference.rows_decoys import mislead, random_card
from tests.reference.rows_qualification import rows_qualification
from tests.strategies import random_company

SEEDS = range(8)
PERIODS = ("2025-Q3", "2025", "2025-07", "2025-03-15..2025-08-31")
MOMENTS = (datetime(2025, 11, 5, 12, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC))
PUBLISHED = (
    *[datetime(2025, 1, 1, tzinfo=UTC)] * 2,
    datetime(2025, 2, 1, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
)


def differences(product: Any, rows: Any, path: str = "") -> Iterator[str]:
    """Where the two part ways: counts and texts exact, other numbers 1e-6; more keys are allowed."""
    if isinstance(rows, dict) and isinstance(product, dict):
        for key in rows:
            if key in product:
                yield from differences(product[key], rows[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is missing"
    elif isinstance(rows, list) and isinstance(product, list) and len(rows) == len(product):
        for place, (ours, theirs) in enumerate(zip(product, rows, strict=True)):
            yield from differences(ours, theirs, f"{path}[{place}]")
    elif not _same(product, rows):
        yield f"{path}: product {product!r}, rows {rows!r}"


def _same(product: Any, rows: Any) -> bool:
    if isinstance(rows, float) and isinstance(product, int | float):
        return math.isclose(product, rows, rel_tol=1e-6, abs_tol=1e-6)
    return type(product) is type(rows) and product == rows


def keyed(items: list[dict[str, Any]], key: str) -> dict[Any, dict[str, Any]]:
    """A list of objects by one of their values, which may not come twice; their order is then of no account."""
    found = {item[key]: {name: value for name, value in item.items() if name != key} for item in items}
    assert len(found) == len(items)
    return found


@pytest.fixture(scope="module")
def simulated(_new_database: Callable) -> Iterator[Database]:
    """A simulated company of 6,000 leads, the same in every run."""
    with _new_database() as database:
        load(database, DemoOptions(leads=6_000, until=date(2025, 11, 1)))
        yield database


def window_of(period: str, as_of: datetime, chosen: Settings) -> Window:
    """The window as the report makes it."""
    return Window(parse_period(period, chosen), as_of, chosen.time_zone, chosen.currency)


SIMULATED = [
    ("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), Settings()),
    ("2024", datetime(2025, 11, 1, tzinfo=UTC), Settings(time_zone="Asia/Kolkata")),
    (
        "2025-Q2",
        datetime(2025, 6, 11, 9, tzinfo=UTC),
        Settings(time_zone="America/New_York", currency="EUR", fiscal_year_start=2),
    ),
]


def random_database(database: Database, seed: int) -> Window:
    """Writes a company full of rows that mislead, mostly with scorecards of its own, and says how to look at it."""
    random = Random(seed)
    company = mislead(random_company(random, partners=random.randint(0, 5), kinds=random.randint(3, 25)), random)
    company.write(owner_engine(database), replace=True)
    with owner_engine(database).begin() as connection:
        connection.execute(text("DELETE FROM eql.scoring_model"))
        for _ in range(seed % 4):
            connection.execute(
                text(
                    "INSERT INTO eql.scoring_model (name, definition, author, published_at)"
                    " VALUES ('Card', CAST(:card AS jsonb), 'somebody', :published)"
                ),
                {"card": json.dumps(random_card(random)), "published": random.choice([*PUBLISHED, None])},
            )
    chosen = Settings(time_zone=random.choice(["UTC", "Asia/Kolkata"]), currency=random.choice(["USD", "USD", "EUR"]))
    return window_of(random.choice(PERIODS), random.choice(MOMENTS), chosen)


def compare_qualification(database: Database, window: Window, data: Data) -> list[str]:
    product = qualification_section(app_engine(database), window)
    for name in ("totals", "partner_sourced"):
        product[name]["disqualified"] = keyed(product[name]["disqualified"], "reason")
    rows = rows_qualification(data)
    found = list(differences(product, rows))
    for name in ("totals", "partner_sourced"):
        if product[name]["disqualified"].keys() != rows[name]["disqualified"].keys():
            found.append(f"{name}: other reasons for disqualifying")
    return found


def read(database: Database, window: Window, chosen: Settings) -> Data:
    return read_data(owner_engine(database), window, chosen)


@pytest.mark.database
@pytest.mark.parametrize("seed", SEEDS)
def test_qualification_of_random_companies(module_database: Database, seed: int) -> None:
    window = random_database(module_database, seed)
    assert compare_qualification(module_database, window, read(module_database, window, Settings())) == []


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize(("period", "as_of", "chosen"), SIMULATED)
def test_qualification_of_the_simulated_company(
    simulated: Database, period: str, as_of: datetime, chosen: Settings
) -> None:
    window = window_of(period, as_of, chosen)
    assert compare_qualification(simulated, window, read(simulated, window, chosen)) == []


@pytest.fixture(scope="module", params=["olist", "salvirt"])
def imported(request: pytest.FixtureRequest, _new_database: Callable, shared_data: Path) -> Iterator[Database]:
    """Another company's files, imported by their shipped mapping; skipped where they are missing."""
    with _new_database() as database:
        import_files(owner_engine(database), Request((shared_data / request.param,), None), "UTC")
        yield database


FOREIGN = [
    ("2018-Q1", datetime(2018, 12, 1, tzinfo=UTC), Settings(currency="BRL")),
    ("2000-01-01..2030-01-01", datetime(2030, 6, 1, tzinfo=UTC), Settings()),
]


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize(("period", "as_of", "chosen"), FOREIGN)
def test_qualification_of_imported_companies(
    imported: Database, period: str, as_of: datetime, chosen: Settings
) -> None:
    window = window_of(period, as_of, chosen)
    assert compare_qualification(imported, window, read(imported, window, chosen)) == []


def test_a_difference_of_one_lead_and_of_a_share_is_seen() -> None:
    rows = {"leads": 7, "steps": [{"gate": "icp", "rate": {"value": 0.5, "n": 2}}]}
    assert not list(differences(rows, rows))
    assert list(differences(rows | {"leads": 8}, rows)) == [".leads: product 8, rows 7"]
    assert list(differences(rows | {"steps": []}, rows))
    assert list(differences({"value": None}, {"value": 0.0})) and list(differences({"value": 0}, {"value": False}))
    assert list(differences({"value": 0.5001}, {"value": 0.5}))
