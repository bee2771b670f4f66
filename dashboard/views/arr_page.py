"""What stands in the charts and tables of the ARR page? From its numbers to bars, steps and rows; nothing is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard import wording
from dashboard.charts import arr_page as charts
from dashboard.charts import theme
from dashboard.metrics.arr_change import Change, Link
from dashboard.metrics.arr_page import ArrPage, GroupBy, GroupLine, PartnerArr, Source, Stretch, Tally
from dashboard.views import arr_page_words as words
from dashboard.views.overview import ticks

GROUPINGS = {
    GroupBy.SOURCE: "Source",
    GroupBy.TIER: "Tier",
    GroupBy.TYPE: "Partner type",
    GroupBy.REGION: "Region",
    GroupBy.PRODUCT_LINE: "Product line",
}
QUARTERS, MONTHS = "Quarters", "Months"
_COLOURS = {Source.PARTNER: theme.PARTNER, Source.DIRECT: theme.OTHER, Source.UNATTRIBUTED: theme.REFERENCE}
_SIGNS = 56  # so many signs of values stand beside each other below the bars on a phone


def shown_stretches(page: ArrPage, by: str) -> list[Stretch]:
    """The quarters or months that have begun, from the first with a won deal or a target on."""
    every = [own for own in (page.months if by == MONTHS else page.quarters) if own.begun]
    first = next((place for place, own in enumerate(every) if own.total.won_deals or own.target), len(every))
    return every[first:]


def series(page: ArrPage, cumulative: bool) -> list[charts.Series]:
    """Whose ARR is drawn: partners' and direct business, with deals of no lead where there are any."""
    if page.everybody:
        return [charts.Series("All deals", theme.PARTNER)]
    if cumulative:
        return [charts.Series(words.SOURCES[Source.PARTNER], theme.PARTNER)]
    found = [Source.PARTNER, Source.DIRECT]
    if any(own.sources[Source.UNATTRIBUTED].won_deals for own in page.quarters):
        found.append(Source.UNATTRIBUTED)
    return [charts.Series(words.SOURCES[source], _COLOURS[source]) for source in found]


def bars(page: ArrPage, by: str, cumulative: bool, currency: str, fiscal: int) -> list[charts.Stretch]:
    """The bars of the first chart; where no ARR is known, won deals are counted instead."""
    drawn, counted = shown_stretches(page, by), counts(page)
    notes = _notes([_values(page, own, cumulative, counted)[0] for own in drawn], by, currency, counted)
    found = []
    for place, own in enumerate(drawn):
        values = _values(page, own, cumulative, counted)
        target = None if counted else own.cumulative_target if cumulative else own.target
        name = stretch_name(own, by, fiscal)
        found.append(
            charts.Stretch(
                label=_label(own, by, place, fiscal),
                title=f"{name}{'' if own.over else ' so far'}",
                values=values,
                words=tuple(_exactly(value, currency, counted) for value in values),
                target=target,
                target_words=wording.money_exactly(target, currency),
                running=not own.over,
                note=notes[place],
            )
        )
    return found


def _notes(values: Sequence[float], by: str, currency: str, counted: bool) -> list[str]:
    """Each quarter's value; where a phone has no room for all, every second one's, the last one's always."""
    if by != QUARTERS:
        return [""] * len(values)
    said = [_short(value, currency, counted) for value in values]
    fits = len(said) * max(map(len, said), default=0) <= _SIGNS
    return [words if fits or (len(said) - place) % 2 else "" for place, words in enumerate(said)]


def counts(page: ArrPage) -> bool:
    """Whether won deals must stand for ARR: deals were won in the quarters, and none of them has any."""
    tallies = [own.total for own in page.quarters]
    return any(own.won_deals for own in tallies) and not any(own.arr_cents for own in tallies)


def _values(page: ArrPage, own: Stretch, cumulative: bool, counted: bool) -> tuple[float, ...]:
    if cumulative and not counted:
        return (own.cumulative,)
    if page.everybody:
        return (_worth(own.total, counted),)
    found = [source for source in Source if words.SOURCES[source] in [s.name for s in series(page, cumulative)]]
    return tuple(_worth(own.sources[source], counted) for source in found)


def _worth(tally: Tally, counted: bool) -> float:
    return float(tally.won_deals) if counted else tally.arr


