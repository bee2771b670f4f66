"""What did partners bring, is it growing, and why? The sentences of the ARR page, made from its numbers by rules."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import wording
from dashboard.domain import Estimate
from dashboard.metrics.arr_change import Change, Factor, Link
from dashboard.metrics.arr_page import ArrPage, Source, Stretch, Tally
from dashboard.settings import settings
from dashboard.views.comparison import Versus, count_changed
from dashboard.views.headline import Compared, Setting, Subject, compared

# A part is named as the reason where it alone makes up at least this share of the change.
MAIN_SHARE = 0.5
LINKS = {
    Link.EQLS: "EQLs",
    Link.EQL_TO_SQL: "SQLs per EQL",
    Link.SQLS: "SQLs",
    Link.SQL_TO_WON: "Won deals per SQL",
    Link.WON_DEALS: "Won deals",
    Link.CONTRACT_VALUE: "ARR per won deal",
}
SOURCES = {
    Source.PARTNER: "Partner-sourced",
    Source.DIRECT: "Direct business",
    Source.UNATTRIBUTED: "Without a lead",
}


def headline(who: Subject, when: Setting, page: ArrPage, versus: Versus | None) -> str:
    """What was brought, against what, and mainly why."""
    if not when.begun:
        return f"{when.period} has not begun yet."
    said = brought(who, when, page)
    own, then = page.own, page.own_before
    if not own.arr_cents or then is None or versus is None:
        return f"{said}."
    if not then.arr_cents:
        return f"{said}, after none in {versus.name}."
    size = _compared(own, then)
    if not size.sure:
        chance = f"; {size.chance}" if size.chance else ""
        return f"{said}, {size.words} {versus.name} ({wording.money(then.arr, when.currency)}){chance}."
    because = reason(page.change, when.currency) if page.change else ""
    return f"{said}, {size.words} {versus.name}{because}."


def brought(who: Subject, when: Setting, page: ArrPage) -> str:
    """`Partners brought $1.2 M ARR in Q3 2026`, without a full stop; also where there was none or it is not known."""
    own, so_far = page.own, "" if when.over else " so far"
    place = f"in {when.period}{so_far}"
    if not own.won_deals:
        return f"{_verb(who, when, page)} no ARR {place}: no deal was won"
    if not own.arr_cents:
        deals = wording.several(own.won_deals, "deal")
        were = "was" if own.won_deals == 1 else "were"
        return f"{deals} {were} won {place}; the data hold no ARR for them"
    if page.everybody:
        return f"{wording.money(own.arr, when.currency)} ARR was won {place}"
    return f"{_verb(who, when, page)} {wording.money(own.arr, when.currency)} ARR {place}"


def _verb(who: Subject, when: Setting, page: ArrPage) -> str:
    if page.everybody:
        return "There was" if when.over else "There is"
    return f"{who.name} brought" if when.over else f"{who.name} {'has' if who.singular else 'have'} brought"


def _compared(own: Tally, then: Tally) -> Compared:
    return compared(own.arr, own.won_deals, then.arr, then.won_deals)


def reason(change: Change, currency: str) -> str:
    """The part that alone makes up most of the change and is more than chance; empty where none does."""
    factor, part = main_part(change)
    total = change.difference.value
    if factor is None or part is None or not total or not sure(part) or (part.value or 0.0) / total < MAIN_SHARE:
        return ""
    return f", mainly because {moved(factor, currency)}"


def main_part(change: Change) -> tuple[Factor | None, Estimate | None]:
    """The factor with the largest part in the direction of the difference."""
    total = change.difference.value or 0.0
    with_it = [
        (factor, part)
        for factor in change.factors
        if (part := change.parts[factor.link]) is not None and (part.value or 0.0) * total > 0
    ]
    return max(with_it, key=lambda own: abs(own[1].value or 0.0), default=(None, None))


def sure(part: Estimate) -> bool:
    """Whether a part is more than chance: its interval leaves 0 out."""
    return part.low is not None and part.high is not None and (part.low > 0 or part.high < 0)


def moved(factor: Factor, currency: str) -> str:
    """How a factor moved: `more EQLs came in (537 instead of 412)`."""
    up = (factor.now or 0.0) > (factor.before or 0.0)
    how = {
        Link.EQLS: f"{'more' if up else 'fewer'} EQLs came in",
        Link.EQL_TO_SQL: f"{'more' if up else 'fewer'} SQLs came in per EQL",
        Link.SQLS: f"{'more' if up else 'fewer'} SQLs came in",
        Link.SQL_TO_WON: f"{'more' if up else 'fewer'} deals were won per SQL",
        Link.WON_DEALS: f"{'more' if up else 'fewer'} deals were won",
        Link.CONTRACT_VALUE: f"ARR per won deal was {'higher' if up else 'lower'}",
    }[factor.link]
    now, before = (factor_value(factor.link, value, currency) for value in (factor.now, factor.before))
    return f"{how} ({now} instead of {before})"


def factor_value(link: Link, value: float | None, currency: str) -> str:
    """A factor as people read it: a count, a quotient of two counts (no share: it can be above 1), an amount a deal."""
    if link in (Link.EQLS, Link.SQLS, Link.WON_DEALS):
        return wording.count(value)
    if link is Link.CONTRACT_VALUE:
        return wording.money(value, currency)
    return _quotient(value)


def _quotient(value: float | None) -> str:
    """So many for each one: `0.84`, `1.10`, `0.013`."""
    if value is None:
        return wording.NOTHING
    return wording.count(value) if value >= 100 else f"{value:.{2 if value >= 0.1 or not value else 3}f}"


def signed_money(value: float, currency: str) -> str:
    """`+$120 k`, `−$3.5 k`."""
    return f"{'+' if value > 0 else ''}{wording.money(value, currency)}"


def what(when: Setting, page: ArrPage, narrowed: bool = False) -> str:
    """The first answer: how much, of how many deals, which share of all, how much of the target.

    `narrowed`: partners or channels are chosen, so that there is no share of all.
    """
    own = page.own
    if not own.won_deals:
        return "Nothing yet." if not when.over else "Nothing: no deal was won."
    deals = wording.several(own.won_deals, "won deal")
    if not own.arr_cents:
        return f"{deals}; the data hold no ARR for them."
    said = f"{wording.money(own.arr, when.currency)} ARR from {deals}"
    beside = [text for text in ("" if narrowed else share_of_all(page), of_target(page, when)) if text]
    return f"{said}: {wording.enumeration(beside)}." if beside else f"{said}."


def share_of_all(page: ArrPage) -> str:
    """Which share of all new ARR is partner-sourced; empty where the page is about all."""
    total = sum(tally.arr_cents for tally in page.sources.values())
    if page.everybody or not total:
        return ""
    return f"{wording.rate(page.own.arr_cents / total, 0)} of all new ARR"


def of_target(page: ArrPage, when: Setting) -> str:
    """How much of the quarter's target; empty where the period is no quarter or has no target."""
    last = page.quarters[-1]
    if (last.period.start, last.period.end) != (page.window.period.start, page.window.period.end) or not last.target:
        return ""
    reached = wording.rate(page.own.arr / last.target, 0)
    return f"{reached} of the target of {wording.money(last.target, when.currency)}"


