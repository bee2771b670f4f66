"""Which figures from outside are drawn beside the measured ones? Of unknown quality, always labelled "reference".

Every one is a setting; these mappings read it when they are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashboard.settings import settings

Range = tuple[float, float]


class _OfSettings(Mapping[str, Range]):
    """Ranges (low, high) by name, one number twice where the source gives no range; `fields`: their settings."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Range:
        low, high = getattr(settings(), self._fields[name])
        return low, high

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


PARTNER = _OfSettings({"eql_to_won": "reference_eql_to_won", "eql_to_sql": "reference_eql_to_sql"})
CHANNELS = {
    "organic": _OfSettings({"mql_to_won": "reference_organic_mql_to_won"}),
    "paid": _OfSettings({"mql_to_sql": "reference_paid_mql_to_sql"}),
}
# Days to close of partner-sourced deals ÷ those of others, as one source says it in three places that disagree.
SPEED = _OfSettings(
    {
        "30–40 % faster": "reference_speed",
        "30–50 % faster": "reference_speed_second",
        "three times as fast": "reference_speed_third",
    }
)


def of_channel(channel: str | None, step: str) -> Range | None:
    """The reference for a channel's step, found by how the channel's name begins."""
    for beginning, rates in CHANNELS.items():
        if (channel or "").lower().startswith(beginning):
            return rates.get(step)
    return None
