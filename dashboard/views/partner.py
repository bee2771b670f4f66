"""What does the page of one partner say first? Who it is, the answer in a sentence, what limits it, and five cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from dashboard import wording
from dashboard.domain import Stage
from dashboard.metrics.gate import GATE
from dashboard.metrics.partner_page import PartnerPage
from dashboard.metrics.partner_standing import Peers
from dashboard.metrics.performance import Partner
from dashboard.metrics.ranking import Reason
from dashboard.metrics.review import RankingMetric
from dashboard.metrics.suggestion import Suggestion
from dashboard.metrics.summary import FEWEST_EQLS
from dashboard.views import review_words
from dashboard.views.cards import Card
from dashboard.views.comparison import Versus
from dashboard.views.headline import Compared, Setting, compared

METRIC = RankingMetric.PIPELINE_PER_REFERRING_PAGE
LONGEST_NAME = 60
_ADVICE = {
    Suggestion.KEEP: "Keep {}",
    Suggestion.DOUBLE: "Double {}",
    Suggestion.END: "End {}",
    Suggestion.WAIT: "Wait for data on {}",
}


def name_of(partner: Partner, longest: int = LONGEST_NAME) -> str:
    """The name for a sentence: safe in Markdown, cut, and not mixing its direction with that of the sentence."""
    return f"\u2068{wording.plain(review_words.shortened(partner.name, longest))}\u2069"


def who(partner: Partner) -> str:
    """Type, tier, region, manager, since when and status, in one line; what is not known is left out."""
    since = partner.joined_on
    parts = [
        f"{wording.label(partner.partner_type)} partner",
        f"{wording.label(partner.tier)} tier" if partner.tier else "",
        partner.region or "",
        f"managed by {partner.manager}" if partner.manager else "",
        f"since {wording.day(datetime.combine(since, time()))}" if since else "since when is not known",
        partner.status,
    ]
    return " · ".join(wording.plain(part) for part in parts if part)


def outcome(page: PartnerPage, when: Setting, versus: Versus | None) -> str:
    """What it brought against what and where that ranks it, without advice or Markdown: for the partner to read."""
    if not when.begun:
        return f"{when.period} has not begun yet."
    said = f"{_brought(page, when, versus)}{_ranked(page)}"
    return f"{wording.beginning(said)}."


def answer(page: PartnerPage, when: Setting, versus: Versus | None) -> str:
    """What to do next and why: what it brought against what, and where that ranks it."""
    name = name_of(page.partner)
    if not when.begun:
        return f"{when.period} has not begun yet: nothing can be said about {name}."
    return f"{_advice(page, name)} {_brought(page, when, versus)}{_ranked(page)}."


def _advice(page: PartnerPage, name: str) -> str:
    suggested = page.review.suggested
    if suggested is None:
        return f"{name} cannot be ranked ({_why_not(page)}):"
    return f"{_ADVICE[suggested.suggestion].format(name)}, the data suggest:"


def _why_not(page: PartnerPage) -> str:
    said = {Reason.NOT_ACTIVE: f"it is {page.partner.status}"}
    reasons = [
        said.get(why, review_words.NO_VALUE[METRIC] if why is Reason.NO_VALUE else review_words.REASONS.get(why, ""))
        for why in page.review.place.reasons
    ]
    return wording.enumeration(reasons)


def _brought(page: PartnerPage, when: Setting, versus: Versus | None) -> str:
    now, s = page.quarter, page.own.summary
    so_far = "" if when.over else " so far"
    if not (now.leads or now.eqls or now.opened or now.won):
        return f"it brought no lead and no deal in {when.period}{so_far}"
    pipeline = f"{wording.money(s.pipeline_created, when.currency)} pipeline"
    won = f"{wording.money(s.arr, when.currency)} ARR" if s.arr or not s.won_deals else f"{s.won_deals} won deals"
    before = page.before
    if before is None or versus is None:
        return f"in {when.period} it brought {pipeline} and {won}{so_far}"
    first = _against(s.pipeline_created, s.opportunities_opened, before.pipeline, before.opened)
    second = _against(s.arr, s.won_deals, before.arr, before.won)
    if first == second:
        return f"in {when.period}{so_far} it brought {pipeline} and {won}, both {_said(first, versus.name)}"
    then = replace(second, words=second.words.removesuffix(" in"))
    return (
        f"in {when.period}{so_far} it brought {pipeline}, {_said(first, versus.name)}, and {won}, {_said(then, 'then')}"
    )


def _said(size: Compared, name: str) -> str:
    """A comparison with the name of the other period and whether it can be chance."""
    chance = f" ({size.chance})" if size.chance else ""
    return f"{size.words} {name}{chance}"


def _against(now: float, deals: int, before: float, deals_before: int) -> Compared:
    """How an amount compares, so that the name of the other period can follow."""
    if not before:
        return Compared("after none in" if now else "as none in")
    if not now:
        return Compared("after some in")
    return compared(now, deals, before, deals_before, "deals")


def _ranked(page: PartnerPage) -> str:
    place, sure = page.review.place, page.review.certainty
    if place.rank is None:
        return ""
    said = f", and ranks {wording.count(place.rank)} of {wording.count(page.ranked)} by pipeline per referring page"
    if sure is None:
        return said
    if sure.low == sure.high:
        return f"{said} (its true rank is 90 % sure)"
    return f"{said} (true rank, 90 % sure: {wording.count(sure.low)} to {wording.count(sure.high)})"


def limits(page: PartnerPage, when: Setting, advice: bool = True) -> str:
    """What the advice rests on, unless it is left out, and what limits the judgement; empty where nothing does."""
    if not when.begun:
        return ""
    s, found = page.own.summary, []
    suggested = page.review.suggested
    if advice and suggested is not None and suggested.suggestion is not Suggestion.KEEP:
        found.append(review_words.reason(page.review.suggested).rstrip("."))
    if s.too_few_eqls:
        what = "EQL" if Stage.EQL in page.performance.stages_present else "lead"
        number = s.eqls_in_period if what == "EQL" else s.leads
        found.append(f"{wording.several(number, what)} in the period, fewer than the {FEWEST_EQLS} EQLs that tell much")
    if s.leads and s.maturity[Stage.WON].mature is False:
        found.append("many of its leads are still too young to have been won")
    if s.incomplete:
        found.append("some of its amounts have no exchange rate and are in no sum")
    if not found:
        return ""
    said = "; ".join(found)
    return f"{wording.beginning(said)}."


def peers_name(peers: Peers) -> str:
    """Whom it is compared with: `the 9 other agency partners`."""
    kind = f"{wording.label(peers.partner_type).lower()} " if peers.of_type else ""
    number = len(peers.ids)
    return f"the {wording.count(number)} other {kind}{'partner' if number == 1 else 'partners'}"


def compared_with(peers: Peers) -> str:
    """Whom it is compared with and, where its type has too few, that it is all the others."""
    if not peers.ids:
        return "There is no other partner to compare it with."
    if peers.of_type:
        return f"Compared with {peers_name(peers)}."
    kind = wording.label(peers.partner_type).lower()
    return f"Fewer than five {kind} partners: compared with {peers_name(peers)} of all types."


def ignored(partners: bool, channels: Sequence[str]) -> str:
    """What of the choice beside does not apply here; empty where nothing is chosen."""
    said = [word for holds, word in ((partners, "partners"), (bool(channels), "channels")) if holds]
    if not said:
        return ""
    return f"The {wording.enumeration(said)} chosen beside do not apply here: the page shows this partner, whole."


def cards(page: PartnerPage, versus: Versus | None, currency: str) -> list[Card]:
    """Five cards, each against the median of the peers; what the data do not know gives its place to another."""
    s, medians, then = page.own.summary, page.medians, page.before
    kind = "median of its type" if page.peers.of_type else "median of all others"
    against = _Against(kind, currency, f" vs {versus.short}" if versus else "")
    return [
        _first_card(page, against),
        _money_card(
            "pipeline_created", (s.pipeline_created, then.pipeline if then else None, medians.pipeline), against
        ),
        _money_card("arr", (s.arr, then.arr if then else None, medians.arr), against),
        _win_rate_card(page, kind),
        _page_card(page, kind, currency),
    ]


@dataclass(frozen=True, slots=True)
class _Against:
    """What all cards say alike: whose median, in which currency, against which period."""

    kind: str
    currency: str
    period: str


def _first_card(page: PartnerPage, against: _Against) -> Card:
    """EQLs, or leads where the data know no EQL."""
    s, then, known = page.own.summary, page.before, Stage.EQL in page.performance.stages_present
    now, before = s.eqls_in_period if known else s.leads, None
    if then is not None:
        before = then.eqls if known else then.leads
    changed = wording.change(now, before)
    few = known and s.too_few_eqls
    return Card(
        "eql" if known else "lead",
        wording.count(now),
        change=f"{changed}{against.period}" if changed else None,
        rises=None if changed is None or changed.startswith("±") else now > (before or 0),
        note=f"{against.kind} {wording.count(page.medians.eqls)}" if known and page.medians.eqls is not None else "",
        mark="too few" if few else "",
        mark_term="too_few_eqls" if few else "",
    )


def _money_card(term: str, values: tuple[float, float | None, float | None], against: _Against) -> Card:
    """`values`: now, in the other period, and the median of the peers."""
    now, before, median = values
    changed = wording.change(now, before)
    return Card(
        term,
        wording.money(now, against.currency),
        change=f"{changed}{against.period}" if changed else None,
        rises=None if changed is None or changed.startswith("±") else now > (before or 0.0),
        note=f"{against.kind} {wording.money(median, against.currency)}" if median is not None else "",
    )


def _win_rate_card(page: PartnerPage, kind: str) -> Card:
    rate, median = page.own.shrunken_win_rate, page.medians.win_rate
    if rate.value is None:
        return Card("shrunken_win_rate", wording.NOTHING, note="no deal closed in the period")
    note = f"n = {wording.count(rate.n)}" + (f", {kind} {wording.rate(median, 0)}" if median is not None else "")
    return Card("shrunken_win_rate", wording.rate(rate.value, 0), wording.interval(rate, 0), note=note)


def _page_card(page: PartnerPage, kind: str, currency: str) -> Card:
    s, medians = page.own.summary, page.medians
    if s.pipeline_per_referring_page is not None:
        median = medians.pipeline_per_page
        note = f"{kind} {wording.money(median, currency)}" if median is not None else ""
        detail = wording.several(s.referring_pages_12_months or 0, "page")
        value = wording.money(s.pipeline_per_referring_page, currency)
        return Card("pipeline_per_referring_page", value, detail, note=note)
    if s.pipeline_multiple is not None:
        note = f"{kind} {wording.multiple(medians.multiple)}" if medians.multiple is not None else ""
        return Card("pipeline_multiple", wording.multiple(s.pipeline_multiple), f"gate {GATE:.0f}×", note=note)
    return Card("pipeline_per_referring_page", wording.NOTHING, note="no page brought a lead in 12 months")
