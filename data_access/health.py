"""What is odd about the data, and how fresh are they?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.costs import unconverted_costs
from data_access.deals import flagged_deals
from data_access.leads import lead_census


@dataclass(frozen=True, slots=True)
class Oddities:
    """Leads left out, by reason, and the keys of deals and costs about which something is odd, in order of key."""

    leads_after_as_of: int
    test_leads: int
    deleted_leads: int
    merged_leads: int
    deals: Mapping[str, Sequence[str]]
    unconverted_costs: Sequence[str]


def oddities(engine: Engine, window: Window) -> Oddities:
    """Everything that the numbers leave out or mark, over the whole data as seen at `as_of`."""
    census, flagged = lead_census(engine, window), flagged_deals(engine, window)
    return Oddities(
        leads_after_as_of=int(census["after_as_of"].sum()),
        test_leads=int(census["test"].sum()),
        deleted_leads=int(census["deleted"].sum()),
        merged_leads=int(census["merged"].sum()),
        deals={
            flag: flagged.filter(pl.col("flag") == flag)["deal_id"].to_list()
            for flag in (
                "unattributed_deals",
                "unconverted_deals",
                "closed_without_date",
                "negative_durations",
                "closed_before_lead",
            )
        },
        unconverted_costs=unconverted_costs(engine, window)["cost_id"].to_list(),
    )
