"""Which lines stand in the charts and tables of the Attribution page? From the result to rows; nothing is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dashboard import wording
from dashboard.charts import attribution as charts
from dashboard.charts import theme
from dashboard.charts.attribution import Bar, Effect, Pair, Stack, Tone
from dashboard.domain import Estimate
from dashboard.metrics.attribution import FEWEST_DEALS, Attribution, Line
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Base, Kind, Rule
from dashboard.metrics.markov import RemovalEffects
from dashboard.views import attribution as words
from dashboard.views import overview
from dashboard.views.attribution import CENTS
from dashboard.views.attribution_choice import Choice

MOST_BARS, MOST_PAIRS = 12, 10
INTERVAL = "95 %"
ONE = {Kind.PARTNER: "partner", Kind.ASSET: "asset", Kind.CHANNEL: "channel", Kind.CAMPAIGN: "campaign"}
PARTS = (("Partners", Tone.PARTNER), ("No partner", Tone.OTHER), (words.NOBODY, Tone.NOBODY))
_LONGEST_HOVER = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One line under two rules, in cents; `key` None: what has no key. `last`: how far down it stands.

    `sure`: the first rule's credit with its interval, in currency; None where that was not asked.
    """

    key: str | None
    name: str
    first: int
    second: int
    tone: Tone
    deals: int
    sourced: int | None
    influenced: int | None
    last: int
    sure: Estimate | None = None

    @property
    def difference(self) -> int:
        """Cents that the second rule gives beyond the first."""
        return self.second - self.first


def rows(found: Attribution, kind: Kind, choice: Choice, certain: Certainty | None = None) -> list[Row]:
    """The lines of a kind, most credit first, what has no key last; they add up to the total under both rules."""
    lines = found.of(kind)
    often = Counter(words.name_of(line) for line in lines)
    made = [
        _row(line, choice, often, certain) for line in lines if line.cents[choice.rule] or line.cents[choice.beside]
    ]
    return sorted(made, key=lambda row: (row.last, -row.first, -row.second, row.name, row.key or ""))


def _row(line: Line, choice: Choice, often: Counter[str], certain: Certainty | None) -> Row:
    name = words.name_of(line)
    if line.key is not None and often[name] > 1:
        name = f"{name} ({line.key})"
    tone, last = _tone(line, choice.base)
    return Row(
        line.key, name, line.cents[choice.rule], line.cents[choice.beside], tone, line.deals, line.sourced,
        line.influenced, last, certain.credit(line, choice.rule) if certain else None,
    )  # fmt: skip


def _tone(line: Line, base: Base) -> tuple[Tone, int]:
    if line.key is None:
        return (Tone.OTHER, 1) if line.touched else (Tone.NOBODY, 2)
    return (Tone.PARTNER if line.kind is Kind.PARTNER else Tone.WON if base is Base.ARR else Tone.OPEN), 0


def bars(shown: Sequence[Row], total: int, choice: Choice, currency: str) -> list[Bar]:
    """The lines with most credit, as bars; what has no key is said beside them."""
    own = [row for row in shown if row.key is not None and row.first > 0][:MOST_BARS]
    return [
        Bar(
            row.key, row.name, row.first / CENTS, wording.money(row.first / CENTS, currency),
            "<br>".join([_bold(row.name), f"{words.NAMES[choice.rule]}: {_exactly(row.first, currency)}",
                         *([f"95 %: {interval(row, currency)}"] if interval(row, currency) else []),
                         f"{wording.rate(row.first / total)} of the total, {wording.several(row.deals, 'deal')}"]),
            row.tone, row.sure.low if row.sure else None, row.sure.high if row.sure else None,
        )
        for row in own
    ]  # fmt: skip


def interval(row: Row, currency: str) -> str:
    """The bounds of a line's credit: `$50 k–$2.0 M`; empty where there are none."""
    return wording.money_interval(row.sure, currency) if row.sure else ""


def beside_bars(shown: Sequence[Row], drawn: int, kind: Kind, currency: str) -> str:
    """What the bars leave out, in one line."""
    rest = [row for row in shown if row.key is not None and row.first > 0][drawn:]
    said = []
    if rest:
        amount = wording.money(sum(row.first for row in rest) / CENTS, currency)
        said.append(f"{wording.several(len(rest), f'more {ONE[kind]}')}: {amount}")
    said += [f"{row.name}: {wording.money(row.first / CENTS, currency)}" for row in shown if row.key is None]
    return f"Not drawn: {' · '.join(said)}." if said else ""


