"""How are AI referrals worded? From their numbers to sentences, rows of tables and marks of a chart."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import wording
from dashboard.charts.ai_referrals import Series
from dashboard.domain import Estimate
from dashboard.metrics.ai_referrals import AiReferrals, Brought, Month
from dashboard.metrics.performance import Partner

BY_MONTH = "AI referrals as a share of all leads created and of all EQLs reached in each month"
LIMIT = (
    "Recognised by utm_source, or by a channel that says so. Assistants that hide their visits among direct ones are "
    "not seen: the true share is larger."
)
NOBODY = "No partner"
BY_CHANNEL = "(by channel alone)"


def sentence(found: AiReferrals, name: str, currency: str) -> str:
    """What AI referrals brought, and which share of all leads, EQLs and ARR that is."""
    own, everything = found.total, found.everything
    if not everything.leads and not everything.won_deals:
        return f"There are no leads and no won deals in {name}."
    if not own.leads and not own.won_deals and not own.opened:
        return f"No lead, EQL or deal of {name} is known to have come from an AI assistant or an AI overview."
    parts = [_part(own.leads, everything.leads, "lead", found.share_of_leads)]
    if everything.eqls:
        parts.append(_part(own.eqls, everything.eqls, "EQL", found.share_of_eqls))
    said = f"AI assistants and overviews brought {wording.enumeration(parts)} in {name}"
    if found.share_of_arr.value is None:
        return f"{said}."
    share = _share(found.share_of_arr)
    if not own.arr:
        return f"{said}; none of the {wording.money(everything.arr, currency)} ARR came from them ({share})."
    return f"{said}, and {wording.money(own.arr, currency)} of {wording.money(everything.arr, currency)} ARR ({share})."


def _part(own: int, everything: int, noun: str, share: Estimate) -> str:
    return f"{wording.count(own)} of {wording.several(everything, noun)} ({_share(share)})"


def _share(share: Estimate) -> str:
    return f"{wording.rate(share.value)}, {wording.interval(share)}"


def unknown(found: AiReferrals) -> str:
    """Which names look like AI and are not recognised; empty where none do."""
    if not found.lookalikes:
        return ""
    names = [f"{wording.plain(name)} ({wording.several(leads, 'lead')})" for name, leads in found.lookalikes[:3]]
    more = f" and {len(found.lookalikes) - 3} more" if len(found.lookalikes) > 3 else ""
    return f"Not counted, though they look like AI: {', '.join(names)}{more}."


def source_columns(found: AiReferrals, currency: str) -> dict[str, list[object]]:
    """The table of the sources, with the total below."""
    rows = [*found.sources.items()]
    if len(rows) > 1:
        rows.append(("All AI referrals", found.total))
    names: list[object] = [name for name, _ in rows]
    return {"Source": names} | _columns([own for _, own in rows], currency)


def partner_columns(found: AiReferrals, partners: Sequence[Partner], currency: str) -> dict[str, list[object]]:
    """The table of the partners, leads of nobody last."""
    names = {partner.partner_id: partner.name for partner in partners}
    shown: list[object] = [
        NOBODY if own.partner_id is None else names.get(own.partner_id, own.partner_id) for own in found.partners
    ]
    columns = {"Partner": shown} | _columns([own.brought for own in found.partners], currency)
    columns["Of all its EQLs"] = [
        wording.NOTHING if own.share_of_eqls.value is None else _share(own.share_of_eqls) for own in found.partners
    ]
    return columns


def _columns(rows: Sequence[Brought], currency: str) -> dict[str, list[object]]:
    return {
        "Leads": [own.leads for own in rows],
        "EQLs": [own.eqls for own in rows],
        "Won": [own.won_deals for own in rows],
        f"ARR {wording.symbol(currency).strip()}": [own.arr for own in rows],
        f"Pipeline {wording.symbol(currency).strip()}": [own.pipeline for own in rows],
    }


def name_columns(found: AiReferrals) -> dict[str, list[object]]:
    """Every recognised name of the period."""
    return {
        "utm_source": [name or BY_CHANNEL for name, _, _ in found.names],
        "Counted as": [source for _, source, _ in found.names],
        "Leads": [leads for _, _, leads in found.names],
    }


def lookalike_columns(found: AiReferrals) -> dict[str, list[object]]:
    """Names that are not recognised."""
    return {"utm_source": [name for name, _ in found.lookalikes], "Leads": [leads for _, leads in found.lookalikes]}


def series(found: AiReferrals) -> list[Series]:
    """Shares of leads and, where there are EQLs at all, of EQLs by month."""
    shown = [_series("Share of leads", [month.share_of_leads for month in found.months], found.months)]
    if any(month.share_of_eqls.n for month in found.months):
        shares = [month.share_of_eqls for month in found.months]
        shown.append(_series("Share of EQLs", shares, found.months, hollow=True))
    return shown


def _series(title: str, shares: Sequence[Estimate], months: Sequence[Month], hollow: bool = False) -> Series:
    words = [
        f"<b>{month.month:%B %Y}</b><br>{title.lower()}: {_share(share)}<br>n = {wording.count(share.n)}"
        for month, share in zip(months, shares, strict=True)
    ]
    return Series(title, shares, words, hollow)


def months_in_words(found: AiReferrals) -> str:
    """The chart for ears: the first and the last month that have leads."""
    known = [month for month in found.months if month.share_of_leads.value is not None]
    if not known:
        return "No month has leads."
    said = [f"{month.month:%B %Y} {_share(month.share_of_leads)}" for month in (known[0], known[-1])]
    return f"Share of AI referrals among leads: {said[0]}; {said[-1]}."
