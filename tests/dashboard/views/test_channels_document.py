"""Does what leaves the page "Channels" hold the numbers of the screen, in every format?"""

from __future__ import annotations

import pytest

from dashboard.metrics.campaigns import rivalry
from dashboard.metrics.performance import ALL
from dashboard.metrics.reallocation import histories, spending_quarters
from dashboard.reports import page_files
from dashboard.views.channels_document import document
from dashboard.views.exports import Head
from data_access.channel_value import read_channels
from data_access.engine import Database, owner_engine
from tests.data_access.test_channel_value import SETTINGS, WINDOW, company, compared

pytestmark = pytest.mark.database


def test_tables_and_files(database: Database) -> None:
    engine = owner_engine(database)
    company().write(engine)
    found, result = compared(engine)
    quarters = spending_quarters(WINDOW.period, WINDOW.as_of, SETTINGS)
    _, money = read_channels(engine, WINDOW, quarters)
    rival = rivalry(money, result.cost.channels, found.arr_pool, ALL)
    names = {"P1": "=One"}
    head = Head("channels-2025-Q3", "Channels", "Q3 2025", ["One\\_two.", ""], "", WINDOW.as_of)
    made = document(head, found, rival, histories(money, quarters, ["P1"]), names)
    tables = {table.name: table for table in made.tables}
    assert list(tables) == ["channels", "costs", "rivals", "campaigns", "spending"]
    assert all(len(row) == len(table.columns) for table in made.tables for row in table.rows)
    assert made.answer == "One_two." and made.stem == "channels-2025-Q3"
    assert tables["costs"].rows[0][:6] == ["Partners", 500.0, 4000.0, 8000.0, 8.0, found.partners.arr_per_cost.low]
    assert [row[0] for row in tables["rivals"].rows] == ["spring", "=One"]
    for line in found.lines:
        assert line.median_days.value == line.summary.median_days_to_close
    assert {picture.name for picture in made.pictures} == {"conversions", "returns", "lead_costs", "rivals"}
    for write in (page_files.as_csv, page_files.as_xlsx, page_files.as_pdf, page_files.as_png):
        assert len(write(made)) > 1000
