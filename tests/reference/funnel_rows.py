"""Where do leads get lost, counted lead by lead from whole tables: groups, months, days of steps, properties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Engine, text

from tests.reference.counted import STAGES, Counted, Lead, count_rows, read_tables
from tests.reference.question import Question

SIZES = ((0, 49), (50, 199), (200, 999), (1000, 4999))


class FunnelRows:
    """Everything that the report says about the funnel, from rows."""

    def __init__(self, engine: Engine, question: Question) -> None:
        self.q = question
        tables = read_tables(engine)
        with engine.connect() as connection:
            for name in ("account", "signal"):
                found = connection.execute(text(f"SELECT * FROM eql.{name}")).mappings()
                tables[name] = [dict(row) for row in found]
        self.counted: Counted = count_rows(tables, question)
        self.leads = {row["lead_id"]: row for row in tables["lead"]}
        self.signals: dict[str | None, list[dict]] = {}
        for row in tables["signal"]:
            self.signals.setdefault(self._owner(row["lead_id"]), []).append(row)
        self.partners = {row["partner_id"]: row for row in tables["partner"]}
        self.kinds = {row["asset_id"]: row["kind"] for row in tables["asset"]}
        self.accounts = {row["account_id"]: row for row in tables["account"]}
        months = [lead for lead in self.counted.leads if self._month_shown(lead)]
        cohort = [lead for lead in self.counted.leads if question.in_period(lead.row["created_at"])]
        self.everybody = not any(lead.row["partner_id"] for lead in cohort + months)
        self.cohort, self.months = self._chosen(cohort), self._chosen(months)

    def _chosen(self, leads: list[Lead]) -> list[Lead]:
        return [lead for lead in leads if self.everybody or lead.row["partner_id"]]

    @property
    def first_month(self) -> date:
        last = self.last_day
        index = last.year * 12 + last.month - 1 - 12
        return date(index // 12, index % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        start, end = self.q.day(self.q.start), self.q.day(self.q.end)
        return min(end - timedelta(days=1), max(self.q.day(self.q.as_of), start))

    def _month_shown(self, lead: Lead) -> bool:
        return self.first_month <= lead.created_day <= self.last_day

    # Groups and months

    def groups(self, by: str) -> dict[str | None, list[Lead]]:
        parts: dict[str | None, list[Lead]] = {}
        for lead in self.cohort:
            parts.setdefault(self._group(lead, by), []).append(lead)
        return parts

    def _group(self, lead: Lead, by: str) -> str | None:
        partner = self.partners.get(lead.row["partner_id"], {})
        if by == "type":
            return partner.get("partner_type")
        if by in ("tier", "region"):
            return partner.get(by)
        if by == "asset_kind":
            return self.kinds.get(lead.row["first_asset_id"])
        return lead.row["partner_id" if by == "partner" else by]

    def by_month(self) -> dict[str, list[Lead]]:
        parts: dict[str, list[Lead]] = {}
        for lead in self.months:
            parts.setdefault(f"{lead.created_day:%Y-%m}", []).append(lead)
        return parts

    def mature(self, leads: list[Lead], p90: float | None) -> bool | None:
        """At least nine in ten leads are more than `p90` days old."""
        if p90 is None or not leads:
            return None
        today = self.q.day(self.q.as_of)
        return 10 * sum((today - lead.created_day).days > p90 for lead in leads) >= 9 * len(leads)

    # Days of steps

    def days(self, first: str, second: str) -> list[tuple[date, bool, int]]:
        """Day, whether it lies in the period, and days taken, for each chosen lead that made the step."""
        made = []
        for lead in self._chosen(self.counted.leads):
            begin, end = self._moment(lead, first), self._moment(lead, second)
            if begin is None or end is None:
                continue
            at = self.q.day(end)
            if end >= self.q.end or at < min(self.first_month, self.q.day(self.q.start)):
                continue
            made.append((at, end >= self.q.start, (at - self.q.day(begin)).days))
        return made

    def _moment(self, lead: Lead, stage: str):
        if stage == "opportunity":
            return min((deal.opened_at for deal in lead.deals if deal.opened_at), default=None)
        if stage == "won":
            return min((deal.closed_at for deal in lead.deals if deal.outcome == "won"), default=None)
        return lead.reached.get(stage)

    # Properties

    def with_value(self, attribute: str) -> Counter[str]:
        """Leads of the cohort with each value of an attribute."""
        found: Counter[str] = Counter()
        for lead in self.cohort:
            found.update(self.values(lead, attribute))
        return found

    def values(self, lead: Lead, attribute: str) -> set[str]:
        account = self.accounts.get(lead.row["account_id"], {})
        if attribute == "signal":
            return self._signals(lead)
        if attribute == "tech_stack":
            return {tag.strip(" ") for tag in account.get("tech_stack") or [] if tag.strip(" ")}
        if attribute == "size":
            return _size(account.get("employees"))
        if attribute == "referral":
            at, handed = lead.row["referral_at"], self._handed(lead)
            return {"yes"} if self.q.seen(at) and (handed is None or at < handed) else set()
        if attribute == "account_region":
            value = account.get("region")
        elif attribute in ("industry", "country", "use_case"):
            value = account.get(attribute)
        elif attribute == "asset_kind":
            value = self.kinds.get(lead.row["first_asset_id"])
        else:
            value = lead.row[attribute]
        return {value.strip(" ")} if value and value.strip(" ") else set()

    def _handed(self, lead: Lead):
        moments = [lead.row["assigned_at"], lead.row["first_contacted_at"], lead.row["sql_at"]]
        moments += [deal.opened_at for deal in lead.deals]
        return min((at for at in moments if at is not None), default=None)

    def _signals(self, lead: Lead) -> set[str]:
        handed, created = self._handed(lead), lead.row["created_at"]
        return {
            row["signal"]
            for row in self.signals.get(lead.row["lead_id"], [])
            if self.q.seen(row["occurred_at"])
            and (handed is None or row["occurred_at"] < handed)
            and abs(row["occurred_at"] - created) <= timedelta(days=90)
        }

    def _owner(self, lead_id: str) -> str | None:
        """The lead at the end of the merges; nobody where a test lead lies on the way."""
        passed: list[str] = []
        while lead_id not in passed:
            passed.append(lead_id)
            row = self.leads[lead_id]
            gone = row["merged_into"] and (row["merged_at"] is None or self.q.seen(row["merged_at"]))
            lead_id = row["merged_into"] if gone else lead_id
        return None if any(self.leads[key]["is_test"] for key in passed) else passed[-1]


def reached(leads: Iterable[Lead], *stages: str) -> int:
    """Leads that reached all of the stages."""
    return sum(all(stage in lead.reached for stage in stages) for lead in leads)


def _size(employees: int | None) -> set[str]:
    if employees is None:
        return set()
    return {next((f"{low}-{high}" for low, high in SIZES if employees <= high), "5000+")}


__all__ = ["STAGES", "FunnelRows", "reached"]
