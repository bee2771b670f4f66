"""What does the Attribution page say? Its first line, its cards and its remarks, from the numbers by plain rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import wording
from dashboard.metrics.attribution import Attribution, Deals, Line
from dashboard.metrics.attribution_rules import FALLBACKS, MEANINGS, Base, KeyInfluence, Kind, Options, Rule, Until
from dashboard.metrics.summary import Summary
from dashboard.views.cards import Card
from dashboard.views.headline import Setting, Subject

CENTS = 100
ESTIMATED = frozenset({Rule.DATA_DRIVEN})
NAMES = {
    Rule.SOURCE: "Source",
    Rule.FIRST: "First touch",
    Rule.LAST: "Last touch",
    Rule.LINEAR: "Linear",
    Rule.POSITION_A: "Position A",
    Rule.POSITION_B: "Position B",
    Rule.TIME_DECAY: "Time decay",
    Rule.DATA_DRIVEN: "Data-driven",
}
_BY = {
    Rule.SOURCE: "By the source of the leads",
    Rule.FIRST: "By first touch",
    Rule.LAST: "By last touch",
    Rule.LINEAR: "With equal shares",
    Rule.POSITION_A: "By position A",
    Rule.POSITION_B: "By position B",
    Rule.TIME_DECAY: "With time decay",
    Rule.DATA_DRIVEN: "By the data-driven estimate",
}
MONEY = {Base.ARR: "ARR won in", Base.PIPELINE: "pipeline created in"}
_PLACE = {Base.ARR: "the ARR page", Base.PIPELINE: "the Overview"}
INFLUENCE = {
    KeyInfluence.SQL: "the last touch on or before the day the lead became sales-qualified",
    KeyInfluence.EQL: "the last touch on or before the day the lead became an EQL",
    KeyInfluence.LAST_PARTNER: "the last touch of a partner",
}
_END = {Until.OPEN: "the day the deal opened", Until.CLOSE: "the day the deal closed"}
NOBODY = "No touch recorded"
NO_TOUCH = "No touch is recorded for any of these deals: every rule but Source has nothing to share."


@dataclass(frozen=True, slots=True)
class Credit:
    """How a rule shares a base out, in cents: to the partners asked about, other partners, no partner, no touch."""

    partners: int
    elsewhere: int
    others: int
    nobody: int


def credit(found: Attribution, rule: Rule, chosen: frozenset[str] | None = None) -> Credit:
    """Who gets how much; `chosen`: the partners asked about (None: all)."""
    parts = [0, 0, 0, 0]
    for line in found.of(Kind.PARTNER):
        own = line.key is not None and (chosen is None or line.key in chosen)
        place = 3 if not line.touched else 2 if line.key is None else 0 if own else 1
        parts[place] += line.cents[rule]
    return Credit(*parts)


def has_partners(found: Attribution) -> bool:
    """Whether any deal names a partner, on its lead or on a touch."""
    return any(line.key is not None for line in found.of(Kind.PARTNER))


def has_touches(found: Attribution) -> bool:
    """Whether any deal has a touch."""
    return any(line.touched and line.cents[Rule.LINEAR] for line in found.lines)


def answer(who: Subject, when: Setting, rule: Rule, found: Attribution, chosen: frozenset[str] | None) -> str:
    """Who brought how much by the rule; `who` is named where partners are chosen."""
    if not when.begun:
        return f"{when.period} has not begun yet."
    so_far = "" if when.over else " so far"
    if not found.total.deals:
        return f"No deal was {_done(found.base)} in {when.period}{so_far}, so there is no credit to share."
    if not found.total.cents:
        held = f"{wording.several(found.total.deals, 'deal')} {_were(found.total.deals)} {_done(found.base)}"
        what = "ARR" if found.base is Base.ARR else "amount"
        return f"{held} in {when.period}{so_far}; the data hold no {what} for them, so there is no credit to share."
    total = f"the {_money(found.total.cents, when)} {MONEY[found.base]} {when.period}{so_far}"
    if not has_partners(found):
        shared_by = _channels(found, rule, total, when)
        return f"{_BY[rule]}, {shared_by}; no lead and no touch names a partner."
    shared = credit(found, rule, chosen)
    share = f" ({wording.rate(shared.partners / found.total.cents, 0)})"
    name = who.name if chosen is not None else "partners"
    brought = f"{name} brought {_money(shared.partners, when)} of {total}{share}"
    return f"{_BY[rule]}, {brought}{_best(found, rule, chosen, when)}."


def second(when: Setting, found: Attribution, page: int) -> str:
    """How much no partner touched, and whether all credit adds up to `page`: the other page's cents."""
    if not when.begun or not found.total.cents:
        return ""
    checked = f"{adds_up(found, page, when.currency)}."
    return f"{_untouched(found, when)}. {checked}" if has_partners(found) else checked


def _done(base: Base) -> str:
    return "won" if base is Base.ARR else "opened"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _money(cents: int, when: Setting) -> str:
    return wording.money(cents / CENTS, when.currency)


