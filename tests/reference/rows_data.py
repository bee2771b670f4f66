"""Which rows are there to compute the report's sections from, and to which lead does each belong?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from dashboard.settings import Settings
from dashboard.window import Window
from tests.reference.counted import Counted, Deal, Lead, count_rows, read_tables
from tests.reference.question import Question

MORE_TABLES = (
    "account",
    "signal",
    "traffic",
    "scoring_model",
    "target",
    "touch",
    "commission",
    "deal_stage",
    "partner_alias",
)


@dataclass
class Data:
    """Whole tables, what counts in them as of the instant, and whose each row is."""

    question: Question
    tables: dict[str, list[dict]]
    counted: Counted
    rows: dict[str, dict] = field(default_factory=dict)  # lead rows by id, live or not

    def cohort(self) -> list[Lead]:
        """Live leads created in the period."""
        return [lead for lead in self.counted.leads if self.question.in_period(lead.row["created_at"])]

    @cached_property
    def live(self) -> dict[str, Lead]:
        """Live leads by their id."""
        return {lead.row["lead_id"]: lead for lead in self.counted.leads}

    @cached_property
    def accounts(self) -> dict[str, dict]:
        """Account rows by their id."""
        return {row["account_id"]: row for row in self.tables["account"]}

    @cached_property
    def assets(self) -> dict[str, dict]:
        """Asset rows by their id."""
        return {row["asset_id"]: row for row in self.tables["asset"]}

    @cached_property
    def partners(self) -> dict[str, dict]:
        """Partner rows by their id, in the order of the ids."""
        return {row["partner_id"]: row for row in sorted(self.tables["partner"], key=lambda row: row["partner_id"])}

    @cached_property
    def signals(self) -> dict[str, list[tuple[str, datetime]]]:
        """Every signal of a live lead by the lead that it belongs to: name and moment, whenever that was."""
        found: dict[str, list[tuple[str, datetime]]] = {key: [] for key in self.live}
        for row in self.tables["signal"]:
            owner = self.owner(row["lead_id"])
            if owner in found:
                found[owner].append((row["signal"], row["occurred_at"]))
        return found

    def owner(self, lead_id: str | None) -> str | None:
        """The lead at the end of the chain of merges; None where a lead on the way is a test."""
        way: list[str] = []
        while lead_id is not None and lead_id not in way:
            way.append(lead_id)
            row = self.rows[lead_id]
            merged = row["merged_at"] is None or self.question.seen(row["merged_at"])
            lead_id = row["merged_into"] if merged else None
        if any(self.rows[key]["is_test"] for key in way):
            return None
        return way[-1] if way else None

    def partner_of(self, deal: Deal) -> str | None:
        """The partner of the deal's lead."""
        return deal.lead.row["partner_id"] if deal.lead else None


def read_data(engine: Engine, window: Window, settings: Settings) -> Data:
    """Everything as a window of the product asks for it."""
    question = ask(window, settings)
    tables = read_tables(engine)
    with engine.connect() as connection:
        for name in MORE_TABLES:
            tables[name] = [dict(row) for row in connection.execute(text(f"SELECT * FROM eql.{name}")).mappings()]
    return Data(question, tables, count_rows(tables, question), {row["lead_id"]: row for row in tables["lead"]})


def ask(window: Window, settings: Settings) -> Question:
    """The question that a window of the product puts."""
    period = window.period
    return Question(
        period.start, period.end, window.as_of, period.label, ZoneInfo(window.zone), window.currency,
        settings.fiscal_year_start, str(settings.overhead),
    )  # fmt: skip


def by_partner(leads: Iterable[Lead]) -> dict[str, list[Lead]]:
    """Leads of each partner that has any, in the order of the ids."""
    keys: Iterator[str] = iter(sorted({lead.row["partner_id"] for lead in leads if lead.row["partner_id"] is not None}))
    return {key: [lead for lead in leads if lead.row["partner_id"] == key] for key in keys}
