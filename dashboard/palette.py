"""Which colour means what? The same on every page, in every picture and on paper.

The colours are of middle lightness, so that each stands out on the light and on the dark background alike.
"""

from __future__ import annotations

PARTNER = "#2F74E0"  # partner-sourced
OTHER = "#A0763E"  # other channels
WON = "#12876F"
LOST = "#C8502B"
OPEN = "#4A9BD4"
REFERENCE = "#8590A2"  # references and goals: grey, dashed
ATTENTION = "#C98A00"
BREACH = "#C42B4F"

# Shares of one meaning (tiers of partners) are shades of its colour, the first the strongest.
PARTNER_SHADES = ("#1F5DC4", "#5C93EA", "#92B6F0", "#B9CDEE", "#8590A2")
