"""What do people see when there is nothing, when a page fails, and when all is well?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import frames
from dashboard.domain import UserError
from dashboard.filters import Filters
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
OVERHEAD = """
    INSERT INTO eql.partner (partner_id, name, joined_on) VALUES ('a', 'A', '2024-01-01'), ('b', 'B', '2024-01-01');
    INSERT INTO eql.lead (lead_id, partner_id, created_at, eql_at) VALUES
        ('1', 'a', '2025-07-02', '2025-07-03'), ('2', 'a', '2025-07-02', '2025-07-04'),
        ('3', 'b', '2025-07-02', '2025-07-05'), ('4', 'b', '2025-08-02', NULL);
    INSERT INTO eql.cost (cost_id, partner_id, period_start, period_end, amount, currency) VALUES
        ('own', 'a', '2025-07-01', '2025-07-31', 100, 'USD'), ('other', 'b', '2025-07-01', '2025-07-31', 7, 'USD'),
        ('july', NULL, '2025-07-01', '2025-07-31', 300, 'USD'),
        ('august', NULL, '2025-08-01', '2025-08-31', 500, 'USD');
"""
pytestmark = pytest.mark.database


def run() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=60).run()


def test_empty_database_says_what_to_do_next(served: Database) -> None:
    app = run()
    assert not app.exception and not app.error
    assert app.subheader[0].value == "There are no data yet"
    assert "python -m dashboard import" in app.code[0].value


def test_overview_and_data_page(served: Database) -> None:
    load(served, DemoOptions(leads=3_000, until=datetime.now(UTC).date()))
    app = run()
    assert not app.exception and not app.error
    assert app.subheader[0].value.startswith("Partners brought")
    assert len(app.metric) == 7
    app.switch_page("../pages/data.py").run()
    assert not app.exception and not app.error
    assert "newest lead or deal" in app.subheader[0].value
    for part in ("Imports", "Set aside", "Rows", "Dictionary"):
        app.session_state["part"] = part
        app.run()
        assert not app.exception and not app.error, part


PARTNERLESS = """
    INSERT INTO eql.lead (lead_id, channel, created_at, is_test)
    SELECT 'l' || n, CASE WHEN n % 3 > 0 THEN 'paid' || n % 3 END, '2025-07-01'::timestamptz + n * interval '1 day',
           n = 0
    FROM generate_series(0, 80) AS n;
    INSERT INTO eql.deal (deal_id, lead_id, opened_at, closed_at, status)
    SELECT 'd' || n, 'l' || n, '2025-07-02'::timestamptz + n * interval '1 day',
           '2025-07-05'::timestamptz + n * interval '1 day', CASE WHEN n % 8 = 0 THEN 'won' ELSE 'lost' END
    FROM generate_series(0, 80, 4) AS n;
"""


def write(database: Database, statements: str) -> None:
    with owner_engine(database).begin() as connection:
        for statement in statements.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))


def test_company_without_partners_hears_of_all_leads_and_deals(served: Database) -> None:
    write(served, PARTNERLESS)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["period"] = "2025-Q3"
    app.run()
    assert not app.exception and not app.error
    # Leads 1 … 80, a test lead left out; won: 8, 16, … 80, lost: 4, 12, … 76; the deal of the test lead counts nowhere
    assert app.subheader[0].value.replace("\u202f", " ") == (
        "10 of 80 leads created in Q3 2025 are won so far (12.5 %, 7–22 %); 10 deals were won and 10 lost in that time."
    )
    said = [caption.value for caption in app.caption]
    assert sum("No lead carries a partner yet" in text for text in said) == 1
    assert sum("no EQL dates, no ARR, no amounts of deals and no costs" in text for text in said) == 1
    assert [metric.label for metric in app.metric] == [
        "Won deals", "Leads", "Lead → won", "Win rate", "Median days to close",
    ]  # fmt: skip
    titles = [text.value for text in app.markdown]
    assert "**Which channel's leads convert best?**" in titles and "**Whose pipeline moved most?**" not in titles
    assert "**How many deals were won in each quarter?**" in titles


def test_overhead_is_in_the_months_of_chosen_partners(served: Database) -> None:
    write(served, OVERHEAD)
    filters = Filters("2025-Q3", partners=("a",))
    period = filters.period
    months = frames.months(period, filters)
    found = dict(months.select("month", "cost").iter_rows())
    # July: own 100, and of the overhead of 300 by EQLs two thirds; August: no EQL, so nobody bears the 500
    assert (found[date(2025, 7, 1)], found[date(2025, 8, 1)]) == (pytest.approx(300.0), 0.0)
    july = replace(filters, period_text="2025-07")
    card = frames.performance(july.period, july).partner_sourced
    assert card.cost_per_eql == months.filter(pl.col("month") == date(2025, 7, 1))["cost_per_eql"][0] == 150.0
    assert (
        dict(frames.months(period, Filters("2025-Q3")).select("month", "cost").iter_rows())[date(2025, 8, 1)] == 500.0
    )


def test_period_without_numbers_offers_one_with(served: Database) -> None:
    load(served, DemoOptions(leads=1_000, until=datetime.now(UTC).date()))
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["period"] = "2001-Q1"
    app.run()
    assert not app.exception and not app.error
    assert app.subheader[0].value == "Partners brought no leads and no deals in Q1 2001."
    (way_out,) = [button for button in app.button if button.label.startswith("Show Q")]
    way_out.click().run()
    assert not app.exception and len(app.metric) == 7


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (UserError("Mend *this* first."), "Mend \\*this\\* first\\."),
        (RuntimeError("postgresql://u:secret@h/d"), "went wrong"),
    ],
)
def test_errors_are_one_sentence_without_internals(
    served: Database, monkeypatch: pytest.MonkeyPatch, error: Exception, seen: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(frames, "choices", fail)
    app = run()
    assert not app.exception
    assert seen in app.error[0].value
    assert "secret" not in "".join(str(element.value) for element in app.error)
