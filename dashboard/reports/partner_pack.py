"""What does a partner get to see of itself? The document of a quarterly business review, and its PDF and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.domain import NOTHING, Estimate
from dashboard.reports.figures import Card


@dataclass(frozen=True, slots=True)
class PartnerHeader:
    """Who the partner is; every text worded for people, empty where it is not known."""

    name: str
    kind: str = ""
    tier: str = ""
    region: str = ""
    manager: str = ""
    since: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A stage, how many leads reached it, and the rate at which they went on to the next (no n: it is the last)."""

    stage: str
    count: int
    to_next: Estimate = NOTHING
    immature: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """What one month brought; `month` is its first day; money in the document's currency."""

    month: date
    traffic: int | None = None
    leads: int | None = None
    eqls: int | None = None
    sqls: int | None = None
    won: int | None = None
    arr: float | None = None
    pipeline: float | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure beside its type: values worded, `percentile` (0 to 100, higher is better) with its interval."""

    measure: str
    own: str
    median: str
    percentile: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Share won (0 to 1) within so many days, with its band; `typical` is the curve of the partner's type."""

    days: float
    value: float | None
    low: float | None = None
    high: float | None = None
    typical: float | None = None
    typical_low: float | None = None
    typical_high: float | None = None


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page of the partner and what came over it."""

    title: str
    kind: str = ""
    leads: int | None = None
    eqls: int | None = None
    won: int | None = None
    pipeline: float | None = None


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal in progress; ages in days, `typical_days` is the time that deals like it take."""

    name: str
    stage: str = ""
    amount: float | None = None
    age_days: float | None = None
    typical_days: float | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on the partner; `period` and `when` worded for people."""

    period: str
    decision: str
    budget: float | None = None
    note: str = ""
    by: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class PartnerDocument:
    """A partner in a period: texts worded for people, numbers as numbers; empty parts are left out.

    `type_name`: whom it is compared with, such as "integrations"; `months` oldest first; `gaps` are sentences;
    `curve_basis`: what the days of the curve are counted from;
    `moment` (aware): `as_of` again, for the properties of the files.
    """

    header: PartnerHeader
    title: str
    period: str
    as_of: str
    currency: str
    sentence: str
    moment: datetime | None = None
    type_name: str = ""
    curve_basis: str = "days since the deal was opened"
    cards: Sequence[Card] = ()
    funnel: Sequence[FunnelStep] = ()
    months: Sequence[Month] = ()
    compared: Sequence[Compared] = ()
    curve: Sequence[CurvePoint] = ()
    pages: Sequence[PageLine] = ()
    deals: Sequence[OpenDeal] = ()
    gaps: Sequence[str] = ()
    notes: Sequence[str] = ()
    decisions: Sequence[Decided] = ()
    definitions: Sequence[tuple[str, str]] = ()


# What makes the files is loaded only when somebody asks for one.


def as_pdf(document: PartnerDocument) -> bytes:
    """The pack as a PDF: A4 portrait. The same bytes for the same document."""
    from dashboard.reports import partner_paper

    return partner_paper.as_pdf(document)


def as_html(document: PartnerDocument) -> str:
    """The pack as one file of HTML that needs no server, no script and no network; light and dark, and printable."""
    from dashboard.reports import partner_html

    return partner_html.as_html(document)