def first_place(found: Attribution, kind: Kind, rule: Rule, certain: Certainty) -> str:
    """Whether the line with most credit would surely have most again."""
    own = [line for line in found.of(kind) if line.key is not None and line.cents[rule] > 0]
    if len(own) < 2:
        return ""
    first, *others = sorted(own, key=lambda line: (-line.cents[rule], line.key or ""))
    near = sum(not certain.ahead(first, other, rule) for other in others)
    name = wording.plain(words.name_of(first))
    if not near:
        return f"{name} is surely ahead of all others."
    could = "could" if near == len(others) else f"of {wording.count(len(others))} could"
    whom = f"{wording.count(near)} {could}" if near < len(others) else f"any of the other {wording.count(near)} {could}"
    return f"That {name} is first can be chance: {whom} have more next time."


def pairs(shown: Sequence[Row], choice: Choice, currency: str) -> list[Pair]:
    """The lines that differ most between the two rules."""
    own = sorted((row for row in shown if row.key is not None and row.difference), key=lambda r: -abs(r.difference))
    return [
        Pair(
            row.key, row.name, row.first / CENTS, row.second / CENTS, signed(row.difference, currency),
            "<br>".join([_bold(row.name), *(f"{words.NAMES[rule]}: {_exactly(cents, currency)}" for rule, cents in
                                            ((choice.rule, row.first), (choice.beside, row.second))),
                         f"difference: {signed(row.difference, currency)}"]),
            row.tone,
        )
        for row in own[:MOST_PAIRS]
    ]  # fmt: skip


def sides(choice: Choice) -> tuple[charts.Side, charts.Side]:
    """The two rules as the chart names them."""
    first, second = (charts.Side(words.NAMES[rule], rule in words.ESTIMATED) for rule in (choice.rule, choice.beside))
    return first, second


def changes_hands(shown: Sequence[Row], total: int, kind: Kind, choice: Choice, currency: str) -> str:
    """How much the choice between the two rules matters, in one sentence."""
    moved = sum(max(row.difference, 0) for row in shown)
    if not moved:
        return f"Both rules give every {ONE[kind]} the same."
    first, second = words.NAMES[choice.rule], words.NAMES[choice.beside]
    said = f"{second} instead of {first}: {wording.money(moved / CENTS, currency)} changes hands"
    special = [f"{row.name.lower()} {signed(row.difference, currency)}" for row in shown
               if row.key is None and row.difference]  # fmt: skip
    return f"{said} ({wording.rate(moved / total, 0)}){'; ' + ', '.join(special) if special else ''}."


def stacks(found: Attribution, currency: str) -> list[Stack]:
    """What partners, others and nobody get by every rule."""
    made = []
    for rule in Rule:
        shared = words.credit(found, rule)
        values = (shared.partners, shared.others, shared.nobody)
        hovers = [
            f"{_bold(words.NAMES[rule])}<br>{name}: {_exactly(cents, currency)}"
            for (name, _), cents in zip(PARTS, values, strict=True)
        ]
        said = f"{wording.money(values[0] / CENTS, currency)} · {wording.rate(values[0] / found.total.cents, 0)}"
        estimated = rule in words.ESTIMATED
        made.append(Stack(words.NAMES[rule], [cents / CENTS for cents in values], hovers, said, estimated))
    return made


def effects(found: RemovalEffects, partners: Mapping[str, str]) -> list[Effect]:
    """The partners and channels that would be missed most, by the data-driven rule; `partners`: names by key."""
    ordered = sorted(found.effects.items(), key=lambda pair: (-(pair[1].value or 0.0), pair[0]))
    return [_effect(state, each, partners) for state, each in ordered if each.value][:MOST_BARS]


def _effect(state: str, each: Estimate, partners: Mapping[str, str]) -> Effect:
    name = state_name(state, partners)
    said = f"{wording.rate(each.value)} ({wording.interval(each)})"
    hover = f"{_bold(name)}<br>{said}<br>{wording.several(each.n, 'visit')} on the paths of closed deals"
    value, low, high = each.value or 0.0, each.low or 0.0, each.high or 0.0
    return Effect(name, value, low, high, wording.interval(each), hover, _state_tone(state))


