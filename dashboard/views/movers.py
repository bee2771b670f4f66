"""Whose pipeline moved most against the other period, since when, and is it more than chance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.metrics.performance import PartnerPerformance
from dashboard.views.comparison import sum_changed

# Is the change more than chance?
SURE = {True: "yes", False: "can be chance", None: "too few deals"}


@dataclass(frozen=True, slots=True)
class Mover:
    """A partner with the pipeline created in both periods (reporting currency) and its EQLs.

    `sure` is None where one of the periods has no deal to compare.
    """

    partner_id: str
    name: str
    pipeline: float
    change: float
    eqls: int
    eqls_change: int
    sure: bool | None


def movers(now: Sequence[PartnerPerformance], before: Sequence[PartnerPerformance], each_way: int = 5) -> list[Mover]:
    """The partners whose pipeline created rose most, then those whose fell most; unchanged ones are left out."""
    then = {p.partner.partner_id: p for p in before}
    moved = [_mover(p, then[p.partner.partner_id]) for p in now if p.partner.partner_id in then]
    rising = sorted((m for m in moved if m.change > 0), key=lambda m: (-m.change, m.partner_id))
    falling = sorted((m for m in moved if m.change < 0), key=lambda m: (m.change, m.partner_id))
    return rising[:each_way] + falling[:each_way][::-1]


def since(days: Sequence[date], values: Sequence[float], rises: bool) -> date | None:
    """The bucket in which a series moved to its new level: where the running sum of its deviations from its mean turns.

    A CUSUM change point (Page 1954, doi:10.1093/biomet/41.1-2.100). None for fewer than four buckets or a level series.
    """
    series = np.asarray(values, dtype=float)
    if len(series) < 4 or np.ptp(series) == 0:
        return None
    running = np.cumsum(series - series.mean())[:-1]
    turn = int(np.argmin(running) if rises else np.argmax(running))
    return days[turn + 1]


def table(
    moved: Sequence[Mover], history: Mapping[str, tuple[Sequence[date], Sequence[float]]]
) -> dict[str, list[object]]:
    """The movers as columns, in the order of the page's table; `history` holds days and values by partner."""
    return {
        "partner": [m.name for m in moved],
        "pipeline": [m.pipeline for m in moved],
        "change": [m.change for m in moved],
        "since": [since(*history[m.partner_id], m.change > 0) for m in moved],
        "sure": [SURE[m.sure] for m in moved],
        "eqls": [m.eqls for m in moved],
        "eqls_change": [m.eqls_change for m in moved],
        "series": [list(history[m.partner_id][1]) for m in moved],
    }


def _mover(now: PartnerPerformance, before: PartnerPerformance) -> Mover:
    a, b = now.summary, before.summary
    return Mover(
        now.partner.partner_id,
        now.partner.name,
        a.pipeline_created,
        a.pipeline_created - b.pipeline_created,
        a.eqls_in_period,
        a.eqls_in_period - b.eqls_in_period,
        sum_changed(a.pipeline_created, a.opportunities_opened, b.pipeline_created, b.opportunities_opened),
    )
