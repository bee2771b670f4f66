"""What does the page "Costs and return" say? Sentences, cards and rows from the numbers; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dashboard import wording
from dashboard.charts import theme
from dashboard.charts.cost_page import GateGap, GateRow, Look, PilotRow, SpentRow
from dashboard.domain import Estimate
from dashboard.metrics.cost_page import CostPage, PartnerReturn
from dashboard.metrics.cost_table import CATEGORIES, CostKind, CostTable
from dashboard.metrics.gate import GATE
from dashboard.metrics.gates import GateVerdict, PartnerGate, TooEarly
from dashboard.metrics.pilots import INTEGRATION_DAYS, SAMPLE_DAYS, WANTED_EQLS, Phase, Pilot
from dashboard.settings import Settings
from dashboard.views.cards import Card
from dashboard.views.headline import Setting, Subject
from dashboard.views.overview import ticks

NAMED = 2  # so many partners are named in a sentence; more are counted
LONGEST_NAME = 60
SHOWN, WORST = 14, 10  # lines of the picture, and how many of them from the lower end
FIVE = f"{GATE:g}×"
INCOMPLETE = "(incomplete)"
KINDS = {CostKind.DIRECT: "Of one partner", CostKind.OVERHEAD: "Overhead", CostKind.CHANNEL: "Channels"}
VERDICTS = {
    GateVerdict.CONTINUE: "Continue",
    GateVerdict.PAUSE_OR_PIVOT: "Pause or pivot",
    GateVerdict.TOO_EARLY: "Too early",
}
REASONS = {
    TooEarly.QUARTER_NOT_OVER: "its first full quarter is not over",
    TooEarly.NO_COST: "no cost is known for its first full quarter",
    TooEarly.JOIN_DATE_UNKNOWN: "the day it joined is not known",
}
# In a table there is little room.
SHORT = {
    TooEarly.QUARTER_NOT_OVER: "quarter runs",
    TooEarly.NO_COST: "no cost then",
    TooEarly.JOIN_DATE_UNKNOWN: "joined when?",
}
_REASONS_OF = {
    TooEarly.QUARTER_NOT_OVER: "whose first full quarter is not over",
    TooEarly.NO_COST: "without a known cost in the first full quarter",
    TooEarly.JOIN_DATE_UNKNOWN: "with an unknown day of joining",
}


# The first line


def answer(page: CostPage, who: Subject, when: Setting, partners: bool) -> str:
    """What it cost, what it returned against the gate, and for whom to pause or pivot."""
    if not when.begun:
        return f"{when.period} has not begun yet."
    if not partners:
        return _without_partners(page.table, when)
    own, during = page.programme, f"in {when.period}{'' if when.over else ' so far'}"
    if own.cost is None or own.cost <= 0:
        return f"What {_programme(who)} cost {during} is not known: no cost of it covers a day of that time."
    cost = f"{wording.beginning(_programme(who))} cost {wording.money(own.cost, when.currency)} {during} and"
    return f"{cost} {_returned(own.multiple, own.pipeline, when.currency)}{_gate_clause(page, when)}."


def _without_partners(table: CostTable, when: Setting) -> str:
    cost = table.total.cost
    if cost is None:
        return f"No costs are known for {when.period}, and no lead carries a partner that they could be held against."
    spent = f"{wording.money(cost, when.currency)} were spent in {when.period}{'' if when.over else ' so far'}"
    return f"{spent}; no lead carries a partner, so there is no return of a programme to hold against it."


def _programme(who: Subject) -> str:
    return "the programme" if who == Subject() else who.name if who.singular else f"t{who.name[1:]}"


def _returned(multiple: Estimate, pipeline: float, currency: str) -> str:
    if pipeline <= 0:
        return f"returned no pipeline yet (gate {FIVE})"
    amount = wording.money(pipeline, currency)
    low, high = multiple.low or 0.0, multiple.high or 0.0
    if low < GATE <= high:
        near = f"{wording.multiple(multiple.value)}, {bounds(multiple)}"
        return f"returned {amount} pipeline, about as much as the gate of {FIVE} asks for ({near})"
    side = "above" if low >= GATE else "below"
    times = f"{wording.multiple(multiple.value)} its cost ({bounds(multiple)})"
    return f"returned {amount} pipeline, {times}, {side} the gate of {FIVE}"


def _gate_clause(page: CostPage, when: Setting) -> str:
    failed = sorted(page.standing(GateVerdict.PAUSE_OR_PIVOT), key=_by_multiple)
    if not failed:
        judged = bool(page.standing(GateVerdict.CONTINUE))
        return "; the gate asks nobody to pause or pivot" if judged else "; it is too early to say who should pause"
    if len(failed) <= NAMED:
        whom = wording.enumeration([_marked(own) for own in failed])
    else:
        lacking = sum(own.gate.incomplete for own in failed)
        mark = f" ({wording.count(lacking)} of them incomplete)" if lacking else ""
        whom = f"{wording.several(len(failed), 'partner')}{mark}"
    return f"; the gate says pause or pivot for {whom}{_since(failed, when)}"


def _marked(own: PartnerReturn) -> str:
    name = wording.plain(_short(own.partner.name))
    return f"{name} {INCOMPLETE}" if own.gate.incomplete else name


def _since(failed: Sequence[PartnerReturn], when: Setting) -> str:
    """How many that fell short are above the gate in the period, and of how many that is sure."""
    above, surely = caught_up(failed)
    if not above:
        return ""
    number = f"of which {wording.count(above)} {_are(above)}" if len(failed) > 1 else "which is"
    doubt = "surely" if surely == above else "not surely" if not surely else f"{wording.count(surely)} of them surely"
    return f", {number} above {FIVE} in {when.period}{'' if when.over else ' so far'} ({doubt})"


def _by_multiple(own: PartnerReturn) -> tuple[float, str, str]:
    return own.gate.multiple.value or 0.0, own.partner.name, own.partner.partner_id


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def caught_up(failed: Sequence[PartnerReturn]) -> tuple[int, int]:
    """How many of the partners that fell short reach the gate in the period, and how many with their whole interval."""
    now = [own.own.multiple for own in failed if own.own.multiple.value is not None]
    above = [multiple for multiple in now if (multiple.value or 0.0) >= GATE]
    return len(above), sum(multiple.low is not None and multiple.low >= GATE for multiple in above)


def second(page: CostPage, when: Setting) -> str:
    """How sure the verdicts are, who is too early, and what else was spent: the sentences below the first."""
    failed, early = page.standing(GateVerdict.PAUSE_OR_PIVOT), page.standing(GateVerdict.TOO_EARLY)
    doubtful = sum(not own.gate.sure for own in failed)
    said = []
    if failed and _silent(page, when):
        clause = wording.beginning(_gate_clause(page, when).removeprefix("; "))
        said.append(f"{clause}, by each partner’s first full quarter.")
    if doubtful:
        every = doubtful == len(failed)
        whom = f"all {wording.count(doubtful)}" if every else f"{wording.count(doubtful)} of the {len(failed)}"
        whom = "that one" if len(failed) == 1 else whom
        said.append(f"For {whom}, chance alone could explain the shortfall.")
    lacking = sum(own.gate.incomplete and own.gate.verdict is not GateVerdict.TOO_EARLY for own in page.partners)
    if lacking:
        rests = wording.several(lacking, "verdict is", "verdicts are")
        said.append(f"{rests} incomplete: some money of that quarter could not be converted.")
    if early and when.begun:
        reasons = [(sum(own.gate.reason is reason for own in early), words) for reason, words in _REASONS_OF.items()]
        parts = [f"{wording.count(n)} {words}" for n, words in reasons if n]
        many, alone = wording.several(len(early), "partner"), parts[0].partition(" ")[2]
        one = f"{', each ' if len(early) > 1 else ' '}{alone}"
        said.append(f"Too early to say for {many}{one if len(parts) == 1 else f': {wording.enumeration(parts)}'}.")
    channels = page.table.of_kind(CostKind.CHANNEL).cost
    if channels:
        said.append(f"Channels cost {wording.money(channels, when.currency)} beside it, no part of the programme.")
    return " ".join(said)


def _silent(page: CostPage, when: Setting) -> bool:
    """Whether the first sentence has nothing to say about the gate."""
    return not when.begun or not page.programme.cost or page.programme.cost <= 0


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


# Cards


def cards(page: CostPage, currency: str, references: Mapping[str, tuple[float, float]]) -> list[Card]:
    """Cost, multiple, cost per EQL and SQL; what nothing is known of is left out.

    `references` by term: figures from outside as (low, high), the same twice where there is only an upper one.
    """
    own = page.programme
    found = []
    if own.cost:
        found.append(Card("programme_cost", wording.money(own.cost, currency), note=_unspread(page, currency)))
    if own.multiple.value is not None:
        detail = bounds(own.multiple)
        gate = f"gate {FIVE}"
        found.append(Card("pipeline_multiple", wording.multiple(own.multiple.value), detail, note=gate))
    for term, estimate in (("cost_per_eql", own.cost_per_eql), ("cost_per_sql", own.cost_per_sql)):
        if estimate.value is not None:
            value, detail = wording.money(estimate.value, currency), money_bounds(estimate, currency)
            found.append(Card(term, value, detail, note=_reference(references.get(term), currency)))
    return found


def _unspread(page: CostPage, currency: str) -> str:
    return f"{wording.money(page.unspread, currency)} borne by no partner" if page.unspread else ""


def _reference(reference: tuple[float, float] | None, currency: str) -> str:
    if reference is None:
        return ""
    low, high = reference
    amount = wording.money(high, currency)
    return f"reference under {amount}" if low == high else f"reference {wording.money(low, currency)}–{amount}"


def bounds(estimate: Estimate) -> str:
    """The interval of a multiple: `3.9–5.6×`; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{wording.multiple(estimate.low).removesuffix('×')}–{wording.multiple(estimate.high)}"


