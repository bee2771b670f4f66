"""Which leads and deals count as of an instant, and what became of them? Read from whole tables, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import Engine, text

from tests.reference.money import Rates
from tests.reference.question import Question

STAGES = ("lead", "mql", "eql", "sql", "opportunity", "won")
TABLES = ("partner", "asset", "lead", "deal", "cost", "fx_rate")


@dataclass(eq=False)
class Deal:
    """A deal that counts. `outcome` is won, lost, open, or undated (closed without a date)."""

    deal_id: str
    lead: Lead | None
    opened_at: datetime | None
    closed_at: datetime | None
    outcome: str
    days: int | None
    pipeline: Fraction | None
    won_amount: Fraction | None
    won_arr: Fraction | None
    unconverted: bool


@dataclass(eq=False)
class Lead:
    """A lead row with the deals that belong to it; `live` where the lead itself counts."""

    row: dict
    live: bool
    created_day: date
    deals: list[Deal] = field(default_factory=list)
    reached: dict[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """Everything that the report is computed from."""

    tables: dict[str, list[dict]]
    rates: Rates
    leads: list[Lead]
    deals: list[Deal]
    merged_leads: int
    deleted_leads: int


def read_tables(engine: Engine) -> dict[str, list[dict]]:
    """Whole contract tables as lists of rows."""
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(text(f"SELECT * FROM eql.{name}")).mappings()]
            for name in TABLES
        }


def count_rows(tables: dict[str, list[dict]], question: Question) -> Counted:
    """Leads that are live and deals that count, as of the instant."""
    rates = Rates(tables["fx_rate"], question.currency)
    leads = {row["lead_id"]: _lead(row, question) for row in tables["lead"]}
    deals = []
    for row in tables["deal"]:
        if not question.seen(row["opened_at"] or row["closed_at"]) or question.seen(row["deleted_at"]):
            continue
        chain = _chain(row["lead_id"], leads, question)
        if any(lead.row["is_test"] for lead in chain):
            continue
        deal = _deal(row, chain[-1] if chain else None, rates, question)
        deals.append(deal)
        if deal.lead:
            deal.lead.deals.append(deal)
    live = [lead for lead in leads.values() if lead.live]
    for lead in live:
        lead.reached = _reached(lead, question)
    seen = [lead.row for lead in leads.values() if question.seen(lead.row["created_at"])]
    merged = sum(_is_merged(row, question) for row in seen)
    return Counted(tables, rates, live, deals, merged, sum(question.seen(row["deleted_at"]) for row in seen))


def _is_merged(row: dict, question: Question) -> bool:
    return row["merged_into"] is not None and (row["merged_at"] is None or question.seen(row["merged_at"]))


def _lead(row: dict, question: Question) -> Lead:
    gone = row["is_test"] or question.seen(row["deleted_at"]) or _is_merged(row, question)
    return Lead(row, question.seen(row["created_at"]) and not gone, question.day(row["created_at"]))


def _chain(lead_id: str | None, leads: dict[str, Lead], question: Question) -> list[Lead]:
    """The lead that a deal names and those that it was merged into; the last one owns the deal."""
    chain: list[Lead] = []
    while lead_id is not None and leads[lead_id] not in chain:
        chain.append(leads[lead_id])
        lead_id = chain[-1].row["merged_into"] if _is_merged(chain[-1].row, question) else None
    return chain


def _outcome(row: dict, question: Question) -> str:
    if row["status"] == "open":
        return "open"
    if row["closed_at"] is None:
        return "undated"
    return row["status"] if question.seen(row["closed_at"]) else "open"


def _deal(row: dict, lead: Lead | None, rates: Rates, question: Question) -> Deal:
    outcome = _outcome(row, question)
    until = row["closed_at"] if outcome in ("won", "lost") else question.as_of
    timed = row["opened_at"] is not None and outcome != "undated"
    days = (question.day(until) - question.day(row["opened_at"])).days if timed else None
    wanted = []
    if row["opened_at"] is not None:
        wanted.append((row["amount"], question.day(row["opened_at"])))
    if outcome == "won":
        closed = question.day(row["closed_at"])
        wanted += [(row["amount"], closed), (row["arr"], closed)]
    converted = [rates.convert_to_cents(amount, row["currency"], day) for amount, day in wanted]
    missing = any(amount is not None and value is None for (amount, _), value in zip(wanted, converted, strict=True))
    won_amount, won_arr = converted[-2:] if outcome == "won" else (None, None)
    pipeline = converted[0] if row["opened_at"] is not None else None
    return Deal(
        row["deal_id"], lead, row["opened_at"], row["closed_at"], outcome, days, pipeline, won_amount, won_arr, missing
    )


def _reached(lead: Lead, question: Question) -> dict[str, datetime | None]:
    """Stages reached by a live lead and when; None where the moment is unknown."""
    reached: dict[str, datetime | None] = {"lead": lead.row["created_at"]}
    for stage in ("mql", "eql", "sql"):
        if question.seen(lead.row[f"{stage}_at"]):
            reached[stage] = lead.row[f"{stage}_at"]
    if lead.deals:
        reached["opportunity"] = min((deal.opened_at for deal in lead.deals if deal.opened_at), default=None)
    won = [deal.closed_at for deal in lead.deals if deal.outcome == "won"]
    if won:
        reached["won"] = min(won)
    return reached
