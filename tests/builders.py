"""How does a test say, in a few words, which company it looks at? Rows with defaults, written by COPY."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine

# In the order in which foreign keys let them be written.
TABLES = (
    "partner",
    "partner_alias",
    "account",
    "asset",
    "traffic",
    "lead",
    "signal",
    "touch",
    "deal",
    "cost",
    "commission",
    "deal_stage",
    "target",
    "fx_rate",
)

Day = date | str
Moment = datetime | str
Money = Decimal | int | str


class Company:
    """Rows of the contract tables, gathered in memory; each `add_…` returns the row's key.

    Days and moments may be text as Postgres reads it; a moment without a zone is UTC. Any further column of the table
    can be given by its name.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add_partner(
        self,
        partner_id: str | None = None,
        *,
        name: str | None = None,
        status: str = "active",
        joined_on: Day | None = "2020-01-01",
        partner_type: str = "other",
        **columns: Any,
    ) -> str:
        key = partner_id or self._key("partner", "P")
        columns |= {"name": name or f"Partner {key}", "status": status, "joined_on": joined_on}
        return self._add("partner", key, partner_id=key, partner_type=partner_type, **columns)

    def add_alias(self, partner_id: str, alias: str, *, alias_kind: str = "name", **columns: Any) -> str:
        return self._add("partner_alias", alias, alias_kind=alias_kind, alias=alias, partner_id=partner_id, **columns)

    def add_account(self, account_id: str | None = None, **columns: Any) -> str:
        key = account_id or self._key("account", "A")
        return self._add("account", key, account_id=key, **columns)

    def add_asset(
        self, partner_id: str | None = None, asset_id: str | None = None, *, kind: str = "page", **columns: Any
    ) -> str:
        key = asset_id or self._key("asset", "S")
        return self._add("asset", key, asset_id=key, partner_id=partner_id, kind=kind, **columns)

    def add_traffic(self, asset_id: str, day: Day, sessions: int = 10, **columns: Any) -> str:
        return self._add("traffic", asset_id, asset_id=asset_id, day=day, sessions=sessions, **columns)

    def add_lead(
        self,
        lead_id: str | None = None,
        *,
        created_at: Moment = "2025-07-15 12:00",
        partner_id: str | None = None,
        channel: str | None = "direct",
        is_test: bool = False,
        **columns: Any,
    ) -> str:
        key = lead_id or self._key("lead", "L")
        columns |= {"created_at": created_at, "partner_id": partner_id, "channel": channel, "is_test": is_test}
        return self._add("lead", key, lead_id=key, **columns)

    def add_signal(self, lead_id: str, signal: str, occurred_at: Moment = "2025-07-15 12:00", **columns: Any) -> str:
        return self._add("signal", lead_id, lead_id=lead_id, signal=signal, occurred_at=occurred_at, **columns)

    def add_touch(self, lead_id: str, *, occurred_at: Moment = "2025-07-15 12:00", **columns: Any) -> str:
        key = columns.pop("touch_id", None) or self._key("touch", "T")
        return self._add("touch", key, touch_id=key, lead_id=lead_id, occurred_at=occurred_at, **columns)

    def add_deal(
        self,
        lead_id: str | None = None,
        deal_id: str | None = None,
        *,
        opened_at: Moment | None = "2025-07-20 12:00",
        status: str = "open",
        closed_at: Moment | None = None,
        amount: Money | None = "1000",
        arr: Money | None = None,
        currency: str | None = "USD",
        **columns: Any,
    ) -> str:
        key = deal_id or self._key("deal", "D")
        columns |= {"opened_at": opened_at, "status": status, "closed_at": closed_at}
        columns |= {"amount": amount, "arr": arr, "currency": currency}
        return self._add("deal", key, deal_id=key, lead_id=lead_id, **columns)

    def add_cost(
        self,
        partner_id: str | None = None,
        *,
        channel: str | None = None,
        period_start: Day = "2025-07-01",
        period_end: Day = "2025-07-31",
        amount: Money = "100",
        currency: str | None = "USD",
        category: str = "other",
        **columns: Any,
    ) -> str:
        key = columns.pop("cost_id", None) or self._key("cost", "C")
        columns |= {"period_start": period_start, "period_end": period_end, "amount": amount, "currency": currency}
        return self._add("cost", key, cost_id=key, partner_id=partner_id, channel=channel, category=category, **columns)

    def add_commission(self, partner_id: str, rate: Money, valid_from: Day = "2024-01-01", **columns: Any) -> str:
        columns |= {"rate": rate, "valid_from": valid_from}
        return self._add("commission", partner_id, partner_id=partner_id, **columns)

    def add_stage(self, deal_id: str, stage: str, entered_at: Moment, **columns: Any) -> str:
        return self._add("deal_stage", deal_id, deal_id=deal_id, stage=stage, entered_at=entered_at, **columns)

    def add_target(self, metric: str, value: float, period_start: Day, period_end: Day, **columns: Any) -> str:
        columns |= {"value": value, "period_start": period_start, "period_end": period_end}
        return self._add("target", metric, metric=metric, **columns)

    def add_rate(self, currency: str, day: Day, rate: Money, *, base: str = "USD", **columns: Any) -> str:
        return self._add("fx_rate", currency, base=base, currency=currency, day=day, rate=rate, **columns)

    def write(self, engine: Engine, *, replace: bool = False) -> Company:
        """Copies all rows in one transaction, as the owner; with `replace`, every contract table is emptied first."""
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            with driver.transaction(), driver.cursor() as cursor:
                cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")
                for table in reversed(TABLES) if replace else ():
                    cursor.execute(sql.SQL("DELETE FROM eql.{}").format(sql.Identifier(table)))
                for table in TABLES:
                    _copy(cursor, table, self.rows[table])
        return self

    def _key(self, table: str, letter: str) -> str:
        return f"{letter}{len(self.rows[table]) + 1:03d}"

    def _add(self, table: str, key: str, **columns: Any) -> str:
        self.rows[table].append(columns)
        return key


def _copy(cursor: psycopg.Cursor, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY eql.{} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(name) for name in columns])