def money_bounds(estimate: Estimate, currency: str) -> str:
    """The interval of an amount: `$386–458`; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    high = wording.money(estimate.high, currency).removeprefix(wording.symbol(currency))
    return f"{wording.money(estimate.low, currency)}–{high}"


# Pictures


def gate_lines(partners: Sequence[PartnerReturn], currency: str, fiscal: int) -> list[GateRow | GateGap]:
    """The partners of which the gate says something, the lowest multiple first; of many, both ends."""
    judged = [own for own in partners if own.gate.multiple.value is not None]
    judged.sort(key=_by_multiple)
    rows = [_gate_row(own, currency, fiscal) for own in judged]
    if len(rows) <= SHOWN:
        return list(rows)
    left_out = len(rows) - SHOWN
    best = rows[len(rows) - (SHOWN - WORST) :]
    return [*rows[:WORST], GateGap(f"… {wording.several(left_out, 'more partner')}"), *best]


def _gate_row(own: PartnerReturn, currency: str, fiscal: int) -> GateRow:
    gate = own.gate
    quarter = wording.period_name(gate.quarter.label, fiscal) if gate.quarter else wording.NOTHING
    said = [
        f"{quarter}: {wording.multiple(gate.multiple.value)} ({bounds(gate.multiple)})",
        f"pipeline {wording.money(gate.pipeline, currency)} ÷ cost {wording.money(gate.cost, currency)}",
        f"n = {wording.several(gate.multiple.n, 'deal')}",
        verdict_in_words(gate),
    ]
    return GateRow(own.partner.partner_id, own.partner.name, gate.multiple, _look(gate), said, gate.incomplete)


def _look(gate: PartnerGate) -> Look:
    if gate.verdict is GateVerdict.TOO_EARLY:
        return Look.EARLY
    if gate.verdict is GateVerdict.CONTINUE:
        return Look.PASSED
    return Look.FAILED if gate.sure and not gate.incomplete else Look.DOUBTFUL


def verdict_in_words(gate: PartnerGate) -> str:
    """The verdict, why it is too early or whether it could be chance, and whether money is missing."""
    said, mark = VERDICTS[gate.verdict], f" {INCOMPLETE}" if gate.incomplete else ""
    if gate.reason:
        return f"{said}: {REASONS[gate.reason]}{mark}"
    return f"{said}{mark}" if gate.sure else f"{said}, could be chance{mark}"


def verdict_in_short(gate: PartnerGate) -> str:
    """The verdict for a table."""
    doubts = [] if gate.sure or gate.reason else ["chance?"]
    doubts += ["incomplete"] if gate.incomplete else []
    said = VERDICTS[gate.verdict] + (f": {SHORT[gate.reason]}" if gate.reason else "")
    return f"{said} ({', '.join(doubts)})" if doubts else said


def gates_in_words(partners: Sequence[PartnerReturn]) -> str:
    """The picture of the gates for ears."""
    judged = [own for own in partners if own.gate.verdict is not GateVerdict.TOO_EARLY]
    failed = [own for own in judged if own.gate.verdict is GateVerdict.PAUSE_OR_PIVOT]
    if not judged:
        return "The gate says nothing of anybody yet."
    names = [
        f"{_short(own.partner.name)} {wording.multiple(own.gate.multiple.value)}"
        f"{f' {INCOMPLETE}' if own.gate.incomplete else ''}"
        for own in sorted(failed, key=_by_multiple)[:5]
    ]
    whom = f": {wording.enumeration(names)}{' and others' if len(failed) > 5 else ''}" if failed else ""
    count = wording.several(len(judged), "partner")
    return f"{wording.count(len(failed))} of {count} fell short of the gate of {FIVE}{whom}."


def left_out(page: CostPage, period: str, currency: str) -> str:
    """Who is judged nowhere on the page, and what that cost."""
    if not page.prospects:
        return ""
    cost = sum(own.own.cost or 0.0 for own in page.prospects)
    spent = f" They cost {wording.money(cost, currency)} in {period}, which is in the sums above." if cost else ""
    return f"Left out: {wording.several(len(page.prospects), 'prospect')} without a day of joining.{spent}"


def spent_rows(table: CostTable) -> list[SpentRow]:
    """The categories that cost anything, the dearest first."""
    rows = [
        SpentRow(wording.label(category), [table.cell(category, kind).cost or 0.0 for kind in CostKind])
        for category in CATEGORIES
        if table.of_category(category).cost is not None
    ]
    return sorted(rows, key=lambda row: -sum(row.values))


def spent_ticks(rows: Sequence[SpentRow]) -> list[float]:
    """The marks on the axis of amounts."""
    return ticks([bound for row in rows for bound in (_side(row, 1), _side(row, -1))], 4, whole=False)


def _side(row: SpentRow, sign: int) -> float:
    return sum(value for value in row.values if value * sign > 0)


def spent_in_words(table: CostTable, currency: str) -> str:
    """The picture of the categories for ears."""
    rows = spent_rows(table)
    if not rows:
        return "No costs in this period."
    dearest = wording.enumeration([f"{r.category} {wording.money(sum(r.values), currency)}" for r in rows[:3]])
    return f"Of {wording.money(table.total.cost, currency)} in all, most went to {dearest}."


def ignored(partners: bool, channels: bool) -> str:
    """Which filters the page leaves aside, and where."""
    said = []
    if partners:
        said.append(
            "what the money was spent on and the cost table are of the whole programme, whatever partners are chosen"
        )
    if channels:
        said.append("channels narrow nothing here: what a partner cost has no channel")
    return f"{wording.beginning('; '.join(said))}." if said else ""


def references(own: Settings) -> dict[str, tuple[float, float]]:
    """Figures from outside by term, as the settings have them."""
    found = {term: own.money_reference(f"reference_{term}") for term in ("cost_per_eql", "cost_per_sql")}
    return {term: range_ for term, range_ in found.items() if range_}


def pilot_lines(found: Sequence[Pilot], today: date) -> list[PilotRow]:
    """The lines of the timeline, as many as fit; a sample that reached 50 EQLs ends on that day."""
    rows = []
    for own in found[:SHOWN]:
        end = (own.reached_on - own.joined_on).days + 1 if own.reached_on else INTEGRATION_DAYS + SAMPLE_DAYS
        day = (today - own.joined_on).days
        eqls = f"{wording.count(own.eqls)} of {WANTED_EQLS} EQLs"
        said = f"<b>{theme.name(own.partner.name, 60)}</b><br>{eqls}, {pilot_state(own)}"
        place = None if own.phase is Phase.OVER else float(day)
        rows.append(PilotRow(own.partner.name, INTEGRATION_DAYS, end, place, eqls, said))
    return rows


def pilot_state(own: Pilot) -> str:
    """Where a pilot stands, in words."""
    if own.phase is Phase.OVER:
        return "reached 50" if own.reached_on else "eight weeks are over"
    phase = "integration" if own.phase is Phase.INTEGRATION else "sample"
    return f"{phase}, {wording.days(own.days_left)} left"


def pilots_in_words(found: Sequence[Pilot]) -> str:
    """The timeline for ears."""
    running = [own for own in found if own.phase is not Phase.OVER]
    said = [f"{_short(own.partner.name)}: {wording.several(own.eqls, 'EQL')}, {pilot_state(own)}" for own in found[:5]]
    return f"{wording.several(len(running), 'pilot')} of {wording.count(len(found))} still running. {'. '.join(said)}."
