"""Which numbers stand in the cards of the Overview, how did they change, and what must be said beside them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard import wording
from dashboard.domain import Estimate, Stage
from dashboard.metrics.gate import GATE
from dashboard.metrics.summary import Summary
from dashboard.views.comparison import Versus
from dashboard.views.known import EVERYTHING, Known

_QUARTER_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One card: a value with its detail, the change in words and its direction, and a mark that asks for attention.

    `rises` is None where there is no direction to show; `series` holds a value a month, oldest first.
    """

    term: str
    value: str
    detail: str = ""
    change: str | None = None
    rises: bool | None = None
    note: str = ""
    mark: str = ""
    mark_term: str = ""
    series: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The numbers of the period and, if compared, those of the other period with its name."""

    now: Summary
    before: Summary | None
    versus: Versus | None

    @property
    def note(self) -> str:
        """What the change is against."""
        return f"vs {self.versus.short}" if self.versus and self.before else ""

    def amounts(self, metric: str) -> tuple[float | None, float | None]:
        """The metric now and before."""
        return getattr(self.now, metric), getattr(self.before, metric) if self.before else None


def overview(pair: Pair, currency: str, series: Mapping[str, Sequence[float]], known: Known = EVERYTHING) -> list[Card]:
    """At most seven cards, the first the most important; `series` by name of the term.

    Each card of which the data know nothing gives its place to the next of the plainer ones that they can fill.
    """
    wanted: tuple[tuple[object, Callable[[], Card]], ...] = (
        (known.arr, lambda: _money("arr", "arr", pair, currency)),
        (
            known.open_deals and known.pipeline,
            lambda: _open_pipeline(pair.now, currency, series.get("open_pipeline")),
        ),
        (known.eqls, lambda: _eqls(pair)),
        (known.eqls and known.lead_wins, lambda: _eql_to_won(pair)),
        (known.won and _timed(pair, series), lambda: _days_to_close(pair)),
        (known.eqls and known.costs, lambda: _money("cost_per_eql", "cost_per_eql", pair, currency)),
        (known.costs and known.pipeline, lambda: _multiple(pair)),
    )
    spare = iter(_plainer(pair, currency, known))
    chosen = [make() if there else next(spare, None) for there, make in wanted]
    return [replace(card, series=series.get(card.term)) for card in chosen if card is not None]


def _timed(pair: Pair, series: Mapping[str, Sequence[float]]) -> bool:
    """Whether the deals tell how long they took: some won ones carry no date of opening."""
    return not pair.now.won_deals or pair.now.median_days_to_close is not None or "median_days_to_close" in series


def _plainer(pair: Pair, currency: str, known: Known) -> list[Card]:
    """What even data without stages, costs or ARR can say, the most telling first."""
    offered: tuple[tuple[object, Callable[[], Card]], ...] = (
        (not known.arr and known.won, lambda: _count("won_deals", "won_deals", pair)),
        (True, lambda: _count("lead", "leads", pair)),
        (known.lead_wins, lambda: _rate("lead_to_won", pair)),
        (known.won and known.lost, lambda: _rate("win_rate", pair)),
        (known.pipeline, lambda: _money("pipeline_created", "pipeline_created", pair, currency)),
        (known.open_deals and not known.pipeline, lambda: _open_deals(pair.now)),
        (known.arr, lambda: _count("won_deals", "won_deals", pair)),
    )
    return [make() for there, make in offered if there]


def _count(term: str, metric: str, pair: Pair) -> Card:
    now, before = pair.amounts(metric)
    return _compared(Card(term, wording.count(now)), wording.change(now, before), now, before, pair.note)


def _open_deals(now: Summary) -> Card:
    return Card("open_deals", wording.count(now.open_deals), note="as of now")


def _rate(term: str, pair: Pair) -> Card:
    """A rate with its interval and the change in points; rates of leads are not compared while they are young."""
    rate, before = _estimate(pair.now, term), _estimate(pair.before, term)
    if rate is None or rate.value is None:
        return Card(term, wording.NOTHING, note="no deal closed" if term == "win_rate" else "no lead in the period")
    card = Card(term, wording.rate(rate.value), wording.interval(rate, 0), note=f"n = {wording.count(rate.n)}")
    if term != "win_rate" and pair.now.maturity[Stage.WON].mature is False:
        return replace(card, mark="too early", mark_term="maturity")
    then = before.value if before else None
    return _compared(card, wording.change_in_points(rate.value, then), rate.value, then, pair.note)


def _estimate(summary: Summary | None, term: str) -> Estimate | None:
    if summary is None:
        return None
    return summary.win_rate if term == "win_rate" else summary.step_conversion.get(term)


def _compared(card: Card, text: str | None, now: float | None, before: float | None, note: str) -> Card:
    if text is None or now is None or before is None:
        return card
    return replace(card, change=text, rises=None if text.startswith("±") else now > before, note=note)


def _money(term: str, metric: str, pair: Pair, currency: str) -> Card:
    now, before = pair.amounts(metric)
    why = "" if now is not None else "no cost in the data" if not pair.now.programme_cost else "no EQL in the period"
    card = Card(term, wording.money(now, currency), note=why)
    return _compared(card, wording.change(now, before), now, before, pair.note)


def _eqls(pair: Pair) -> Card:
    now, before = pair.amounts("eqls_in_period")
    card = _compared(Card("eql", wording.count(now)), wording.change(now, before), now, before, pair.note)
    return replace(card, mark="too few", mark_term="too_few_eqls") if pair.now.too_few_eqls else card


def _open_pipeline(now: Summary, currency: str, months: Sequence[float] | None) -> Card:
    """What is open is open now, whatever the period; so the change is the one over the last three months shown."""
    before = months[-1 - _QUARTER_MONTHS] if months is not None and len(months) > _QUARTER_MONTHS else None
    value = now.open_pipeline
    card = Card("open_pipeline", wording.money(value, currency), note="as of now")
    return _compared(card, wording.change(value, before), value, before, "in 3 months")


def _eql_to_won(pair: Pair) -> Card:
    card = _rate("eql_to_won", pair)
    return replace(card, note="no EQL among the period's leads") if card.value == wording.NOTHING else card


def _days_to_close(pair: Pair) -> Card:
    now, before = pair.amounts("median_days_to_close")
    if now is None:
        return Card("median_days_to_close", wording.NOTHING, note="no deal was won yet")
    card = Card("median_days_to_close", wording.days(now, at_least=pair.now.median_days_to_close_mature is False))
    return _compared(card, wording.change_in_days(now, before), now, before, pair.note)


def _multiple(pair: Pair) -> Card:
    now, before = pair.amounts("pipeline_multiple")
    if now is None:
        return Card("pipeline_multiple", wording.NOTHING, note="no cost in the data")
    card = Card("pipeline_multiple", wording.multiple(now), f"gate {GATE:.0f}×")
    card = _compared(card, wording.change(now, before), now, before, pair.note)
    return replace(card, mark="below gate", mark_term="pipeline_multiple") if now < GATE else card