def _untouched(found: Attribution, when: Setting) -> str:
    if not found.untouched.deals:
        return "A partner touched every deal"
    return f"No partner touched deals worth {_money(found.untouched.cents, when)}"


def adds_up(found: Attribution, page: int, currency: str) -> str:
    """Whether the credits are the same money as on the page that everybody knows."""
    exactly, place = wording.money_exactly(found.total.cents / CENTS, currency), _PLACE[found.base]
    credited = f"All credit adds up to {exactly}"
    if found.total.cents == page:
        return f"{credited}, to the cent what {place} shows"
    return f"{credited}, which is not the {wording.money_exactly(page / CENTS, currency)} of {place}"


def _best(found: Attribution, rule: Rule, chosen: frozenset[str] | None, when: Setting) -> str:
    """The partner with most credit, by name; nobody where several share the first place or there is one only."""
    own = [line for line in found.of(Kind.PARTNER) if line.key and (chosen is None or line.key in chosen)]
    return _first(own, rule, when) if len(own) > 1 else ""


def _first(lines: Sequence[Line], rule: Rule, when: Setting) -> str:
    most = max(line.cents[rule] for line in lines)
    first = [line for line in lines if line.cents[rule] == most]
    if len(first) > 1 or not most:
        return ""
    return f", {wording.plain(name_of(first[0]))} most ({_money(most, when)})"


def _channels(found: Attribution, rule: Rule, total: str, when: Setting) -> str:
    """What can be said where nobody names a partner: the channel with most credit."""
    lines = [line for line in found.of(Kind.CHANNEL) if line.key is not None]
    best = _first(lines, rule, when) if lines else ""
    return f"channels share {total}{best}"


def name_of(line: Line) -> str:
    """What a line is called; not yet safe inside Markdown or a chart."""
    if line.key is None:
        return _WITHOUT[line.kind] if line.touched else NOBODY
    return wording.label(line.key) if line.kind is Kind.CHANNEL else line.name or line.key


_WITHOUT = {
    Kind.PARTNER: "No partner",
    Kind.ASSET: "No asset",
    Kind.CHANNEL: "No channel",
    Kind.CAMPAIGN: "No campaign",
}


def explained(rule: Rule, options: Options) -> str:
    """The rule in one or two sentences, with what happens where a role is missing or one touch plays two."""
    own = {
        Rule.POSITION_A: f" Key influence: {INFLUENCE[options.key_influence]}.",
        Rule.TIME_DECAY: f" Half-life: {wording.days(options.half_life_days)} before {_END[options.until]}.",
    }.get(rule, "")
    return f"{MEANINGS[rule]}{own} {FALLBACKS[rule]}"


def instead(other: Attribution) -> str:
    """What can be shared out where the chosen base cannot; empty where that cannot either."""
    if not other.total.cents:
        return ""
    return f"{'Pipeline' if other.base is Base.PIPELINE else 'ARR'} can be shared out instead: choose it above."


def basis(options: Options) -> str:
    """Which touches count."""
    return f"touches up to {_END[options.until]}"


def cards(found: Attribution, rule: Rule, chosen: frozenset[str] | None, currency: str) -> list[Card]:
    """The credit by the rule, and what partners sourced, influenced and did not touch; the last three add up."""
    if not found.total.cents or not has_partners(found):
        return []
    shared = credit(found, rule, chosen)
    own = Deals(0, shared.partners)
    return [
        _card("credit", own, found, currency, NAMES[rule]),
        _card("sourced", found.sourced, found, currency),
        _card("influenced", found.influenced, found, currency),
        _card("untouched", found.untouched, found, currency),
    ]


def _card(term: str, part: Deals, found: Attribution, currency: str, note: str = "") -> Card:
    share = wording.rate(part.cents / found.total.cents, 0)
    return Card(
        term, wording.money(part.cents / CENTS, currency), share, note=note or wording.several(part.deals, "deal")
    )


def remarks(found: Attribution, currency: str) -> list[str]:
    """What must be said beside the answer: deals without touches, deals without a rate."""
    if not found.total.deals:
        return []
    if not has_touches(found):
        return [NO_TOUCH]
    nobody = next((line for line in found.of(Kind.PARTNER) if not line.touched), None)
    said = []
    if nobody is not None and nobody.deals:
        amount = wording.money(nobody.cents[Rule.LINEAR] / CENTS, currency)
        said.append(
            f"For {wording.several(nobody.deals, 'deal')} ({amount}) no touch is recorded: they stand in a line of "
            "their own, and nothing is made up for them."
        )
    if found.unconverted:
        said.append(f"{wording.several(found.unconverted, 'deal')} could not be converted: in no sum.")
    return said


def narrowed(partners: bool) -> str:
    """What chosen partners narrow; empty where none is chosen."""
    if not partners:
        return ""
    return "Chosen partners: deals of their leads and of leads without a partner, shared among all who touched them."


def of_page(totals: Summary, base: Base) -> int:
    """The cents that the other pages show for the base, to be compared with the sum of the credits."""
    return round((totals.arr if base is Base.ARR else totals.pipeline_created) * CENTS)
