"""Which leads came through AI, and what came of them? The report's `ai_referrals`, by docs/vitals.md alone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.reference.counted import Deal, Lead
from tests.reference.curves import wilson
from tests.reference.rows_data import Data
from tests.reference.rows_money import (
    Stretch,
    arr,
    last_day,
    opened,
    period_days,
    pipeline,
    reached_in,
    shift,
    sum_bounds,
    uncertain,
    won,
)

OVERVIEWS = (
    "ai_overview", "ai-overview", "ai overview", "ai_overviews", "ai-overviews", "ai overviews", "google_ai_overview",
    "google-ai-overview", "google ai overview", "aio", "sge", "ai_mode", "ai-mode", "ai mode", "google_ai_mode",
    "google-ai-mode", "google ai mode",
)  # fmt: skip
ASSISTANTS = (
    "chatgpt.com", "chatgpt", "openai", "chat.openai.com", "perplexity.ai", "perplexity", "gemini",
    "gemini.google.com", "copilot", "copilot.microsoft.com", "claude.ai", "claude", "you.com", "mistral",
    "chat.mistral.ai", "deepseek", "chat.deepseek.com", "grok", "grok.com", "meta.ai",
)  # fmt: skip
CHANNELS = (
    "ai_referral",
    "ai_referrals",
    "ai-referral",
    "ai referral",
    "ai",
    "ai_search",
    "ai_assistant",
    "llm",
)
TOOLS = {
    "chatgpt": "ChatGPT",
    "chat.openai": "ChatGPT",
    "openai": "ChatGPT",
    "perplexity": "Perplexity",
    "gemini": "Gemini",
    "copilot": "Copilot",
    "claude": "Claude",
    "you.com": "You.com",
    "mistral": "Mistral",
    "chat.mistral": "Mistral",
    "deepseek": "DeepSeek",
    "chat.deepseek": "DeepSeek",
    "grok": "Grok",
    "meta.ai": "Meta AI",
}
TELLING = ("gpt", "openai", "anthropic", "perplexity", "claude", "gemini", "copilot", "deepseek", "mistral", "chatbot")
ALONE = re.compile(r"(?<![a-z])(ai|llm|grok|sge)(?![a-z])")
LISTED = 20
SHOWN = 20  # with so many deals a side has shown how large they can be


def plain(name: str | None) -> str:
    """A name without blanks around it, in lower case."""
    return (name or "").strip().lower()


def names_ai(channel: str | None) -> bool:
    """Whether a channel stands for AI by its name."""
    return plain(channel) in CHANNELS


def tool(lead: Lead) -> str | None:
    """The tool through which a lead came; None where it did not come through AI."""
    name = plain(lead.row["utm_source"])
    if name in OVERVIEWS:
        return "AI overviews"
    if name in ASSISTANTS:
        return next(own for start, own in TOOLS.items() if name.startswith(start))
    return "AI, tool not named" if names_ai(lead.row["channel"]) else None


def from_ai(thing: Deal | Lead) -> bool:
    """Whether the lead, or the deal's lead, came through AI."""
    lead = thing.lead if isinstance(thing, Deal) else thing
    return lead is not None and tool(lead) is not None


def rows_ai_referrals(data: Data) -> dict[str, Any]:
    """The section; lists of objects are dictionaries by what tells them apart."""
    stretch = period_days(data.question)
    whole, ours = _numbers(data, stretch, lambda thing: True), _numbers(data, stretch, from_ai)
    return {
        **ours,
        "all": whole,
        "share_of_leads": wilson(ours["leads"], whole["leads"]),
        "share_of_eqls": wilson(ours["eqls_in_period"], whole["eqls_in_period"]),
        "share_of_arr": _share_of_arr(data, stretch),
        "share_of_pipeline": ours["pipeline_created"] / whole["pipeline_created"]
        if whole["pipeline_created"]
        else None,
        "sources": _sources(data, stretch),
        "partners": _partners(data, stretch),
        "months": {f"{first}": _month(data, first) for first in _months(data)},
        "recognised": _recognised(data, stretch),
        "looks_like_ai": _looks_like_ai(data, stretch),
    }


