"""What does a board get to see of the quarterly review? The document, and its PDF, workbook and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dashboard.domain import NOTHING, Estimate
from dashboard.reports.figures import Card


class Zone(StrEnum):
    """Where a partner surely stands: the colour of its bar in the picture of the ranks."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class RankLine:
    """One bar of the picture of the ranks: rank 1 is best, `low` ≤ `high`; `zone` only where the data are sure."""

    name: str
    rank: int
    low: int
    high: int
    p_top: float | None
    p_bottom: float | None
    zone: Zone = Zone.MIDDLE


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One partner of the table. Money in the document's currency, shares between 0 and 1, None where there is none.

    `rank_low` ≤ `rank_high` bound the rank; `budget` is next quarter's; `badges`, `suggestion`, `reason`, `decision`
    are worded for people.
    """

    partner_id: str
    name: str
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    p_top: float | None = None
    p_bottom: float | None = None
    last_rank: int | None = None
    eqls: int | None = None
    sqls: int | None = None
    won: int | None = None
    win_rate: Estimate = NOTHING
    arr: float | None = None
    pipeline: float | None = None
    pages: int | None = None
    per_page: float | None = None
    cost: float | None = None
    multiple: float | None = None
    badges: tuple[str, ...] = ()
    suggestion: str = ""
    reason: str = ""
    decision: str = ""
    note: str = ""
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What one decision moves: budget until now and next quarter's; with the id, namesakes are told apart."""

    name: str
    decision: str
    before: float | None
    after: float | None
    partner_id: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """Freed by ending, needed by doubling, and `balance` = freed − needed."""

    freed: float | None = None
    needed: float | None = None
    balance: float | None = None
    lines: Sequence[BudgetLine] = ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """How often a rule would be wrong in worlds like this one.

    `partners`: to how many it applies now; `wrong`: share of those that it should not have named; `found`: share of
    those that it should have named. Both between 0 and 1.
    """

    rule: str
    partners: int | None
    wrong: float | None
    found: float | None


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision of last quarter and what became of it; `when` and `outcome` worded for people."""

    name: str
    decided: str
    by: str
    when: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """The review of a period: texts worded for people, numbers as numbers.

    `ranks` best first; `rows` as the table on the page has them; `unranked` with the reason; `notes`: what is left
    out and why; `ranked_by`: name of the measure; `zone_size`: partners in an outer fifth (shaded in the picture);
    `ranked`: how many are ranked in all, where `ranks` has not all of them;
    `cards`: at most five key figures; `moment` (aware): `as_of` again, for the properties of the files;
    `interval`: what the rank interval holds, such as "90 %"; `definitions`: term and meaning.
    """

    title: str
    period: str
    as_of: str
    currency: str
    headline: str
    second: str = ""
    moment: datetime | None = None
    notes: Sequence[str] = ()
    cards: Sequence[Card] = ()
    ranked_by: str = "Pipeline per referring page"
    zone_size: int = 0
    ranked: int | None = None
    interval: str = "90 %"
    ranks: Sequence[RankLine] = ()
    rows: Sequence[ReviewLine] = ()
    unranked: Sequence[tuple[str, str]] = ()
    budget: Budget = Budget()
    consequences: Sequence[Consequence] = ()
    consequences_note: str = ""
    last_decisions: Sequence[PastDecision] = ()
    definitions: Sequence[tuple[str, str]] = ()


# What makes the files is loaded only when somebody asks for one.


def as_pdf(document: ReviewDocument) -> bytes:
    """The review as a PDF: A4, the answer on page 1. The same bytes for the same document."""
    from dashboard.reports import review_paper

    return review_paper.as_pdf(document)


def as_xlsx(document: ReviewDocument) -> bytes:
    """The review as a workbook: Review, Ranks, Budget, what else there is, Definitions; real numbers with formats."""
    from dashboard.reports import review_tables

    return review_tables.as_xlsx(document)


def as_csv(document: ReviewDocument) -> str:
    """One row a partner, full precision, names as docs/glossary.md and the JSON report have them."""
    from dashboard.reports import review_tables

    return review_tables.as_csv(document)
