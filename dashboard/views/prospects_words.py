"""What does the tab "Prospects" say? Sentences and rows from the numbers, by plain rules; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from dashboard import wording
from dashboard.charts import theme
from dashboard.charts.prospects import Row
from dashboard.domain import Estimate
from dashboard.metrics.prospects import BackTest, Effect, Prospect, Prospects

NAMED = 12  # pages in the chart
# Below this rank correlation an order says little.
WEAK = 0.2
IGNORED = "Filters do not narrow this: prospects are compared with the pages of all partners."
TOO_LITTLE = (
    "Pages of existing partners say too little to judge prospects by: it takes 20 pages of 5 partners, out for a "
    "quarter, and 20 deals through them, in the 12 months up to the end of the period. Below, the order is by domain "
    "rating alone."
)


def answer(found: Prospects, currency: str) -> str:
    """Who is first and how sure that is."""
    best = found.pages[0]
    if best.rank is None:
        return (
            f"What {wording.several(len(found.pages), 'page')} of prospects would bring cannot be told yet: too few "
            "pages of partners, or deals through them."
        )
    pages = wording.several(len(found.pages), "page")
    each = f"{wording.money(best.expected.value, currency)} pipeline a quarter"
    range_ = f"({wording.money_interval(best.expected, currency)} in 9 of 10 cases)"
    if found.back_test is not None and (found.back_test.model.low or 0.0) <= 0:
        return (
            f"Of {pages} of prospects none is known to be better: the first may bring {each} {range_}, the last "
            f"{_last(found, currency)}."
        )
    together = sum(page.rank_low == 1 for page in found.pages)
    lead = f"any of {wording.count(together)} may be the best" if together > 1 else "one clearly leads"
    return f"Of {pages} of prospects {lead}; the first may be expected to bring {each} {range_}."


def _last(found: Prospects, currency: str) -> str:
    return wording.money(found.pages[-1].expected.value, currency)


def honest(test: BackTest | None) -> str:
    """How much the order can be relied upon, and how much it beats that by domain rating."""
    if test is None:
        return "Too few partners to test the order on partners it had not seen."
    pages = wording.several(test.model.n, "page")
    both = (
        f"Tested on {pages} of partners left out, the order correlates by {signed(test.model)} with what they brought, "
        f"the order by domain rating alone by {signed(test.rating)}; 0 is chance, 1 perfect."
    )
    return f"{both} {_verdict(test)}"


def _verdict(test: BackTest) -> str:
    """An order is called useful only where its interval lies above chance."""
    if (test.model.low or 0.0) <= 0:
        if (test.rating.low or 0.0) > 0:
            return "Only the order by domain rating is shown to be better than drawing lots: go by it."
        return "Neither is shown to be better than drawing lots: do not choose by either."
    strength = "weakly" if (test.model.value or 0.0) < WEAK else "clearly"
    if (test.gain.low or 0.0) > 0:
        return f"It tells pages apart, {strength}, and beats domain rating by {signed(test.gain)}."
    if (test.gain.high or 0.0) < 0:
        return f"It tells pages apart, {strength}, yet domain rating alone does better by {signed(test.gain)}."
    return f"It tells pages apart, {strength}; that it beats domain rating is not shown: {signed(test.gain)}."


def calibration(test: BackTest | None) -> str:
    """How often the 90 % intervals held."""
    if test is None:
        return ""
    inside = f"{wording.rate(test.inside.value, 0)} ({wording.interval(test.inside, 0)})"
    return (
        f"The 90 % intervals held what {inside} of {wording.several(test.pages, 'page')} of "
        f"{wording.several(test.partners, 'unseen partner')} brought."
    )


def rating_sentence(effect: Effect | None) -> str:
    """What ten points more of domain rating go with."""
    if effect is None or effect.times.value is None:
        return ""
    said = f"{times(effect.times.value)} ({times(effect.times.low)}–{times(effect.times.high)})"
    if (effect.times.low or 0.0) > 1:
        return f"Ten points more of domain rating go with {said} the pipeline."
    if (effect.times.high or 2.0) < 1:
        return f"Ten points more of domain rating go with less: {said} the pipeline."
    return f"Domain rating is not shown to matter: ten points more go with {said} the pipeline."


def times(value: float | None) -> str:
    """A factor: `1.08×`."""
    return wording.NOTHING if value is None else f"{value:.2f}×"


def signed(estimate: Estimate) -> str:
    """A correlation with its interval: `+0.12 (−0.03 to +0.27)`."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return wording.NOTHING
    return f"{_sign(estimate.value)} ({_sign(estimate.low)} to {_sign(estimate.high)})"


