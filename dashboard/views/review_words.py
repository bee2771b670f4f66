"""What does the quarterly review say? Its first sentence, reasons, badges, what became of decisions: by plain rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard import wording
from dashboard.domain import Stage
from dashboard.metrics.certainty import FEWEST_EVENTS, SURE, Consequence
from dashboard.metrics.performance import Partner, PartnerPerformance
from dashboard.metrics.rank_history import ReviewResult
from dashboard.metrics.ranking import Reason
from dashboard.metrics.review import RankingMetric, ReviewRow
from dashboard.metrics.suggestion import Suggested, Suggestion, Why
from dashboard.metrics.summary import FEWEST_EQLS
from dashboard.period import Period, months_before
from data_access.decisions import Decision

METRICS = {
    RankingMetric.PIPELINE_PER_REFERRING_PAGE: "Pipeline per referring page",
    RankingMetric.PIPELINE_CREATED: "Pipeline created",
    RankingMetric.PIPELINE_MULTIPLE: "Pipeline ÷ cost",
    RankingMetric.ARR: "ARR won",
    RankingMetric.WIN_RATE: "Win rate",
    RankingMetric.COST_PER_EQL: "Cost per EQL",
}
SUGGESTIONS = {
    Suggestion.DOUBLE: "Double",
    Suggestion.END: "End",
    Suggestion.WAIT: "Wait for data",
    Suggestion.KEEP: "Keep",
}
REASONS = {
    Reason.NOT_ACTIVE: "not active",
    Reason.JOINED_TOO_LATE: "joined after the period had begun",
    Reason.JOIN_DATE_UNKNOWN: "the day on which it joined is unknown",
}
NO_VALUE = {
    RankingMetric.PIPELINE_PER_REFERRING_PAGE: "no referring page in the 12 months up to the period's end",
    RankingMetric.PIPELINE_MULTIPLE: "no cost in the period",
    RankingMetric.WIN_RATE: "no deal closed in the period",
    RankingMetric.COST_PER_EQL: "no EQL or no cost in the period",
}
NAMES_SHOWN = 4
RUNNING = "The period is not over: its numbers will still grow."


def answer(result: ReviewResult, when: str) -> str:
    """The first sentence: how many are surely at the top and at the bottom, and of how many nobody can tell."""
    ranked, size = result.review.ranking.eligible, result.review.ranking.group_size
    if not ranked:
        return f"No partner can be ranked in {when}."
    if not size:
        few = "1 partner is" if ranked == 1 else f"{wording.count(ranked)} partners are"
        return f"Only {few} ranked in {when}: too few to speak of a best or a last fifth."
    if result.review.certainty is None:
        return f"Too few deals in {when} to tell one partner from another: wait for data."
    found = counts(result)
    return f"{_sure(found[Suggestion.DOUBLE], found[Suggestion.END], ranked)}; {_unsure(found[Suggestion.WAIT])}."


def _sure(top: int, bottom: int, ranked: int) -> str:
    of = f"of {wording.several(ranked, 'partner')}"
    if not top and not bottom:
        return f"None {of} is surely in the top or the bottom fifth"
    if not top:
        return f"{wording.count(bottom)} {of} {_are(bottom)} surely in the bottom fifth, none surely in the top fifth"
    other = f"{wording.count(bottom)} in the bottom fifth" if bottom else "none surely in the bottom fifth"
    return f"{wording.count(top)} {of} {_are(top)} surely in the top fifth and {other}"


def _unsure(wait: int) -> str:
    return f"for {wording.count(wait)} more the data cannot tell yet" if wait else "no other place is in doubt"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def counts(result: ReviewResult) -> dict[Suggestion, int]:
    """How many partners each suggestion concerns."""
    found = [row.suggested.suggestion for row in result.review.rows.values() if row.suggested]
    return {kind: found.count(kind) for kind in Suggestion}


def names_of(result: ReviewResult, names: Mapping[str, str]) -> str:
    """Who they are, safe inside Markdown: `Double: A, B. End: C and 3 more.`"""
    said = []
    for kind in (Suggestion.DOUBLE, Suggestion.END):
        own = [key for key, row in result.review.rows.items() if row.suggested and row.suggested.suggestion is kind]
        own.sort(key=lambda key: _place(result.review.rows[key]), reverse=kind is Suggestion.END)
        if own:
            shown = [wording.plain(shortened(names[key])) for key in own[:NAMES_SHOWN]]
            more = [f"{wording.count(len(own) - NAMES_SHOWN)} more"] if len(own) > NAMES_SHOWN else []
            said.append(f"**{SUGGESTIONS[kind]}:** {wording.enumeration(shown + more)}.")
    return " ".join(said)


def _place(row: ReviewRow) -> int:
    return row.place.rank or 0


def shortened(name: str, longest: int = 48) -> str:
    """A long name cut, for sentences."""
    flat = " ".join(name.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def probability(share: float | None) -> str:
    """`87 %`; nothing simulated is quite certain or impossible: `more than 99 %`, `less than 1 %`."""
    if share is None:
        return ""
    if share > 0.99:
        return f"more than {wording.rate(0.99, 0)}"
    return f"less than {wording.rate(0.01, 0)}" if share < 0.01 else wording.rate(share, 0)


def reason(suggested: Suggested | None) -> str:
    """Why the suggestion is what it is, in one sentence."""
    if suggested is None:
        return ""
    sure = probability(suggested.probability)
    return {
        Why.SURELY_TOP: f"{wording.beginning(sure)} sure to belong to the best fifth.",
        Why.SURELY_BOTTOM: f"{wording.beginning(sure)} sure to belong to the last fifth.",
        Why.NOT_SURELY_TOP: f"In the best fifth of the table, but only {sure} sure to belong there.",
        Why.NOT_SURELY_BOTTOM: f"In the last fifth of the table, but only {sure} sure to belong there.",
        Why.TOO_FEW_EQLS: f"{wording.beginning(sure)} sure, but fewer than {FEWEST_EQLS} EQLs in the period.",
        Why.TOO_FEW_EVENTS: f"Fewer than {FEWEST_EVENTS} deals of all partners together: nothing can be told.",
        Why.IN_THE_MIDDLE: f"{wording.beginning(sure)} sure to belong to neither fifth."
        if (suggested.probability or 0) >= 0.5
        else f"Stands in the middle of the table; {sure} sure to belong there.",
    }[suggested.why]


def reasons_against(row: ReviewRow, metric: RankingMetric) -> str:
    """Why a partner is not ranked."""
    lacking = NO_VALUE.get(metric, "no value in the period")
    said = [lacking if why is Reason.NO_VALUE else REASONS[why] for why in row.place.reasons]
    return wording.beginning(wording.enumeration(said))


def badges(own: PartnerPerformance, metric: RankingMetric, period: Period) -> tuple[str, ...]:
    """What must be known beside the numbers of a partner."""
    ages = own.summary.maturity.get(maturity_stage(metric))
    said = (
        (own.summary.too_few_eqls, "too few EQLs"),
        (_is_new(own.partner, period), "new partner"),
        (ages is not None and ages.mature is False, "immature"),
        (own.summary.incomplete, "incomplete"),
    )
    return tuple(word for holds, word in said if holds)


def maturity_stage(metric: RankingMetric) -> Stage:
    """The stage that the leads must have had time for: winning, where wins are what is ranked."""
    return Stage.WON if metric in {RankingMetric.ARR, RankingMetric.WIN_RATE} else Stage.OPPORTUNITY


def _is_new(partner: Partner, period: Period) -> bool:
    """Joined within the six months up to the period's end."""
    joined: date | None = partner.joined_on
    return joined is not None and months_before(period.end, 6).date() <= joined < period.end.date()


