"""What does content bring, what is due or silent, and which prospects' pages may bring most? A part of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard.metrics.cells import Reading
from dashboard.metrics.content import Brought, Content, Line, content, days_seen
from dashboard.metrics.performance import Performance
from dashboard.metrics.prospects import Effect, Prospect, Prospects, learning_window, pages_of, prospects
from dashboard.settings import Settings
from data_access.content import asset_cells, content_cost, prospect_pages


def content_section(engine: Engine, reading: Reading, result: Performance, settings: Settings) -> dict[str, Any]:
    """Content of a period as plain data, prospects inside; docs/content.md defines every key.

    Money is in the reporting currency, shares lie between 0 and 1; a value that has nothing to divide by is None.
    """
    window = result.window
    found = content(asset_cells(engine, window), content_cost(engine, window), days_seen(window))
    names = {partner.partner.partner_id: partner.partner.name for partner in result.partners}
    learned = learning_window(window)
    judged = prospects(pages_of(asset_cells(engine, learned)), prospect_pages(engine, learned))
    return _content(found) | {"prospects": _prospects(judged, names)}


def _content(found: Content) -> dict[str, Any]:
    return {
        "all": _line(found.total),
        "origin": [_line(line) for line in found.origin],
        "kinds": [_line(line) for line in found.kinds],
        "ages": [_line(line) for line in found.ages],
        "without_asset": _brought(found.without_asset),
        "of_prospects": _brought(found.of_prospects),
        "without_lead": _brought(found.without_lead),
        "share_new": asdict(found.share_new),
        "content_cost": found.content_cost,
        "content_cost_per_eql": asdict(found.content_cost_per_eql),
        "content_cost_incomplete": found.cost_incomplete,
        "due": {
            "assets": found.due.assets.rename({"eqls": "eqls_in_period"}).to_dicts(),
            "live": found.due.live,
            "unknown_date": found.due.unknown_date,
        },
        "silent": None
        if found.silent is None
        else {
            "assets": found.silent.assets.to_dicts(),
            "judged": found.silent.judged,
            "expected": found.silent.expected,
        },
    }


def _line(line: Line) -> dict[str, Any]:
    own = asdict(line)
    brought: dict[str, Any] = own.pop("brought")
    return {"key": own.pop("key"), **brought, **own}


def _brought(brought: Brought | None) -> dict[str, Any] | None:
    return None if brought is None else asdict(brought)


def _prospects(found: Prospects, names: dict[str, str]) -> dict[str, Any]:
    return {
        "pages": [_page(page, names) for page in found.pages],
        "taught_by": found.taught_by,
        "partners": found.partners,
        "deals": found.deals,
        "ratings": None if found.ratings is None else {"low": found.ratings[0], "high": found.ratings[1]},
        "rating_effect": None if found.rating_effect is None else asdict(found.rating_effect.times),
        "kind_effects": [_effect(effect) for effect in found.kind_effects],
        "back_test": None if found.back_test is None else asdict(found.back_test),
    }


def _page(page: Prospect, names: dict[str, str]) -> dict[str, Any]:
    return asdict(page) | {"partner": names.get(page.partner_id)}


def _effect(effect: Effect) -> dict[str, Any]:
    return {"kind": effect.key} | asdict(effect.times)