def _exactly(value: float, currency: str, counted: bool) -> str:
    return wording.several(value, "won deal") if counted else wording.money_exactly(value, currency)


def _short(value: float, currency: str, counted: bool) -> str:
    return wording.count(value) if counted else wording.money(value, currency)


def stretch_name(own: Stretch, by: str, fiscal: int) -> str:
    """`Q3 2026`, `July 2026`."""
    return wording.period_name(own.period.label, fiscal)


def _label(own: Stretch, by: str, place: int, fiscal: int) -> str:
    """Every quarter, or the first month of a quarter, so that the marks do not run into each other on a phone."""
    if by == QUARTERS:
        return wording.period_name(own.period.label, fiscal).replace(" ", "<br>", 1)
    first: date = own.period.start.date()
    return f"{first:%b}<br>{first:%Y}" if own.period.start == own.quarter.start else ""


def axis(drawn: Sequence[charts.Stretch], currency: str, counted: bool) -> charts.Axis:
    """Round marks on the axis of amounts."""
    values = [value for own in drawn for value in (*own.values, own.target or 0.0)]
    marks = ticks(values, 5, counted)
    return charts.Axis(marks, [_short(mark, currency, counted) for mark in marks])


def question(page: ArrPage, by: str, cumulative: bool) -> str:
    """What the first chart answers."""
    what = "ARR" if not counts(page) else "won deals"
    aimed = any((own.cumulative_target if cumulative else own.target) is not None for own in shown_stretches(page, by))
    if aimed and not counts(page):
        return f"Is {what} on target{' for the year' if cumulative else ''}?"
    many = "many" if what == "won deals" else "much"
    return f"How {many} {what} came in{' since the year began' if cumulative else ''}?"


def steps(change: Change, then: str, now: str, currency: str) -> list[charts.Step]:
    """The waterfall: what was, each part, what is."""
    level, end = change.before.arr_cents / 100, change.now.arr_cents / 100
    found = [_whole(then, level, currency)]
    for factor in change.factors:
        part = change.parts[factor.link]
        if part is None or part.value is None:
            continue
        reached, said = level + part.value, words.signed_money(part.value, currency)
        before, after = (words.factor_value(factor.link, v, currency) for v in (factor.before, factor.now))
        low, high = (None if b is None else level + b for b in (part.low, part.high))
        hover = f"{words.LINKS[factor.link]}: {before} → {after}<br>{exact_change(part.value, currency)}"
        if part.low is not None and part.high is not None:
            hover += f"<br>{between(part.low, part.high, currency)} (95 %)"
        found.append(
            charts.Step(
                words.LINKS[factor.link], f"{before} → {after}", level, reached, said, hover, low=low, high=high
            )
        )
        level = reached
    return [*found, _whole(now, end, currency)]


def _whole(name: str, value: float, currency: str) -> charts.Step:
    exact = wording.money_exactly(value, currency)
    return charts.Step(name, "", 0.0, value, wording.money(value, currency), f"{name}: {exact}", whole=True)


def exact_change(value: float, currency: str) -> str:
    """A difference to the cent, with its sign."""
    return f"{'+' if value > 0 else ''}{wording.money_exactly(value, currency)}"


def between(low: float, high: float, currency: str) -> str:
    """`−$162 k to +$3.5 M`."""
    return f"{words.signed_money(low, currency)} to {words.signed_money(high, currency)}"


def change_columns(change: Change, then: str, now: str, currency: str) -> dict[str, list[object]]:
    """The parts as a table: what each factor was and is, what that is worth, and how sure it is."""
    links = [factor.link for factor in change.factors]
    parts = [change.parts[link] for link in links]
    return {
        "Part": [*(words.LINKS[link] for link in links), "Difference"],
        then: [*(_factor(change, link, False, currency) for link in links), _total(change.before.arr_cents, currency)],
        now: [*(_factor(change, link, True, currency) for link in links), _total(change.now.arr_cents, currency)],
        "Worth": [*(part.value if part else None for part in parts), change.difference.value],
        "95 % interval": [_interval(own, currency) for own in (*parts, change.difference)],
    }


def _factor(change: Change, link: Link, now: bool, currency: str) -> str:
    own = next(factor for factor in change.factors if factor.link is link)
    return words.factor_value(link, own.now if now else own.before, currency)


