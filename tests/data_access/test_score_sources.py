"""Are leads from AI overviews and assistants told apart, with the codes and outcomes that the score cells give them?"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import numpy as np
import polars as pl
import pytest

from dashboard.period import parse_period
from dashboard.scoring.cells import MEASURES, Work
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.source_points import source_cells
from dashboard.scoring.structure import structure_of
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.score_cells import read_cells
from data_access.score_sources import AI_ASSISTANTS, AI_OVERVIEWS, CLASSES, ai_cells
from tests.builders import Company
from tests.scorecards import signalling_company

pytestmark = pytest.mark.database
MODEL = default_model()
STRUCTURE = structure_of(MODEL)
WINDOW = Window(parse_period("2025-Q3", Settings()), datetime(2026, 6, 30, tzinfo=UTC))
SOURCES = (None, "", "google", " AI_Overview ", "ai_overview", "sge", "ChatGPT.com", "perplexity.ai", "overview")


def test_worked_by_hand(module_database: Database) -> None:
    """Two leads from overviews, one of them worked and won; one from an assistant; three that do not count."""
    company = Company()
    won = company.add_lead("L1", channel="organic", utm_source="AI_Overview", assigned_at="2025-07-20 12:00")
    company.add_deal(won, status="won", closed_at="2025-09-01 12:00", arr="100")
    company.add_lead("L2", channel="ai_referral", utm_source=" sge ")
    company.add_lead("L3", channel=None, utm_source="chatgpt.com")
    company.add_lead("L4", channel="organic", utm_source="google")
    company.add_lead("L5", channel="organic", utm_source="ai_overview", is_test=True)
    company.add_lead("L6", channel="organic", utm_source="ai_overview", created_at="2025-10-01 12:00")
    company.write(owner_engine(module_database), replace=True)
    found = ai_cells(app_engine(module_database), WINDOW, STRUCTURE, sourced=False).drop("code")
    assert sorted(found.rows(), key=repr) == sorted(
        [
            (AI_OVERVIEWS, "organic", int(Work.WORKED), 1, 1),
            (AI_OVERVIEWS, "ai_referral", int(Work.NEVER), 1, 0),
            (AI_ASSISTANTS, None, int(Work.NEVER), 1, 0),
        ],
        key=repr,
    )
    assert ai_cells(app_engine(module_database), WINDOW, STRUCTURE, sourced=True).is_empty()


@pytest.mark.parametrize("seed", range(4))
def test_every_lead_is_in_one_source(module_database: Database, seed: int) -> None:
    """Channels and AI sources together hold each lead of the score cells once; each AI lead is among them."""
    random = Random(seed)
    company = signalling_company(random)
    for row in company.rows["lead"]:
        row["utm_source"] = random.choice(SOURCES)
    company.write(owner_engine(module_database), replace=True)
    engine = app_engine(module_database)
    for sourced in (False, True):
        cells = read_cells(engine, WINDOW, STRUCTURE, sourced=sourced)
        apart = ai_cells(engine, WINDOW, STRUCTURE, sourced=sourced)
        score = cells.scored(MODEL).score
        table = source_cells(MODEL, apart, cells)
        known = np.isin(cells.work, (Work.WORKED, Work.EXPERIMENT))
        leads, won = (cells.counts[MEASURES.index(name)] for name in ("leads", "won"))
        assert table["leads"].sum() == leads.sum()
        assert table["worked"].sum() == leads[known].sum()
        assert table["won"].sum() == won[known].sum()
        assert (table["leads"] * table["score"]).sum() == (leads * score[cells.code]).sum()
        assert table.filter(pl.min_horizontal("leads", "worked", "won") < 0).is_empty()
        named = table.filter(pl.col("source").is_in(list(CLASSES)))
        assert named["leads"].sum() == apart["leads"].sum()
        of_channels = source_cells(MODEL, apart.clear(), cells)
        assert (
            named["leads"].sum()
            + table.filter(~pl.col("source").is_in(list(CLASSES)))["leads"].sum()
            + (table.filter(pl.col("source").is_null())["leads"].sum())
            == of_channels["leads"].sum()
        )
