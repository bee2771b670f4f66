"""What do AI assistants and AI overviews bring? A part of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard.metrics.ai_referrals import Brought, ai_referrals, months_of
from dashboard.metrics.cells import Reading
from dashboard.metrics.performance import Performance
from dashboard.settings import Settings
from data_access.ai_referrals import read_ai_referrals


def ai_referrals_section(engine: Engine, reading: Reading, result: Performance, settings: Settings) -> dict[str, Any]:
    """AI referrals of a period as plain data; docs/vitals.md defines every key.

    Money is in the reporting currency, shares lie between 0 and 1; a value that has nothing to divide by is None.
    """
    window = result.window
    months = months_of(window.period, window.as_of_day)
    found = ai_referrals(read_ai_referrals(engine, window, months), months)
    names = {partner.partner.partner_id: partner.partner.name for partner in result.partners}
    return {
        **_brought(found.total),
        "all": _brought(found.everything),
        "share_of_leads": asdict(found.share_of_leads),
        "share_of_eqls": asdict(found.share_of_eqls),
        "share_of_arr": asdict(found.share_of_arr),
        "share_of_pipeline": found.share_of_pipeline,
        "sources": [{"source": name, **_brought(own)} for name, own in found.sources.items()],
        "partners": [
            {
                "partner_id": own.partner_id,
                "name": names.get(own.partner_id or ""),
                **_brought(own.brought),
                "share_of_eqls": asdict(own.share_of_eqls),
            }
            for own in found.partners
        ],
        "months": [
            {
                "month": own.month.isoformat(),
                **_brought(own.brought),
                "share_of_leads": asdict(own.share_of_leads),
                "share_of_eqls": asdict(own.share_of_eqls),
                "share_of_arr": asdict(own.share_of_arr),
            }
            for own in found.months
        ],
        "recognised": [{"name": name, "source": source, "leads": leads} for name, source, leads in found.names],
        "looks_like_ai": [{"name": name, "leads": leads} for name, leads in found.lookalikes],
    }


def _brought(own: Brought) -> dict[str, Any]:
    """Under the names that these numbers have everywhere in the report."""
    return {
        "leads": own.leads,
        "eqls_in_period": own.eqls,
        "won_deals": own.won_deals,
        "arr": own.arr,
        "opportunities_opened": own.opened,
        "pipeline_created": own.pipeline,
    }