def state_name(state: str, partners: Mapping[str, str]) -> str:
    """What a state of the chain is called: a partner by its name, a channel by its label."""
    kind, _, key = state.partition(":")
    if kind == Kind.PARTNER.value:
        return partners.get(key, key)
    return wording.label(key) if key else "No channel"


def _state_tone(state: str) -> Tone:
    return Tone.PARTNER if state.startswith(f"{Kind.PARTNER.value}:") else Tone.OTHER


def effects_in_words(shown: Sequence[Effect]) -> str:
    """The removal effects for ears."""
    said = ", ".join(f"{row.name} {wording.rate(row.value)} ({row.words})" for row in shown)
    return f"Share of wins that would be missed without: {said}."


def ticks(values: Sequence[float], currency: str) -> list[tuple[float, str]]:
    """Round amounts on an axis that few marks fit on."""
    return [(at, wording.money(at, currency)) for at in overview.ticks(list(values), 3, whole=False)]


def bars_in_words(shown: Sequence[Bar], kind: Kind, choice: Choice) -> str:
    """The bars for ears."""
    said = ", ".join(f"{bar.name} {bar.words}" for bar in shown)
    return f"Credit by {ONE[kind]}, {words.NAMES[choice.rule]}: {said}."


def pairs_in_words(shown: Sequence[Pair], choice: Choice) -> str:
    """The dumbbells for ears."""
    said = ", ".join(f"{pair.name} {pair.words}" for pair in shown)
    return f"{words.NAMES[choice.beside]} instead of {words.NAMES[choice.rule]}: {said}."


def stacks_in_words(shown: Sequence[Stack]) -> str:
    """The shares by rule for ears."""
    said = ", ".join(f"{stack.name} {stack.words}" for stack in shown)
    return f"What partners get by each rule: {said}."


def table(shown: Sequence[Row], kind: Kind, choice: Choice, total: int, currency: str) -> pl.DataFrame:
    """The rows as a table: amounts in the reporting currency, shares in percent; columns named for people."""
    made: dict[str, list[object]] = {
        ONE[kind].capitalize(): [row.name for row in shown],
        words.NAMES[choice.rule]: [row.first / CENTS for row in shown],
        "Share": [100 * row.first / total if total else None for row in shown],
    }
    if any(row.sure for row in shown):
        made[INTERVAL] = [interval(row, currency) for row in shown]
    if choice.beside is not choice.rule:
        made[words.NAMES[choice.beside]] = [row.second / CENTS for row in shown]
        made["Difference"] = [row.difference / CENTS for row in shown]
    made["Deals"] = [row.deals for row in shown]
    if kind is Kind.PARTNER:
        made["Sourced"] = [_amount(row.sourced) for row in shown]
        made["Influenced"] = [_amount(row.influenced) for row in shown]
    numbers = {name: pl.Float64 for name in made if name not in (ONE[kind].capitalize(), INTERVAL, "Deals")}
    return pl.DataFrame(made, schema_overrides=numbers | {"Deals": pl.Int64})


def sums(shown: Sequence[Row], choice: Choice, currency: str) -> str:
    """The total below a table, from the rows that stand in it."""
    first, second = sum(row.first for row in shown), sum(row.second for row in shown)
    said = f"{words.NAMES[choice.rule]} {_exactly(first, currency)}"
    if choice.beside is not choice.rule:
        said += f" · {words.NAMES[choice.beside]} {_exactly(second, currency)}"
    return f"**Total of {wording.several(len(shown), 'line')}:** {said}"


def few(shown: Sequence[Row], kind: Kind) -> str:
    """How many lines rest on few deals."""
    number = sum(row.key is not None and row.deals < FEWEST_DEALS for row in shown)
    if not number:
        return ""
    rest = "rests" if number == 1 else "rest"
    return (
        f"{wording.several(number, ONE[kind])} {rest} on fewer than {FEWEST_DEALS} deals: the next period may look "
        "quite different."
    )


def signed(cents: int, currency: str) -> str:
    """An amount with its sign: `+$1.2 k`, `−$3 k`, `±0`."""
    if not cents:
        return "±0"
    return f"{'+' if cents > 0 else ''}{wording.money(cents / CENTS, currency)}"


def _exactly(cents: int, currency: str) -> str:
    return wording.money_exactly(cents / CENTS, currency)


def _amount(cents: int | None) -> float | None:
    return None if cents is None else cents / CENTS


def _bold(name: str) -> str:
    return f"<b>{theme.name(name, _LONGEST_HOVER)}</b>"