def _share_of_arr(data: Data, stretch: Stretch) -> dict[str, Any]:
    """AI referrals' ÷ all, both sums' intervals combined on the log-odds scale."""
    wins = won(data, data.counted.deals, stretch)
    sides = [[deal.won_arr or Fraction(0) for deal in wins if from_ai(deal) == own] for own in (True, False)]
    ours, others = (sum(side, Fraction(0)) for side in sides)
    if not ours + others:
        return uncertain(None, None, None, len(wins))
    most = max(max(side, default=Fraction(0)) for side in sides)
    few = [len(side) < SHOWN or not sum(side) for side in sides]
    (low_a, high_a), (low_b, high_b) = (
        sum_bounds(side, most if own else None) for side, own in zip(sides, few, strict=True)
    )
    if not ours:
        return uncertain(0, 0, high_a / (high_a + float(others)), len(wins))
    if not others:
        return uncertain(1, float(ours) / (float(ours) + high_b), 1, len(wins))
    a, b = math.log(ours), math.log(others)
    low = a - b - math.hypot(a - math.log(low_a), math.log(high_b) - b)
    high = a - b + math.hypot(math.log(high_a) - a, b - math.log(low_b))
    return uncertain(ours / (ours + others), 1 / (1 + math.exp(-low)), 1 / (1 + math.exp(-high)), len(wins))


def _numbers(data: Data, stretch: Stretch, belongs: Callable[[Any], bool]) -> dict[str, Any]:
    leads = [lead for lead in data.counted.leads if belongs(lead)]
    deals = [deal for deal in data.counted.deals if belongs(deal)]
    wins, begun = won(data, deals, stretch), opened(data, deals, stretch)
    return {
        "leads": len(_created(data, leads, stretch)),
        "eqls_in_period": reached_in(data, leads, "eql", stretch),
        "won_deals": len(wins),
        "arr": float(arr(wins)),
        "opportunities_opened": len(begun),
        "pipeline_created": float(pipeline(begun)),
    }


def _created(data: Data, leads: list[Lead], stretch: Stretch) -> list[Lead]:
    start, end = (data.question.midnight(day) for day in stretch)
    return [lead for lead in leads if start <= lead.row["created_at"] < end]


def _tool(thing: Deal | Lead) -> str | None:
    lead = thing.lead if isinstance(thing, Deal) else thing
    return tool(lead) if lead else None


def _sources(data: Data, stretch: Stretch) -> dict[str, Any]:
    names = {_tool(thing) for thing in [*data.counted.leads, *data.counted.deals]} - {None}
    found = {str(name): _numbers(data, stretch, lambda thing, name=name: _tool(thing) == name) for name in names}
    return {name: own for name, own in found.items() if any(own.values())}


def _partner(thing: Deal | Lead) -> str | None:
    lead = thing.lead if isinstance(thing, Deal) else thing
    return lead.row["partner_id"] if lead else None


def _partners(data: Data, stretch: Stretch) -> dict[str | None, Any]:
    found: dict[str | None, Any] = {}
    for key in {_partner(thing) for thing in [*data.counted.leads, *data.counted.deals] if from_ai(thing)}:
        own = _numbers(data, stretch, lambda thing, key=key: from_ai(thing) and _partner(thing) == key)
        every = _numbers(data, stretch, lambda thing, key=key: _partner(thing) == key)
        if any(own.values()):
            found[key] = own | {"share_of_eqls": wilson(own["eqls_in_period"], every["eqls_in_period"])}
    return found


def _months(data: Data) -> list[date]:
    latest = last_day(data.question).replace(day=1)
    return [shift(latest, -back) for back in range(12, -1, -1)]


def _month(data: Data, first: date) -> dict[str, Any]:
    stretch = first, min(shift(first, 1), data.question.day(data.question.end))
    whole, ours = _numbers(data, stretch, lambda thing: True), _numbers(data, stretch, from_ai)
    return ours | {
        "share_of_leads": wilson(ours["leads"], whole["leads"]),
        "share_of_eqls": wilson(ours["eqls_in_period"], whole["eqls_in_period"]),
        "share_of_arr": _share_of_arr(data, stretch),
    }


def _recognised(data: Data, stretch: Stretch) -> dict[tuple[str, str], dict[str, int]]:
    counts: Counter[tuple[str, str]] = Counter()
    for lead in _created(data, data.counted.leads, stretch):
        own = tool(lead)
        if own is not None:
            name = plain(lead.row["utm_source"])
            counts["" if own == "AI, tool not named" else name, own] += 1
    return {key: {"leads": n} for key, n in counts.items()}


def _looks_like_ai(data: Data, stretch: Stretch) -> dict[str, dict[str, int]]:
    aliases = [row for row in data.tables["partner_alias"] if row["alias_kind"] == "utm_source"]
    partners = {plain(row["alias"]) for row in aliases}
    leads = [lead for lead in _created(data, data.counted.leads, stretch) if tool(lead) is None]
    counts = Counter(plain(lead.row["utm_source"]) for lead in leads)
    telling = {
        name: n
        for name, n in counts.items()
        if name not in partners and (any(part in name for part in TELLING) or ALONE.search(name))
    }
    commonest = sorted(telling, key=lambda name: (-telling[name], name))[:LISTED]
    return {name: {"leads": telling[name]} for name in commonest}
