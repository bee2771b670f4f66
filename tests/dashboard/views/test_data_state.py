"""What does the Data page say, and is its download harmless and whole?"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl

from dashboard.views import data_state

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def health(lead: datetime | None) -> SimpleNamespace:
    return SimpleNamespace(newest=SimpleNamespace(lead=lead, deal=None, activity=None, traffic=None, last_import=None))


def batches(*rows: tuple[int, int, datetime | None]) -> pl.DataFrame:
    schema = {"rows_read": pl.Int64, "rows_quarantined": pl.Int64, "undone_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_answer() -> None:
    fresh = health(NOW - timedelta(hours=3))
    assert data_state.answer(fresh, batches(), NOW).endswith("3 hours old; nothing was imported from files.")
    assert "every one of the 10 imported rows was understood" in data_state.answer(fresh, batches((10, 0, None)), NOW)
    # the batch that was taken back counts no more: 2 of 200 are 1.0 %
    said = data_state.answer(fresh, batches((200, 2, None), (50, 50, NOW)), NOW)
    assert "2 of 200 imported rows (1.0\u202f%) were set aside" in said
    assert data_state.answer(health(None), batches(), NOW) == "There are no leads and no deals in the database yet."


def test_download_holds_every_row_and_no_formula() -> None:
    cells = ["=HYPERLINK(1)", "@x", "-5", 'say "hi"\nthere', "plain"]
    rows = pl.DataFrame(
        [(i + 1, 1, "a.csv", i, "c", "bad_date" if i else "other", "why", raw) for i, raw in enumerate(cells)],
        schema=["quarantine_id", "batch_id", "file", "line", "column_name", "code", "reason", "raw"],
        orient="row",
    )

    def page(limit: int, after: int) -> pl.DataFrame:
        return rows.filter(pl.col("quarantine_id") > after).head(2)  # three pages

    written = data_state.quarantine_csv(page, None)
    assert written.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert table[0] == list(data_state.QUARANTINE_COLUMNS)
    assert [row[-1] for row in table[1:]] == ["'=HYPERLINK(1)", "'@x", "'-5", 'say "hi"\nthere', "plain"]
    assert len(data_state.quarantine_csv(page, "other").decode().splitlines()) == 2
