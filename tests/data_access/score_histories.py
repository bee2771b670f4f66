"""What may happen to a company's rows? One random change after the other, written as any program would write it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, text

from tests.scorecards import INDUSTRIES, SIGNALS, TAGS
from tests.strategies import AMOUNTS, CHANNELS, CURRENCIES

SOURCES = ("crm", "list")
MOMENTS = ("created_at", "partner_confirmed_at", "vendor_confirmed_at", "eql_at", "sql_at", "assigned_at",
           "first_contacted_at", "deleted_at")  # fmt: skip
_A_DAY = "day = (SELECT max(day) FROM eql.fx_rate WHERE day <= :day)"


class History:
    """Changes of one company around a moment that passes; some lie ahead of it."""

    def __init__(self, engine: Engine, random: Random, now: datetime) -> None:
        self.engine, self.random, self.now, self.made = engine, random, now, 0
        self.changes: list[Callable[[Connection], None]] = [
            self.new_lead, self.new_lead, self.change_lead, self.change_lead, self.merge, self.merge, self.unmerge,
            self.delete_lead, self.new_signal, self.new_signal, self.move_signal, self.delete_signal, self.new_deal,
            self.new_deal, self.change_deal, self.change_deal, self.delete_deal, self.change_account,
            self.change_asset, self.change_partner, self.new_rate, self.change_rate, self.delete_rate,
        ]  # fmt: skip

    def happen(self, times: int) -> None:
        """So many changes, each in a transaction of its own or several in one."""
        while times > 0:
            together = min(times, self.random.choice([1, 1, 3]))
            with self.engine.begin() as connection:
                for _ in range(together):
                    self.random.choice(self.changes)(connection)
            times -= together

    def new_lead(self, connection: Connection) -> None:
        self.made += 1
        created = self._moment()
        columns = {
            "lead_id": f"N{self.made}", "created_at": created, "source": self.random.choice(SOURCES),
            "channel": self.random.choice(CHANNELS), "partner_id": self._any(connection, "partner"),
            "account_id": self._any(connection, "account"), "first_asset_id": self._any(connection, "asset"),
            "is_test": self._chance(8),
        }  # fmt: skip
        self._insert(connection, "lead", columns)

    def change_lead(self, connection: Connection) -> None:
        """One column of one lead, or of every tenth."""
        name, value = self.random.choice(
            [
                *((each, self.random.choice([None, self._moment()])) for each in MOMENTS[1:]),
                ("created_at", self._moment()),
                ("channel", self.random.choice(CHANNELS)),
                ("partner_id", self._any(connection, "partner")),
                ("account_id", self._any(connection, "account")),
                ("experiment", self._chance(2)),
                ("is_test", self._chance(2)),
                ("source", self.random.choice(SOURCES)),
            ]
        )
        lead = self._any(connection, "lead")
        which = "lead_id = :lead" if not self._chance(6) else "hashtext(lead_id) % 10 = 0"
        connection.execute(text(f"UPDATE eql.lead SET {name} = :value WHERE {which}"), {"value": value, "lead": lead})

    def merge(self, connection: Connection) -> None:
        lead, into = self._any(connection, "lead"), self._any(connection, "lead")
        chain = text("""
            WITH RECURSIVE c AS (SELECT merged_into AS id FROM eql.lead WHERE lead_id = :into
                                 UNION SELECT l.merged_into FROM c JOIN eql.lead l ON l.lead_id = c.id)
            SELECT id FROM c""")
        if lead == into or lead in set(connection.execute(chain, {"into": into}).scalars()):
            return
        update = "UPDATE eql.lead SET merged_into = :into, merged_at = :at WHERE lead_id = :lead"
        at = self.random.choice([None, self._moment()])
        connection.execute(text(update), {"into": into, "at": at, "lead": lead})

    def unmerge(self, connection: Connection) -> None:
        connection.execute(
            text("""UPDATE eql.lead SET merged_into = NULL WHERE lead_id = (
                        SELECT lead_id FROM eql.lead WHERE merged_into IS NOT NULL
                        ORDER BY hashtext(lead_id || :salt) LIMIT 1)"""),
            {"salt": str(self.random.random())},
        )

    def delete_lead(self, connection: Connection) -> None:
        lead = {"lead": self._any(connection, "lead")}
        for sql in (
            "DELETE FROM eql.signal WHERE lead_id = :lead",
            "UPDATE eql.deal SET lead_id = NULL WHERE lead_id = :lead",
            "UPDATE eql.lead SET merged_into = NULL WHERE merged_into = :lead",
            "DELETE FROM eql.lead WHERE lead_id = :lead",
        ):
            connection.execute(text(sql), lead)

    def new_signal(self, connection: Connection) -> None:
        lead = self._any(connection, "lead")
        values = {"lead_id": lead, "signal": self.random.choice(SIGNALS), "occurred_at": self._moment()}
        self._insert(connection, "signal", values, "ON CONFLICT DO NOTHING")

    def move_signal(self, connection: Connection) -> None:
        connection.execute(
            text("""UPDATE eql.signal SET lead_id = :lead, occurred_at = :at WHERE ctid = (
                        SELECT ctid FROM eql.signal ORDER BY hashtext(lead_id || signal || :salt) LIMIT 1)"""),
            {"lead": self._any(connection, "lead"), "at": self._moment(), "salt": str(self.random.random())},
        )

    def delete_signal(self, connection: Connection) -> None:
        connection.execute(
            text("DELETE FROM eql.signal WHERE abs(hashtext(lead_id || signal || :salt)) % 40 = 0"),
            {"salt": str(self.random.random())},
        )

    def new_deal(self, connection: Connection) -> None:
        self.made += 1
        self._insert(connection, "deal", {"deal_id": f"N{self.made}", **self._deal(connection)})

    def change_deal(self, connection: Connection) -> None:
        name, value = self.random.choice(list(self._deal(connection).items()))
        deal = self._any(connection, "deal")
        connection.execute(
            text(f"UPDATE eql.deal SET {name} = :value WHERE deal_id = :deal"), {"value": value, "deal": deal}
        )

    def delete_deal(self, connection: Connection) -> None:
        connection.execute(text("DELETE FROM eql.deal WHERE deal_id = :deal"), {"deal": self._any(connection, "deal")})

    def change_account(self, connection: Connection) -> None:
        name, value = self.random.choice(
            [
                ("industry", self.random.choice(INDUSTRIES)),
                ("employees", self.random.choice([None, 10, 100, 1000])),
                ("tech_stack", self.random.choice([None, [], self.random.sample(TAGS, 2)])),
            ]
        )
        self._change(connection, "account", name, value)

    def change_asset(self, connection: Connection) -> None:
        self._change(connection, "asset", "kind", self.random.choice(["page", "webinar"]))

    def change_partner(self, connection: Connection) -> None:
        self._change(connection, "partner", "partner_type", self.random.choice(["agency", "other"]))

    def new_rate(self, connection: Connection) -> None:
        values = {"base": "USD", "currency": "EUR", "day": self._day(), "rate": self.random.choice(["0.9", "1.1"])}
        self._insert(connection, "fx_rate", values, "ON CONFLICT DO NOTHING")

    def change_rate(self, connection: Connection) -> None:
        connection.execute(text(f"UPDATE eql.fx_rate SET rate = rate * 1.25 WHERE {_A_DAY}"), {"day": self._day()})

    def delete_rate(self, connection: Connection) -> None:
        connection.execute(text(f"DELETE FROM eql.fx_rate WHERE {_A_DAY}"), {"day": self._day()})

    def _deal(self, connection: Connection) -> dict[str, Any]:
        return {
            "lead_id": self._any(connection, "lead"), "opened_at": self.random.choice([None, self._moment()]),
            "status": self.random.choice(["open", "won", "lost"]), "amount": self.random.choice(AMOUNTS),
            "arr": self.random.choice(AMOUNTS), "currency": self.random.choice(CURRENCIES),
            "closed_at": self.random.choice([None, self._moment()]),
            "deleted_at": self._moment() if self._chance(5) else None,
        }  # fmt: skip

    def _change(self, connection: Connection, table: str, name: str, value: object) -> None:
        sql = f"UPDATE eql.{table} SET {name} = :value WHERE {table}_id = :key"
        connection.execute(text(sql), {"value": value, "key": self._any(connection, table)})

    def _insert(self, connection: Connection, table: str, columns: dict[str, Any], after: str = "") -> None:
        names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        connection.execute(text(f"INSERT INTO eql.{table} ({names}) VALUES ({values}) {after}"), columns)

    def _any(self, connection: Connection, table: str) -> str | None:
        """The key of some row."""
        keys = connection.execute(text(f"SELECT {table}_id FROM eql.{table} ORDER BY 1")).scalars().all()
        return self.random.choice(keys) if keys else None

    def _moment(self) -> datetime:
        return self.now + timedelta(days=self.random.randint(-120, 25), hours=self.random.randint(0, 23))

    def _day(self) -> date:
        return (self.now - timedelta(days=self.random.randint(0, 120))).date()

    def _chance(self, one_in: int) -> bool:
        return self.random.randint(1, one_in) == 1
