"""What do leads do before sales hears of them? Signals and their times; a hidden intent makes them go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit

from .arrays import Flags, Floats, Ints, chance, frame, instants, pick
from .arrivals import Arrivals
from .options import DAY, DemoOptions
from .partners import Partners
from .scorecard import SIGNALS
from .words import CHANNELS

# Logit of each signal for a lead of average intent: brought by a partner, and not.
PARTNER_BASE = (0.25, -0.55, 0.1, -0.95, -0.95, -0.2, -0.95, -0.5, -0.6, -0.8)
DIRECT_BASE = (-0.7, -2.0, -2.6, -4.0, -2.2, -np.inf, -2.5, -1.8, -np.inf, -0.8)
# How much the hidden intent moves each signal. The newsletter goes with intent and causes nothing; the overlap neither.
LOADING = (1.0, 1.2, 1.0, 1.1, 0.8, 1.1, 1.2, 1.1, 0.0, 0.7)
CHANNEL_INTENT = (0.0, 0.1, -0.35, 0.0, 0.25, -0.1, 0.0)
AI_PRICING_BONUS = 1.3  # AI answers send many people to the pricing page who want little
LATE_SHARE = 0.04
WINDOW_DAYS = 90


@dataclass(frozen=True, slots=True)
class Signals:
    """Per lead and signal (in the order of SIGNALS): whether seen before any hand-over, and seconds after arrival."""

    seen: Flags
    after: Ints
    settled: Ints

    def at(self, arrivals: Arrivals, signal: str) -> Ints:
        """Seconds since 1970 of one signal; meaningless where not seen."""
        return arrivals.created + self.after[:, SIGNALS.index(signal)]


def signal_logits(channel: int) -> Floats:
    """Logit of each signal for a lead of this channel with average intent."""
    base = np.asarray(PARTNER_BASE if CHANNELS[channel] == "partner" else DIRECT_BASE) + CHANNEL_INTENT[channel]
    base[0] += AI_PRICING_BONUS * (CHANNELS[channel] == "ai_referral")
    return np.asarray(base)


def give_signals(options: DemoOptions, arrivals: Arrivals, partners: Partners) -> Signals:
    """Signals of all leads within 45 days of arrival, which no sales work has influenced."""
    stream, count = options.stream("signal"), len(arrivals)
    intent = stream.normal(0, 1, count)
    intent += np.where(arrivals.sourced, partners.intent_effect[np.maximum(arrivals.partner, 0)], 0.0)
    base = np.array([signal_logits(channel) for channel in range(len(CHANNELS))])
    seen = np.empty((count, len(SIGNALS)), dtype=bool)
    after = np.empty((count, len(SIGNALS)), dtype=np.int64)
    settled = np.zeros(count, dtype=np.int64)
    for number, loading in enumerate(LOADING):
        seen[:, number] = stream.random(count) < expit(base[arrivals.channel, number] + loading * intent)
        after[:, number] = np.minimum(stream.exponential(4.5 * DAY, count) + 60, 45 * DAY)
        np.maximum(settled, np.where(seen[:, number], after[:, number], 0), out=settled)
    return Signals(seen, after, settled)


def signal_table(
    options: DemoOptions, arrivals: Arrivals, signals: Signals, ids: pl.Series, sql_at: Ints, won_at: Ints
) -> pl.DataFrame:
    """Rows of `signal`: those that cause, second page views that add nothing, and late ones that must not be counted.

    Late are budget and use case once sales has asked, the integration installed after winning, and stray signals of
    unworked leads past the window of 90 days. `sql_at` and `won_at` are NEVER where it did not happen.
    """
    stream = options.stream("late signal")
    lead, number = np.nonzero(signals.seen)
    at = arrivals.created[lead] + signals.after[lead, number]
    parts = [(lead, number, at), _second_views(stream, arrivals, signals), _stray(stream, arrivals, sql_at)]
    parts += [
        _following(stream, sql_at, "budget_confirmed", 0.6, 10),
        _following(stream, sql_at, "use_case_confirmed", 0.6, 10),
        _following(stream, won_at, "integration_install", 0.8, 20),
    ]
    lead, number, at = (np.concatenate([part[i] for part in parts]) for i in range(3))
    keep = np.flatnonzero(at < options.cutoff)
    keep = keep[np.argsort(lead[keep], kind="stable")]
    return frame(lead_id=pick(ids, lead[keep]), signal=pick(SIGNALS, number[keep]), occurred_at=instants(at[keep]))


def _second_views(stream: np.random.Generator, arrivals: Arrivals, signals: Signals) -> tuple[Ints, Ints, Ints]:
    column = SIGNALS.index("pricing_page_view")
    lead = np.flatnonzero(signals.seen[:, column] & chance(stream, 0.25, len(arrivals)))
    back = (signals.settled[lead] - signals.after[lead, column]) * stream.random(len(lead))
    at = arrivals.created[lead] + signals.after[lead, column] + back.astype(np.int64)
    moved = at > arrivals.created[lead] + signals.after[lead, column]
    return lead[moved], np.full(moved.sum(), column), at[moved]


def _following(
    stream: np.random.Generator, after: Ints, signal: str, share: float, days: float
) -> tuple[Ints, Ints, Ints]:
    lead = np.flatnonzero((after < 2**60) & chance(stream, share, len(after)))
    at = after[lead] + stream.integers(3600, int(days * DAY), len(lead))
    return lead, np.full(len(lead), SIGNALS.index(signal)), at


def _stray(stream: np.random.Generator, arrivals: Arrivals, sql_at: Ints) -> tuple[Ints, Ints, Ints]:
    lead = np.flatnonzero((sql_at >= 2**60) & chance(stream, LATE_SHARE, len(arrivals)))
    at = arrivals.created[lead] + stream.integers((WINDOW_DAYS + 1) * DAY, 200 * DAY, len(lead))
    return lead, stream.integers(0, 2, len(lead)), at
