"""What does the page "Channels" say? From its numbers to sentences, rows of charts and cards; nothing is drawn here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dashboard import wording
from dashboard.domain import Estimate, Stage
from dashboard.frames import channel_page as asked
from dashboard.frames.performance import choices
from dashboard.metrics.campaigns import Rivalry
from dashboard.metrics.channel_value import Comparison, Kind, Line
from dashboard.metrics.performance import Partner
from dashboard.metrics.reallocation import Best, Place, Where
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views.cards import Card

if TYPE_CHECKING:
    from dashboard.filters import Filters

# The best place is named where it is the best with this probability.
SURE = 0.8
# So many letters of a name fit into a card on a phone beside its amount.
_NAME = 12
# Decimals that a card on a phone can do without: of 41.7 k, not of 1.3 k.
_DECIMAL = re.compile(rf"(\d{{2,}}\.\d|\d\.0)(?={wording.THIN})")
PROGRAMME = "the partner programme"
PARTNERS, CHOSEN = "Partners", "Chosen partners"
ASSOCIATION = (
    "What was won beside what was spent in the same time: an association, not an effect. Leads take months to become "
    "deals, and channels reach different people."
)


def next_euro(period: Period, chosen: Filters) -> str:
    """Where the next money goes, in one sentence, or why that cannot be told; always of all partners and channels."""
    names = choices().names
    last = asked.quarters(period)[-1]
    until = wording.period_name(last.label, settings().fiscal_year_start)
    return next_money(asked.best(period), names, until, settings().currency)


def next_money(found: Best, names: Mapping[str, str], until: str, currency: str) -> str:
    """The sentence of `next_euro`; `until` is the last of the four quarters."""
    if not found.places or not any(own.value for _, own in found.places):
        return (
            "Where the next money should go cannot be told: the data of the four quarters up to "
            f"{until} hold {'no ARR beside costs' if found.places else 'no costs of partners or channels'}."
        )
    (first, most), *others = found.places
    one = unit(currency)
    if found.chance is None:
        brought = f"each {one} there came with {with_bounds(most, currency)} ARR in the four quarters up to {until}"
        return f"Only {place_name(first, names)} has known costs, so there is nothing to compare: {brought}."
    second, next_most = others[0]
    beside = f"with {with_bounds(next_most, currency)} {_at(second, names)}"
    if found.chance < SURE:
        return (
            f"It is too early to say where the next money should go: in the four quarters up to {until}, each {one} "
            f"came with {with_bounds(most, currency)} ARR {_at(first, names)} and {beside}."
        )
    return (
        f"The next money goes furthest {_at(first, names)}: in the four quarters up to {until}, each {one} there came "
        f"with {with_bounds(most, currency)} ARR, and {beside}, the next best."
    )


def unit(currency: str) -> str:
    """One unit of the currency: `$1`."""
    return f"{wording.symbol(currency)}1"


def place_name(place: Place, names: Mapping[str, str]) -> str:
    """What a place is called, safe inside Markdown."""
    return wording.plain(bare_name(place, names))


def bare_name(place: Place, names: Mapping[str, str]) -> str:
    """What a place is called, as it is."""
    if place.where is Where.PROGRAMME:
        return PROGRAMME
    return wording.label(place.key) if place.where is Where.CHANNEL else names.get(place.key, place.key)


def _at(place: Place, names: Mapping[str, str]) -> str:
    return f"in {place_name(place, names)}"


def with_bounds(own: Estimate, currency: str) -> str:
    """An amount with its bounds: `$28 ($23–$35)`; "–" where there is none."""
    return f"{wording.money(own.value, currency)}{bounds(own, currency)}" if own.value is not None else wording.NOTHING


def bounds(own: Estimate, currency: str) -> str:
    """The bounds of an amount in brackets, with a blank before; empty where there are none."""
    between = wording.money_interval(own, currency)
    return f" ({between})" if between else ""


def short_bounds(own: Estimate, currency: str) -> str:
    """The bounds as a card on a phone has room for them: `$42–53 k`, `$287–343`; empty where there are none."""
    if own.low is None or own.high is None:
        return ""
    low, high = (
        _DECIMAL.sub(lambda found: f"{float(found[1]):.0f}", wording.money(bound, currency))
        for bound in (own.low, own.high)
    )
    one, other = (text.rpartition(wording.THIN) for text in (low, high.removeprefix(wording.symbol(currency))))
    shared = bool(one[2] == other[2] and one[2].isalpha())
    return f"{one[0] if shared else low}–{''.join(other)}"


def times_with_bounds(own: Estimate) -> str:
    """How many times as much: `2.3× (1.1–4.8×)`, `at least 3.1×` of what won nothing; "–" where nothing is known."""
    if own.value is None:
        return wording.NOTHING if own.low is None else f"at least {wording.multiple(own.low)}"
    if own.low is None or own.high is None:
        return wording.multiple(own.value)
    return f"{wording.multiple(own.value)} ({wording.multiple(own.low)}–{wording.multiple(own.high)})"


def line_name(line: Line, whose: str = PARTNERS) -> str:
    """What a line is called, as it is: names come from the data; `whose` the partners' line."""
    if line.kind is Kind.PARTNERS:
        return whose
    if line.kind is Kind.AI:
        return "AI referrals"
    return wording.label(line.channel) if line.channel else "No channel"