def rank_interval(row: ReviewRow) -> str:
    """`3–9`; empty where nothing can be told."""
    sure = row.certainty
    if sure is None:
        return ""
    return f"{sure.low}–{sure.high}" if sure.low != sure.high else f"{sure.low}"


def win_rate(own: PartnerPerformance) -> str:
    """`24 % (12–41 %, n = 31)`; "–" where no deal closed."""
    rate = own.summary.win_rate
    if rate.value is None:
        return wording.NOTHING
    return f"{wording.rate(rate.value, 0)} ({wording.interval(rate, 0)}, n = {wording.count(rate.n)})"


# What the certainty buys


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to act on the ranking, and what the posterior says comes of it."""

    name: str
    consequence: Consequence
    careful: bool


def rules(result: ReviewResult) -> list[Rule]:
    """Acting on the table beside acting on what is sure, for ending and doubling; without those that name nobody."""
    found = result.review.consequences
    if found is None:
        return []
    every = [
        Rule("End the last fifth of the table", found.bottom_of_table, False),
        Rule("End only who is surely there", found.surely_bottom, True),
        Rule("Double the best fifth of the table", found.top_of_table, False),
        Rule("Double only who is surely there", found.surely_top, True),
    ]
    return [rule for rule in every if rule.consequence.named]


def what_it_buys(result: ReviewResult) -> str:
    """One sentence: how often ending the bottom of the table would be wrong, beside ending only those that are sure."""
    found = result.review.consequences
    if found is None:
        return "Too few deals for any rule."
    table, sure = found.bottom_of_table, found.surely_bottom
    if table.wrong is None:
        said = "The last places are tied, so the table names nobody to end"
        if sure.wrong is None:
            return f"{said}, nor is anybody surely there."
        return (
            f"{said}. Ending the {wording.count(sure.named)} surely there would be wrong for "
            f"{wording.rate(sure.wrong, 0)} of them."
        )
    said = (
        f"Ending the {wording.several(table.named, 'last partner')} of the table would be wrong for "
        f"{wording.rate(table.wrong, 0)} of them"
    )
    if sure.wrong is None:
        return f"{said}; nobody is surely there, so nobody should be ended for their rank."
    return f"{said}; ending only the {wording.count(sure.named)} surely there for {wording.rate(sure.wrong, 0)}."


def basis(result: ReviewResult) -> str:
    """What the ranking rests on, in a quiet second line."""
    metric = METRICS[result.review.metric].lower().replace("arr", "ARR").replace("eql", "EQL")
    size = result.review.ranking.group_size
    fifth = f"; a fifth is {wording.several(size, 'partner')}" if size else ""
    asked = f", and with at least {FEWEST_EQLS} EQLs" if result.needs_50_eqls else ""
    return f"Ranked by {metric}. Surely: with a probability of at least {wording.rate(SURE, 0)}{asked}{fifth}."


def notes(result: ReviewResult, shown: int) -> list[str]:
    """What must be said beside the table."""
    everybody = len(result.review.rows)
    said = [
        "Ranks and probabilities are about what a partner's leads and pages of the period were worth, with the luck of "
        "conversion and of deal size taken out. They do not foretell how many leads it will bring next."
    ]
    if not result.performance.window.over:
        said.append(RUNNING)
    if shown < everybody:
        said.append(listed(shown, everybody, ()))
    return said


# What became of decisions


def decided(made: Decision, currency: str) -> str:
    """`Double, budget $12 k: “their webinars work”`."""
    budget = f", budget {wording.money(made.budget, currency)}" if made.budget is not None else ""
    note = f": “{made.note}”" if made.note else ""
    return f"{SUGGESTIONS[Suggestion(made.decision)]}{budget}{note}"


def outcome(result: ReviewResult, own: PartnerPerformance, made: Decision) -> str:
    """What became of a decision, by plain rules: ended or not, and whether the rank moved more than chance explains."""
    if made.decision == Suggestion.END:
        if own.partner.status != "active":
            return f"Carried out: the partner is {wording.label(own.partner.status).lower()}."
        spent = wording.money(own.direct_cost, result.performance.window.currency)
        return f"Not carried out: the partner is still active and cost {spent} in the period."
    row = result.review.rows[own.partner.partner_id]
    now, then = row.place.rank, made.numbers.get("rank")
    if now is None:
        return f"Not ranked now: {reasons_against(row, result.review.metric).lower()}."
    if then is None or made.numbers.get("metric") != result.review.metric:
        return f"Rank {now} now; then it was not ranked by this metric."
    return _moved(row, now, then, made.numbers.get("rank_interval"))


def _moved(row: ReviewRow, now: int, then: int, interval: Mapping[str, Any] | None) -> str:
    moved = f"rank {then} then, {now} now"
    if not interval or row.certainty is None:
        return f"{wording.beginning(moved)}; too few deals to say whether that is more than chance."
    if row.certainty.high < interval["low"]:
        return f"Clearly better: {moved}."
    if row.certainty.low > interval["high"]:
        return f"Clearly worse: {moved}."
    if then == now:
        return f"As before: rank {now}."
    return f"No change beyond chance: {moved}."


def listed(shown: int, everybody: int, channels: Sequence[str]) -> str:
    """What the filters do here and what not; empty where they choose nothing."""
    if shown == everybody and not channels:
        return ""
    who = f"{wording.count(shown)} of {wording.several(everybody, 'partner')}" if shown < everybody else "All partners"
    ignored = ". The channels chosen beside do not apply here" if channels else ""
    return f"{who} listed; ranks and probabilities concern all partners{ignored}."


def conflicts(late: Sequence[Decision], names: Mapping[str, str], zone: str) -> str:
    """Which drafts were not saved because somebody else decided meanwhile, with who and when; empty where none."""
    if not late:
        return ""
    said = [
        f"{shortened(names.get(own.partner_id, own.partner_id))} ({own.author} decided "
        f"“{SUGGESTIONS[Suggestion(own.decision)].lower() if own.decision in SUGGESTIONS else own.decision}” at "
        f"{wording.moment(own.decided_at, zone)})"
        for own in late[:NAMES_SHOWN]
    ]
    more = [f"{wording.count(len(late) - NAMES_SHOWN)} more"] if len(late) > NAMES_SHOWN else []
    return (
        f"Not saved, since somebody else was quicker: {wording.enumeration(said + more)}. Save again to replace that."
    )


def about_period(result: ReviewResult) -> str:
    """What must be known about the period: that it still runs, that it is no quarter; empty where neither holds."""
    window = result.performance.window
    said = []
    if not window.over:
        said.append(RUNNING)
    if not re.fullmatch(r"\d{4}-Q[1-4]", window.period.label):
        said.append("The review is made for quarters: choose one beside, or read on for this period.")
    return " ".join(said)
