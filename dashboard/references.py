"""Which figures from outside are drawn beside the measured ones? Of unknown quality, always labelled "reference"."""

from __future__ import annotations

# Rates as (low, high); one number twice where the source gives no range.
PARTNER = {"eql_to_won": (0.18, 0.25), "eql_to_sql": (0.30, 0.30)}
CHANNELS = {
    "organic": {"mql_to_won": (0.02, 0.05)},
    "paid": {"mql_to_sql": (0.18, 0.18)},
}

# Days to close of partner-sourced deals ÷ those of others, as one source says it in three places that disagree.
SPEED = {"30–40 % faster": (0.60, 0.70), "30–50 % faster": (0.50, 0.70), "three times as fast": (1 / 3, 1 / 3)}


def of_channel(channel: str | None, step: str) -> tuple[float, float] | None:
    """The reference for a channel's step, found by how the channel's name begins."""
    for beginning, rates in CHANNELS.items():
        if (channel or "").lower().startswith(beginning):
            return rates.get(step)
    return None
