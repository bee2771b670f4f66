"""Is the file of flipping leads exact to the cent, and can no name in it be run by a spreadsheet?"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import polars as pl

from dashboard.reports.flips import DRAWN, FLIPS, drawn_csv, flips_csv
from data_access.flips import SCHEMA


def rows(**changes: object) -> pl.DataFrame:
    row = {
        "lead_id": "L1", "company": "=1+1", "partner": "@Pine", "channel": "partner",
        "created_at": datetime(2025, 8, 1, 12, 30, tzinfo=UTC), "code": 7, "work": 2, "sqls": 1, "won": 1, "open": 0,
        "lost": 0, "pipeline": 123_405, "arr": 5, "owner": None, "email_domain": "acme.io", "experiment": True,
    } | changes  # fmt: skip
    frame = pl.DataFrame([row], schema=dict(SCHEMA))
    return frame.with_columns(now=pl.lit(67), then=pl.lit(72), gained=pl.lit(True))


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_rows_are_written_in_words_and_to_the_cent() -> None:
    lost = rows(lead_id="-L2", won=0, lost=1, work=0, pipeline=0, arr=0).with_columns(gained=pl.lit(False))
    first, second = read(flips_csv([rows(), lost]))
    assert tuple(first) == FLIPS
    assert first == {
        "lead_id": "L1", "company": "'=1+1", "email_domain": "acme.io", "partner": "'@Pine", "channel": "partner",
        "owner": "", "created_at": "2025-08-01T12:30:00Z", "flips": "gained", "score_now": "67", "score_scenario": "72",
        "worked": "worked as an experiment", "experiment": "true", "sqls": "1", "outcome": "won",
        "pipeline": "1234.05", "arr": "0.05",
    }  # fmt: skip
    assert (second["lead_id"], second["flips"], second["worked"], second["outcome"], second["arr"]) == (
        "'-L2", "dropped", "never worked", "lost", "0.00",
    )  # fmt: skip


def test_drawn_leads_are_flagged_and_an_empty_list_has_its_heading() -> None:
    (drawn,) = read(drawn_csv(rows(experiment=False)))
    assert tuple(drawn) == DRAWN and (drawn["experiment"], drawn["score_now"]) == ("true", "67")
    assert flips_csv([]).decode("utf-8-sig").strip() == ",".join(FLIPS)
