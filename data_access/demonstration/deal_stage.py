"""How did the deals go through the stages of the sales process? Deals that will be won move on sooner and further."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .arrays import NEVER, Flags, Ints, chance, frame, instants, pick
from .office_hours import on_workday
from .options import DemoOptions

STAGES = ("discovery", "proposal", "negotiation", "closed_won", "closed_lost")
DISCOVERY, PROPOSAL, NEGOTIATION, CLOSED_WON, CLOSED_LOST = range(len(STAGES))
# Who ever reaches a stage, and at which part of its time to close (beta distribution): won and lost deals.
REACHES = {PROPOSAL: (0.97, 0.66), NEGOTIATION: (0.92, 0.38)}
PART = {PROPOSAL: ((2.2, 5.0), (2.6, 3.4)), NEGOTIATION: ((4.5, 3.2), (4.5, 2.0))}


@dataclass(frozen=True, slots=True)
class Course:
    """One entry an entered stage, in order of deal and moment (seconds since 1970)."""

    deal: Ints
    stage: Ints
    entered: Ints

    def last(self, deals: int) -> Ints:
        """The stage that each deal entered last."""
        stage = np.full(deals, DISCOVERY, dtype=np.int64)
        stage[self.deal] = self.stage
        return stage


def walk(options: DemoOptions, opened: Ints, closed: Ints, ends: Ints, wins: Flags) -> Course:
    """The stages that were entered before the company is looked at.

    `closed` is NEVER while a deal is open; `ends` is when it closes in the end, seen or not, and `wins` how.
    """
    stream, count = options.stream("deal stage"), len(opened)
    entered = [opened]
    before, there = opened, np.ones(count, dtype=bool)
    for stage in (PROPOSAL, NEGOTIATION):
        part = np.where(wins, *(stream.beta(*shape, count) for shape in PART[stage]))
        there = there & chance(stream, np.where(wins, *REACHES[stage]), count)
        at = on_workday(opened + (part * (ends - opened)).astype(np.int64), stream)
        before = np.where(there, np.maximum(at, before + 3600), before)
        entered.append(np.where(there, before, NEVER))
    entered = [np.where(at < np.minimum(closed, options.cutoff), at, NEVER) for at in entered]
    entered += [np.where(wins, closed, NEVER), np.where(wins, NEVER, closed)]
    return _course(np.stack(entered, axis=1))


def stage_table(course: Course, deal_ids: pl.Series) -> pl.DataFrame:
    """Rows of `deal_stage`, in order of deal and moment."""
    return frame(
        deal_id=pick(deal_ids, course.deal), stage=pick(STAGES, course.stage), entered_at=instants(course.entered)
    )


def _course(entered: Ints) -> Course:
    deal, stage = np.nonzero(entered < NEVER)
    return Course(deal.astype(np.int64), stage.astype(np.int64), entered[deal, stage])