def growth(when: Setting, page: ArrPage, versus: Versus | None) -> str:
    """The second answer: how much more or less, whether that can be chance, and which part moved."""
    own, then = page.own, page.own_before
    if not when.begun:
        return "There is nothing to compare yet."
    if then is None or versus is None:
        return "Nothing is compared: choose a period to compare with in the sidebar."
    if own.won_deals + then.won_deals and not own.arr_cents + then.arr_cents:
        return _by_deals(own, then, versus)
    if not then.arr_cents:
        return f"There was no ARR in {versus.name} to compare with."
    if not own.arr_cents:
        return f"It fell to nothing from {wording.money(then.arr, when.currency)} in {versus.name}."
    why = _why(page.change, _compared(own, then), when.currency)
    return f"{_how_much(own, then, versus, when)} {why}".strip()


def _by_deals(own: Tally, then: Tally, versus: Versus) -> str:
    """How many deals were won against how many, for data that hold no ARR."""
    deals = wording.several(own.won_deals, "deal")
    were = "was" if own.won_deals == 1 else "were"
    if count_changed(own.won_deals, then.won_deals) is False:
        return f"{deals} {were} won, about as many as the {wording.count(then.won_deals)} in {versus.name}."
    change = wording.change(own.won_deals, then.won_deals)
    against = f" ({change})" if change and change[0] in f"+{wording.MINUS}" else ""
    return f"{deals} {were} won, {wording.count(then.won_deals)} in {versus.name}{against}."


