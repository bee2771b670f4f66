"""Are EQLs of a pilot counted by the calendar day of the reporting zone, and none that does not count?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dashboard.period import quarter
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.pilots import pilot_cells
from tests.builders import Company

pytestmark = pytest.mark.database


def test_days_since_joining(database: Database) -> None:
    made = Company()
    made.add_partner("P", joined_on="2025-07-01")
    made.add_partner("Q", joined_on=None)
    for eql_at, extra in (
        ("2025-06-30 21:59+00", {}),  # the day before, in Berlin
        ("2025-06-30 22:00+00", {}),  # day 0
        ("2025-07-28 21:59+00", {}),  # day 27
        ("2025-07-28 22:00+00", {}),  # day 28: the sample begins
        ("2025-09-22 21:59+00", {}),  # day 83: its last
        ("2025-09-22 22:00+00", {}),  # day 84
        ("2025-07-10", {"is_test": True}),
        ("2025-07-10", {"deleted_at": "2025-07-11"}),
    ):
        made.add_lead(partner_id="P", created_at="2025-06-20", eql_at=eql_at, **extra)
    made.add_lead(partner_id="Q", created_at="2025-06-18", eql_at="2025-07-02")
    made.write(owner_engine(database))
    settings = Settings(time_zone="Europe/Berlin")
    window = Window(quarter(2025, 3, settings), datetime(2025, 12, 1, tzinfo=UTC), settings.time_zone)
    cells = pilot_cells(app_engine(database), window)
    assert sorted(cells.days.iter_rows()) == [("P", 0, 1), ("P", 27, 1), ("P", 28, 1), ("P", 83, 1)]
    assert cells.first_day == date(2025, 6, 18)
    early = Window(window.period, datetime(2025, 7, 10, tzinfo=UTC), settings.time_zone)
    assert sorted(pilot_cells(app_engine(database), early).days.iter_rows())[0] == ("P", 0, 1)
    assert pilot_cells(app_engine(database), early).days["eqls"].sum() == 2


def test_no_leads(database: Database) -> None:
    window = Window(quarter(2025, 3, Settings()), datetime(2025, 12, 1, tzinfo=UTC))
    cells = pilot_cells(app_engine(database), window)
    assert cells.days.is_empty() and cells.first_day is None