def _sign(value: float) -> str:
    text = f"{abs(value):.2f}"
    if text == "0.00":
        return "0.00"
    return f"{'+' if value > 0 else wording.MINUS}{text}"


def rows(found: Sequence[Prospect], names: Mapping[str, str], titles: Mapping[str, str], currency: str) -> list[Row]:
    """The first pages of the chart."""
    return [
        Row(
            titles.get(page.asset_id) or page.asset_id,
            str(page.rank),
            wording.NOTHING if page.rank_by_rating is None else str(page.rank_by_rating),
            page.expected.value or 0.0,
            page.expected.low or 0.0,
            page.expected.high or 0.0,
            wording.money(page.expected.value, currency),
            _hover(page, names, currency),
            page.beyond,
        )
        for page in found[:NAMED]
        if page.rank is not None
    ]


def _hover(page: Prospect, names: Mapping[str, str], currency: str) -> str:
    lines = [
        f"<b>{theme.name(names.get(page.partner_id, page.partner_id), 40)}</b>, {wording.label(page.kind)}, "
        f"domain rating {rating(page.domain_rating)}",
        f"expected {wording.money(page.expected.value, currency)} a quarter, "
        f"{wording.money_interval(page.expected, currency)} in 9 of 10 cases",
        f"nothing at all in a year: {wording.rate(page.p_nothing, 0)}",
        f"rank {page.rank} ({page.rank_low}–{page.rank_high}, 90 %)",
    ]
    return "<br>".join([*lines, *(["rating outside those of existing pages"] if page.beyond else [])])


def rating(value: float | None) -> str:
    """A domain rating: `62`; "unknown"."""
    return "unknown" if value is None else f"{value:.0f}"


def ticks(shown: Sequence[Row], currency: str) -> list[tuple[float, str]]:
    """At most four round amounts from 0 to beyond the highest interval: more would touch each other on a phone."""
    most = max((row.high for row in shown), default=0.0) or 1.0
    size = 10.0 ** floor(log10(most))
    step = next(size * factor for factor in (0.2, 0.5, 1.0, 2.0, 5.0) if most / (size * factor) <= 3)
    return [(step * i, _round(step * i, currency)) for i in range(ceil(most / step) + 1)]


def _round(value: float, currency: str) -> str:
    return wording.money(value, currency).replace(f".0{wording.THIN}", wording.THIN) if value else "0"


def rows_in_words(shown: Sequence[Row]) -> str:
    """The chart for those who cannot see it."""
    said = "; ".join(f"{row.rank}. {row.label} {row.words} (by domain rating {row.rating_rank})" for row in shown[:5])
    return f"Expected pipeline a quarter: {said}."


def columns(
    found: Sequence[Prospect], names: Mapping[str, str], titles: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """The table: one row a page."""
    return {
        "Page": [titles.get(page.asset_id, {}).get("title") or page.asset_id for page in found],
        "Partner": [names.get(page.partner_id, page.partner_id) for page in found],
        "Kind": [wording.label(page.kind) for page in found],
        "Rank": [page.rank for page in found],
        "90 %": [wording.NOTHING if page.rank_low is None else f"{page.rank_low}–{page.rank_high}" for page in found],
        "By rating": [page.rank_by_rating for page in found],
        "Domain rating": [page.domain_rating for page in found],
        "Expected pipeline": [page.expected.value for page in found],
        "Low": [page.expected.low for page in found],
        "High": [page.expected.high for page in found],
        "Nothing in a year": [None if page.p_nothing is None else 100 * page.p_nothing for page in found],
        "Note": [note(page) for page in found],
        "Address": [titles.get(page.asset_id, {}).get("url") for page in found],
    }


def note(page: Prospect) -> str:
    """What must be known about the estimate of a page."""
    notes = ["rating outside those seen"] if page.beyond else []
    notes += ["no rating"] if page.domain_rating is None else []
    notes += ["no existing page of this kind"] if not page.kind_pages else []
    return ", ".join(notes)
