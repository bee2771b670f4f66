"""Which leads does the simulated company call qualified? Its scorecard: 40 points of fit, 60 of intent, EQL at 70.

The scoring pages own the official model; this one only decides how the simulated sales desk behaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from .arrays import Flags, Ints

THRESHOLD = 70
MQL_THRESHOLD = 40
MIN_TRIGGERS = 2

SIZE_BOUNDS = (50, 200, 1_000, 5_000)
LEVELS = MappingProxyType(
    {
        "company_size": ("1-49", "50-199", "200-999", "1000-4999", "5000+"),
        "industry": (
            "Software", "Financial services", "E-commerce", "Logistics", "Healthcare",
            "Media", "Manufacturing", "Education", "Public sector", "Hospitality",
        ),
        "tech_stack": ("neither", "crm or warehouse", "crm and warehouse"),
        "use_case": ("partner reporting", "revenue attribution", "lead routing", "campaign planning", "other"),
    }
)  # fmt: skip
FIT_POINTS = MappingProxyType(
    {
        "company_size": (2, 8, 12, 10, 6),
        "industry": (8, 8, 8, 5, 5, 5, 2, 0, 0, 0),
        "tech_stack": (0, 7, 12),
        "use_case": (8, 8, 5, 2, 0),
    }
)
SIGNALS = (
    "pricing_page_view", "demo_request", "integration_click", "integration_install", "webinar_attended",
    "partner_referral", "budget_confirmed", "use_case_confirmed", "account_overlap", "newsletter_opened",
)  # fmt: skip
SIGNAL_POINTS = (8, 12, 6, 12, 4, 12, 6, 0, 0, 0)
TRIGGERS = (True, True, True, True, True, True, True, False, False, False)
ECOSYSTEM = ("integration_install", "partner_referral")
BUYING = ("demo_request", "budget_confirmed", "use_case_confirmed")
MAX_POINTS = 100


@dataclass(frozen=True, slots=True)
class Scores:
    """Per lead: the score as recorded data give it, and what it qualifies for."""

    score: Ints
    qualified: Flags
    marketing_qualified: Flags


def gates(seen: Flags) -> Flags:
    """Rows of signals (in the order of SIGNALS) that pass every gate but the threshold."""
    triggers = seen[:, np.asarray(TRIGGERS)].sum(axis=1) >= MIN_TRIGGERS
    ecosystem = seen[:, [SIGNALS.index(name) for name in ECOSYSTEM]].any(axis=1)
    buying = seen[:, [SIGNALS.index(name) for name in BUYING]].any(axis=1)
    return np.asarray(triggers & ecosystem & buying)


def intent_points(seen: Flags) -> Ints:
    """Points of the signals seen, at most 60."""
    return np.asarray(seen.astype(np.int16) @ np.asarray(SIGNAL_POINTS, dtype=np.int16)).astype(np.int64)


def score_leads(fit: Ints, seen: Flags) -> Scores:
    """Scores from recorded fit points (unknown values give 0) and the signals before the hand-over."""
    score = fit + intent_points(seen)
    demo = seen[:, SIGNALS.index("demo_request")]
    return Scores(score, (score >= THRESHOLD) & gates(seen), (score >= MQL_THRESHOLD) | demo)
