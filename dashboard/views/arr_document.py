"""What of the ARR page goes into files? Its answers, tables and pictures, made from the same results as the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from dashboard import wording
from dashboard.charts import arr_page as charts
from dashboard.metrics.arr_change import Change, Factor, Link
from dashboard.metrics.arr_page import ArrPage, GroupBy, GroupLine, Source, Stretch
from dashboard.reports.figures import Card, Column, Kind
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import arr_page as view
from dashboard.views import arr_page_words as words
from dashboard.views import forecast_document, vitals_document
from dashboard.views.comparison import Versus
from dashboard.views.exports import Head
from dashboard.views.headline import Setting

if TYPE_CHECKING:
    from dashboard.filters import Filters

_STRETCH = (
    Column("partner_sourced", "Partner-sourced", Kind.MONEY),
    Column("direct", "Direct", Kind.MONEY),
    Column("unattributed", "Without a lead", Kind.MONEY),
    Column("total", "All", Kind.MONEY),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("target", "Target", Kind.MONEY),
    Column("cumulative", "Since the year began", Kind.MONEY),
    Column("cumulative_target", "Target for the year", Kind.MONEY),
)
_GROUPS = (
    Column("grouping", "By"),
    Column("source", "Source"),
    Column("name", "Group"),
    Column("arr", "ARR", Kind.MONEY),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("arr_before", "ARR before", Kind.MONEY),
    Column("won_deals_before", "Won before", Kind.COUNT),
)
_LARGEST = (
    Column("name", "Partner"),
    Column("arr", "ARR", Kind.MONEY),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("share", "Share", Kind.RATE),
)
_CHANGE = (
    Column("part", "Part"),
    Column("number_before", "Number before", Kind.COUNT),
    Column("number_now", "Number now", Kind.COUNT),
    Column("quotient_before", "Per each before", Kind.NUMBER),
    Column("quotient_now", "Per each now", Kind.NUMBER),
    Column("amount_before", "Amount before", Kind.MONEY),
    Column("amount_now", "Amount now", Kind.MONEY),
    Column("worth", "Worth", Kind.MONEY),
    Column("low", "from", Kind.MONEY),
    Column("high", "to", Kind.MONEY),
)


def document(
    page: ArrPage,
    versus: Versus | None,
    when: Setting,
    chosen: Filters,
    answers: Sequence[tuple[str, Callable[[], str]]],
    filters: str,
) -> PageDocument:
    """All that the page says. `answers`: its questions and how they are answered, the headline first.

    `filters`: what was chosen, in a line.
    """
    period, (headline, *below) = page.window.period, answers
    said = [headline[1](), *(f"{question} {tell()}" for question, tell in below)]
    return Head(stem(page), "ARR", when.period, said, filters, page.window.as_of).document(
        [
            *tables(page, versus),
            *forecast_document.tables(period, chosen),
            *vitals_document.tables(period, chosen),
        ],
        [
            *pictures(page, versus, when),
            *forecast_document.pictures(period, chosen),
            *vitals_document.pictures(period, chosen),
        ],
        cards(page, when, versus),
    )


def stem(page: ArrPage) -> str:
    """How the names of the files begin."""
    return f"arr-{page.window.period.label}"


def cards(page: ArrPage, when: Setting, versus: Versus | None) -> list[Card]:
    """The key figures."""
    own, then = page.own, page.own_before
    change = wording.change(own.arr, then.arr) or "" if then else ""
    against = f"on {versus.short}" if versus and change else ""
    found = [
        Card("ARR won", wording.money(own.arr, when.currency), change, against),
        Card("Won deals", wording.count(own.won_deals)),
    ]
    last = page.quarters[-1]
    if last.target is not None and words.of_target(page, when):
        found.append(Card("Target", wording.money(last.target, when.currency)))
    if page.top_five.share is not None:
        found.append(Card("Share of the five largest", wording.rate(page.top_five.share, 0)))
    return found


def tables(page: ArrPage, versus: Versus | None) -> list[PageTable]:
    """Quarters, months, groups, the five largest, and the parts of the change."""
    found = [
        PageTable("quarters", "How much ARR came in?", (Column("quarter", "Quarter"), *_STRETCH), _rows(page.quarters)),
        PageTable("months", "And by month?", (Column("month", "Month"), *_STRETCH), _rows(page.months)),
        PageTable("groups", "Who brought it?", _GROUPS, _group_rows(page)),
        PageTable("largest", "How much hangs on the five largest?", _LARGEST, _largest_rows(page)),
    ]
    if page.change is not None and versus is not None:
        found.append(
            PageTable("change", f"Why did it change against {versus.name}?", _CHANGE, _change_rows(page.change))
        )
    return found


def _rows(stretches: Sequence[Stretch]) -> list[list[Any]]:
    return [
        [
            own.period.label,
            *(own.sources[source].arr for source in Source),
            own.total.arr,
            own.total.won_deals,
            own.target,
            own.cumulative,
            own.cumulative_target,
        ]
        for own in stretches
        if own.begun
    ]


def _group_rows(page: ArrPage) -> list[list[Any]]:
    return [[view.GROUPINGS[by], *_group(line)] for by in GroupBy for line in page.groups[by]]


def _group(line: GroupLine) -> list[Any]:
    before = [line.before.arr, line.before.won_deals] if line.before else [None, None]
    return [words.SOURCES[line.source], line.name, line.now.arr, line.now.won_deals, *before]


def _largest_rows(page: ArrPage) -> list[list[Any]]:
    total = page.sources[Source.PARTNER].arr_cents
    return [
        [own.partner.name, own.tally.arr, own.tally.won_deals, own.tally.arr_cents / total if total else None]
        for own in page.top_five.largest
    ]


def _change_rows(change: Change) -> list[list[Any]]:
    """A row for each part and one for the difference; what a factor was and is stands in the columns of its unit."""
    found: list[list[Any]] = []
    for factor in change.factors:
        part = change.parts[factor.link]
        if part is not None:
            found.append([words.LINKS[factor.link], *_by_unit(factor), part.value, part.low, part.high])
    ends = [own.arr_cents / 100 for own in (change.before, change.now)]
    whole = change.difference
    return [*found, ["Difference", *[None] * 4, *ends, whole.value, whole.low, whole.high]]


def _by_unit(factor: Factor) -> list[float | None]:
    """Before and now, as numbers, as quotients of two numbers, and as amounts: one pair is filled."""
    values: list[float | None] = [factor.before, factor.now]
    if factor.link is Link.CONTRACT_VALUE:
        return [*[None] * 4, *values]
    if factor.link in (Link.EQL_TO_SQL, Link.SQL_TO_WON):
        return [None, None, *values, None, None]
    return [*values, *[None] * 4]


def pictures(page: ArrPage, versus: Versus | None, when: Setting) -> list[PagePicture]:
    """The charts: quarters, months since the year began, why it changed, who brought it, the five largest."""
    found = [_over_time(page, by, cumulative, when) for by, cumulative in ((view.QUARTERS, False), (view.MONTHS, True))]
    change = page.change
    if change is not None and versus is not None and (change.before.arr_cents or change.now.arr_cents):
        steps = view.steps(change, versus.name, when.period, when.currency)
        found.append(
            PagePicture(
                "change", "Why did it change?", f"{when.period} against {versus.name}; line: 95 % interval",
                charts.waterfall(steps).to_plotly_json(), words.change_in_words(change, when.currency),
            )
        )  # fmt: skip
    return [picture for picture in [*found, *_who(page, versus, when)] if picture is not None]


def _over_time(page: ArrPage, by: str, cumulative: bool, when: Setting) -> PagePicture | None:
    counted = view.counts(page)
    if counted and cumulative:
        return None
    drawn = view.bars(page, by, cumulative, when.currency, settings().fiscal_year_start)
    if not drawn:
        return None
    figure = charts.by_stretch(drawn, view.series(page, cumulative), view.axis(drawn, when.currency, counted))
    alt = words.stretches_in_words(view.shown_stretches(page, by), page.everybody, when.currency, drawn[-1].title)
    name = "year" if cumulative else "quarters"
    return PagePicture(name, view.question(page, by, cumulative), f"Deals won, by closing {by[:-1].lower()}",
                       figure.to_plotly_json(), alt)  # fmt: skip


def _who(page: ArrPage, versus: Versus | None, when: Setting) -> list[PagePicture]:
    found, then = [], versus.name if versus else ""
    for by, lines in page.groups.items():
        rows = view.group_rows(lines, by, when.currency, view.counts(page))
        if rows:
            alt = "; ".join(f"{row.name} {row.detail}" for row in rows[:6])
            basis = f"Deals won in {when.period}{f'; grey mark: {then}' if then else ''}"
            question = f"Who brought it, by {view.GROUPINGS[by].lower()}?"
            found.append(
                PagePicture(
                    f"by_{by.value}",
                    question,
                    basis,
                    charts.ranked(rows, wording.beginning(versus.short) if versus else "").to_plotly_json(),
                    alt,
                )
            )
    largest = view.partner_rows(page.top_five.largest, when.currency)
    if largest:
        alt = view.concentration(page, when.currency)
        figure = charts.ranked(largest, "").to_plotly_json()
        found.append(
            PagePicture("largest", "How much hangs on the five largest?", f"Won in {when.period}", figure, alt)
        )
    return found