def _total(cents: int, currency: str) -> str:
    return wording.money(cents / 100, currency)


def _interval(part: object, currency: str) -> str:
    low, high = getattr(part, "low", None), getattr(part, "high", None)
    return wording.NOTHING if low is None or high is None else between(low, high, currency)


def group_name(line: GroupLine, by: GroupBy, several_sources: bool = True) -> str:
    """What a line is called: its own name for partners' groups, else whose business it is."""
    if by is GroupBy.SOURCE or (line.source is not Source.PARTNER and by is not GroupBy.PRODUCT_LINE):
        return words.SOURCES[line.source]
    if line.source is Source.UNATTRIBUTED:
        return words.SOURCES[line.source]
    name = wording.label(line.name)
    return f"{name}, direct" if line.source is Source.DIRECT and several_sources else name


def group_rows(
    lines: Sequence[GroupLine], by: GroupBy, currency: str, counted: bool, most: int = 14
) -> list[charts.Row]:
    """The lines of a grouping as bars, at most so many."""
    several = any(line.source is Source.PARTNER for line in lines)
    return [_group_row(line, by, currency, counted, several) for line in alive(lines)[:most]]


def alive(lines: Sequence[GroupLine]) -> list[GroupLine]:
    """The lines with a won deal in either period."""
    return [line for line in lines if line.now.won_deals or (line.before and line.before.won_deals)]


def _group_row(line: GroupLine, by: GroupBy, currency: str, counted: bool, several: bool) -> charts.Row:
    now, name = _worth(line.now, counted), group_name(line, by, several)
    before = None if line.before is None else _worth(line.before, counted)
    was = "" if before is None else f", was {_short(before, currency, counted)}"
    hover = f"{theme.name(name, 60)}: {_exactly(now, currency, counted)}"
    if not counted:
        hover += f"<br>{wording.several(line.now.won_deals, 'won deal')}"
    if before is not None:
        hover += f"<br>before: {_exactly(before, currency, counted)}"
    colour = _COLOURS[line.source] if several else theme.PARTNER
    return charts.Row(name, now, before, f"{_short(now, currency, counted)}{was}", hover, colour)


def group_columns(
    lines: Sequence[GroupLine], by: GroupBy, then: str | None, counted: bool = False
) -> dict[str, list[object]]:
    """The lines of a grouping as a table with raw numbers; without ARR where none is known."""
    several = any(line.source is Source.PARTNER for line in lines)
    found: dict[str, list[object]] = {
        GROUPINGS[by]: [group_name(line, by, several) for line in lines],
        "ARR": [line.now.arr for line in lines],
        "Won deals": [line.now.won_deals for line in lines],
    }
    if then:
        found |= {
            f"ARR in {then}": [line.before.arr if line.before else None for line in lines],
            f"Won in {then}": [line.before.won_deals if line.before else None for line in lines],
        }
    return {name: values for name, values in found.items() if not (counted and name.startswith("ARR"))}


def partner_rows(largest: Sequence[PartnerArr], currency: str) -> list[charts.Row]:
    """The five largest as bars."""
    return [
        charts.Row(
            own.partner.name,
            own.tally.arr,
            None,
            f"{wording.money(own.tally.arr, currency)}, {wording.several(own.tally.won_deals, 'deal')}",
            f"{theme.name(own.partner.name, 60)}: {wording.money_exactly(own.tally.arr, currency)}",
            theme.PARTNER,
        )
        for own in largest
    ]


def concentration(page: ArrPage, currency: str, narrowed: bool = False) -> str:
    """How much hangs on the largest partners; `narrowed`: of those chosen."""
    top = page.top_five
    if top.share is None or not top.largest:
        return "No partner brought ARR in this period."
    number = len(top.largest)
    who = "One partner" if number == 1 else f"The {_NUMBERS[number]} largest partners"
    whole = "the ARR chosen" if narrowed else "partner-sourced ARR"
    said = f"{who} brought {wording.money(top.arr, currency)}, {wording.rate(top.share, 0)} of {whole}."
    if top.partners <= number:
        return said
    equal = wording.rate(number / top.partners, 0)
    return f"{said} Were all {wording.count(top.partners)} equal, {_NUMBERS[number]} would bring {equal}."


_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
