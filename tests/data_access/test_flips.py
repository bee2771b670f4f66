"""Are the listed leads exactly those that flip, page after page, and is a draw at random the same every time?"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from random import Random

import polars as pl
import pytest
from sqlalchemy import Engine

from dashboard.period import parse_period
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.scorecard_file import parse
from dashboard.scoring.structure import structure_of
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.flips import Flips, all_flips, count_untouched, drawn_at_random, page_of_flips
from data_access.lead_list import Place
from data_access.score_cells import cells_from_rows
from tests.reference.qualified import judge
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
QUARTER = parse_period("2025-Q3", Settings())
WINDOW = Window(QUARTER, datetime(2026, 6, 30, tzinfo=UTC))


def paged(engine: Engine, flips: Flips, limit: int) -> pl.DataFrame:
    pages, after = [], None
    while True:
        rows = page_of_flips(engine, WINDOW, flips, after=after, limit=limit)
        pages.append(rows)
        if rows.height < limit:
            return pl.concat(pages)
        after = Place(rows["created_at"][-1], rows["lead_id"][-1])


def qualifying(rows: dict, card: dict, *, sourced: bool) -> set[str]:
    required = int(parse(card).required)
    return {
        lead.row["lead_id"]
        for lead in judge(rows, card, QUARTER.start, QUARTER.end, WINDOW.as_of)
        if lead.bits & required == required and (lead.row["partner_id"] or not sourced)
    }


@pytest.mark.parametrize("seed", range(6))
def test_listed_leads_are_those_that_flip_by_a_reading_of_the_rows(module_database: Database, seed: int) -> None:
    random = Random(seed)
    company = signalling_company(random, kinds=40).write(owner_engine(module_database), replace=True)
    engine, sourced = app_engine(module_database), bool(seed % 2)
    before, after = random_card(random), random_card(random)
    after["window_days"] = before["window_days"] = 90
    models = parse(before), parse(after)
    structure = structure_of(*models)
    cells = cells_from_rows(engine, WINDOW, structure, structure.window_days, sourced=sourced)
    now, then = (cells.scored(model).qualified for model in models)
    gained, dropped = cells.codes[then & ~now], cells.codes[now & ~then]
    were, are = (qualifying(company.rows, card, sourced=sourced) for card in (before, after))
    for codes, expected in ((gained, are - were), (dropped, were - are)):
        flips = Flips(structure, tuple(codes.tolist()), sourced)
        rows = paged(engine, flips, 7)
        assert rows["lead_id"].n_unique() == rows.height
        assert set(rows["lead_id"]) == expected
        assert rows.equals(rows.sort(["created_at", "lead_id"], descending=[True, False]))
        for batch in (5, 1000):
            assert pl.concat([rows.clear(), *all_flips(engine, WINDOW, flips, batch)]).equals(rows)
        assert_sums_are_those_of_the_cells(cells, codes, rows)


def assert_sums_are_those_of_the_cells(cells: ScoreCells, codes: object, rows: pl.DataFrame) -> None:
    wanted = [code in set(codes.tolist()) for code in cells.codes[cells.code]]  # type: ignore[attr-defined]
    for name in ("sqls", "won", "lost", "open", "pipeline", "arr"):
        assert int(cells.measure(name)[wanted].sum()) == int(rows[name].sum() or 0), name


def test_filters_narrow_the_list(module_database: Database) -> None:
    random = Random(3)
    company = signalling_company(random, kinds=40).write(owner_engine(module_database), replace=True)
    engine, model = app_engine(module_database), parse(random_card(random))
    structure = structure_of(model)
    codes = tuple(cells_from_rows(engine, WINDOW, structure, structure.window_days, sourced=False).codes.tolist())
    everybody = paged(engine, Flips(structure, codes, False), 1000)
    partner = company.rows["partner"][0]["partner_id"]
    own = paged(engine, Flips(structure, codes, False, partners=frozenset({partner})), 1000)
    names = {row["lead_id"] for row in company.rows["lead"] if row["partner_id"] == partner}
    assert set(own["lead_id"]) == set(everybody["lead_id"]) & names and 0 < own.height < everybody.height
    unknown = paged(engine, Flips(structure, codes, False, channels=frozenset({None, "direct"})), 1000)
    assert unknown.equals(everybody.filter(pl.col("channel").is_null() | (pl.col("channel") == "direct")))
    assert 0 < unknown.height < everybody.height
    assert page_of_flips(engine, WINDOW, Flips(structure, (), False)).is_empty()


def test_draw_is_random_repeatable_and_of_leads_that_nobody_touched(module_database: Database) -> None:
    random = Random(5)
    company = signalling_company(random, kinds=60).write(owner_engine(module_database), replace=True)
    engine, model = app_engine(module_database), parse(random_card(random))
    structure = structure_of(model)
    flips = Flips(
        structure,
        tuple(cells_from_rows(engine, WINDOW, structure, structure.window_days, sourced=False).codes.tolist()),
        False,
    )
    every = paged(engine, flips, 1000)
    ruled_out = {row["lead_id"] for row in company.rows["lead"] if row.get("disqualified_at")}
    free = every.filter(
        (pl.col("work") == 0) & (pl.sum_horizontal("sqls", "won", "open", "lost") == 0)
        & ~pl.col("lead_id").is_in(list(ruled_out))
    )  # fmt: skip
    assert count_untouched(engine, WINDOW, flips) == free.height > 10
    draws = [drawn_at_random(engine, WINDOW, flips, 0.3, seed) for seed in ("a", "a", "b")]
    assert draws[0].equals(draws[1]) and draws[0]["lead_id"].to_list() != draws[2]["lead_id"].to_list()
    assert draws[0].height == ceil(0.3 * free.height) and set(draws[0]["lead_id"]) <= set(free["lead_id"])
    assert set(drawn_at_random(engine, WINDOW, flips, 1, "a")["lead_id"]) == set(free["lead_id"])
