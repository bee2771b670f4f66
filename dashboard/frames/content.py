"""Which content brings EQLs, and which of it is due or silent? The questions of the tab "Content"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import choices, selection, window
from dashboard.metrics.content import Content, days_seen
from dashboard.metrics.content import content as content_of
from dashboard.period import Period
from data_access import content as reads

if TYPE_CHECKING:
    from dashboard.filters import Filters


def content(period: Period, filters: Filters) -> Content:
    """Everything about the content of a period; chosen partners narrow it to their assets, channels are ignored."""
    partners = selection(filters).partners

    def compute(engine: Engine, instant: datetime) -> Content:
        seen = window(period, instant)
        cells = current(("asset cells", period), lambda engine, _: reads.asset_cells(engine, seen))
        costs = current(("content cost", period), lambda engine, _: reads.content_cost(engine, seen))
        return content_of(cells, costs, days_seen(seen), partners)

    return answer(("content", period, partners), compute)


def titles(period: Period, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Title, url, partner, published_on and refreshed_on of some assets, by key."""

    def compute(engine: Engine, instant: datetime) -> dict[str, dict[str, Any]]:
        found = reads.asset_titles(engine, window(period, instant), keys)
        return {row["asset_id"]: row for row in found.iter_rows(named=True)}

    return answer(("asset titles", period, tuple(keys)), compute)


def everybody(filters: Filters) -> bool:
    """Whether no partner is chosen, so that the company's own pages belong to what is shown."""
    return filters.partner_ids(choices()) is None