def who(chosen: frozenset[str] | None, partners: Sequence[Partner]) -> str:
    """Whose cost and ARR the partners' line holds, safe inside Markdown."""
    if chosen is None:
        return PROGRAMME
    names = _names(chosen, partners)
    return wording.plain(names[0]) if len(names) == 1 else f"the {wording.several(len(names), 'chosen partner')}"


def whose_line(chosen: frozenset[str] | None, partners: Sequence[Partner]) -> str:
    """What the partners' line is called, as it is."""
    if chosen is None:
        return PARTNERS
    names = _names(chosen, partners)
    return names[0] if len(names) == 1 else CHOSEN


def _names(chosen: frozenset[str], partners: Sequence[Partner]) -> list[str]:
    return [partner.name for partner in partners if partner.partner_id in chosen]


def answer(
    found: Comparison, name: str, over: bool, currency: str, subject: str = PROGRAMME, whose: str = PARTNERS
) -> str:
    """The first sentence: what the partners' money came with, beside the channel that cost most."""
    own, one = found.partners, unit(currency)
    when = f"in {name}{'' if over else ' so far'}"
    if own.arr_per_cost.value is None:
        return _without_cost(found, when, currency, whose)
    each = f"Each {one} that {subject} cost {when} came with {with_bounds(own.arr_per_cost, currency)} ARR"
    rival = found.rival
    if rival is None or rival.arr_per_cost.value is None or found.times is None:
        return f"{each}; no other channel has known costs."
    other = wording.plain(line_name(rival))
    if found.times.value is None:
        return f"{each}; {other} came with none."
    if found.times.low is None or found.times.high is None or found.times.low <= 1 <= found.times.high:
        return f"{each}, about as much as in {other} ({wording.money(rival.arr_per_cost.value, currency)})."
    if found.times.value > 1:
        return f"{each}, {times_with_bounds(found.times)} as much as in {other}."
    return f"{each}, less than the {wording.money(rival.arr_per_cost.value, currency)} of {other}."


def _without_cost(found: Comparison, when: str, currency: str, whose: str) -> str:
    """What can be said without costs: who won most."""
    whole = sum(line.summary.won_deals for line in found.lines)
    arr = sum(line.summary.arr for line in found.lines)
    if not whole:
        return f"No deal was won {when}; what each channel returns cannot be told."
    if arr:
        most = max(found.lines, key=lambda line: line.summary.arr)
        brought = f"{wording.money(most.summary.arr, currency)} of {wording.money(arr, currency)} ARR"
    else:
        most = max(found.lines, key=lambda line: line.summary.won_deals)
        brought = f"{wording.count(most.summary.won_deals)} of {wording.several(whole, 'won deal')}"
    return f"{wording.plain(line_name(most, whose))} brought {brought} {when}; {_unknown(found)}."


def _unknown(found: Comparison) -> str:
    if any(line.cost for line in found.lines):
        return "what partners cost is not in the data, so money cannot be compared"
    return "the data hold no costs, so what each channel returns for its money cannot be told"


