"""Which leads would flip under a scenario? Lists of those gained and dropped, and a random sample to work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Engine

from dashboard.answers import answer, engine, freshness
from dashboard.frames import what_if as questions
from dashboard.frames.performance import selection, window
from dashboard.frames.trend import of_everybody
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.structure import Structure, structure_of
from data_access import flips as reads
from data_access.flips import Flips
from data_access.lead_list import Place

if TYPE_CHECKING:
    from dashboard.views.what_if_scene import Scene


class Which(StrEnum):
    """Which leads of the list."""

    BOTH = "both"
    GAINED = "gained"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, eq=False)
class Flipped:
    """The codes that flip, their scores under both models, and how many leads they stand for.

    `scores`: one row a code: code, now, then (points), gained (bool).
    """

    structure: Structure
    scores: pl.DataFrame
    gained: int
    dropped: int

    def codes(self, which: Which) -> tuple[int, ...]:
        """The codes of one side, or of both."""
        chosen = self.scores if which is Which.BOTH else self.scores.filter(pl.col("gained") == (which is Which.GAINED))
        return tuple(chosen["code"])

    def count(self, which: Which) -> int:
        """How many leads these are."""
        return self.gained * (which is not Which.DROPPED) + self.dropped * (which is not Which.GAINED)


def flipped(scene: Scene) -> Flipped:
    """What flips between the active model and the scenario."""
    cells = questions.cells(scene.period, scene.filters, scene.active.model, scene.model)
    now, then = cells.scored(scene.active.model), cells.scored(scene.model)
    leads = _leads(cells)
    gained, dropped = then.qualified & ~now.qualified, now.qualified & ~then.qualified
    some = (gained | dropped) & (leads > 0)
    scores = pl.DataFrame(
        {
            "code": cells.codes[some],
            "now": now.score[some].astype(np.int64),
            "then": then.score[some].astype(np.int64),
            "gained": gained[some],
        }
    )
    return Flipped(cells.structure, scores, int(leads[gained].sum()), int(leads[dropped].sum()))


def _leads(cells: ScoreCells) -> NDArray[np.int64]:
    """Leads by code. Whole numbers all the way: sums of weights would be floating."""
    found = np.zeros(len(cells.codes), dtype=np.int64)
    np.add.at(found, cells.code, cells.measure("leads"))
    return found


def page(scene: Scene, found: Flipped, which: Which, after: Place | None = None) -> pl.DataFrame:
    """One page of the list, with `now`, `then` and `gained` of `Flipped.scores` beside."""
    asked = _asked(scene, found.structure, found.codes(which))

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        return reads.page_of_flips(engine, window(scene.period, instant), asked, after=after)

    return scored(answer(("flips", scene.period, _key(asked), after), compute), found.scores)


def batches(scene: Scene, found: Flipped, which: Which) -> Iterator[pl.DataFrame]:
    """The whole list in batches, for an export; nothing of it is kept."""
    asked = _asked(scene, found.structure, found.codes(which))
    seen = window(scene.period, freshness().as_of)
    return (scored(rows, found.scores) for rows in reads.all_flips(engine(), seen, asked))


def scored(rows: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Rows with what is known of their code, in their order."""
    return rows.join(scores, on="code", how="left", maintain_order="left")


def below(scene: Scene, least: int) -> Flipped:
    """The codes that do not qualify under the active model, of `least` points or more."""
    model = scene.active.model
    cells = questions.cells(scene.period, scene.filters, model)
    now, leads = cells.scored(model), _leads(cells)
    some = ~now.qualified & (now.score >= least) & (leads > 0)
    scores = pl.DataFrame({"code": cells.codes[some], "now": now.score[some].astype(np.int64)})
    return Flipped(structure_of(model), scores.with_columns(then="now", gained=pl.lit(True)), int(leads[some].sum()), 0)


def untouched(scene: Scene, least: int) -> int:
    """How many leads below the line nobody has worked or ruled out yet."""
    found = below(scene, least)
    asked = _asked(scene, found.structure, found.codes(Which.BOTH))
    return answer(
        ("untouched", scene.period, _key(asked)),
        lambda engine, instant: reads.count_untouched(engine, window(scene.period, instant), asked),
    )


def drawn(scene: Scene, least: int, share: float, seed: str) -> pl.DataFrame:
    """A random share of them."""
    found = below(scene, least)
    asked = _asked(scene, found.structure, found.codes(Which.BOTH))
    rows = reads.drawn_at_random(engine(), window(scene.period, freshness().as_of), asked, share, seed)
    return scored(rows, found.scores)


def _asked(scene: Scene, structure: Structure, codes: tuple[int, ...]) -> Flips:
    chosen = selection(scene.filters)
    sourced = not of_everybody(scene.period, scene.filters)
    return Flips(structure, codes, sourced, chosen.partners, chosen.channels)


def _key(asked: Flips) -> tuple[object, ...]:
    """Thousands of codes, but a short key."""
    digest = hashlib.sha256(repr(asked.codes).encode()).hexdigest()
    return asked.structure.identity, digest, asked.sourced, asked.partners, asked.channels
