"""What of the backlink prospects goes into files? Its table and its picture, for the page that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard import frames, wording
from dashboard.charts import prospects as charts
from dashboard.frames import content as assets
from dashboard.frames import prospects as asked
from dashboard.metrics.prospects import Prospect
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import prospects_words as words

if TYPE_CHECKING:
    from dashboard.filters import Filters

_QUESTION = "Which prospect's page may bring most?"
_COLUMNS = (
    Column("asset_id", "Key"),
    Column("title", "Page"),
    Column("partner", "Partner"),
    Column("kind", "Kind"),
    Column("rank", "Rank", Kind.COUNT),
    Column("rank_low", "from", Kind.COUNT),
    Column("rank_high", "to", Kind.COUNT),
    Column("rank_by_rating", "By domain rating", Kind.COUNT),
    Column("domain_rating", "Domain rating", Kind.COUNT),
    Column("expected_pipeline", "Expected pipeline a quarter", Kind.MONEY),
    Column("expected_low", "90 %: from", Kind.MONEY),
    Column("expected_high", "to", Kind.MONEY),
    Column("p_nothing", "Nothing in a year", Kind.PROBABILITY),
    Column("note", "Note"),
)


def tables(period: Period, chosen: Filters) -> list[PageTable]:
    """The pages of prospects, the best first; nothing where none is known."""
    found = asked.prospects(period)
    if not found.pages:
        return []
    titles = assets.titles(period, [page.asset_id for page in found.pages])
    names = frames.choices().names
    rows = [
        _row(page, names.get(page.partner_id, page.partner_id), titles.get(page.asset_id, {}).get("title") or "")
        for page in found.pages
    ]
    return [PageTable("prospects", _QUESTION, _COLUMNS, rows)]


def _row(page: Prospect, partner: str, title: str) -> list[Any]:
    expected = page.expected
    return [
        page.asset_id, title, partner, wording.label(page.kind), page.rank, page.rank_low, page.rank_high,
        page.rank_by_rating, page.domain_rating, expected.value, expected.low, expected.high, page.p_nothing,
        words.note(page),
    ]  # fmt: skip


def pictures(period: Period, chosen: Filters) -> list[PagePicture]:
    """The first pages with their intervals; nothing where they cannot be judged."""
    found, currency = asked.prospects(period), settings().currency
    if not found.pages or found.pages[0].rank is None:
        return []
    titles = assets.titles(period, [page.asset_id for page in found.pages])
    names = frames.choices().names
    rows = words.rows(found.pages, names, {key: str(own["title"] or key) for key, own in titles.items()}, currency)
    figure = charts.ranked(rows, words.ticks(rows, currency)).to_plotly_json()
    about = " ".join(filter(None, (words.honest(found.back_test), words.calibration(found.back_test))))
    return [PagePicture("prospects", _QUESTION, about, figure, words.rows_in_words(rows))]