def agency(found: Rivalry, names: Mapping[str, str], currency: str) -> str:
    """Which partners made more ARR than the largest paid campaign, and by how much; empty where there is none."""
    if found.largest is None or found.largest.name is None:
        return ""
    rival = f"the largest paid campaign, {wording.plain(found.largest.name)}"
    arr = wording.money(found.largest.arr, currency) if found.largest.arr else "no ARR"
    won = f"{rival} ({arr})"
    if not found.above:
        return f"No partner made more ARR than {won}."
    first, sure = found.above[0], sum(own.surely for own in found.above)
    name = wording.plain(names.get(first.partner_id, first.partner_id))
    told = first.times.value is not None or (first.times.low or 0.0) >= 1
    times = f"{times_with_bounds(first.times)} as much"
    if len(found.above) == 1:
        how = ("surely" if sure else "but not surely") + (f": {times}" if told else "")
        return f"{name} made more ARR than {won}, {how}."
    many, surely = wording.several(len(found.above), "partner"), wording.count(sure) if sure else "none"
    more = f"{many} made more ARR than {won}, {surely} of them surely"
    return f"{more}; {name} made {times}." if told else f"{more}."


def has_numbers(found: Comparison) -> bool:
    """Whether any line has leads, deals or costs."""
    return any(
        line.summary.leads or line.summary.won_deals or line.summary.opportunities_opened or line.cost
        for line in found.lines
    )


def names_partners(found: Comparison) -> bool:
    """Whether anything at all is partner-sourced."""
    own = found.partners.summary
    return bool(own.leads or own.won_deals or own.opportunities_opened or own.eqls_in_period or found.partners.cost)


def converting_title(found: Comparison, whose: str = PARTNERS) -> str:
    """The question that the conversions answer, safe inside Markdown."""
    if not names_partners(found):
        return "Which leads convert best?"
    if whose in (PARTNERS, CHOSEN):
        return f"Do {'partner' if whose == PARTNERS else 'the chosen partners’'} leads convert better?"
    return f"Do the leads of {wording.plain(whose)} convert better?"


def cards(found: Comparison, currency: str) -> list[Card]:
    """At most five cards: what partners return and cost, each beside the channel that costs most."""
    own, rival = found.partners, found.rival
    beside = line_name(rival) if rival else ""
    rows = (
        ("arr_per_cost", own.arr_per_cost, rival.arr_per_cost if rival else None),
        ("cost_per_eql", own.cost_per_eql, rival.cost_per_mql if rival else None),
        ("cost_per_win", own.cost_per_win, rival.cost_per_win if rival else None),
        ("average_contract_value", own.contract_value, rival.contract_value if rival else None),
    )
    return [
        Card(term, wording.money(value.value, currency), short_bounds(value, currency),
             note=_beside(beside, other, currency, "/MQL" if term == "cost_per_eql" else ""))
        for term, value, other in rows if value.value is not None
    ]  # fmt: skip


def _beside(name: str, other: Estimate | None, currency: str, what: str) -> str:
    if other is None or other.value is None:
        return ""
    short = name if len(name) <= _NAME else f"{name[: _NAME - 1].rstrip()}…"
    return f"{wording.plain(short)} {wording.money(other.value, currency)}{what}"


def young(found: Comparison) -> str:
    """What must be said where leads had too little time to be won; empty where they had enough."""
    early = [line for line in found.lines if line.summary.maturity[Stage.WON].mature is False]
    return "Too early to judge: shares won will rise as the leads grow older" if early else ""


def together(found: Rivalry, currency: str) -> str:
    """How many times the campaign's ARR the first partners make together."""
    if found.largest is None or not found.together:
        return "No partner won ARR in this period."
    times = [(k, own) for k, own in enumerate(found.together, 1) if k in (1, 3, len(found.together))]
    said = [f"the first {k} together {times_with_bounds(own)}" for k, own in times if k > 1]
    made = [f"The partner with the most ARR made {times_with_bounds(found.together[0])} as much as the campaign", *said]
    return f"{wording.enumeration(made)}."


def ignored(narrowed: bool, compared: bool) -> str:
    """What the sidebar says and this page does not look at."""
    everybody = "Where the next money goes, and moving money, is told of all partners and channels."
    before = "Channels are compared with each other here, not with another period."
    return " ".join([everybody] * narrowed + [before] * compared)
