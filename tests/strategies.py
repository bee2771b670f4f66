"""Which companies could there be? Random ones, full of rows that must not count and of values on a border."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.builders import Company

ZONES = ("UTC", "UTC", "America/New_York", "Asia/Kolkata")
PERIODS = ("2025-Q3", "2025-Q3", "2025-Q3", "2025", "2025-07", "2025-01-01..2025-07-01", "2025-03-15..2025-08-31")
JOINED = (*["2020-01-01"] * 6, None, "2025-04-02", "2025-06-30", "2025-07-01", "2025-07-02", "2025-10-01")
STATUSES = (*["active"] * 6, "paused", "ended", "prospect")
CHANNELS = ("direct", "paid_search", "email", None)
CURRENCIES = (*["USD"] * 6, "EUR", "EUR", "GBP", None)
AMOUNTS = (None, "0", "0.01", "0.03", "10.10", "99.99", "1000", "1000", "2500", "40000.05", "1234567.89")
ARRS = (None, "0", "0.05", "1200", "1200.10", "30000")
COSTS = ("-250.50", "-0.01", "0", "0.01", "100", "100", "333.33", "7000")
RATES = ("0.5", "1.5", "1.085", "0.0123456789")
REASONS = (*[""] * 16, "test", "deleted", "merged", "merged", "merged and deleted")

# First and last moments of days on which periods, fiscal quarters and windows begin or end, in and outside UTC.
EDGES = tuple(
    datetime.fromisoformat(f"{day} {clock}+00:00")
    for day in ("2023-10-01", "2024-10-01", "2025-01-01", "2025-06-30", "2025-07-01", "2025-09-30", "2025-10-01")
    for clock in ("00:00", "04:00", "12:00", "18:30", "23:59:59")
)
MOMENTS = (
    datetime(2025, 11, 5, 12, tzinfo=UTC),
    datetime(2026, 6, 30, tzinfo=UTC),
    datetime(2025, 9, 1, tzinfo=UTC),
    datetime(2025, 9, 30, 20, tzinfo=UTC),
)
FIRST_RATE = date(2023, 1, 2)
RATES_A_CURRENCY = 150
DAYS_BETWEEN_RATES = 9


@dataclass(frozen=True)
class Asked:
    """A period, an instant and settings under which a company is looked at."""

    period: str
    as_of: datetime
    settings: dict[str, Any]


def questions() -> st.SearchStrategy[Asked]:
    """Periods of all forms; instants inside, at the end of and long after them; every setting that a number heeds."""
    late = [datetime(2025, 11, 5, 12, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)]
    settings = st.fixed_dictionaries(
        {
            "time_zone": st.sampled_from(ZONES),
            "currency": st.sampled_from(["USD", "USD", "EUR"]),
            "fiscal_year_start": st.sampled_from([1, 1, 2, 4]),
            "overhead": st.sampled_from(["by_eqls", "equally", "none"]),
        }
    )
    return st.builds(Asked, st.sampled_from(PERIODS), st.sampled_from([*late * 5, *EDGES[20:]]), settings)


def random_question(random: Random) -> Asked:
    """One of them by a seed, for companies that are too large to be drawn twice."""
    settings = {
        "time_zone": random.choice(ZONES),
        "currency": random.choice(["USD", "USD", "EUR"]),
        "fiscal_year_start": random.choice([1, 1, 2, 4]),
        "overhead": random.choice(["by_eqls", "equally", "none"]),
    }
    return Asked(random.choice(PERIODS), random.choice(MOMENTS), settings)


def companies() -> st.SearchStrategy[Company]:
    """A few rows of each kind, which shrink to the ones that matter."""
    return st.builds(
        random_company, st.randoms(use_true_random=False), partners=st.integers(0, 4), kinds=st.integers(0, 8)
    )


def busy_companies() -> st.SearchStrategy[Company]:
    """Many partners with many leads, so that ranks, groups, pooled rates, maturity and gates have something to say."""
    seeds = st.integers(0, 10**9).map(Random)
    return st.builds(random_company, seeds, partners=st.integers(5, 25), kinds=st.integers(60, 150))


def random_company(random: Random, *, partners: int, kinds: int) -> Company:
    """A company with so many partners and kinds of leads; a kind comes once or repeats on following days."""
    return _RandomCompany(random).fill(partners, kinds)


class _RandomCompany:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.company = Company()
        self.assets: list[tuple[str, str | None]] = []
        self.partners: list[str] = []

    def fill(self, partners: int, kinds: int) -> Company:
        pick = self.random.choice
        self.partners = [
            self.company.add_partner(status=pick(STATUSES), joined_on=pick(JOINED)) for _ in range(partners)
        ]
        for _ in range(2 * partners):
            owner = pick([*self.partners, *self.partners, None])
            self.assets.append((self.company.add_asset(owner, kind=pick(["page", "webinar"])), owner))
        for _ in range(kinds):
            self._leads()
        for _ in range(kinds // 8):
            self.company.add_deal(None, **self._deal(self._moment()))
        self.company.add_cost(None, amount=pick(COSTS))
        for _ in range(2 + partners):
            self._cost()
        self._rates()
        return self.company

    def _chance(self, one_in: int) -> bool:
        return self.random.randint(1, one_in) == one_in

    def _moment(self) -> datetime:
        if self._chance(6):
            return self.random.choice(EDGES)
        first, days = (date(2023, 6, 1), 1000) if self._chance(3) else (date(2025, 6, 15), 120)
        day = first + timedelta(days=self.random.randint(0, days))
        clock = self.random.choice([(0, 0), (3, 30), (12, 0), (12, 0), (23, 59)])
        return datetime(day.year, day.month, day.day, *clock, tzinfo=UTC)

    def _leads(self) -> None:
        created = self._moment()
        partner = self.random.choice([*self.partners, None])
        columns = {"partner_id": partner, "channel": self.random.choice(CHANNELS)}
        columns["first_asset_id"] = self._asset(partner)
        columns |= self._left_out(created)
        stages = {stage: self._days_later() for stage in ("mql_at", "eql_at", "sql_at")}
        deals = [self._deal(created) for _ in range(self.random.choice([0, 0, 1, 1, 2]))]
        for copy in range(self.random.choice([1, 1, 1, 2, 12])):
            later = timedelta(days=copy)
            reached = {name: days and created + days + later for name, days in stages.items()}
            lead = self.company.add_lead(created_at=created + later, **columns, **reached)
            for deal in deals:
                self.company.add_deal(lead, **{name: _shift(value, later) for name, value in deal.items()})

    def _asset(self, partner: str | None) -> str | None:
        own = [asset for asset, owner in self.assets if owner == partner]
        chosen = own if own and not self._chance(4) else [asset for asset, _ in self.assets]
        return self.random.choice([*chosen, None])

    def _days_later(self) -> timedelta | None:
        if self._chance(4):
            return None
        days = self.random.randint(-30, 400) if self._chance(5) else self.random.randint(-1, 40)
        return timedelta(days=days, hours=5)

    def _left_out(self, created: datetime) -> dict[str, Any]:
        """Now and then a reason for which the lead itself does not count, or did not yet."""
        reason = self.random.choice(REASONS)
        columns: dict[str, Any] = {}
        if reason == "test":
            columns["is_test"] = True
        if "deleted" in reason:
            columns["deleted_at"] = created + timedelta(days=self.random.randint(0, 500))
        if "merged" in reason and self.company.rows["lead"]:
            columns["merged_into"] = self.random.choice(self.company.rows["lead"])["lead_id"]
            columns["merged_at"] = None if self._chance(2) else self._moment()
        return columns

    def _deal(self, created: datetime) -> dict[str, Any]:
        opened = created + timedelta(days=self.random.randint(-5, 60), hours=self.random.randint(0, 23))
        days_open = self.random.randint(-20, 500) if self._chance(3) else self.random.randint(0, 60)
        closed = opened + timedelta(days=days_open)
        status = self.random.choice(["open", "won", "won", "lost"])
        undated = self._chance(20) or (status == "open" and not self._chance(20))
        deleted = opened + timedelta(days=self.random.randint(0, 300)) if self._chance(12) else None
        return {
            "opened_at": None if self._chance(15) else opened,
            "status": status,
            "closed_at": None if undated else closed,
            "amount": self.random.choice(AMOUNTS),
            "arr": self.random.choice(ARRS),
            "currency": self.random.choice(CURRENCIES),
            "deleted_at": deleted,
        }

    def _cost(self) -> None:
        first = date(2025, 7, 1) if self._chance(3) else date(2025, 5, 1) + timedelta(days=self.random.randint(0, 180))
        self.company.add_cost(
            self.random.choice([*self.partners, None]),
            channel=self.random.choice([None, None, None, "direct", "events"]),
            period_start=first,
            period_end=first + timedelta(days=self.random.choice([0, 6, 30, 91, 364])),
            amount=self.random.choice(COSTS),
            currency=self.random.choice(CURRENCIES),
        )

    def _rates(self) -> None:
        """A rate every ninth day: one day too old on the eve of the next, and for long where some are missing."""
        missing = range(self.random.randint(0, RATES_A_CURRENCY), self.random.randint(0, RATES_A_CURRENCY))
        for base, currency in (("USD", "EUR"), ("USD", "GBP"), ("EUR", "USD")):
            rates = [self.random.choice(RATES) for _ in range(3)]
            for number in set(range(RATES_A_CURRENCY)) - set(missing):
                day = FIRST_RATE + timedelta(days=number * DAYS_BETWEEN_RATES)
                self.company.add_rate(currency, day, rates[number % 3], base=base)


def _shift(value: Any, later: timedelta) -> Any:
    return value + later if isinstance(value, datetime) else value