def _how_much(own: Tally, then: Tally, versus: Versus, when: Setting) -> str:
    size, former = _compared(own, then), wording.money(then.arr, when.currency)
    if size.sure:
        return f"{'Yes: ' if own.arr > then.arr else 'No: '}{size.words} {versus.name} ({former})."
    if size.deals:
        return f"{wording.beginning(size.words)} {versus.name} ({former}), with {size.deals}."
    return f"{wording.beginning(size.words)} {versus.name} ({former}, {wording.change(own.arr, then.arr)})."


def _why(change: Change | None, size: Compared, currency: str) -> str:
    """Whether the whole can be chance, and which parts moved by more, the largest first; where none did, the largest.

    `size` is how the whole compares.
    """
    certain = _certain(change) if change else []
    told = [f"{moved(factor, currency)}, {_worth(part, currency)}" for factor, part in certain[:2]]
    if size.sure and told:
        return f"Beyond chance: {'; '.join(told)}."
    if told:
        return f"In total that can be chance, but not that {', nor that '.join(told)}."
    factor, part = main_part(change) if change else (None, None)
    if factor is None or part is None:
        return "" if size.sure else "That can be chance."
    largest = f"the largest part: {moved(factor, currency)}, {_worth(part, currency)}"
    if size.sure:
        return f"No part alone is more than chance; {largest}."
    return f"That can be chance, and so can {largest}."


def _certain(change: Change) -> list[tuple[Factor, Estimate]]:
    """The parts that are more than chance, the largest first."""
    found = [(own, part) for own in change.factors if (part := change.parts[own.link]) is not None and sure(part)]
    return sorted(found, key=lambda own: -abs(own[1].value or 0.0))


def _worth(part: Estimate, currency: str) -> str:
    return f"worth {signed_money(part.value or 0.0, currency)}"


def question(who: Subject, everybody: bool) -> str:
    """What the first answer answers: `What did partners bring?`, or one partner by name."""
    if everybody:
        return "What came in?"
    return f"What did {who.name if who.singular else who.name[:1].lower() + who.name[1:]} bring?"


def ignored(page: ArrPage, narrowed: bool, channels: bool) -> str:
    """What the page leaves out of the choice, in one line; empty where it heeds all."""
    said = ["where the next money should go is told of all partners and channels"] if narrowed else []
    if channels:
        said.append("no target is set for channels, so none is drawn")
    if page.window.period.end < page.quarters[-1].period.end:
        quarter = wording.period_name(page.quarters[-1].period.label, settings().fiscal_year_start)
        said.append(f"the last bar is the whole of {quarter}")
    return f"{wording.beginning(wording.enumeration(said))}." if said else ""


def stretches_in_words(shown: Sequence[Stretch], everybody: bool, currency: str, name: str) -> str:
    """The chart of quarters or months for ears."""
    if not shown:
        return "No ARR to show."
    last = shown[-1]
    own = last.total if everybody else last.sources[Source.PARTNER]
    goal = f", target {wording.money(last.target, currency)}" if last.target else ""
    so_far = "" if last.over else " so far"
    said = f"ARR in {name}{so_far}: {wording.money(own.arr, currency)}{goal}."
    if not everybody:
        said += f" Direct business: {wording.money(last.sources[Source.DIRECT].arr, currency)}."
    return f"{said} {len(shown)} bars shown."


def change_in_words(change: Change, currency: str) -> str:
    """The waterfall for ears."""
    parts = [
        f"{LINKS[link]} {signed_money(part.value, currency)}"
        for link, part in change.parts.items()
        if part is not None and part.value is not None
    ]
    before, now = change.before.arr_cents / 100, change.now.arr_cents / 100
    return (
        f"From {wording.money(before, currency)} to {wording.money(now, currency)}: {wording.enumeration(parts)}, "
        "which sum to the difference."
    )
