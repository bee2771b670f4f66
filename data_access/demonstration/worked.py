"""Whom does sales work, and when? Qualified leads, inbound leads, and a random few of the others.

Who is worked depends on recorded fields and chance alone (unless `below_threshold` is HUNCH), so that outcomes of the
worked leads tell what the others would have brought.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy.special import expit

from .arrays import NEVER, Flags, Floats, Ints, chance
from .arrivals import Arrivals
from .conversion import Chances
from .office_hours import after_hours
from .options import DAY, DemoOptions, Selection
from .partners import Partners
from .scorecard import SIGNALS, Scores
from .signals import Signals
from .words import REPRESENTATIVES

RECORDED_SHARE, EQL_WORKED_SHARE, INBOUND_WORKED_SHARE, BELOW_SHARE = 0.97, 0.98, 0.85, 0.03
SLA_HOURS = 4.0


class Queue(IntEnum):
    """The reason why sales works a lead; `ecosystem` holds qualified leads, `below` the random few (or a hunch)."""

    NONE = 0
    ECOSYSTEM = 1
    INBOUND = 2
    BELOW = 3


@dataclass(frozen=True, slots=True)
class Desk:
    """Per lead: how it is qualified and worked. Moments in seconds since 1970, NEVER where they do not come.

    Moments may lie after the day at which the company is looked at; tables leave those out.
    `inside_share` is the chance that this lead's representative contacts it inside the SLA.
    """

    eql: Flags
    declared: Flags
    queue: Ints
    representative: Ints
    inside_share: Floats
    inside: Flags
    mql_at: Ints
    partner_confirmed: Ints
    vendor_confirmed: Ints
    eql_at: Ints
    assigned: Ints
    contacted: Ints

    @property
    def worked(self) -> Flags:
        """Whether sales works the lead, sooner or later."""
        return np.asarray(self.queue != Queue.NONE)


def work(
    options: DemoOptions, arrivals: Arrivals, partners: Partners, signals: Signals, scores: Scores, odds: Chances
) -> Desk:
    """Qualification and sales work of all leads."""
    stream, count = options.stream("desk"), len(arrivals)
    declared = _declared(stream, arrivals, partners, signals, scores)
    eql = scores.qualified & chance(stream, RECORDED_SHARE, count) | declared
    queue = _queues(stream, options, arrivals, scores, odds, eql, declared)
    representative, inside_share = _representatives(options, arrivals)
    inside = chance(stream, inside_share, count)
    review = arrivals.created + signals.settled
    partner_confirmed = after_hours(review, stream.exponential(7.0, count))
    vendor_confirmed = after_hours(review, stream.exponential(9.0, count))
    eql_at = np.where(eql, np.maximum(partner_confirmed, vendor_confirmed) + 120, NEVER)
    marketing = (scores.marketing_qualified & chance(stream, 0.93, count)) | (eql & chance(stream, 0.8, count))
    mql_at = arrivals.created + 30 + (stream.random(count) * signals.settled).astype(np.int64)
    begins = np.where(queue == Queue.ECOSYSTEM, eql_at, review + 300)
    assigned, contacted = _contact(stream, begins, inside, queue != Queue.NONE)
    return Desk(
        eql=eql,
        declared=declared,
        queue=queue,
        representative=representative,
        inside_share=inside_share,
        inside=inside,
        mql_at=np.where(marketing, mql_at, NEVER),
        partner_confirmed=np.where(eql & ~declared, partner_confirmed, NEVER),
        vendor_confirmed=np.where(eql & ~declared, vendor_confirmed, NEVER),
        eql_at=eql_at,
        assigned=assigned,
        contacted=contacted,
    )


def _declared(
    stream: np.random.Generator, arrivals: Arrivals, partners: Partners, signals: Signals, scores: Scores
) -> Flags:
    """Leads called EQL on a partner's word alone: below the threshold, and left alone by sales."""
    word = signals.seen[:, SIGNALS.index("partner_referral")] & arrivals.sourced & ~scores.qualified
    return word & chance(stream, partners.declares[np.maximum(arrivals.partner, 0)], len(arrivals))


def _queues(
    stream: np.random.Generator,
    options: DemoOptions,
    arrivals: Arrivals,
    scores: Scores,
    odds: Chances,
    eql: Flags,
    declared: Flags,
) -> Ints:
    count = len(arrivals)
    inbound = options.inbound & ~arrivals.sourced & scores.marketing_qualified & ~scores.qualified
    ecosystem = eql & ~declared & chance(stream, EQL_WORKED_SHARE, count)
    called = inbound & chance(stream, INBOUND_WORKED_SHARE, count)
    below = ~scores.qualified & ~inbound & ~declared & (stream.random(count) < _below_share(options, odds))
    return np.select([ecosystem, called, below], [Queue.ECOSYSTEM, Queue.INBOUND, Queue.BELOW], Queue.NONE)


def _below_share(options: DemoOptions, odds: Chances) -> Floats | float:
    """Chance that a lead below the threshold is worked."""
    if options.below_threshold is Selection.HUNCH:
        return np.asarray(expit(-4.0 + 1.2 * odds.hunch))
    return BELOW_SHARE if options.below_threshold is Selection.RANDOM else 0.0


def _representatives(options: DemoOptions, arrivals: Arrivals) -> tuple[Ints, Floats]:
    """Round robin within the region; how often a representative keeps the SLA is his or her own."""
    size = np.array([len(names) for names in REPRESENTATIVES])
    first = np.append(0, np.cumsum(size)[:-1])
    keeps = options.stream("representative").beta(11, 4, size.sum())
    turn = np.zeros(len(arrivals), dtype=np.int64)
    for region in range(len(size)):
        mine = arrivals.region == region
        turn[mine] = np.arange(mine.sum()) % size[region]
    representative = first[arrivals.region] + turn
    return representative, keeps[representative]


def _contact(stream: np.random.Generator, begins: Ints, inside: Flags, worked: Flags) -> tuple[Ints, Ints]:
    """Assignment within minutes, contact inside or outside four business hours, both counted from the beginning."""
    count = len(begins)
    begins = np.where(worked, begins, DAY)
    minutes = np.minimum(np.exp(stream.normal(np.log(9), 0.9, count)), 170)
    assign_hours = np.where(inside, np.minimum(minutes / 60, 0.25), minutes / 60)
    contact_hours = np.where(
        inside,
        0.3 + (SLA_HOURS - 0.35) * stream.random(count),
        assign_hours + SLA_HOURS + 0.1 + stream.exponential(9.0, count),
    )
    assigned, contacted = after_hours(begins, assign_hours), after_hours(begins, contact_hours)
    return np.where(worked, assigned, NEVER), np.where(worked, contacted, NEVER)
